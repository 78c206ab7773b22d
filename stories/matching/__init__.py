"""Matches problems with practices, and with the Partnerships that know about them.

    match_practices(Problem(title, text, concepts=["follow_up"]), language="he").worked
    match_partnerships(Problem(question), language="en", without=["my-own-slug"])

Everything that decides is pure and deterministic (`scoring`, `limits`); reading is apart
(`candidates`), in a number of queries that does not depend on how much there is.
"""

from .limits import LimitKind, Limits, Verdict
from .partnerships import KnowsAbout, PartnershipMatch, match_partnerships
from .practices import MATCHES, Match, Matches, Problem, match_practices, rank_practices
from .reasons import Because

__all__ = [
    "MATCHES",
    "Because",
    "KnowsAbout",
    "LimitKind",
    "Limits",
    "Match",
    "Matches",
    "PartnershipMatch",
    "Problem",
    "Verdict",
    "match_partnerships",
    "match_practices",
    "rank_practices",
]
