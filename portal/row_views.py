"""Admin views that reach only the rows a person may touch; Wagtail's own ask per model."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import IntegrityError
from django.db.models import F, Model, ProtectedError, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property, classproperty, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.actions import DeleteAction
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, TitleColumn
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.models import get_snippet_models
from wagtail.snippets.views import chooser, snippets
from wagtail.snippets.widgets import AdminSnippetChooser

from portal.fields import TranslatedField, in_language, language_codes
from portal.permissions import row_policy, rows_for
from portal.templatetags.portal_tags import localized
from portal.text import normalize_name

logger = logging.getLogger(__name__)

#: What lets a row stand in its list.
LISTED = ("change", "delete", "view")


def found_by(model: type[Model], fields: Iterable[str], text: str) -> Q:
    """Return the condition that one of `fields` holds `text`, whatever the case.

    A translated field is looked through in every language; a field named `…__normalized` is
    compared as names are (`portal.text.normalize_name`).
    """
    condition = Q(pk__in=[])
    for name in fields:
        if name.endswith("__normalized"):
            condition |= Q(**{f"{name}__contains": normalize_name(text)})
        elif _is_translated(model, name):
            for code in language_codes():
                condition |= Q(**{f"{name}__{code}__icontains": text})
        else:
            condition |= Q(**{f"{name}__icontains": text})
    return condition


def _is_translated(model: type[Model], path: str) -> bool:
    for part in path.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        if isinstance(field, TranslatedField):
            return True
        model = field.related_model or model
    return False


class RowFilterSet(WagtailFilterSet):
    """Filters that offer only rows one may choose."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.filters.values():
            queryset = getattr(each, "queryset", None)
            if queryset is not None and row_policy(queryset.model):
                each.queryset = rows_for(self.request.user, "choose", queryset.all())


class OwnRowMixin:
    """Refuses a row to which the person may do none of `row_actions`."""

    row_actions: Sequence[str] = ("change",)

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        row = super().get_object(*args, **kwargs)  # type: ignore[misc]
        if row is None:  # the create view
            return None
        policy = row_policy(type(row))
        user = self.request.user  # type: ignore[attr-defined]
        if policy and not policy.user_has_any_permission_for_instance(user, self.row_actions, row):
            raise PermissionDenied
        return row


class NameTitleColumn(TitleColumn):
    """The first column: a translated name, marked where it is in another language."""

    def get_value(self, instance: Any) -> Any:
        return localized(super().get_value(instance))


class RowIndexView(snippets.IndexView):
    """A list of the rows one may touch, searched by names in every language."""

    base_filterset_class = RowFilterSet
    table_classname = "listing rows-list"
    list_select_related: Sequence[str] = ()

    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        if self.user_has_permission("delete"):
            return list(columns)
        return [each for each in columns if not isinstance(each, BulkActionsCheckboxColumn)]

    def _get_title_column(self, field_name: str, *args: Any, **kwargs: Any) -> Any:
        if _is_translated(self.model, field_name):
            kwargs["column_class"] = NameTitleColumn
        return super()._get_title_column(field_name, *args, **kwargs)

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        policy = row_policy(self.model)
        if policy:
            allowed = policy.instances_user_has_any_permission_for(self.request.user, LISTED)
            rows = rows.filter(pk__in=allowed.order_by().values("pk"))
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)
        return rows

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.is_searching:
            return queryset
        condition = found_by(self.model, self.search_fields or [], self.search_query)
        found = self.model._default_manager.filter(condition).order_by()
        return queryset.filter(pk__in=found.values("pk"))

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        ordering = self.ordering if isinstance(self.ordering, str) else ""
        name = ordering.removeprefix("-")
        if not name or not _is_translated(self.model, name):
            return super().order_queryset(queryset)
        if any(getattr(column, "accessor", None) == "_updated_at" for column in self.columns):
            queryset = self._annotate_queryset_updated_at(queryset)
        queryset = queryset.annotate(_by_name=in_language(name))
        by_name = F("_by_name").desc() if ordering.startswith("-") else F("_by_name").asc()
        return queryset.order_by(by_name, "pk")

    def _may(self, action: str, row: Model) -> bool:
        return bool(self.user_has_permission_for_instance(action, row))

    def get_edit_url(self, instance: Model) -> str | None:
        return super().get_edit_url(instance) if self._may("change", instance) else None

    def get_delete_url(self, instance: Model) -> str | None:
        return super().get_delete_url(instance) if self._may("delete", instance) else None


class ToldTwiceMixin:
    """Gives the form back, as it was filled in, where the database refuses what it holds.

    A form compares its child rows with one another, not with what somebody else has added since it
    was opened. What was written until then is taken back with the transaction of the save.
    """

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        except IntegrityError:
            # What the form's own checks let through may be a fault of ours, too.
            logger.exception("A form was refused by the database: %s", self.request.path)  # type: ignore[attr-defined]
            told = _(
                "Nothing was saved: something of it is there already, perhaps since you opened"
                " this form. Open it once more to see it, and take out here what is there."
            )
            form.add_error(None, told)
            self.produced_error_code = "validation_error"
            self.produced_error_message = told
            response = self.form_invalid(form)  # type: ignore[attr-defined]
        return response


