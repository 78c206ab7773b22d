"""The admin's screens of the facts, grouped as they stand in the menu."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser as generic_chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from partnerships import panels
from partnerships.forms import CommitteeForm, ParticipationForm, people_of
from partnerships.models import (
    BudgetShare,
    Committee,
    Community,
    Event,
    Figure,
    ParticipationRow,
    Partnership,
    PartnershipKind,
    Program,
    RoleAssignment,
    SchoolTwin,
)
from portal.models import User
from portal.row_views import NameSearchForm
from portal.viewsets import UPDATED, ConceptViewSet, NameColumn, RowViewSet, flag_column
from search.viewsets import ExchangeRateViewSet

PARTNERSHIP = NameColumn(
    "partnership", label=_("Partnership"), accessor="partnership.name", sort_key="partnership__name"
)


class StartColumn(Column):
    """The day and hour at which an event starts, by its own clock (Wagtail's says "ago")."""

    def get_value(self, instance: Any) -> str:
        zone = ZoneInfo(instance.time_zone)
        return date_format(localtime(instance.starts_at, zone), "SHORT_DATETIME_FORMAT")


class PartnershipViewSet(RowViewSet):
    """Partnerships: network staff make them, coordinators keep their own."""

    model = Partnership
    icon = "globe"
    list_display: ClassVar[list[Any]] = [
        "name",
        NameColumn("kind", label=_("Kind"), accessor="kind.label"),
        "status",
        "verification",
        "founded_year",
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["status", "verification", "kind"]
    list_select_related = ("kind",)
    ordering = "name"
    search_fields: ClassVar[list[str]] = ["name", "region_name", "slug", "variants__normalized"]
    tabs = panels.PARTNERSHIP_TABS


class CommunityViewSet(RowViewSet):
    """Communities of both sides: coordinators keep the members of theirs."""

    model = Community
    icon = "home"
    list_display: ClassVar[list[Any]] = ["name", "country_code", "size_band", UPDATED]
    list_filter: ClassVar[list[str]] = ["country_code", "size_band"]
    ordering = "name"
    search_fields: ClassVar[list[str]] = ["name", "federation", "slug", "variants__normalized"]
    panels = panels.COMMUNITY_PANELS


class ProgramViewSet(RowViewSet):
    """Programs and what one can do in them."""

    model = Program
    icon = "group"
    list_display: ClassVar[list[Any]] = ["name", PARTNERSHIP, "status", "direction", UPDATED]
    list_filter: ClassVar[list[str]] = ["partnership", "status", "direction"]
    list_select_related = ("partnership",)
    ordering = "name"
    search_fields: ClassVar[list[str]] = ["name", "summary", "slug", "partnership__name"]
    tabs = panels.PROGRAM_TABS


class EventViewSet(RowViewSet):
    """Events."""

    model = Event
    icon = "calendar-alt"
    list_display: ClassVar[list[Any]] = [
        "name",
        PARTNERSHIP,
        StartColumn("starts_at", label=_("Starts"), sort_key="starts_at"),
        flag_column(Event, "involves_minors"),
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["partnership", "involves_minors"]
    list_select_related = ("partnership",)
    ordering = "-starts_at"
    search_fields: ClassVar[list[str]] = ["name", "summary", "partnership__name"]
    panels = panels.EVENT_PANELS


class CommitteeViewSet(RowViewSet):
    """Committees with their seats and decisions."""

    model = Committee
    icon = "clipboard-list"
    list_display: ClassVar[list[Any]] = [
        "name",
        PARTNERSHIP,
        "kind",
        "side",
        flag_column(Committee, "is_active"),
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["partnership", "kind", "side", "is_active"]
    list_select_related = ("partnership",)
    ordering = "name"
    search_fields: ClassVar[list[str]] = ["name", "partnership__name"]
    form_class = CommitteeForm
    panels = panels.COMMITTEE_PANELS


class SchoolTwinViewSet(RowViewSet):
    """The register of twinned schools."""

    model = SchoolTwin
    icon = "link"
    list_display: ClassVar[list[Any]] = [
        "__str__",
        PARTNERSHIP,
        "level",
        "since_year",
        "until_year",
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["partnership", "level"]
    list_select_related = ("partnership",)
    search_fields: ClassVar[list[str]] = ["israel_school", "diaspora_school", "partnership__name"]
    panels = panels.SCHOOL_PANELS


class ParticipationViewSet(RowViewSet):
    """How many took part."""

    model = ParticipationRow
    icon = "user"
    list_display: ClassVar[list[Any]] = [
        "__str__",
        PARTNERSHIP,
        "year",
        "side",
        "mode",
        "method",
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["partnership", "year", "side", "mode"]
    list_select_related = ("partnership", "program")
    ordering = "-year"
    search_fields: ClassVar[list[str]] = ["program__name", "partnership__name"]
    form_class = ParticipationForm
    panels = panels.PARTICIPATION_PANELS


class BudgetShareViewSet(RowViewSet):
    """Which share of a year's budget went to which goal."""

    model = BudgetShare
    icon = "decimal"
    list_display: ClassVar[list[Any]] = ["__str__", PARTNERSHIP, "year", "goal", UPDATED]
    list_filter: ClassVar[list[str]] = ["partnership", "year", "goal"]
    list_select_related = ("partnership",)
    ordering = "-year"
    search_fields: ClassVar[list[str]] = ["partnership__name"]
    panels = panels.BUDGET_PANELS


class FigureViewSet(RowViewSet):
    """Numbers that are quoted, each with source and date."""

    model = Figure
    icon = "openquote"
    list_display: ClassVar[list[Any]] = [
        "__str__",
        PARTNERSHIP,
        "as_of",
        flag_column(Figure, "is_headline"),
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["partnership", "is_headline"]
    list_select_related = ("partnership",)
    search_fields: ClassVar[list[str]] = ["label", "key", "partnership__name"]
    panels = panels.FIGURE_PANELS


class PartnershipKindViewSet(RowViewSet):
    """Kinds of Partnership."""

    model = PartnershipKind
    icon = "list-ul"
    list_display: ClassVar[list[Any]] = [
        "label",
        "key",
        flag_column(PartnershipKind, "is_counted"),
        UPDATED,
    ]
    ordering = "label"
    search_fields: ClassVar[list[str]] = ["label", "key"]
    panels = panels.KIND_PANELS


class RoleAssignmentViewSet(RowViewSet):
    """Who acts for which Partnership and side, and until when."""

    model = RoleAssignment
    icon = "key"
    list_display: ClassVar[list[Any]] = [
        "__str__",
        PARTNERSHIP,
        "side",
        "starts_on",
        "ends_on",
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["role", "partnership", "side"]
    list_select_related = ("partnership", "user")
    search_fields: ClassVar[list[str]] = [
        "user__email",
        "user__first_name",
        "user__last_name",
        "partnership__name",
    ]
    panels = panels.ROLE_PANELS


class PeopleListMixin:
    """Offers the accounts that one may name, by name or address."""

    def get_object_list(self) -> Any:
        return people_of(self.request.user).order_by("last_name", "first_name", "email")  # type: ignore[attr-defined]

    def get_filter_form_class(self) -> Any:
        fields = ["email", "first_name", "last_name"]
        return type("PeopleFilterForm", (NameSearchForm,), {"search_fields": fields})


class PeopleChooseView(PeopleListMixin, generic_chooser.ChooseView):
    """The chooser of people."""


class PeopleChooseResultsView(PeopleListMixin, generic_chooser.ChooseResultsView):
    """Its list, after a search or on another page."""


class PersonChosenView(generic_chooser.ChosenView):
    """Who was chosen; an address typed by hand names nobody else either."""

    def get_object(self, pk: Any) -> Any:
        return people_of(self.request.user).get(pk=pk)


class PeopleChosenView(generic_chooser.ChosenMultipleView):
    """Several who were chosen."""

    def get_objects(self, pks: Any) -> Any:
        return people_of(self.request.user).filter(pk__in=pks)


class PeopleChooserViewSet(ChooserViewSet):
    """The chooser of accounts: coordinators see the people of their own Partnership only."""

    model = User
    icon = "user"
    choose_one_text = _("Choose a person")
    choose_another_text = _("Choose another person")
    edit_item_text = _("Edit this person")
    choose_view_class = PeopleChooseView
    choose_results_view_class = PeopleChooseResultsView
    chosen_view_class = PersonChosenView
    chosen_multiple_view_class = PeopleChosenView


class PartnershipsGroup(SnippetViewSetGroup):
    """What a Partnership is and does."""

    menu_label = _("Partnerships")
    menu_icon = "globe"
    menu_name = "partnerships"
    menu_order = 150
    items = (
        PartnershipViewSet,
        CommunityViewSet,
        ProgramViewSet,
        EventViewSet,
        CommitteeViewSet,
        SchoolTwinViewSet,
    )


class FiguresGroup(SnippetViewSetGroup):
    """What is counted."""

    menu_label = _("Figures")
    menu_icon = "table"
    menu_name = "figures"
    menu_order = 160
    items = (ParticipationViewSet, BudgetShareViewSet, FigureViewSet, ExchangeRateViewSet)


class VocabularyGroup(SnippetViewSetGroup):
    """The words of the field."""

    menu_label = _("Vocabulary")
    menu_icon = "tag"
    menu_name = "vocabulary"
    menu_order = 170
    items = (ConceptViewSet, PartnershipKindViewSet)


class PeopleGroup(SnippetViewSetGroup):
    """Who acts for whom."""

    menu_label = _("People")
    menu_icon = "user"
    menu_name = "people"
    menu_order = 180
    items = (RoleAssignmentViewSet,)
