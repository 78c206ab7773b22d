"""The admin's screens of pages: what every list has, lists of the Partnerships' own pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, Q, QuerySet
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_filters.filters import ChoiceFilter, ModelMultipleChoiceFilter
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import (
    BulkActionsColumn,
    PageStatusColumn,
    PageTitleColumn,
    ParentPageColumn,
)
from wagtail.admin.views.pages.create import AddSubpageView
from wagtail.admin.views.pages.listing import IndexView, PageFilterSet
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.pages import PageListingViewSet, PageViewSet
from wagtail.models import Locale

from partnerships.models import (
    CommunityPage,
    EventPage,
    Membership,
    Partnership,
    PartnershipPage,
    ProgramPage,
)
from partnerships.permissions import standing_of
from portal.permissions import rows_for
from portal.templatetags.portal_tags import localized

LANGUAGE = Column(
    "locale",
    label=_("Language"),
    accessor="locale.get_display_name",
    sort_key="locale",
    classname="wide-only",
)
CHANGED = DateColumn(
    "latest_revision_created_at",
    label=_("Changed"),
    sort_key="latest_revision_created_at",
    width="12%",
    classname="wide-only",
)
STATUS = PageStatusColumn("status", label=_("Status"), sort_key="live", width="12%")


def page_columns(*between: Column) -> list[Any]:
    """Return the columns of a list of pages; `between` stand after the title."""
    title = PageTitleColumn("title", label=_("Title"), sort_key="title", classname="title")
    return [BulkActionsColumn("bulk_actions"), title, *between, LANGUAGE, CHANGED, STATUS]


class PartnershipFilter(ModelMultipleChoiceFilter):
    """Pages at or under the pages of a Partnership, in any language."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Return the pages under any of the chosen Partnerships."""
        if not value:
            return qs
        condition = Q(pk__in=[])
        for path in PartnershipPage.objects.filter(partnership__in=value).values_list("path"):
            condition |= Q(path__startswith=path[0])
        return qs.filter(condition)


class PartnershipOfCommunityFilter(ModelMultipleChoiceFilter):
    """Pages of the communities that belong to a Partnership today."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Return the pages of communities of any of the chosen Partnerships."""
        if not value:
            return qs
        members = Membership.objects.current().filter(partnership__in=value)
        return qs.filter(community__in=members.values("community"))


class StateFilter(ChoiceFilter):
    """Live, changed since, or not public."""

    CHOICES = (
        ("live", _("public")),
        ("changed", _("public, with a draft that is newer")),
        ("draft", _("not public")),
    )
    CONDITIONS: ClassVar[dict[str, Q]] = {
        "live": Q(live=True),
        "changed": Q(live=True, has_unpublished_changes=True),
        "draft": Q(live=False),
    }

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """Return the pages in that state."""
        return qs.filter(self.CONDITIONS[value]) if value in self.CONDITIONS else qs


def own_partnerships(request: HttpRequest) -> QuerySet:
    """Return the Partnerships that a list offers: those for which the person acts."""
    return rows_for(request.user, "choose", Partnership.objects.all())


class StateFilterSet(PageFilterSet):
    """Language and status: what all lists of pages are filtered by."""

    language = ModelMultipleChoiceFilter(
        field_name="locale",
        label=_("Language"),
        queryset=Locale.objects.all(),
        widget=CheckboxSelectMultiple,
    )
    state = StateFilter(
        label=_("Status"), choices=StateFilter.CHOICES, empty_label=_("any"), widget=RadioSelect
    )
    site = None
    has_child_pages = None


class PartnershipFilterSet(StateFilterSet):
    """By Partnership too."""

    partnership = PartnershipFilter(
        label=_("Partnership"), queryset=own_partnerships, widget=CheckboxSelectMultiple
    )
    field_order: ClassVar[list[str]] = ["partnership", "language", "state"]


