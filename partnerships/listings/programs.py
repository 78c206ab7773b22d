"""The list of programs: how can I take part first, open ones before closed ones.

Whoever lives somewhere or has an age is measured by the way to take part, never by the program
(USERS A1): a host is not filtered out by the participants' age.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.paginator import Page as PaginatorPage
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.http import HttpRequest
from django.utils.translation import gettext as _

from partnerships.enums import Direction, ProgramStatus, Side, WayKind
from partnerships.models.partnerships import Partnership
from partnerships.models.programs import Program, WayToTakePart
from partnerships.presentation.public import PageLink, PublicScope, page_links
from partnerships.presentation.ways import WayView, fitting_age, in_order, way_views, within_ages
from partnerships.querysets import ProgramQuerySet, WayToTakePartQuerySet
from portal.demonstration import any_demo
from portal.fields import in_language
from portal.listing import Choice, Filter, FilterSet, page_of
from portal.models import Concept
from portal.text import normalize_name

PER_PAGE = 24


@dataclass(slots=True)
class ProgramRow:
    """One program in a list, with its ways to take part and where to read of it."""

    program: Program
    ways: list[WayView]
    page: PageLink | None = None
    partnership_page: PageLink | None = None

    @property
    def is_demo(self) -> bool:
        """Whether the program is invented."""
        return self.program.is_demo

    @property
    def is_open(self) -> bool:
        """Whether one can apply for something in it now."""
        return any(view.is_open for view in self.ways)

    @property
    def status_word(self) -> str:
        """What to say of its status; nothing while it runs."""
        status = ProgramStatus(self.program.status)
        return "" if status == ProgramStatus.RUNNING else str(status.label)


@dataclass(slots=True)
class ProgramList:
    """What the page shows."""

    filters: FilterSet
    page_obj: PaginatorPage
    rows: list[ProgramRow]
    total: int
    open_count: int
    all_count: int
    kinds: list[tuple[Choice, str]]
    notes: list[str] = field(default_factory=list)

    @property
    def shows_demo(self) -> bool:
        """Whether one of the programs on this page of the list is invented."""
        return any_demo(self.rows)

    @property
    def person_filters(self) -> list[Filter]:
        """What a visitor says of herself, beside the kinds of ways (links above the form)."""
        return [self.filters[name] for name in ("side", "age", "open")]

    @property
    def more_filters(self) -> list[Filter]:
        """The filters behind "more": of the program, not of the visitor."""
        return [self.filters[name] for name in ("direction", "type", "partnership")]

    @property
    def has_chosen_more(self) -> bool:
        """Whether one of those is in force."""
        return any(one.value for one in self.more_filters)


def program_rows(
    programs: list[Program], language: str, scope: PublicScope, request: HttpRequest | None = None
) -> list[ProgramRow]:
    """Return rows of programs with their pages (two queries); prefetch `ways` before."""
    pages = page_links(Program, programs, language, scope, request)
    partnerships = {program.partnership_id: program.partnership for program in programs}
    homes = page_links(Partnership, partnerships.values(), language, scope, request)
    return [
        ProgramRow(
            program,
            way_views(program),
            pages.get(program.pk),
            homes.get(program.partnership_id),
        )
        for program in programs
    ]


def open_first(programs: ProgramQuerySet, ways: WayToTakePartQuerySet) -> ProgramQuerySet:
    """Order programs: with an open one of `ways` first, running before ended, nearest deadline."""
    own_open = ways.open_on().filter(program=OuterRef("pk"))
    deadline = own_open.order_by().values("program").annotate(first=Min("deadline"))
    return programs.annotate(
        has_open=Exists(own_open),
        next_deadline=Subquery(deadline.values("first")[:1]),
        state_order=Case(
            When(status=ProgramStatus.RUNNING, then=Value(0)),
            When(status=ProgramStatus.PAUSED, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        ),
        no_deadline=Case(
            When(Q(next_deadline__isnull=True), then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        ),
    ).order_by(
        "-has_open",
        "state_order",
        "no_deadline",
        "next_deadline",
        in_language("name"),
        "pk",
    )


def open_kind_counts(programs: ProgramQuerySet) -> dict[str, int]:
    """Return how many programs have an open way of each kind (one query)."""
    ways = WayToTakePart.objects.open_on().filter(program__in=programs.order_by().values("pk"))
    rows = ways.order_by().values_list("kind").annotate(count=Count("program", distinct=True))
    return dict(rows)


def _filters(programs: ProgramQuerySet, scope: PublicScope) -> list[Filter]:
    """Return the filters with the values that there are (two queries)."""
    types = Concept.objects.filter(Exists(programs.filter(type=OuterRef("pk"))))
    homes = scope.partnerships().filter(Exists(programs.filter(partnership=OuterRef("pk"))))

    def by_name(choices: list[Choice]) -> list[Choice]:
        return sorted(choices, key=lambda choice: normalize_name(str(choice.label)))

    return [
        Filter(
            "take",
            _("How can I take part?"),
            choices=[Choice(value, label) for value, label in WayKind.choices],
            any_label=_("any way"),
        ),
        Filter(
            "side",
            _("Where do you live?"),
            choices=[Choice(Side.DIASPORA, _("abroad")), Choice(Side.ISRAEL, _("in Israel"))],
            any_label=_("anywhere"),
        ),
        Filter("age", _("Your age"), kind="number"),
        Filter("open", _("Open now"), kind="check", choices=[Choice("1", _("yes"))]),
        Filter(
            "direction",
            _("Who travels where"),
            choices=[Choice(value, label) for value, label in Direction.choices],
            any_label=_("any direction"),
        ),
        Filter(
            "type",
            _("Kind of program"),
            choices=by_name([Choice(concept.key, str(concept)) for concept in types]),
            any_label=_("any kind"),
        ),
        Filter(
            "partnership",
            _("Partnership"),
            choices=by_name([Choice(home.slug, str(home.name)) for home in homes]),
            any_label=_("all Partnerships"),
        ),
    ]


def _fitting_ways(filters: FilterSet) -> WayToTakePartQuerySet:
    """Return the ways that fit what the visitor says of herself; one way must fit all of it."""
    ways: WayToTakePartQuerySet = WayToTakePart.objects.all()
    if kind := filters["take"].value:
        ways = ways.filter(kind=kind)
    if side := filters["side"].value:
        ways = ways.filter(Q(side=side) | Q(side=""))
    if age := filters["age"].value:
        ways = ways.filter(fitting_age(int(age)))
    return ways.open_on() if filters["open"].value else ways


def _narrowed(
    programs: ProgramQuerySet, filters: FilterSet, ways: WayToTakePartQuerySet
) -> ProgramQuerySet:
    """Return the programs that fit the filters."""
    of_person = {"take", "side", "age", "open"} & filters.values.keys()
    if of_person:
        fits = Q(Exists(ways.filter(program=OuterRef("pk"))))
        if of_person == {"age"}:
            # Nobody has said yet how to take part: the program's own ages speak.
            without = ~Exists(WayToTakePart.objects.filter(program=OuterRef("pk")))
            fits |= Q(without) & within_ages("", int(filters["age"].value))
        programs = programs.filter(fits)
    if direction := filters["direction"].value:
        wanted = {direction}
        if direction in (Direction.TO_ISRAEL, Direction.FROM_ISRAEL):
            wanted.add(Direction.BOTH)
        programs = programs.filter(direction__in=wanted)
    if type_key := filters["type"].value:
        programs = programs.filter(type__key=type_key)
    if slug := filters["partnership"].value:
        programs = programs.filter(partnership__slug=slug)
    return programs


def build_program_list(request: HttpRequest, language: str) -> ProgramList:
    """Return the list of programs as the address of `request` asks for it."""
    scope = PublicScope.of()
    everything = scope.programs()
    filters = FilterSet.read(request.GET, _filters(everything, scope))
    ways = _fitting_ways(filters)
    found = _narrowed(everything, filters, ways)
    ordered = open_first(found, ways).for_public_display()
    page_obj, notes = page_of(ordered, request.GET.get("page"), PER_PAGE)
    rows = program_rows(list(page_obj.object_list), language, scope, request)
    if kind := filters["take"].value:
        for row in rows:
            row.ways = [view for view in row.ways if view.way.kind == kind]
    counts = open_kind_counts(everything)
    return ProgramList(
        filters=filters,
        page_obj=page_obj,
        rows=rows,
        total=page_obj.paginator.count,
        open_count=found.filter(Exists(ways.open_on().filter(program=OuterRef("pk")))).count(),
        all_count=everything.count(),
        kinds=[
            (
                Choice(choice.value, choice.label, counts.get(choice.value, 0)),
                filters.query_with(take=choice.value),
            )
            for choice in filters["take"].choices
        ],
        notes=[*filters.notes, *notes],
    )


def open_ways(
    scope: PublicScope, language: str, limit: int, request: HttpRequest | None = None
) -> list[tuple[WayView, ProgramRow]]:
    """Return ways that are open now in all programs, nearest deadline first, one a program."""
    programs = list(
        open_first(scope.programs(), WayToTakePart.objects.all())
        .filter(has_open=True)
        .for_public_display()[:limit]
    )
    rows = program_rows(programs, language, scope, request)
    return [(in_order(row.ways)[0], row) for row in rows]