class RowCreateView(ToldTwiceMixin, snippets.CreateView):
    """Make a row; the form refuses one that the person may not have."""


class RowEditView(ToldTwiceMixin, OwnRowMixin, snippets.EditView):
    """Change a row that one may touch."""


class RowHistoryView(OwnRowMixin, snippets.HistoryView):
    """The log of a row that one may touch."""


class RowUsageView(OwnRowMixin, snippets.UsageView):
    """Where a row is used that one may touch."""


class RowDeleteView(OwnRowMixin, snippets.DeleteView):
    """Delete a row that one may delete; what others stand on is kept, with a reason."""

    row_actions = ("delete",)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError as error:
            names = ", ".join(sorted({str(row) for row in error.protected_objects})[:5])
            messages.error(
                self.request,
                _("“%(name)s” is still used and was not deleted: %(others)s.")
                % {"name": self.object, "others": names},
            )
            return redirect(self.get_success_url())


class RowDeleteBulkAction(DeleteBulkAction):
    """Deletes many rows, each logged; rows that one may not delete are not even named."""

    @classproperty
    def models(cls) -> list[type[Model]]:
        return [model for model in get_snippet_models() if row_policy(model)]

    def get_all_objects_in_listing_query(self, parent_id: Any) -> Any:
        rows = rows_for(self.request.user, "delete", self.model._default_manager.all())
        return rows.values_list("pk", flat=True)

    def get_actionable_objects(self) -> Any:
        objects, _others = super().get_actionable_objects()
        return objects, {"items_with_no_access": []}

    @classmethod
    def execute_action(cls, objects: Any, user: Any = None, **kwargs: Any) -> tuple[int, int]:
        for row in objects:
            DeleteAction(row, user=kwargs["self"].request.user).execute()
        return len(objects), 0


# Choosers


class NameSearchForm(BaseFilterForm):
    """Search by name inside a chooser."""

    search_fields: Sequence[str] = ()

    q = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Search")}),
    )

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter(objects)
        if text := self.cleaned_data.get("q"):
            self.is_searching, self.search_query = True, text
            condition = found_by(rows.model, self.search_fields, text)
            found = rows.model._default_manager.filter(condition).order_by()
            rows = rows.filter(pk__in=found.values("pk"))
        return rows


class ChoosableMixin:
    """Lists only rows that the person may choose."""

    search_fields: Sequence[str] = ()

    def get_object_list(self) -> QuerySet[Any]:
        rows = super().get_object_list()  # type: ignore[misc]
        return rows_for(self.request.user, "choose", rows)  # type: ignore[attr-defined]

    def get_filter_form_class(self) -> type[BaseFilterForm]:
        return type("FilterForm", (NameSearchForm,), {"search_fields": self.search_fields})


class RowChooseView(ChoosableMixin, chooser.ChooseView):
    """The chooser."""


class RowChooseResultsView(ChoosableMixin, chooser.ChooseResultsView):
    """The list inside the chooser, after a search or on another page."""


class RowChosenView(chooser.SnippetChosenView):
    """What was chosen; an address typed by hand gets no other row either."""

    def get_object(self, pk: Any) -> Any:
        row = super().get_object(pk)
        allowed = rows_for(self.request.user, "choose", type(row)._default_manager.filter(pk=pk))
        return allowed.get()


class RowChosenMultipleView(chooser.SnippetChosenMultipleView):
    """Several that were chosen."""

    def get_objects(self, pks: Any) -> Any:
        return rows_for(self.request.user, "choose", super().get_objects(pks))


def _of_kind(text: str, model: type[Model]) -> str:
    return _(text) % {"object": model._meta.verbose_name}


_of_kind_lazy = lazy(_of_kind, str)


class RowChooser(AdminSnippetChooser):
    """The choice of a fact, with words in the reader's language.

    Wagtail's own keeps the words of whoever opened the form first.
    """

    def __init__(self, model: type[Model] | None = None, **kwargs: Any) -> None:
        super().__init__(model, **kwargs)
        for name, text in (
            ("choose_one_text", "Choose %(object)s"),
            ("choose_another_text", "Choose another %(object)s"),
            ("link_to_chosen_text", "Edit this %(object)s"),
        ):
            if name not in kwargs:
                setattr(self, name, _of_kind_lazy(text, self.model))


class RowChooserViewSet(chooser.SnippetChooserViewSet):
    """A chooser of rows by rights, with a search by name."""

    choose_view_class = RowChooseView
    choose_results_view_class = RowChooseResultsView
    chosen_view_class = RowChosenView
    chosen_multiple_view_class = RowChosenMultipleView
    base_widget_class = RowChooser
    search_fields: Sequence[str] = ()

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common: dict[str, Any] = super().get_common_view_kwargs(
            search_fields=self.search_fields, **kwargs
        )
        return common
