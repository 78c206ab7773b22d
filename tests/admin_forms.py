"""What a browser posts when it sends back a form of the admin as it was shown."""

from __future__ import annotations

from typing import Any

from django import forms


def posted(form: Any, **changes: Any) -> dict[str, Any]:
    """Return the data of a form (child forms too) as a browser sends it, with `changes`.

    A change to a translated field is a mapping by language code.
    """
    data: dict[str, Any] = {}
    for bound in form:
        _put(data, bound.html_name, bound.field, bound.value())
    for name, value in changes.items():
        field = form.fields.get(name)
        if field is None:
            data[name] = value
        else:
            _put(data, form[name].html_name, field, value)
    for formset in getattr(form, "formsets", {}).values():
        for bound in formset.management_form:
            data.setdefault(bound.html_name, bound.value())
        for child in formset.forms:
            for name, value in posted(child).items():
                data.setdefault(name, value)
    return {name: value for name, value in data.items() if value is not None}


def add_child(data: dict[str, Any], prefix: str, **values: Any) -> dict[str, Any]:
    """Add a new child row to posted data; translated values as "title_en"."""
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = number + 1
    for name, value in {"ORDER": number + 1, "DELETE": "", "id": "", **values}.items():
        data[f"{prefix}-{number}-{name}"] = value
    return data


def _put(data: dict[str, Any], name: str, field: forms.Field, value: Any) -> None:
    widget = field.widget
    if isinstance(widget, forms.MultiWidget):
        values = value if isinstance(value, list) else widget.decompress(value)
        for suffix, each in zip(widget.widgets_names, values, strict=True):
            data[f"{name}{suffix}"] = each
    elif isinstance(widget, forms.CheckboxInput):
        if value:
            data[name] = "on"
    elif isinstance(widget, (forms.SelectMultiple, forms.CheckboxSelectMultiple)):
        data[name] = [getattr(each, "pk", each) for each in value or []]
    else:
        prepared = field.prepare_value(getattr(value, "pk", value))
        shown = widget.format_value(prepared)
        if isinstance(shown, (list, tuple)):
            shown = shown[0] if shown else None
        data[name] = "" if shown is None else shown
