"""Filters for fields of public forms."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BoundField

register = template.Library()


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is one box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def with_class(field: BoundField, css_class: str) -> Any:
    """Draw the field's widget with a class."""
    return field.as_widget(attrs={"class": css_class})
