"""An amount of money that a text sets as a limit: "teens under 8000", "קייטנה עד 8,000 ש״ח".

What is no money stays words: ages, years, numbers of people or weeks. So an amount has a currency
or a word of cost, or it is large, is no year, and nothing beside it says what it could count:
neither a word of size before it (town in Poland, community, of), nor a noun or "for each" after it.
Phrases in quotes and words with a minus are left alone, and so is a text with OR in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from search.analysis import plain_pieces
from search.limits import USUAL_PAYER, WITH, WITHOUT, Limits

#: A longer text is no question with a limit (characters).
MAX_LENGTH = 400
#: Without a currency a smaller number is an age or a count.
LEAST_BARE = 100
#: A smaller one "in total", without a currency, is a number of people.
LEAST_TOTAL = 1000
MAX_AMOUNT = 999_999_999
#: Whose money is limited where nothing is said, and where the amount is said to be a person's.
WHOLE, PARTICIPANT = "whole", USUAL_PAYER


@dataclass(frozen=True, slots=True)
class TextLimit:
    """A limit of cost that stands in a text.

    `words` are those of the limit as they were typed, `rest` is `typed` without them. `currency`
    and `travel` are empty where nothing is said of them; `payer` is one of `search.limits.PAYERS`.
    """

    typed: str
    words: str
    rest: str
    amount: Decimal
    currency: str = ""
    payer: str = WHOLE
    travel: str = ""

    def added_to(self, limits: Limits) -> Limits:
        """Return limits with this one of cost in place of theirs.

        Whose money else is chosen in them stays so, unless this one is said to be a person's.
        """
        is_chosen = limits.cost_for != USUAL_PAYER and self.payer == WHOLE
        return replace(
            limits.without("cost"),
            cost_max=self.amount,
            cost_currency=self.currency or limits.cost_currency,
            cost_for=limits.cost_for if is_chosen else self.payer,
            cost_travel=self.travel or limits.cost_travel,
        )


def _words(pattern: str) -> str:
    """Return a pattern in which a blank stands for any white space."""
    return pattern.replace(" ", r"\s+")


def _behind(pattern: str) -> re.Pattern[str]:
    """Return a pattern for the end of what stands before a number."""
    return re.compile(rf"(?<![\w\-])(?:{_words(pattern)})$", re.IGNORECASE)


def _ahead(pattern: str) -> re.Pattern[str]:
    """Return a pattern for the beginning of what stands after a number."""
    return re.compile(rf"\s*(?:{_words(pattern)})(?!\w)", re.IGNORECASE)


#: Marks and words of currencies, beside their codes.
_CURRENCIES = {
    "USD": r"us\$|\$|dollars?|דולרים|דולר",
    "EUR": "€|euros?|אירו|יורו",
    "GBP": '£|ליש["״”]ט',
    "CAD": r"ca?\$",
    "AUD": r"au?\$",
    "ILS": '₪|nis|n\\.i\\.s\\.|she[kq]els?|she[kq]alim|ש["״”]ח|שח|שקלים|שקל',
}
#: Neither a part of a word, a date, a time or a range, nor a percentage.
_AMOUNT = re.compile(
    r"(?<![\w.,/:])(?P<figures>[0-9]{1,3}(?:[,'’\u00a0\u202f ][0-9]{3})+|[0-9]{1,9})"
    r"(?P<cents>\.[0-9]{1,2})?(?:\s?(?P<thousand>k|thousand|אלפים|אלף)(?![\w]))?"
    r"(?![0-9%:/]|[.,:/\-\u2013\u05be]\w)",
    re.IGNORECASE,
)
_NEXT_LETTER = re.compile(r"[^\W\d_]")
#: Words before a limit. After the first ones a number may be a year; without white space only
#: signs and a Hebrew prefix come before it.
_UNTIL = _behind("(?:up to|upto|within|עד) ")
_LESS = _behind(
    "(?:under|below|(?:less|lower|cheaper) than|(?:no|not) more than|not over|at (?:the )?most"
    r"|max(?:imum)?\.?(?: of)?|לכל היותר|מקסימום|גג) "
    r"|(?:לא יותר|ב?פחות) מ(?:\s*[-\u05be]\s*|\s*)|מתחת ל(?:\s*[-\u05be]\s*|\s*)"
)
_SIGN = re.compile(r"(?:<=?|≤)\s*$")
_OR_LESS = _ahead(
    "or (?:less|under|below|cheaper)|and under|max(?:imum)?|at (?:the )?most|tops"
    "|לכל היותר|ומטה|מקסימום|או פחות"
)
_NEGATION = re.compile(r"(?:\b(?:no|not|never)|n['’]t|(?<!\w)לא)\s+$", re.IGNORECASE)
_COST = _behind(
    "(?:(?:(?:that|which) )?costs?(?: of)?|costing|priced(?: at)?|price(?: of)?|budget(?: of)?"
    "|בעלות(?: של)?|עלות(?: של)?|במחיר(?: של)?|מחיר|שעולה|שעולות|שעולים|בתקציב(?: של)?) "
)
#: What is said of a limit beside it.
_TRAVEL = "(?:travel(?:ling|ing)?|flights?|airfare)"
_TRIPS = "ה?(?:טיסות|טיסה|נסיעות|נסיעה)"
_SAID = {
    WITHOUT: f"(?:without|excluding|not counting|not including|no|before|plus) {_TRAVEL}"
    f"|(?:בלי|ללא|לא כולל|מלבד) {_TRIPS}",
    WITH: f"(?:with|including) {_TRAVEL}|(?:כולל|עם) {_TRIPS}",
    PARTICIPANT: "(?:per|a|each|for (?:each|every)) (?:person|participant|head|teen|teenager|child"
    "|student)|ל(?:כל )?(?:אדם|משתתף|משתתפת|נפש|ראש|ילד|נער|תלמיד)",
    WHOLE: "in (?:total|all)|total|all in|altogether|overall|(?:per|a|each|for (?:a|the))"
    '(?: first)? run|(?:ב?סך )?הכול|(?:ב?סך )?הכל|סה["״”]כ',
}
_SAID_AFTER = {name: _ahead(rf"[,(]?\s*(?:{words})\)?") for name, words in _SAID.items()}
_SAID_BEFORE = {name: _behind(f"(?:{words}),? ") for name, words in _SAID.items()}
#: An amount of each week or day is no cost of a whole.
_RATE = _ahead(
    "per|an? (?:week|day|month|hour|year|night|family)|each (?:week|day|month|hour|year|family)"
    "|ל(?:שבוע|יום|חודש|שעה|שנה|לילה|משפחה)"
)
#: What a number without currency behind it may be the size of: places, groups, halls.
_SIZED = (
    "size|capacity|population|populace|residents?|inhabitants?|people|persons?|members?|membership"
    "|participants|attend(?:ees|ance)|audiences?|crowds?|towns?|townships?|villages?|cit(?:y|ies)"
    "|settlements?|municipalit(?:y|ies)|regions?|districts?|communit(?:y|ies)|congregations?"
    "|federations?|groups?|teams?|cohorts?|class(?:es)?|classrooms?|grades?|schools?|halls?|rooms?"
    "|venues?|auditoriums?|places?|kibbutz(?:im)?|moshav(?:im)?|neighbou?rhoods?|suburbs?"
)
_SIZED_HEBREW = (
    "קהיל(?:ה|ות|ת)|עיר|ערים|עייר(?:ה|ות)|כפר(?:ים)?|קבוצ(?:ה|ות|ת)|תושבים|תושבי|אוכלוסי{1,2}(?:ה|ת|ות)"
    "|יי?שוב(?:ים)?|מועצ(?:ה|ות)|אזור(?:ים)?|איזור(?:ים)?|פדרצי(?:ה|ות)|כית(?:ה|ות)"
    "|בי?תי?[ -]ספר|אולם|אולמות|קהל|אנשים|חברים|משתתפים|גודל|קיבו(?:ץ|צים)|מושב(?:ים)?|שכונ(?:ה|ות)"
    "|מקומות"
)
#: Where they are, in at most three words: "in North America", "בצפון אמריקה".
_WHERE = (
    r"\s+(?:in|near|around|across|outside|of|from)\s+(?:the\s+)?[^\W\d]+"
    r"(?:[\s\-]+(?!(?:for|with|without|to|on|by)\b)[^\W\d]+){0,2}"
)
_WHERE_HEBREW = (
    r"\s+(?:ב[\u05d0-\u05ea]{2,}|(?:ליד|סביב|של)\s+[\u05d0-\u05ea]+)"
    r"(?:[\s\-\u05be]+(?!ל|(?:עם|בלי|ללא|של)\b)[\u05d0-\u05ea]+){0,2}"
)
_SIZE = re.compile(
    rf"(?<![\w\-])(?:(?:{_SIZED})(?:\s+abroad|{_WHERE})?"
    r"(?:\s+(?:with|having|has|have|is|are|numbering|counting|size))?"
    rf"|[ובלמהכש]{{0,3}}(?:{_SIZED_HEBREW})"
    r"(?:\s+ה?(?:יהודי(?:ת|ות|ים)?|קטן|קטנ(?:ה|ות|ים)|גדול(?:ה|ות|ים)?))?"
    rf"(?:{_WHERE_HEBREW})?"
    r"(?:\s+(?:עם|בת|בן|בנות|בני|המונה|המונות|שמונה|שמונות))?"
    r")\s*[:(]?\s*$|(?<![\w\-])(?:(?:of|for|של)\s+|ל\s*[-\u05be]\s*)$",
    re.IGNORECASE,
)
#: What may follow a number without currency: nothing, a sign, or a word that it does not count.
_GOES_ON = re.compile(
    r"(?!\s*(?:(?:for|in|at|from)\s+(?:each|every)|at\s+(?:(?:a|one|any)\s+time|once|the\s+same)"
    r"|in\s+(?:a|one|the)\s+(?:hall|room|class|group|audience)|(?:or|and)\s+(?:more|over|above|up)"
    r"|או\s+יותר)(?!\w))"
    r"\s*(?:$|[,.;:!?)\]&+](?!\w)|(?:for|with|without|no|not|in|on|at|and|or|from|by|including"
    r"|excluding|that|which|who|where|during|after|via|online|only)(?!\w)"
    r"|(?:עם|בלי|ללא|לא|כולל|של|גם|או|לנוער|לבני|לילדים|למבוגרים|למשפחות|למורים|לתלמידים"
    r"|למתנדבים|לקהילה|בזום|מקוון|מקוונת|בישראל|בארץ|בלבד)(?!\w))",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"(?<!\S)(?:OR|\|{1,2})(?!\S)")
#: Years that people write, and the blessing "till a hundred and twenty".
_NO_AMOUNTS = {str(year) for year in range(1900, 2100)} | {"120"}


def limit_in(text: str, currencies: Collection[str]) -> TextLimit | None:
    """Return the first limit of cost in a text; None where there is none. Never raises.

    `currencies` are the codes of those that can be compared: an amount of others stays words.
    """
    if len(text) > MAX_LENGTH or not any("0" <= sign <= "9" for sign in text):
        return None
    if _OPERATOR.search(text):
        return None
    for start, piece in plain_pieces(text):
        for found in _AMOUNT.finditer(piece):
            if limit := _limit(text, start, piece, found, tuple(currencies)):
                return limit
    return None


def _limit(
    text: str, offset: int, piece: str, found: re.Match[str], currencies: tuple[str, ...]
) -> TextLimit | None:
    start, end, currency = _with_currency(piece, *found.span(), currencies)
    if currency is None:
        return None
    before = piece[:start]
    until, less = _UNTIL.search(before), _LESS.search(before) or _SIGN.search(before)
    after = None if until or less else _OR_LESS.match(piece, end)
    lead = less or until
    if lead:
        start = lead.start()
    elif after:
        end = after.end()
    if not (lead or after) or _NEGATION.search(piece[:start]):
        return None
    if cost := _COST.search(piece[:start]):
        start = cost.start()
    said, start, end = _said(piece, start, end)
    if _RATE.match(piece, end):
        return None
    amount = Decimal(re.sub("[^0-9]", "", found["figures"]) + (found["cents"] or ""))
    if found["thousand"]:
        amount *= 1000
    if amount > MAX_AMOUNT:
        return None
    is_money = currency or cost
    if not is_money and not _is_cost(piece, start, end, amount, said):
        return None
    if not is_money and until and found.group() in _NO_AMOUNTS:
        return None
    start, end = start + offset, end + offset
    before, behind = text[:start].rstrip(), text[end:].lstrip()
    if not before or not behind or behind[0] == ",":
        before, behind = before.rstrip(" ,"), behind.lstrip(" ,")
    return TextLimit(
        typed=text,
        words=text[start:end].strip(" ,"),
        rest=f"{before} {behind}".strip(),
        amount=amount,
        currency=currency,
        payer=PARTICIPANT if PARTICIPANT in said else WHOLE,
        travel=next((travel for travel in (WITHOUT, WITH) if travel in said), ""),
    )


def _is_cost(piece: str, start: int, end: int, amount: Decimal, said: set[str]) -> bool:
    """Return whether an amount without currency is one of money, by its size and what is beside it.

    What is said of persons or travel tells it; "in total" does not.
    """
    if amount < (LEAST_TOTAL if said == {WHOLE} else LEAST_BARE):
        return False
    if PARTICIPANT in said:
        return True
    if _SIZE.search(piece[:start]):
        return False
    return bool(said - {WHOLE} or _GOES_ON.match(piece, end))


def _with_currency(
    piece: str, start: int, end: int, currencies: tuple[str, ...]
) -> tuple[int, int, str | None]:
    """Return where an amount with its currency stands, and which it is: None if of no use.

    That is one without a rate, or a letter right after the figures that is no currency.
    """
    before, after = _marks(currencies)
    if mark := after.match(piece, end):
        end = mark.end()
    elif _NEXT_LETTER.match(piece, end):
        return start, end, None
    elif mark := before.search(piece[:start]):
        start = mark.start()
    if not mark:
        return start, end, ""
    code = str(mark.lastgroup).upper()
    return start, end, code if code in currencies else None


@lru_cache(maxsize=4)
def _marks(currencies: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return how currencies are told before and after an amount."""
    codes = {code: code for code in currencies if re.fullmatch("[A-Z]{3}", code)}
    words = {code: rf"{code}|{_CURRENCIES.get(code, code)}" for code in _CURRENCIES | codes}
    # Of marks the longest is looked for first: US$ ends with $.
    ordered = sorted(words, key=lambda code: (code == "USD", code))
    either = "|".join(f"(?P<{code}>{words[code]})" for code in ordered)
    return (
        re.compile(rf"(?<![\w$])(?:{either})\s?$", re.IGNORECASE),
        re.compile(rf"\s?(?:{either})(?!\w)", re.IGNORECASE),
    )


def _said(piece: str, start: int, end: int) -> tuple[set[str], int, int]:
    """Return what is said of a limit right before and after it, and how far that goes."""
    said: set[str] = set()
    for _round in range(2):
        for name, pattern in _SAID_AFTER.items():
            if name not in said and (found := pattern.match(piece, end)):
                said.add(name)
                end = found.end()
    for name, pattern in _SAID_BEFORE.items():
        if not said & {name, WITHOUT, WITH} and (found := pattern.search(piece[:start])):
            said.add(name)
            start = found.start()
            break
    return said, start, end
