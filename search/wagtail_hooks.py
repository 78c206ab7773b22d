"""What the library adds to Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.views.generic import View
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from portal.models import PortalDocument
from portal.network_address import keep_from_caches, to_the_door
from portal.visibility import belongs_to_network
from search.document_handlers import note_changed_documents
from search.reports import EmptySearchReportView, IndexStatusView, SearchReportView
from search.services.documents import is_for_network
from search.viewsets import SearchGroup

register_snippet(SearchGroup)


def _address(route: str, view: type[View], name: str, **options: Any) -> URLPattern:
    return path(f"search-library/{route}/", view.as_view(**options), name=f"wagtailadmin_{name}")


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Return the addresses of the reports and of the index."""
    return [
        _address("searches", SearchReportView, "search_report"),
        _address("searches/results", SearchReportView, "search_report_results", results_only=True),
        _address("searches/empty", EmptySearchReportView, "search_report_empty"),
        _address(
            "searches/empty/results",
            EmptySearchReportView,
            "search_report_empty_results",
            results_only=True,
        ),
        _address("index", IndexStatusView, "search_index"),
    ]


@hooks.register("before_serve_document")
def only_to_the_network(document: PortalDocument, request: HttpRequest) -> HttpResponse | None:
    """Give a file that is for the network to its people alone; other files ask for nobody."""
    if not is_for_network(document):
        return None
    user: Any = request.user
    if not user.is_authenticated:
        return to_the_door(request, get_language() or settings.LANGUAGE_CODE)
    if not belongs_to_network(user):
        raise PermissionDenied
    keep_from_caches(request)
    return None


@hooks.register("after_bulk_action")
def note_moved_documents(request: Any, action_type: str, objects: list[Any], action: Any) -> None:
    """Hear of documents that a bulk change put into another collection; it sends no signal."""
    if action_type == "add_to_collection" and any(isinstance(o, PortalDocument) for o in objects):
        note_changed_documents([one.pk for one in objects])
