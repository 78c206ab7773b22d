"""Words that look alike: for names in unknown spellings, and for suggestions."""

from __future__ import annotations


def distance_within(one: str, other: str, limit: int) -> int | None:
    """Return how many letters must be changed, added, left out or swapped to make one the other.

    None where it is more than `limit`.
    """
    if abs(len(one) - len(other)) > limit:
        return None
    if one == other:
        return 0
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, another in enumerate(other, 1):
            cost = letter != another
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + cost)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == another:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
