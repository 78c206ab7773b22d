"""“Where your Partnership stands”; for the network's staff the same over all, and as a file."""

from __future__ import annotations

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from partnerships.models import Partnership
from partnerships.querysets import PartnershipQuerySet
from portal.fields import in_language, text_direction
from portal.text import harmless_cell, isolate
from stories.questions import rights
from stories.questions.views import WorkView
from stories.standing import Count, Standing, standings


class StandingView(WorkView):
    """The numbers of the own Partnerships, or of all; `?format=csv` gives the file."""

    template_name = "stories/questions/standing.html"
    header_icon = "table"

    def get_page_title(self) -> str:
        """Return whose numbers these are."""
        if rights.is_staff(self.request.user):
            return _("Where the Partnerships stand")
        return _("Where your Partnership stands")

    def partnerships(self) -> PartnershipQuerySet:
        """Return the Partnerships in reach, by name."""
        rows = Partnership.objects.running().order_by(in_language("name"), "pk")
        if rights.is_staff(self.request.user):
            return rows
        return rows.filter(pk__in=rights.own_partnerships(self.request.user))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the numbers, or give them as a file."""
        counts, rows = standings(self.partnerships())
        if request.GET.get("format") == "csv":
            return _as_csv(counts, rows)
        return self.render_to_response(
            self.get_context_data(
                counts=counts,
                rows=rows,
                is_one=len(rows) == 1,
                totals=[
                    sum(row.cells[place].number for row in rows) for place in range(len(counts))
                ],
                with_links=self.in_admin,
            )
        )


def _numbers(row: Standing) -> list[int]:
    return [cell.number for cell in row.cells]


def _as_csv(counts: list[Count], rows: list[Standing]) -> HttpResponse:
    """Return the numbers as CSV that no spreadsheet takes for formulas."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="partnerships-{day}.csv"'
    response.write("\ufeff")  # spreadsheets take it for UTF-8 then
    writer = csv.writer(response)
    writer.writerow([_("Partnership"), *[harmless_cell(count.heading) for count in counts]])
    for row in rows:
        writer.writerow([_name_of(row.partnership), *[cell.number for cell in row.cells]])
    return response


def _name_of(partnership: Partnership) -> str:
    """Return the name, kept in one piece where it runs in the other direction."""
    reader = get_language() or "en"
    language = partnership.name.language_for(reader)
    name = harmless_cell(partnership.name.in_language(reader) or partnership.slug)
    if text_direction(language) == text_direction(reader):
        return name
    return isolate(name)
