"""The admin's screens of the search, and of what the library is told by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.admin.ui.tables import Column
from wagtail.permissions import policy_registry
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from portal.viewsets import UPDATED, RowViewSet
from search.models import ExchangeRate, PromotedResult, SearchCount


class ExchangeRateViewSet(RowViewSet):
    """The rates by which the library compares costs; the latest of each currency is in force."""

    model = ExchangeRate
    icon = "history"
    list_display: ClassVar[list[Any]] = [
        "currency",
        "per_euro",
        "as_of",
        "source",
        "is_example",
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["currency", "is_example"]
    ordering: ClassVar[list[str]] = ["currency", "-as_of"]
    search_fields: ClassVar[list[str]] = ["currency", "source"]
    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("currency"), FieldPanel("per_euro")]),
        FieldPanel("as_of"),
        FieldPanel("source"),
        FieldPanel("is_example"),
    ]


class PromotedResultViewSet(RowViewSet):
    """What is shown above the results of certain searches."""

    model = PromotedResult
    icon = "pick"
    list_display: ClassVar[list[Any]] = [
        "name",
        Column("starts_on", label=_("From"), sort_key="starts_on"),
        Column("ends_on", label=_("Until"), sort_key="ends_on"),
        UPDATED,
    ]
    ordering = "name"
    search_fields: ClassVar[list[str]] = ["name", "phrases__text"]
    panels: ClassVar[list[Any]] = [
        FieldPanel("name"),
        InlinePanel(
            "phrases",
            [FieldPanel("text")],
            heading=_("When somebody searches for"),
            label=_("search phrase"),
            min_num=1,
            help_text=_("In each language that people search in; other forms of a word count too."),
        ),
        InlinePanel(
            "pages",
            [FieldPanel("page")],
            heading=_("Show these above the results"),
            label=_("recommended page"),
            min_num=1,
            help_text=_("Each reader gets the page in the own language where there is one."),
        ),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
    ]


class PolicyMenuItem(MenuItem):
    """A menu item for those who may do `action` with a model's rows."""

    def __init__(
        self, label: Any, url: str, model: type[Model], action: str = "change", **kwargs: Any
    ) -> None:
        super().__init__(label, url, **kwargs)
        self.model = model
        self.action = action

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the person may."""
        policy = policy_registry.get_by_type(self.model)
        return bool(policy.user_has_permission(request.user, self.action))


class SearchGroup(SnippetViewSetGroup):
    """The library from the editors' side."""

    menu_label = _("Search")
    menu_icon = "search"
    menu_name = "search-library"
    menu_order = 175
    items = (PromotedResultViewSet,)

    def get_submenu_items(self) -> list[MenuItem]:
        """Return the recommendations, the reports and the index."""
        items: list[MenuItem] = super().get_submenu_items()
        for order, (label, name, icon) in enumerate(
            [
                (_("Searches"), "search_report", "list-ul"),
                (_("Searches without result"), "search_report_empty", "warning"),
                (_("Index"), "search_index", "cogs"),
            ],
            start=10,
        ):
            url = reverse(f"wagtailadmin_{name}")
            items.append(PolicyMenuItem(label, url, SearchCount, icon_name=icon, order=order))
        return items
