"""A library of any size, the same each time: pages by the bulk writer, kept for the next run.

What it is like: 46 Partnerships with 450 communities in six countries, 120 concepts of the four
kinds, one page in five a practice with its numbers, three things in ten told in both languages,
three in ten in Hebrew first. Texts have 60 to 1,500 words (200 in the mean) of a vocabulary of
20,000 in which the n-th word is n times rarer than the first. `WORDS` stand in a known share of the
things, so that a question has a known number of matches.
"""

from __future__ import annotations

import datetime
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db import connection, transaction

from partnerships.models import PartnershipPage
from portal.services.bulk_pages import BulkPageWriter
from stories.models import PracticePage, StoryPage
from tests import factories

PARTNERSHIPS, COMMUNITIES, CONCEPTS = 46, 450, 120
VOCABULARY = 20_000
#: Words by how many things in a thousand have them: what the benchmark asks for.
WORDS = {
    "common": {"school": 800, "family": 750, "summer": 700},
    "middle": {"garden": 150, "letter": 130, "choir": 110},
    "rare": {"pottery": 8, "chess": 6, "puppets": 3},
}
HEBREW_WORDS = {
    **{"school": "בית ספר", "family": "משפחה", "summer": "קיץ", "garden": "גינה"},
    **{"letter": "מכתב", "choir": "מקהלה", "pottery": "קדרות", "chess": "שחמט"},
    "puppets": "בובות",
}
#: These are names of concepts too, so that they are searched in both languages.
NAMED = ("family", "garden", "chess")
COUNTRIES = ("US", "US", "US", "CA", "GB", "FR", "AR", "ZA")
DIRECTIONS = ("to_israel", "from_israel", "both", "online", "")
SEASONS = ("spring", "summer", "autumn", "winter", "all_year", "")
LETTERS = {"en": ("bdfgklmnprstvz", "aeiou"), "he": ("בגדהזחטכלמנספקרשת", "וי")}


@dataclass(frozen=True, slots=True)
class Filled:
    """How it went: pages written, and the seconds it took."""

    pages: int
    seconds: float


class Texts:
    """Makes texts of one language, always the same ones for a seed."""

    def __init__(self, language: str, chance: random.Random) -> None:
        consonants, vowels = LETTERS[language]
        syllables = [c + v for c in consonants for v in vowels]
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            words["".join(chance.choices(syllables, k=chance.randint(1, 4)))] = None
        self.words = list(words)
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
        self.language = language
        self.chance = chance

    def some(self, count: int) -> list[str]:
        """Return so many words of the vocabulary."""
        return self.chance.choices(self.words, cum_weights=self.weights, k=count)

    def told(self, planted: list[str]) -> dict[str, Any]:
        """Return title, summary and body, with the planted words among them."""
        chance = self.chance
        length = min(max(int(chance.lognormvariate(5.1, 0.65)), 60), 1500)
        title, summary, body = self.some(chance.randint(3, 8)), self.some(24), self.some(length)
        for word in planted:
            part = chance.choices((title, summary, body), (1, 2, 12))[0]
            for _again in range(chance.randint(1, 3)):
                part.insert(chance.randint(0, len(part)), word)
        pieces = [body[start : start + 80] for start in range(0, len(body), 80)]
        return {
            "title": " ".join(title).capitalize()[:200],
            "summary": f"{' '.join(summary)[:199]}.",
            "body": [("paragraph", f"<p>{' '.join(piece)}.</p>") for piece in pieces],
        }


def fill(pages: int) -> Filled:
    """Write a library of some `pages` pages into an empty database."""
    chance = random.Random(7)
    with transaction.atomic():
        concepts = _concepts(chance)
        parents = _partnerships(chance)
        factories.LibraryIndexPageFactory()
    begun = time.perf_counter()
    with BulkPageWriter(validated=True, chunk_seconds=2) as writer:  # nobody else waits
        for page, parent in _pages(pages, chance, concepts, parents):
            writer.add(page, parent)
        writer.flush()
        writer._to_index.clear()  # Wagtail's own index of the admin is none of this benchmark
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Filled(writer.count, time.perf_counter() - begun)


