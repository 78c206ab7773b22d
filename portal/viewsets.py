"""Admin screens of facts: lists, forms and choosers by the rights on rows, and the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.functional import cached_property, lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BooleanColumn, Column, UpdatedAtColumn
from wagtail.snippets.views.snippets import SnippetViewSet

from portal import row_views
from portal.models import Concept
from portal.row_forms import RowForm
from portal.templatetags.portal_tags import localized


class NameColumn(Column):
    """A translated text, marked where it is in another language than the reader's."""

    def get_value(self, instance: Any) -> Any:
        return localized(super().get_value(instance))


#: When a row was last changed; on a telephone the list leaves it out.
UPDATED = UpdatedAtColumn(label=_("Updated"), classname="wide-only")

_with_capital = lazy(capfirst, str)


def flag_column(model: type[Model], name: str) -> BooleanColumn:
    """Return a column that ticks a yes-or-no field, under the field's own name."""
    field: Any = model._meta.get_field(name)
    label = _with_capital(field.verbose_name)
    return BooleanColumn(name, label=label, sort_key=name)


class RowViewSet(SnippetViewSet):
    """Base of the admin's screens of facts.

    Subclasses name `panels` (one form) or `tabs` (heading and panels of each), what the list shows
    (`list_display`, `list_filter`, `list_select_related`) and what its search looks through
    (`search_fields`: translated and plain fields, `…__normalized` for spelling variants).
    """

    index_view_class = row_views.RowIndexView
    add_view_class = row_views.RowCreateView
    edit_view_class = row_views.RowEditView
    delete_view_class = row_views.RowDeleteView
    history_view_class = row_views.RowHistoryView
    usage_view_class = row_views.RowUsageView
    chooser_viewset_class = row_views.RowChooserViewSet
    copy_view_enabled = False
    list_per_page = 50
    search_backend_name = None

    form_class: type[WagtailAdminModelForm] = RowForm
    panels: ClassVar[list[Any]] = []
    tabs: ClassVar[list[tuple[Any, list[Any]]]] = []
    list_select_related: Sequence[str] = ()

    @cached_property
    def edit_handler(self) -> Any:
        """The form's panels, on tabs when there are several."""
        if self.tabs:
            return TabbedInterface(
                [ObjectList(panels, heading=heading) for heading, panels in self.tabs],
                base_form_class=self.form_class,
            )
        return ObjectList(self.panels, base_form_class=self.form_class)

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        view_kwargs: dict[str, Any] = super().get_index_view_kwargs(
            list_select_related=self.list_select_related, **kwargs
        )
        return view_kwargs

    @property
    def chooser_viewset(self) -> Any:
        return self.chooser_viewset_class(
            self.get_chooser_admin_url_namespace(),
            model=self.model,
            url_prefix=self.get_chooser_admin_base_path(),
            icon=self.icon,
            per_page=self.chooser_per_page,
            search_fields=self.search_fields,
        )


class ConceptViewSet(RowViewSet):
    """The vocabulary: network staff keep it, all who edit choose from it."""

    model = Concept
    icon = "tag"
    list_display: ClassVar[list[Any]] = [
        "label",
        "kind",
        "key",
        NameColumn("broader", label=_("Broader concept")),
        flag_column(Concept, "is_unsure"),
        UPDATED,
    ]
    list_filter: ClassVar[list[str]] = ["kind", "is_unsure"]
    list_select_related = ("broader",)
    ordering = "label"
    search_fields: ClassVar[list[str]] = ["key", "label", "synonyms__normalized"]
    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("kind"), FieldPanel("key")]),
        FieldPanel("label"),
        FieldPanel("broader"),
        FieldPanel("is_unsure"),
        InlinePanel(
            "synonyms",
            [
                FieldPanel("text"),
                FieldRowPanel([FieldPanel("language"), FieldPanel("grade")]),
            ],
            heading=_("Synonyms"),
            label=_("synonym"),
            help_text=_("Other words that people search for, in either language."),
        ),
    ]
