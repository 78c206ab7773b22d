"""Forms that offer and take only what the person may use, by `portal.permissions`."""

from __future__ import annotations

import copy
from typing import Any

from django import forms
from django.db.models import Model, Q, QuerySet
from modelcluster.queryset import FakeQuerySet
from wagtail.admin.forms.models import WagtailAdminModelForm

from portal.permissions import row_policy


def limit_choices(form: forms.ModelForm, user: Any) -> None:
    """Let `form` take only rows that `user` may choose, and those it holds already.

    A field that says by whom a row is kept and has one choice only gets it at once.
    """
    own = row_policy(type(form.instance))
    for name, field in form.fields.items():
        is_own_key = name == form.instance._meta.pk.name
        if is_own_key or not isinstance(field, forms.ModelChoiceField):
            continue
        if field.queryset is None:
            continue
        policy = row_policy(field.queryset.model)
        if policy is None:
            continue
        allowed = policy.instances_user_has_permission_for(user, "choose").order_by()
        held = form.initial.get(name) or []
        held = [getattr(row, "pk", row) for row in (held if _is_many(held) else [held])]
        field.queryset = field.queryset.filter(Q(pk__in=allowed.values("pk")) | Q(pk__in=held))
        if own and name in own.scope_fields and not held and not user.is_superuser:
            only = list(field.queryset[:2])
            if len(only) == 1:
                form.initial[name] = only[0].pk


def _is_many(value: Any) -> bool:
    # A page read from a draft has its related rows in a queryset that is none of Django's.
    return isinstance(value, (list, tuple, QuerySet, FakeQuerySet))


class RowRightsMixin(WagtailAdminModelForm):
    """Limits choices, and refuses a row (its child rows too) that the person may not have so.

    The view asks whether the stored row may be touched; here it is asked for what would be stored,
    so that nobody hands a row to another Partnership or side.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._children_were_asked = False
        if self.for_user is None:
            return
        limit_choices(self, self.for_user)
        if self.is_bound:
            for formset in self.formsets.values():
                for form in formset.forms:
                    limit_choices(form, self.for_user)

    def _post_clean(self) -> None:
        super()._post_clean()
        policy = row_policy(type(self.instance))
        if self.for_user is None or policy is None:
            return
        action = "change" if self.instance.pk else "add"
        if policy.user_has_permission_for_instance(self.for_user, action, self.instance):
            return
        field = next((name for name in policy.scope_fields if name in self.fields), None)
        if field is None or field not in self.errors:
            self.add_error(field, policy.refusal(action))

    def is_valid(self) -> bool:
        valid = bool(super().is_valid())
        if self.for_user is not None and self.is_bound and not self._children_were_asked:
            self._children_were_asked = True
            for formset in self.formsets.values():
                self._ask_for_children(formset)
        return valid and not self.errors

    def _ask_for_children(self, formset: Any) -> None:
        policy = row_policy(formset.model)
        if policy is None:
            return
        for form in formset.forms:
            is_removed = formset.can_delete and formset._should_delete_form(form)
            if form.errors and not is_removed:
                continue  # its own errors first
            stored = _as_stored(form) if form.instance.pk else None
            asked: list[tuple[str, Model]] = []
            if is_removed:
                asked = [("delete", stored)] if stored is not None else []
            elif form.has_changed():
                asked = [("change" if stored is not None else "add", form.instance)]
                asked += [("change", stored)] if stored is not None else []
            for action, row in asked:
                if not policy.user_may_have_child(self.for_user, action, row, self.instance):
                    self.add_error(None, f"{row}: {policy.refusal(action)}")
                    break


def _as_stored(form: Any) -> Model:
    """Return the row of a bound form as it was before the form's data."""
    row: Model = copy.copy(form.instance)
    if "side" in form.initial:
        row.side = form.initial["side"]  # type: ignore[attr-defined]
    return row


class RowForm(RowRightsMixin):
    """Base of the forms of facts in the admin."""
