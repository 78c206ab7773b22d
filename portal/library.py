"""How a page tells the library what it is, without knowing the library.

Feature apps describe their pages and facts here; the `search` app reads the descriptions. Search
knows no feature app, and no feature app writes the index.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


class LibraryType(models.TextChoices):
    """The kinds of thing one can find; the values are part of the API's contract."""

    PARTNERSHIP = "partnership", _("Partnership")
    COMMUNITY = "community", _("Community")
    PROGRAM = "program", _("Program")
    OPPORTUNITY = "opportunity", _("Way to take part")
    PRACTICE = "practice", _("Practice")
    CHALLENGE = "challenge", _("Challenge")
    STORY = "success", _("Story")
    RESOURCE = "resource", _("Resource")


class Facet:
    """Names of the facets; the values are part of the API's contract."""

    PROGRAM_TYPE = "program_type"
    TOPIC = "topic"
    AUDIENCE = "audience"
    RESOURCE = "resource"
    PARTNERSHIP = "partnership"
    COMMUNITY = "community"
    COUNTRY = "country"
    SIDE = "side"
    DIRECTION = "direction"
    YEAR = "year"
    OUTCOME = "outcome"
    AGE = "age"
    SEASON = "season"
    DURATION = "duration"
    LEAD_TIME = "lead_time"
    COST = "cost"
    EVIDENCE = "evidence"
    OPEN = "open"
    OFFER = "offer"
    STATUS = "status"


class Number:
    """Names of the numbers by which things can be filtered with "at most" and "at least".

    Ages are years, the duration is in days, the lead time in weeks; costs are amounts in
    `COST_CURRENCY`, for a first run, with and without travel; a participant's is for one person,
    the whole is what all others bear (both sides, grants, donors).
    How well tested something is has a rank, by which things are ordered; it is never shown.
    """

    TESTED = "tested"
    AGE_FROM = "age_from"
    AGE_TO = "age_to"
    DURATION = "duration"
    LEAD_TIME = "lead_time"
    COST_ISRAEL = "cost_israel"
    COST_DIASPORA = "cost_diaspora"
    COST_PARTICIPANT = "cost_participant"
    COST_ISRAEL_WITHOUT_TRAVEL = "cost_israel_without_travel"
    COST_DIASPORA_WITHOUT_TRAVEL = "cost_diaspora_without_travel"
    COST_PARTICIPANT_WITHOUT_TRAVEL = "cost_participant_without_travel"
    COST_WHOLE = "cost_whole"
    COST_WHOLE_WITHOUT_TRAVEL = "cost_whole_without_travel"


#: The currency in which costs stand in the library, whatever they were told in.
COST_CURRENCY = "USD"


class Audience(models.TextChoices):
    """Who may find a row; a list of Partnerships is told by the row's audience keys."""

    PUBLIC = "public", _("everybody")
    NETWORK = "network", _("the network")
    PARTNERSHIPS = "partnerships", _("chosen Partnerships")


@dataclass(frozen=True, slots=True)
class LibraryDescription:
    """What one thing is in one language, ready for the index.

    `facets` maps a name of `Facet` to stable keys (concept keys, Partnership references, codes),
    never to labels. `numbers` maps a name of `Number` to its value, or to None where such a thing
    should tell it and does not (so that it can be listed apart, not hidden). `names` are other
    names by which exact look-ups must find it. `part` names a thing that a page tells beside itself
    (the anchor at which it stands there); it is empty for the page.
    """

    thing_key: uuid.UUID
    type: LibraryType
    language: str
    title: str
    summary: str = ""
    body: str = ""
    names: Sequence[str] = ()
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    audience: Audience = Audience.PUBLIC
    audience_partnerships: Sequence[str] = ()
    date: datetime.datetime | None = None
    reference: str = ""
    is_demo: bool = False
    image_id: int | None = None
    part: str = ""


#: Gives the labels of a facet's values: (keys, language code) -> label by key. Keys that it does
#: not know are left out, so that it also says which values there are.
LabelSource = Callable[[Iterable[str], str], Mapping[str, str]]

#: Label sources by name of `Facet`; apps add their own in `ready()`. Rows and addresses hold keys
#: only, so a rename costs nothing.
facet_labels: dict[str, LabelSource] = {}

#: Say which values of a facet are not to be named to a reader, by the condition (on `path`) that
#: the pages meet which the reader may see: Partnerships and communities without any such page. By
#: name of `Facet`; apps add their own in `ready()`. Other facets hide nothing.
hidden_values: dict[str, Callable[[models.Q], Collection[str]]] = {}

#: The values, in their natural order, of facets that have one (ages, bands of cost, seasons); all
#: others come by how many things have them. By name of `Facet`; apps add their own in `ready()`.
facet_orders: dict[str, Sequence[str]] = {}


def choice_labels(choices: type[models.TextChoices]) -> LabelSource:
    """Return the label source of a closed list."""

    def labels(keys: Iterable[str], language: str) -> dict[str, str]:
        with override(language):
            names = {value: str(label) for value, label in choices.choices}
        return {key: names[key] for key in keys if key in names}

    return labels


#: Facets of names that no row has: what the network is called by itself, and what people say who
#: look for a Partnership ("our sister city").
NETWORK, NETWORK_CALLED = "network", "network_called"


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """All names of a Partnership or place, of former days and other spellings too.

    `facet` and `key` are those of its rows; `within` are the keys of the Partnerships to which a
    place belongs today.
    """

    facet: str
    key: str
    names: Sequence[str]
    within: Sequence[str] = ()


#: Give the names by which texts are understood (search.lexicon); apps add their own in `ready()`.
place_names: list[Callable[[], Iterable[PlaceNames]]] = []

#: Say which of some things (translation keys) were made after the model of which other one, one of
#: them or not: thing -> model. Apps add their own in `ready()`; one query each.
same_model: list[Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, uuid.UUID]]] = []

#: Sent by feature apps when something that rows were built from has changed its texts: a renamed
#: Partnership, concept or place. Arguments: `facet` (a name of `Facet`) and `keys` (stable keys of
#: it). Received by `search`, which raises the versions of the rows in one UPDATE.
library_changed = Signal()

#: Sent once for each chunk that `portal.services.bulk_pages` wrote, inside its transaction, since
#: bulk inserts send no `post_save`. Arguments: `pages` (specific instances with primary keys) and
#: `batch` (a WriteBatch when they are written unseen, else None; the instances are as they will be
#: when shown). Rows
#: are written for pages that are not live yet, too: they show when the page is switched live, so
#: what they are built from (`first_published_at`) has to be set before.
pages_written = Signal()

#: Sent by `portal.services.page_batches.show`, inside its one short transaction, when a batch of
#: unseen pages went live. Arguments: `batch` and `page_ids` (a queryset of page ids for use as a
#: subquery: thousands of them). Their rows were built when `pages_written` was sent.
pages_shown = Signal()

#: Sent by `portal.services.page_updates`, inside its transaction, when live pages got new texts.
#: Argument: `page_ids` (thousands of them). Their rows are built anew soon after, in chunks.
pages_updated = Signal()
