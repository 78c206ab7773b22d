"""How much more the network would find: counted for the public, never named.

"The number of results is the same truth for him" (USERS C7): what is for the network as a whole is
missing in a public answer, and the answer says how much of it there is. A count tells something
about words, too. So a thing counts by what its card shows (title, names, concepts, summary) and by
its filters; what its text and its files say can't be guessed at word by word. Nothing is counted
where numbers are asked about: by halving a limit one would come to the exact amount.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from portal.library import Audience, Facet
from portal.visibility import NETWORK, PUBLIC, hidden_prefixes, outside
from search.engines import DatabaseEngine
from search.models import LibraryEntry, LibraryFacet
from search.models.index import AUDIENCE_KIND
from search.query import LibraryResult
from search.understanding import words_of

#: Facets whose values are bands of numbers.
_BANDS = frozenset({Facet.AGE, Facet.COST, Facet.DURATION, Facet.LEAD_TIME})


def network_more(result: LibraryResult) -> int:
    """Return how many things more the same question finds for the network; 0 for its own reader.

    It is 0 as well for a question about numbers (limits, bands), whatever there is. Things without
    any row that the public may see; those of some groups only, or of chosen Partnerships, are not
    the network's. Read from the table, whichever engine answered; two queries while nothing is for
    the network alone.
    """
    query = result.query
    if query.viewer != PUBLIC or query.has_limits or _BANDS & set(query.filters):
        return 0
    closed = hidden_prefixes(PUBLIC)
    marked = LibraryFacet.objects.filter(name=AUDIENCE_KIND, value=Audience.NETWORK)
    is_marked = marked.exists()
    if not closed and not is_marked:
        return 0
    words = None
    if query.text.strip():
        words = words_of(query)
        if not words:
            return 0
    reserved = ~outside(closed, "page__path") if closed else Q()
    if is_marked:
        own = Q(pk__in=marked.values("entry_id"))
        reserved = reserved | own if closed else own
    public = LibraryEntry.objects.visible(PUBLIC, closed).filter(thing_key=OuterRef("thing_key"))
    rows = (
        LibraryEntry.objects.visible(NETWORK, hidden_prefixes(NETWORK))
        .matching(query.filters)
        .filter(reserved)
        .exclude(Exists(public))
    )
    return DatabaseEngine().count_on_cards(rows, words, demand_all=not result.is_widened)
