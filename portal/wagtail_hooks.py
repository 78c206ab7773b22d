"""What the portal adds to Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.query import PageQuerySet

from portal.admin_api import keep_files_to_their_own
from portal.content_checker import use_own_checker
from portal.importing.batches import LOG_ACTION
from portal.people import NobodyAssignsGroups, SetActiveState
from portal.waiting import HOOK as WHAT_WAITS
from portal.waiting import WaitingPanel
from portal.waiting_operations import operations
from portal.waiting_pages import drafts, refused, translations

# After Wagtail's own, which these replace.
hooks.register("register_bulk_action", NobodyAssignsGroups, order=10)
hooks.register("register_bulk_action", SetActiveState, order=10)
hooks.register("construct_admin_api", keep_files_to_their_own, order=10)

hooks.register("construct_wagtail_userbar", use_own_checker)
hooks.register(WHAT_WAITS, refused, order=0)
hooks.register(WHAT_WAITS, drafts, order=10)
hooks.register(WHAT_WAITS, translations, order=60)
hooks.register(WHAT_WAITS, operations, order=90)


@hooks.register("construct_homepage_panels")
def what_waits_first(request: HttpRequest, panels: list[Any]) -> None:
    """Put “What waits for me” on the home page."""
    panels.append(WaitingPanel())


@hooks.register("insert_global_admin_css")
def admin_css() -> SafeString:
    """Return the link to the admin's own style sheet."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


class ImportFormatter(LogFormatter):
    """How the history of a page or fact tells of an import."""

    label = _("Import")

    def format_message(self, log_entry: Any) -> str:
        """Return the file and the row that it came from."""
        data = log_entry.data
        return gettext("Imported from “%(file)s”, row %(row)s, as network staff") % {
            "file": data.get("file", ""),
            "row": data.get("row", ""),
        }


@hooks.register("register_log_actions")
def import_in_history(actions: Any) -> None:
    """Let Wagtail's history name what `import_content` did."""
    actions.register_action(LOG_ACTION)(ImportFormatter)


@hooks.register("construct_page_chooser_queryset")
def no_drafts_of_others(pages: PageQuerySet, request: HttpRequest) -> PageQuerySet:
    """Leave drafts that one may not open out of the chooser of pages; Wagtail shows them all."""
    own = policy_registry.get_by_type(Page).explorable_instances(request.user)
    return pages.filter(Q(live=True) | Q(pk__in=own.order_by().values("pk")))
