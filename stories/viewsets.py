"""The admin's lists of practices, stories, challenges and resources."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.utils.translation import gettext_lazy as _
from django_filters.filters import (
    ChoiceFilter,
    ModelMultipleChoiceFilter,
    MultipleChoiceFilter,
)
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import (
    BulkActionsColumn,
    PageStatusColumn,
    PageTitleColumn,
    ParentPageColumn,
)
from wagtail.admin.views.pages.listing import IndexView, PageFilterSet
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.models import Locale

from partnerships.models import Partnership, PartnershipPage
from stories.enums import PracticeOutcome
from stories.models import ChallengePage, PracticePage, ResourcePage, StoryPage


class PartnershipFilter(ModelMultipleChoiceFilter):
    """Pages under the pages of a Partnership, in any language."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Return the pages under any of the chosen Partnerships."""
        if not value:
            return qs
        condition = Q(pk__in=[])
        for path in PartnershipPage.objects.filter(partnership__in=value).values_list("path"):
            condition |= Q(path__startswith=path[0])
        return qs.filter(condition)


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


class StoryFilterSet(PageFilterSet):
    """What all lists are filtered by."""

    partnership = PartnershipFilter(
        label=_("Partnership"),
        queryset=Partnership.objects.all(),
        widget=CheckboxSelectMultiple,
    )
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


class PracticeFilterSet(StoryFilterSet):
    """Practices also by how it went."""

    outcome = MultipleChoiceFilter(
        label=_("How it went"),
        choices=PracticeOutcome.choices,
        widget=CheckboxSelectMultiple,
    )


class StoryIndexView(IndexView):
    """The list of one page type: what an editor may work on, newest first."""

    base_filterset_class = StoryFilterSet
    base_columns: ClassVar[list[Any]] = [
        BulkActionsColumn("bulk_actions"),
        PageTitleColumn("title", label=_("Title"), sort_key="title", classname="title"),
        ParentPageColumn("parent", label=_("Partnership")),
        Column(
            "locale",
            label=_("Language"),
            accessor="locale.get_display_name",
            sort_key="locale",
            classname="wide-only",
        ),
        DateColumn(
            "latest_revision_created_at",
            label=_("Changed"),
            sort_key="latest_revision_created_at",
            width="12%",
            classname="wide-only",
        ),
        PageStatusColumn("status", label=_("Status"), sort_key="live", width="12%"),
    ]
    show_locale_labels = False  # the language has its own column


class StoryListing(PageListingViewSet):
    """A list of one page type in the menu."""

    index_view_class = StoryIndexView
    filterset_class = StoryFilterSet
    add_to_admin_menu = False


class PracticeListing(StoryListing):
    """Practices: the recipes."""

    model = PracticePage
    icon = "list-ol"
    menu_label = _("Practices")
    name = "practices"
    filterset_class = PracticeFilterSet


class StoriesListing(StoryListing):
    """Stories: what happened."""

    model = StoryPage
    icon = "openquote"
    menu_label = _("Stories")
    name = "stories"


class ChallengeListing(StoryListing):
    """Challenges: what is hard."""

    model = ChallengePage
    icon = "help"
    menu_label = _("Challenges")
    name = "challenges"


class ResourceListing(StoryListing):
    """Resources: what one can take."""

    model = ResourcePage
    icon = "doc-full"
    menu_label = _("Resources")
    name = "resources"


class StoriesGroup(ViewSetGroup):
    """All that Partnerships tell, as one entry of the menu."""

    menu_label = _("Stories and practices")
    menu_icon = "openquote"
    menu_order = 110
    items = (PracticeListing, StoriesListing, ChallengeListing, ResourceListing)