def _concepts(chance: random.Random) -> list[Any]:
    kinds = chance.choices(
        ["topic", "audience", "program_type", "resource"], (6, 2, 2, 2), k=CONCEPTS
    )
    labels = [{"en": word.title(), "he": HEBREW_WORDS[word]} for word in NAMED]
    labels += [{"en": f"Subject {n}", "he": f"נושא {n}"} for n in range(CONCEPTS - len(NAMED))]
    # The frequent ones come first: what is named is about one thing in a hundred.
    labels = [
        *labels[len(NAMED) + 40 :],
        *labels[: len(NAMED)],
        *labels[len(NAMED) : len(NAMED) + 40],
    ]
    return [
        factories.ConceptFactory(key=f"subject_{number}", kind=kind, label=label)
        for number, (kind, label) in enumerate(zip(kinds, labels, strict=True))
    ]


def _partnerships(chance: random.Random) -> list[dict[str, PartnershipPage]]:
    found = []
    communities = [
        factories.CommunityFactory(
            slug=f"place-{number}",
            name={"en": f"Place {number}", "he": f"מקום {number}"},
            country_code="IL" if number % 3 == 0 else chance.choice(COUNTRIES),
        )
        for number in range(COMMUNITIES)
    ]
    for number in range(PARTNERSHIPS):
        partnership = factories.PartnershipFactory(
            slug=f"north-{number}",
            name={"en": f"North {number} – South {number}", "he": f"צפון {number} – דרום {number}"},
        )
        for community in communities[number::PARTNERSHIPS]:
            factories.MembershipFactory(partnership=partnership, community=community)
        pages = {language: factories.page_of(partnership, language) for language in ("en", "he")}
        found.append(pages)
    return found


def _pages(
    pages: int,
    chance: random.Random,
    concepts: list[Any],
    parents: list[dict[str, PartnershipPage]],
) -> Iterator[tuple[Any, PartnershipPage]]:
    """Yield new pages, each with its parent; what is told in two languages right after another."""
    texts = {language: Texts(language, chance) for language in ("en", "he")}
    share = [1 / (rank + 5) for rank in range(len(parents))]
    rarity = [1 / (rank + 4) for rank in range(len(concepts))]
    number = written = 0
    while written < pages:
        number += 1
        language = "he" if chance.random() < 0.3 else "en"
        planted = [
            word
            for words in WORDS.values()
            for word, thousandth in words.items()
            if chance.random() * 1000 < thousandth
        ]
        parent = chance.choices(parents, share)[0]
        about = list({one.pk: one for one in chance.choices(concepts, rarity, k=3)}.values())
        page = _page(texts[language], planted, number, chance)
        page.concepts = about
        yield page, parent[language]
        written += 1
        if chance.random() < 0.3 and written < pages:
            other = "en" if language == "he" else "he"
            twin = type(page)(
                **texts[other].told(planted),
                slug=page.slug,
                translation_key=page.translation_key,
                original_language=language,
                first_published_at=page.first_published_at,
            )
            twin.concepts = about
            yield twin, parent[other]
            written += 1


def _page(texts: Texts, planted: list[str], number: int, chance: random.Random) -> Any:
    told = texts.told(planted if texts.language == "en" else [*planted, *_in_hebrew(planted)])
    date = datetime.datetime(2012, 1, 1, tzinfo=datetime.UTC)
    told |= {
        "slug": f"thing-{number}",
        "first_published_at": date + datetime.timedelta(minutes=chance.randrange(7_000_000)),
        "original_language": texts.language,
    }
    if number % 5:
        return StoryPage(told_by=chance.choice(("israel", "diaspora", "")), **told)
    age = chance.randint(4, 60)
    return PracticePage(
        **told,
        outcome=chance.choices(("worked", "partly", "failed"), (7, 2, 1))[0],
        age_from=age,
        age_to=age + chance.randint(2, 30),
        direction=chance.choice(DIRECTIONS),
        season=chance.choice(SEASONS),
        lead_time_weeks=chance.randint(1, 50),
        duration_days=chance.randint(1, 60),
        has_no_cost=chance.random() < 0.2,
        costs=[
            (
                "cost",
                {
                    "category": "materials",
                    "item": "",
                    "payer": chance.choice(("israel", "diaspora")),
                    "amount": chance.randint(50, 20_000),
                    "currency": "USD",
                    "year": 2024,
                    "is_each_run": True,
                    "is_in_kind": False,
                },
            )
        ],
    )


def _in_hebrew(planted: list[str]) -> list[str]:
    return [HEBREW_WORDS[word] for word in planted]