class CommunityFilterSet(StateFilterSet):
    """By the Partnership that a community belongs to."""

    partnership = PartnershipOfCommunityFilter(
        label=_("Partnership"), queryset=own_partnerships, widget=CheckboxSelectMultiple
    )
    field_order: ClassVar[list[str]] = ["partnership", "language", "state"]


class PageIndexView(IndexView):
    """The list of one page type below the Partnerships: what one may work on, newest first."""

    base_columns: ClassVar[list[Any]] = page_columns(
        ParentPageColumn("parent", label=_("Partnership"))
    )
    show_locale_labels = False  # the language has its own column


class OwnPageIndexView(PageIndexView):
    """The list of the Partnerships' pages, whose title is the Partnership."""

    base_columns: ClassVar[list[Any]] = page_columns()
    default_ordering = "title"


class PartnershipsOfCommunityColumn(Column):
    """To which Partnerships a community belongs today."""

    def get_value(self, instance: Any) -> SafeString:
        names = [each.partnership.name for each in instance.community.current_memberships]
        return format_html_join(", ", "{}", ((localized(name),) for name in names))


class CommunityIndexView(PageIndexView):
    """The list of the communities' pages, with the Partnerships they belong to."""

    base_columns: ClassVar[list[Any]] = page_columns(
        PartnershipsOfCommunityColumn("partnerships", label=_("Partnership"))
    )
    default_ordering = "title"

    def get_base_queryset(self) -> QuerySet:
        """Return the pages, each with its community and that community's Partnerships."""
        current = Membership.objects.current().select_related("partnership")
        return (
            super()
            .get_base_queryset()
            .select_related("community")
            .prefetch_related(
                Prefetch("community__memberships", current, to_attr="current_memberships")
            )
        )


class PageListing(PageListingViewSet):
    """A list of one page type in the menu."""

    index_view_class = PageIndexView
    filterset_class = PartnershipFilterSet
    add_to_admin_menu = False


class PartnershipPageListing(PageListing):
    """The Partnerships' own pages."""

    model = PartnershipPage
    icon = "globe"
    menu_label = _("Partnership pages")
    name = "partnership_pages"
    index_view_class = OwnPageIndexView


class ProgramPageListing(PageListing):
    """Pages of programs."""

    model = ProgramPage
    icon = "group"
    menu_label = _("Program pages")
    name = "program_pages"


class EventPageListing(PageListing):
    """Pages of events."""

    model = EventPage
    icon = "calendar-alt"
    menu_label = _("Event pages")
    name = "event_pages"


class StaffMenuItem(MenuItem):
    """An entry that only network staff see."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the person acts for the whole network."""
        return standing_of(request.user).acts_for_all


class CommunityPageListing(PageListing):
    """Pages of communities: one can belong to several Partnerships, so network staff keep them."""

    model = CommunityPage
    icon = "home"
    menu_label = _("Community pages")
    name = "community_pages"
    menu_item_class = StaffMenuItem
    index_view_class = CommunityIndexView
    filterset_class = CommunityFilterSet


class PagesGroup(ViewSetGroup):
    """The pages of Partnerships and of what they do, as one entry of the menu."""

    menu_label = _("Pages by type")
    menu_name = "pages-by-type"
    menu_icon = "doc-empty"
    menu_order = 105
    items = (PartnershipPageListing, ProgramPageListing, EventPageListing, CommunityPageListing)


class OrderedAddSubpageView(AddSubpageView):
    """The choice of a page type in the order of `subpage_types`: what is told most stands first.

    Wagtail sorts by name: another order in each language, and challenges before stories.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return Wagtail's context with the types in order."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        order = [
            model._meta.label_lower for model in type(self.parent_page).allowed_subpage_models()
        ]
        context["page_types"] = sorted(
            self.page_types, key=lambda each: order.index(f"{each[1]}.{each[2]}")
        )
        return context


class OrderedPageViewSet(PageViewSet):
    """Wagtail's own screens of pages of any type, but for the order in that choice."""

    add_subpage_view_class = OrderedAddSubpageView
