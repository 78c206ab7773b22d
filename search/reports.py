"""The admin's reports: what is searched for, what is not found, how the index is."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.conf import settings
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.views.reports import ReportView
from wagtail.permissions import policy_registry

from portal.models import PortalDocument, ScheduledJob
from portal.tasks import enqueue_once
from portal.text import harmless_cell
from search.metrics import NAMES
from search.models import DocumentState, DocumentText, SearchCount
from search.query import LANGUAGE
from search.services.documents import read_anew
from search.services.labels import labels_of
from search.services.status import engine_state, library_status
from search.tasks import rebuild_everything

#: So many documents without text are listed by name.
MAX_LISTED = 100


class StaffMixin(PermissionCheckedMixin):
    """For those who look after the network's searches."""

    permission_required = "change"

    @property
    def permission_policy(self) -> Any:
        """The policy of the counts."""
        return policy_registry.get_by_type(SearchCount)


class SearchFilterSet(WagtailFilterSet):
    """Days and language."""

    day = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Day"), widget=DateRangePickerWidget
    )
    language = django_filters.ChoiceFilter(
        label=gettext_lazy("Language"), choices=lambda: settings.LANGUAGES
    )

    class Meta:
        model = SearchCount
        fields: ClassVar[list[str]] = ["day", "language"]


class LanguageColumn(Column):
    """A language by its name."""

    def get_value(self, instance: Any) -> Any:
        code = super().get_value(instance)
        return labels_of(LANGUAGE, [code], "en").get(code, code)


class SearchReportView(StaffMixin, ReportView):
    """What was searched for, the most frequent first; no more than text, language, counts."""

    model = SearchCount
    page_title = gettext_lazy("Searches")
    header_icon = "search"
    index_url_name = "wagtailadmin_search_report"
    index_results_url_name = "wagtailadmin_search_report_results"
    filterset_class = SearchFilterSet
    is_searchable = False
    default_ordering = "-searches"
    export_filename = "searches"
    list_export: ClassVar[list[str]] = ["text", "language", "searches", "last_found", "last_day"]
    export_headings: ClassVar[dict[str, Any]] = {
        "text": gettext_lazy("Searched for"),
        "language": gettext_lazy("Language"),
        "searches": gettext_lazy("Searches"),
        "last_found": gettext_lazy("Found the last time"),
        "last_day": gettext_lazy("Last day"),
    }
    custom_field_preprocess: ClassVar[dict[str, Any]] = {
        "text": dict.fromkeys(SpreadsheetExportMixin.FORMATS, harmless_cell)
    }
    columns: ClassVar[list[Column]] = [
        Column("text", label=gettext_lazy("Searched for"), sort_key="text"),
        LanguageColumn("language", label=gettext_lazy("Language"), sort_key="language"),
        Column("searches", label=gettext_lazy("Searches"), sort_key="searches"),
        Column("last_found", label=gettext_lazy("Found the last time"), sort_key="last_found"),
        DateColumn("last_day", label=gettext_lazy("Last day"), sort_key="last_day"),
    ]
    #: Only what found nothing the last time.
    is_empty_only = False

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return a row for each text and language of the chosen days."""
        rows = super().filter_queryset(queryset)
        latest = SearchCount.objects.filter(
            text=OuterRef("text"), language=OuterRef("language")
        ).order_by("-day")
        rows = (
            rows.order_by()
            .values("text", "language")
            .annotate(
                searches=Sum("count"),
                last_day=Max("day"),
                last_found=Subquery(latest.values("found")[:1]),
            )
        )
        if self.is_empty_only:
            rows = rows.filter(last_found=0)
        return rows.order_by(*self._order(), "text", "language")

    def _order(self) -> list[str]:
        asked = self.request.GET.get("ordering") or self.default_ordering
        known = {column.sort_key for column in self.columns}
        return [asked if asked.removeprefix("-") in known else self.default_ordering]

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the order to `filter_queryset`: it orders by what it counts."""
        return queryset

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say what is kept."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["verbose_name_plural"] = _("searches")
        return context


class EmptySearchReportView(SearchReportView):
    """What was searched for and not found: what the network lacks, or says in other words."""

    page_title = gettext_lazy("Searches without result")
    header_icon = "warning"
    index_url_name = "wagtailadmin_search_report_empty"
    index_results_url_name = "wagtailadmin_search_report_empty_results"
    export_filename = "searches-without-result"
    is_empty_only = True


class IndexStatusView(StaffMixin, WagtailAdminTemplateMixin, TemplateView):
    """How the index is, and documents that give no text; POST rebuilds or reads again."""

    template_name = "search/admin/index_status.html"
    page_title = gettext_lazy("Index of the library")
    header_icon = "cogs"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add engines, rows and documents."""
        states = dict(
            DocumentText.objects.order_by()
            .values_list("state")
            .annotate(number=Count("pk"))
            .values_list("state", "number")
        )
        without_text = DocumentText.objects.exclude(
            state__in=[DocumentState.READ, DocumentState.UNSUPPORTED]
        )
        return super().get_context_data(
            status=library_status(),
            engine_state=engine_state(),
            count_names=NAMES.values(),
            jobs=ScheduledJob.objects.filter(name__startswith="library:").order_by("name"),
            states=[(state.label, states.get(state, 0)) for state in DocumentState],
            documents=without_text.select_related("document").order_by("state", "pk")[:MAX_LISTED],
            document_count=PortalDocument.objects.count(),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Queue a rebuild, or let documents be read again."""
        if request.POST.get("action") == "rebuild":
            if enqueue_once(rebuild_everything):
                messages.success(request, _("The index is built anew; searches go on meanwhile."))
            else:
                messages.warning(request, _("A rebuild waits already."))
        elif request.POST.get("action") == "documents":
            count = read_anew()
            messages.success(request, _("%(count)d documents are read again.") % {"count": count})
        return redirect(reverse("wagtailadmin_search_index"))
