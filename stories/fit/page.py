"""The public page “Would it fit us?” of a practice: `…/fit/?for=<community or Partnership>`.

No cookie, no session: the choice stands in the address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.http import HttpRequest
from django.utils import timezone

from partnerships.enums import Side
from partnerships.presentation.public import PublicScope
from portal.blocks import plain_text
from portal.fields import text_direction
from stories.enums import CostPayer
from stories.library_facts import told_costs
from stories.matching.limits import Verdict, language_codes
from stories.models.adoptions import Outcome
from stories.models.lineage import AdoptionSource

from .profiles import asker_of, choices_for
from .rules import fit_rows
from .table import Need, PracticeNeeds, Report, Row

if TYPE_CHECKING:
    from stories.models import PracticePage

#: In which parts of a practice taken over an answer to each need is told (stories.sections).
ANSWERED_IN = {
    Need.LANGUAGES: ("languages", "how"),
    Need.BUDGET: ("cost",),
    Need.STAFF: ("who",),
    Need.SIZE: ("whom",),
    Need.SEASON: ("when",),
    Need.WEATHER: ("when", "how"),
    Need.SCHOOL: ("when",),
    Need.HOURS: ("when", "how"),
    Need.HOLIDAYS: ("when",),
    Need.SECURITY: ("care", "how"),
}
#: The part that speaks of other places in general.
FOR_ANY_PLACE = "transfer"
MOST_ADAPTATIONS = 3
MOST_REPORTS = 3
MAX_SLUG = 120


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What a Partnership that took the practice over changed, in its own language."""

    section: str
    text: str
    title: str
    url: str
    language: str

    @property
    def direction(self) -> str:
        """Writing direction of its language."""
        return text_direction(self.language)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row, and how others got round what blocks."""

    row: Row
    adaptations: tuple[Adaptation, ...] = ()


def fit_context(page: PracticePage, request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows for the address."""
    scope = PublicScope.of()
    slug = request.GET.get("for", "").strip()[:MAX_SLUG]
    asker = asker_of(slug, scope) if slug and "\x00" not in slug else None
    rows: list[ShownRow] = []
    if asker is not None:
        children = public_children(page, scope)
        needs = replace(needs_of(page, asker.sides), reports=reports_of(children, page))
        table = fit_rows(needs, asker.profile, timezone.localdate(), page.language)
        known = known_adaptations(children)
        rows = [_shown(row, known) for row in table]
    return {
        "asker": asker,
        "asked_for": slug,
        "choices": choices_for(page.language, scope),
        "rows": rows,
        "has_blocks": any(shown.row.verdict == Verdict.BLOCK for shown in rows),
        "noindex": True,
    }


def _shown(row: Row, known: list[Adaptation]) -> ShownRow:
    if row.verdict != Verdict.BLOCK:
        return ShownRow(row)
    fitting = [each for each in known if each.section in ANSWERED_IN[row.need]]
    fitting = fitting or [each for each in known if each.section == FOR_ANY_PLACE]
    return ShownRow(row, tuple(fitting[:MOST_ADAPTATIONS]))


def needs_of(page: PracticePage, sides: frozenset[str]) -> PracticeNeeds:
    """Return what a practice takes of those sides; what it does not tell is None or empty."""
    neutral = page.neutral
    cost, once, participant = None, 0.0, 0.0
    sums = told_costs(page, page.rates)
    if sums is not None:
        payers = {Side.ISRAEL.value: CostPayer.ISRAEL, Side.DIASPORA.value: CostPayer.DIASPORA}
        own = [sums[payers[side]] for side in sorted(sides) if payers[side] in sums]
        cost = float(sum(each.each_run + each.once for each in own))
        once = float(sum(each.once for each in own))
        if CostPayer.PARTICIPANT in sums:
            each = sums[CostPayer.PARTICIPANT]
            participant = float(each.each_run + each.once)
    weeks = None
    if neutral.lead_time_weeks is not None:
        weeks = neutral.lead_time_weeks + -(-(neutral.duration_days or 0) // 7)
    return PracticeNeeds(
        languages=language_codes(neutral.activity_languages),
        has_interpretation=bool(page.interpretation),
        cost=cost,
        cost_once=once,
        cost_participant=participant,
        staff_hours=paid_hours(page, sides),
        weeks=weeks,
        group_size=neutral.group_size,
        direction=neutral.direction,
        season=neutral.season,
        ages=(neutral.age_from, neutral.age_to),
        duration_days=neutral.duration_days,
        security_need=neutral.security_need,
        weather_need=neutral.weather_need,
    )


def paid_hours(page: PracticePage, sides: frozenset[str]) -> int | None:
    """Return the paid hours of a run on those sides, as the page first told counts them.

    None where no roles are told, or a paid one of these sides does not tell its hours.
    """
    first: Any = page.page_first_told
    told = first if first is not None and first.live else page
    roles = [block.value for block in told.roles]
    own = [
        (role.get("people") or 1, role.get("hours"))
        for role in roles
        if not role.get("is_volunteer") and role.get("side") in {*sides, "both"}
    ]
    if not roles or any(hours is None for _people, hours in own):
        return None
    return sum(people * hours for people, hours in own)


def public_children(page: PracticePage, scope: PublicScope) -> list[Any]:
    """Return public pages of those that took it over, in the reader's language if they can be.

    The newest first; a fixed number of queries.
    """
    taken = AdoptionSource.objects.filter(parent=page.translation_key)
    pages = (
        apps.get_model("stories", "PracticePage")
        ._default_manager.live()
        .filter(scope.hidden, translation_key__in=taken.values("adoption_id"))
        .select_related("locale")
        .order_by("-first_published_at", "pk")
    )
    chosen: dict[Any, Any] = {}
    for child in pages:
        known = chosen.get(child.translation_key)
        if known is None or (known.language != page.language and child.language == page.language):
            chosen[child.translation_key] = child
    return list(chosen.values())


def known_adaptations(children: Sequence[Any]) -> list[Adaptation]:
    """Return what Partnerships that took it over tell of their changes, in their own words."""
    return [
        Adaptation(
            section=block.value["section"],
            text=text,
            title=child.title,
            url=child.url or "",
            language=child.language,
        )
        for child in children
        for block in child.adaptations
        if (text := plain_text(str(block.value.get("text") or "")))
    ]


def reports_of(children: Sequence[Any], page: PracticePage) -> tuple[Report, ...]:
    """Return the last outcome that each of them reported (one query); money by today's rates."""
    keys = [child.translation_key for child in children]
    rows = Outcome.objects.filter(adoption__in=keys).order_by("months", "pk")
    last = {row.adoption_id: row for row in rows}
    reports = []
    for child in children:
        row = last.get(child.translation_key)
        if row is None or (row.reached is None and row.cost_amount is None):
            continue
        cost = None
        if row.cost_amount is not None:
            cost = page.rates.convert(row.cost_amount, row.cost_currency)
        reports.append(Report(child.title, row.reached, None if cost is None else float(cost)))
    return tuple(reports[:MOST_REPORTS])
