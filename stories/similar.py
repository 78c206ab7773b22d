"""Practices that are like one, for its own page: each with the reason for which it is there.

Pages of practices lean on this, so it knows the rows of lineage only.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from portal.fields import text_direction
from portal.library import LibraryType
from portal.visibility import PUBLIC, Viewer
from search.query import CONCEPT, LibraryHit, LibraryQuery
from search.services.labels import labels_of
from search.services.library import hits_of
from search.services.similar import similar_things
from stories.models.lineage import AdoptionSource

if TYPE_CHECKING:
    from stories.models import PracticePage

#: So many are shown.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class SimilarPractice:
    """A practice that is like another: names of what both are about and whom both are for.

    Shared words of the titles are told where nothing else is; `words_language` is "" where it is
    the reader's. `is_near`: it was found by its meaning.
    """

    hit: LibraryHit
    concepts: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    words_language: str = ""
    is_near: bool = False

    @property
    def words_direction(self) -> str:
        """Writing direction of the words in another language ("" when it is the reader's)."""
        return text_direction(self.words_language) if self.words_language else ""


def similar_practices(page: PracticePage, viewer: Viewer = PUBLIC) -> list[SimilarPractice]:
    """Return the practices most like that of a page, in its language where they are told in it.

    What it was taken over from, what was made from it, and what else was made from the same ones
    is left out: the lineage tells that. A fixed number of queries.
    """
    found = similar_things(
        page.translation_key,
        types=[LibraryType.PRACTICE],
        viewer=viewer,
        limit=SHOWN,
        without=_relatives(page.translation_key),
    )
    if not found:
        return []
    language = page.language
    keys = {key for one in found for key in (*one.concepts, *one.audiences)}
    names = labels_of(CONCEPT, keys, language) if keys else {}
    query = LibraryQuery(lang=language, viewer=viewer)
    hits = {hit.thing_key: hit for hit in hits_of([one.thing_key for one in found], query)}
    return [
        SimilarPractice(
            hit=hits[one.thing_key],
            concepts=tuple(names[key] for key in one.concepts if key in names),
            audiences=tuple(names[key] for key in one.audiences if key in names),
            words=() if one.concepts or one.audiences else one.words,
            is_near=one.is_near,
            words_language="" if one.words_language == language else one.words_language,
        )
        for one in found
        if one.thing_key in hits
    ]


def _relatives(key: uuid.UUID) -> set[uuid.UUID]:
    """Return its parents, its children, and those of the same parents (one query)."""
    parents = AdoptionSource.objects.filter(adoption=key).values("parent")
    family = AdoptionSource.objects.filter(
        Q(adoption=key) | Q(parent=key) | Q(parent__in=parents)
    ).values_list("parent", "adoption")
    return {one for pair in family for one in pair}
