"""What pages of the stories show beside their own text: who tells, what belongs to it.

Everything is for the public and takes a fixed number of queries.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from partnerships.enums import Side
from partnerships.models import Partnership
from partnerships.presentation.public import PageLink, PublicScope, page_links
from partnerships.presentation.sides import SidePane, panes_of, sides_for
from portal.fields import Translated, text_direction
from portal.library import LibraryType
from stories.costs import CostTable
from stories.enums import MentorOffer, PracticeOutcome, StepSide

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from wagtail.query import PageQuerySet

    from stories.models import PartnershipLibraryPage, PracticePage

#: A side with more communities than this is named in general words.
NAMED_COMMUNITIES = 2


@dataclass(frozen=True, slots=True)
class Teller:
    """The Partnership that tells: its page, and its two sides in the reader's order."""

    partnership: Partnership
    link: PageLink | None
    panes: tuple[SidePane, SidePane]

    @property
    def israel_count(self) -> int:
        """Number of places in Israel."""
        return self._count(Side.ISRAEL)

    @property
    def abroad_count(self) -> int:
        """Number of communities abroad."""
        return self._count(Side.DIASPORA)

    def _count(self, side: Side) -> int:
        return next(len(pane.members) for pane in self.panes if pane.side == side)

    @property
    def side_names(self) -> dict[str, list[Translated]]:
        """The names by which a side is called; a side without an entry is named in general."""
        names: dict[str, list[Translated]] = {}
        for pane in self.panes:
            if pane.side == Side.ISRAEL and self.partnership.region_name:
                names[pane.side.value] = [self.partnership.region_name]
            elif 0 < len(pane.members) <= NAMED_COMMUNITIES:
                names[pane.side.value] = [member.community.name for member in pane.members]
        return names


def teller_of(
    page: PartnershipLibraryPage, scope: PublicScope, request: HttpRequest | None
) -> Teller | None:
    """Return who tells the page (three queries); None outside a Partnership."""
    partnership = page.partnership
    if partnership is None:
        return None
    memberships = partnership.memberships.current().select_related("community")
    links = page_links(Partnership, [partnership], page.language, scope, request)
    return Teller(partnership, links.get(partnership.pk), panes_of(memberships, page.language))


@dataclass(frozen=True, slots=True)
class ThingCard:
    """A page of the library as a card; `language` is empty when it is the reader's."""

    url: str
    title: str
    summary: str
    type: LibraryType
    language: str
    date: datetime.datetime | None
    is_demo: bool

    @property
    def direction(self) -> str:
        """Writing direction of a title in another language ("" when it is the reader's)."""
        return text_direction(self.language) if self.language else ""


def cards_of(
    pages: QuerySet,
    language: str,
    scope: PublicScope,
    request: HttpRequest | None = None,
    limit: int = 6,
) -> list[ThingCard]:
    """Return the visible ones of `pages`, the newest first, each thing once (one query).

    The reader's language is taken where there is one, else the thing shows in another.
    """
    chosen: dict[Any, Any] = {}
    visible = cast("PageQuerySet", pages).live().filter(scope.hidden).select_related("locale")
    for page in visible.order_by("-first_published_at", "-pk")[: limit * 4]:
        known = chosen.get(page.translation_key)
        if known is None or (known.language != language and page.language == language):
            chosen[page.translation_key] = page
    return [
        ThingCard(
            url=page.get_url(request) or "",
            title=page.title,
            summary=page.summary,
            type=page.library_type,
            language="" if page.language == language else page.language,
            date=page.first_published_at,
            is_demo=page.is_demo,
        )
        for page in list(chosen.values())[:limit]
    ]


def original_link(
    page: PartnershipLibraryPage, scope: PublicScope, request: HttpRequest | None
) -> PageLink | None:
    """Return where a translation can be read as it was first told (one query)."""
    if not page.is_translation:
        return None
    first = (
        type(page)
        ._default_manager.live()
        .filter(
            scope.hidden,
            translation_key=page.translation_key,
            locale__language_code=page.original_language,
        )
        .first()
    )
    if first is None:
        return None
    return PageLink(first.get_url(request) or "", first.title, page.original_language, True)


# Practices --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a long page: the anchor, and the heading in the table of contents."""

    key: str
    heading: StrOrPromise


def practice_sections(page: PracticePage) -> list[Section]:
    """Return the parts that this practice has, in the order in which they stand."""
    parts: list[tuple[str, StrOrPromise, Any]] = [
        ("why", _("Why"), page.problem or page.context or page.aim),
        ("how", _("How it works"), len(page.steps)),
        ("who", _("Who is needed"), len(page.roles)),
        ("cost", _("What it costs"), page.cost_lines or page.is_free),
        ("results", _("What came of it"), len(page.results)),
        (
            "hard",
            _("What was hard"),
            len(page.difficulties) or page.do_differently or page.when_not,
        ),
        ("transfer", _("For another place"), page.must_keep or page.may_change or page.depends_on),
        ("care", _("Care and safety"), page.safeguarding or page.security),
        ("resources", _("Forms, letters, guides"), len(page.resources) or len(page.evidence)),
        ("more", _("More about it"), len(page.body)),
        ("contact", _("Talk to them"), page.contact_role),
    ]
    return [Section(key, heading) for key, heading, is_there in parts if is_there]


#: How loud a chip says how it went.
OUTCOME_TONES = {
    PracticeOutcome.WORKED: "open",
    PracticeOutcome.PARTLY: "warn",
    PracticeOutcome.FAILED: "warn",
}


def practice_chips(page: PracticePage) -> list[tuple[StrOrPromise, str]]:
    """Return the words beside the label: how it went, whether reviewed, what they offer."""
    neutral = page.neutral
    chips: list[tuple[StrOrPromise, str]] = []
    if neutral.outcome in PracticeOutcome.values:
        outcome = PracticeOutcome(neutral.outcome)
        chips.append((outcome.label, OUTCOME_TONES[outcome]))
    if not (page.facts and page.facts.accepted_at):
        chips.append((_("not yet reviewed by the network"), "quiet"))
    if neutral.mentor_offer == MentorOffer.OPEN:
        chips.append((_("offers to mentor"), ""))
    if neutral.is_looking_for_partners:
        chips.append((_("looking for partners"), ""))
    return chips


def roles_by_side(page: PracticePage) -> list[tuple[str, list[Any]]]:
    """Return the role blocks grouped by side: the reader's side first, then what both share."""
    order = [*[side.value for side in sides_for(page.language)], StepSide.BOTH.value]
    groups = [(side, [b for b in page.roles if b.value.get("side") == side]) for side in order]
    return [(side, blocks) for side, blocks in groups if blocks]


@dataclass(frozen=True, slots=True)
class CostGlance:
    """What one payer bears for a run, in each currency, for the facts at a glance."""

    payer: str
    label: StrOrPromise
    amounts: tuple[tuple[Any, str], ...]
    is_per_person: bool


def cost_glance(tables: Iterable[CostTable]) -> list[CostGlance]:
    """Return what each payer bears for a run, whatever the number of currencies."""
    amounts: dict[Any, list[tuple[Any, str]]] = {}
    for table in tables:
        for row in table.payers:
            if row.sum.each_run:
                amounts.setdefault(row.payer, []).append((row.sum.each_run, table.currency))
    return [
        CostGlance(payer.value, payer.label, tuple(own), payer.value == "participant")
        for payer, own in amounts.items()
    ]
