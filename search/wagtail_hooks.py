"""What the library adds to Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path
from django.views.generic import View
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from portal.models import PortalDocument
from search.document_handlers import note_changed_documents
from search.reports import EmptySearchReportView, IndexStatusView, SearchReportView
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


@hooks.register("after_bulk_action")
def note_moved_documents(request: Any, action_type: str, objects: list[Any], action: Any) -> None:
    """Hear of documents that a bulk change put into another collection; it sends no signal."""
    if action_type == "add_to_collection" and any(isinstance(o, PortalDocument) for o in objects):
        note_changed_documents([one.pk for one in objects])
