"""Practices of one model among what was found: they stand together, below the best of them.

The model itself may be filtered out, or be on another page.

Which practice was made after the model of which other one is what the app of the stories knows; it
is asked by `portal.library.same_model`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from portal.library import LibraryType, same_model
from search.page_parts import HitRow


def by_family(rows: Sequence[HitRow]) -> list[HitRow]:
    """Return the hits of a page, those of the model of an earlier one directly below it.

    The first of a family leads it, whichever was made after which; all others keep their order. One
    query where two practices are on the page, none else.
    """
    practices = [row.hit.thing_key for row in rows if row.hit.type == LibraryType.PRACTICE]
    if len(practices) < 2:
        return list(rows)
    linked: dict[uuid.UUID, uuid.UUID] = {}
    for source in same_model:
        linked.update(source(practices))
    if not linked:
        return list(rows)
    families: dict[uuid.UUID, list[HitRow]] = defaultdict(list)
    for row in rows:
        families[_root(row.hit.thing_key, linked)].append(row)
    return [
        row if row is family[0] else replace(row, leader=family[0].hit)
        for family in families.values()
        for row in family
    ]


def _root(key: uuid.UUID, linked: Mapping[uuid.UUID, uuid.UUID]) -> uuid.UUID:
    """Return the thing from which all of a family come, as far as they are on the page.

    The last of them may be on none, or on another page.
    """
    passed = {key}
    while (model := linked.get(key)) is not None and model not in passed:
        passed.add(model)
        key = model
    return key
