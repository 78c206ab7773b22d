"""The admin's lists of practices, stories, challenges and resources."""

from __future__ import annotations

from typing import ClassVar

from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters.filters import MultipleChoiceFilter
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSetGroup

from partnerships.page_viewsets import PageListing, PartnershipFilterSet
from stories.enums import PracticeOutcome
from stories.models import ChallengePage, PracticePage, ResourcePage, StoryPage
from stories.services.shares import acting_for


class PracticeFilterSet(PartnershipFilterSet):
    """Practices also by how it went."""

    outcome = MultipleChoiceFilter(
        label=_("How it went"),
        choices=PracticeOutcome.choices,
        widget=CheckboxSelectMultiple,
    )
    field_order: ClassVar[list[str]] = [*PartnershipFilterSet.field_order, "outcome"]


class PracticeListing(PageListing):
    """Practices: the recipes."""

    model = PracticePage
    icon = "list-ol"
    menu_label = _("Practices")
    name = "practices"
    filterset_class = PracticeFilterSet


class StoriesListing(PageListing):
    """Stories: what happened."""

    model = StoryPage
    icon = "openquote"
    menu_label = _("Stories")
    name = "stories"


class ChallengeListing(PageListing):
    """Challenges: what is hard."""

    model = ChallengePage
    icon = "help"
    menu_label = _("Challenges")
    name = "challenges"


class ResourceListing(PageListing):
    """Resources: what one can take."""

    model = ResourcePage
    icon = "doc-full"
    menu_label = _("Resources")
    name = "resources"


class SharingMenuItem(MenuItem):
    """An item for those who recommend and answer for some Partnership."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the person does."""
        return acting_for(request.user) != set()


class StoriesGroup(ViewSetGroup):
    """All that Partnerships tell, as one entry of the menu."""

    menu_label = _("Stories and practices")
    menu_icon = "openquote"
    menu_order = 110
    items = (StoriesListing, PracticeListing, ChallengeListing, ResourceListing)

    def get_submenu_items(self) -> list[MenuItem]:
        """Return the lists, and the recommendations between Partnerships."""
        items: list[MenuItem] = super().get_submenu_items()
        url = reverse("wagtailadmin_shares")
        brought = reverse("wagtailadmin_adoptions")
        items.append(SharingMenuItem(_("Brought over"), brought, icon_name="copy", order=45))
        items.append(SharingMenuItem(_("Recommendations"), url, icon_name="link", order=50))
        return items
