"""Words that are in every text and say nothing of what it is about, in both languages.

Function words, numbers in letters, and words of time and quantity, written down by their kind from
grammars, not from searches or challenges. The library's own list is shorter on purpose: what
somebody types into a search box is looked up nearly whole, a told problem is not.
"""

from __future__ import annotations

from search.analysis import STOP_WORDS, tokens

_ENGLISH = """
    above across after again against ago almost along already although always among another anybody
    anyone anything around away back became because become becomes before behind below beneath
    beside besides between beyond both bring brings came cannot come comes despite down during each
    eight either eleven else enough even ever every everybody everyone everything except few fewer
    first five four from gave give gives given go goes going gone got half hardly having herself
    himself however hundred hundreds indeed instead itself keep keeps kept know known last later
    least less let lot lots made make makes making many may maybe might mine much must myself near
    nearly need needs neither never next nine nobody none nor nothing now nowhere often once only
    onto other others otherwise ourselves per perhaps put puts quite rather really said same say
    says second see seem seems seen seven several shall since six somebody someone something
    sometimes somewhere soon still take taken takes taking tell tells ten themselves thing things
    third though thousand three through throughout thus till today together told took toward
    towards twelve twenty twice two under unless until up upon upward used using usually want wanted
    wants way ways well went whatever whenever whether while whole within without yet
    yourself yourselves
    day days week weeks month months year years time times hour hours minute minutes
"""
_HEBREW = """
    אולי אחר אחרי אחרים אחרת אחת אחד שני שתי שתיים שניים שלוש שלושה ארבע ארבעה חמש חמישה שש שישה שבע
    שבעה שמונה תשע תשעה עשר עשרה עשרים מאה מאות אלף אלפים חצי איננו אינם אינן אינה אינו אך אלא אמר
    אמרו אפילו אצלנו אשר באמצע באמצעות בגלל בדרך בו בה בהם ביחד בין ביניהם בלבד בלי במקום במשך בנוסף
    בסוף בעוד בעיקר בפני בעצם בערך בקושי בתוך גם די הכול הכל הלא הנה הרבה הרי הזה הזאת הזו האלה האלו
    היום חייב חייבים חוץ יותר יודע יודעים יודעת יכול יכולה יכולים יכולות כאשר כבר כדאי כולם כולנו
    כזה כזאת כאלה כך כלום כלל כמעט כש לבד לבין לגמרי ליד לכל לכן למשל למרות לפי לפני לפחות לפעמים
    לפיכך ללא לקראת לרוב מאוד מאז מאחר מבין מדי מול מחוץ מישהו משהו מסוים מעט מעל מעולם מפני מתוך
    מתחת נגד נו נמצא נמצאים נתן סביב עדיין עכשיו עצמו עצמה עצמם עצמנו עשה עושה עושים עשו פה פחות פעם
    פעמים צריך צריכה צריכים צריכות קודם קצת ראשון ראשונה רוב רוצה רוצים שאין שהוא שהיא שהם שוב שום
    שכל שם שמישהו תוך תחת תמיד
    יום ימים שבוע שבועות חודש חודשים שנה שנים זמן שעה שעות דקה דקות
"""

#: As the library writes words: lower case, without final forms.
WEAK_WORDS = STOP_WORDS | frozenset(
    token.word for text in (_ENGLISH, _HEBREW) for token in tokens(text)
)


def is_weak(word: str) -> bool:
    """Whether a plain word tells nothing: a function word, a number, a single letter."""
    return len(word) < 2 or word in WEAK_WORDS or any(character.isdigit() for character in word)
