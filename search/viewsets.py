"""The admin's screens of what the library is told by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import UpdatedAtColumn

from portal.viewsets import RowViewSet
from search.models import ExchangeRate


class ExchangeRateViewSet(RowViewSet):
    """The rates by which the library compares costs; the latest of each currency is in force."""

    model = ExchangeRate
    icon = "history"
    list_display: ClassVar[list[Any]] = [
        "currency",
        "per_euro",
        "as_of",
        "source",
        UpdatedAtColumn(),
    ]
    list_filter: ClassVar[list[str]] = ["currency"]
    ordering: ClassVar[list[str]] = ["currency", "-as_of"]
    search_fields: ClassVar[list[str]] = ["currency", "source"]
    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("currency"), FieldPanel("per_euro")]),
        FieldPanel("as_of"),
        FieldPanel("source"),
    ]
