"""What the Partnerships add to Wagtail's admin."""

from __future__ import annotations

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from partnerships.page_viewsets import OrderedPageViewSet, PagesGroup
from partnerships.viewsets import (
    FiguresGroup,
    PartnershipsGroup,
    PeopleChooserViewSet,
    PeopleGroup,
    VocabularyGroup,
)
from partnerships.waiting import facts_that_wait
from portal.row_views import RowDeleteBulkAction
from portal.waiting import HOOK as WHAT_WAITS

for group in (PartnershipsGroup, FiguresGroup, VocabularyGroup, PeopleGroup):
    register_snippet(group)

# After Wagtail's own, which it replaces for the facts.
hooks.register("register_bulk_action", RowDeleteBulkAction, order=10)

hooks.register(WHAT_WAITS, facts_that_wait, order=30)


@hooks.register("register_admin_viewset")
def people_chooser() -> PeopleChooserViewSet:
    """Return the chooser of accounts."""
    return PeopleChooserViewSet("people_chooser", url_prefix="people-chooser")


@hooks.register("register_admin_viewset")
def pages_by_type() -> PagesGroup:
    """Return the lists of pages."""
    return PagesGroup()


@hooks.register("register_admin_viewset", order=10)
def page_screens() -> OrderedPageViewSet:
    """Return the screens of pages; after Wagtail's own, which they replace."""
    return OrderedPageViewSet()
