"""What `bench_library` runs in a process of its own, on the database that DATABASE_URL names."""

from __future__ import annotations

import random
import time
from typing import Any

from django.db import connection
from django.test import Client

from portal.library import Facet, library_changed
from portal.services.bulk_pages import BulkPageWriter
from search import signal_handlers
from search.models import LibraryEntry, LibraryFacet
from search.query import LibraryQuery
from search.services.consistency import compare, rebuild
from search.services.library import find, suggest
from search.services.refresh import refresh_stale
from search.services.writer import Written, write_pages
from stories.models import StoryPage
from tests import factories
from tests.bench import median_ms, print_figures

PARTNERSHIPS = 46
CONCEPTS = 80
SYLLABLES = [c + v for c in "bdklmnrt" for v in "aeo"]


def _words(generator: random.Random, number: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < number:
        words["".join(generator.choices(SYLLABLES, k=generator.randint(2, 4)))] = None
    return list(words)


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def fill(rows: int) -> dict[str, float]:
    """Make stories of some 150 words, three in ten translated; return how fast that went."""
    generator = random.Random(7)
    vocabulary = _words(generator, 4000)
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    concepts = [
        factories.ConceptFactory(key=f"concept_{n}", kind=kind)
        for n, kind in enumerate(
            generator.choices(["topic", "audience", "program_type"], k=CONCEPTS)
        )
    ]
    parents = []
    for number in range(PARTNERSHIPS):
        partnership = factories.PartnershipFactory(slug=f"north-{number}", with_members=True)
        parents.append((factories.page_of(partnership), factories.page_of(partnership, "he")))

    index_seconds = 0.0
    index_rows = 0

    def timed(pages: list[Any]) -> Written:
        nonlocal index_seconds, index_rows
        begun = time.perf_counter()
        written = write_pages(pages)
        index_seconds += time.perf_counter() - begun
        index_rows += written.rows
        return written

    signal_handlers.write_pages = timed
    begun = time.perf_counter()
    things = []
    with BulkPageWriter(validated=True) as writer:
        for number in range(rows * 7 // 10):
            parent, parent_he = generator.choice(parents)
            text = generator.choices(vocabulary, weights, k=150)
            told = {
                "summary": " ".join(text[:20])[:200],
                "body": [("paragraph", f"<p>{' '.join(text)}</p>")],
                "concepts": generator.sample(concepts, 3),
            }
            page = StoryPage(title=" ".join(text[-6:]), slug=f"s{number}", **told)
            writer.add(page, parent)
            things.append((page, parent_he, told))
        for number, (page, parent_he, told) in enumerate(things[: rows * 3 // 10]):
            translation = StoryPage(
                title=f"סיפור {number}",
                slug=f"s{number}",
                translation_key=page.translation_key,
                original_language="en",
                **told,
            )
            writer.add(translation, parent_he)
    took = time.perf_counter() - begun
    signal_handlers.write_pages = write_pages
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        "pages a second, bulk writer with index": index_rows / took,
        "rows a second, index alone": index_rows / index_seconds,
    }


def questions() -> dict[str, LibraryQuery]:
    """Return questions that match many, some and few things."""
    common, middle, some, rare = (_word_matching(share) for share in (0.5, 0.1, 0.02, 0.005))
    return {
        "everything": LibraryQuery(),
        "everything, no facets": LibraryQuery(with_facets=False, page_size=6),
        "common word": LibraryQuery(text=common),
        "middle word": LibraryQuery(text=middle),
        "rare word": LibraryQuery(text=rare),
        "common word, two filters": LibraryQuery(
            text=common, types=["success"], partnerships=["north-1", "north-2"]
        ),
        "whole question, nothing has all": LibraryQuery(
            text=f"how do we {middle} our {some} zzz {common}"
        ),
    }


def _word_matching(share: float) -> str:
    """Return a word that stands in about this share of the things."""
    wanted = LibraryEntry.objects.count() * share
    best, best_off = "", float("inf")
    generator = random.Random(7)
    for word in _words(generator, 4000)[:1500]:
        found = find(LibraryQuery(text=word, with_facets=False, page_size=1)).total
        if abs(found - wanted) < best_off:
            best, best_off = word, abs(found - wanted)
        if best_off < wanted * 0.15:
            break
    return best


def main(rows: int) -> None:
    """Fill, ask, and print figures as JSON: name to value and unit."""
    figures: dict[str, tuple[float, str]] = {}
    for name, value in fill(rows).items():
        figures[name] = (value, "/s")
    entries = LibraryEntry.objects.count()
    figures["rows"] = (entries, "")
    figures["facet values"] = (LibraryFacet.objects.count(), "")
    for name, query in questions().items():
        total = find(query).total
        figures[f"find: {name} ({total} things)"] = (
            median_ms(lambda query=query: find(query), rounds=7, warm=2),
            "ms",
        )
    client = Client(SERVER_NAME="localhost")
    figures["API, everything, through Django"] = (
        median_ms(lambda: client.get("/api/v1/search"), rounds=7, warm=2),
        "ms",
    )
    begun = _words(random.Random(7), 1)[0][:3]
    figures["suggest"] = (median_ms(lambda: suggest(LibraryQuery(text=begun, page_size=8))), "ms")
    figures["rename of a Partnership, in the request"] = (
        median_ms(
            lambda: library_changed.send(None, facet=Facet.PARTNERSHIP, keys=["north-1"]), rounds=5
        ),
        "ms",
    )
    stale = LibraryEntry.objects.stale().count()
    figures["rows a second, refresh"] = (stale / _seconds(lambda: refresh_stale(10_000)), "/s")
    figures["pages a second, rebuild"] = (entries / _seconds(rebuild), "/s")
    figures["pages a second, check"] = (entries / _seconds(compare), "/s")
    print_figures(figures)
