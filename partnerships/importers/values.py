"""A fact's values as plain JSON by key, to be compared with a file and with an earlier import."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from portal.fields import TranslatedField, language_codes
from portal.importing.columns import Cell, Column, Text, of_model


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A column that fills a field of the fact, for a translated field in one language."""

    column: Column
    field: str
    language: str = ""

    @property
    def key(self) -> str:
        """The name of the value: "status", or "name.he"."""
        return f"{self.field}.{self.language}" if self.language else self.field


def plain(name: str, cell: Cell, help_text: Any = "", **options: Any) -> FieldColumn:
    """Return a column for a field; `field` names it where it differs from the column."""
    field_name = options.pop("field", name)
    return FieldColumn(Column(name, cell, help_text, **options), field_name)


def translated(
    model: type[models.Model], name: str, help_text: Any = "", column: str = ""
) -> list[FieldColumn]:
    """Return a column a language for a translated field: name_en, name_he …

    The default language's may also be called like the field itself ("name").
    """
    model_field = model._meta.get_field(name)
    if not isinstance(model_field, TranslatedField):
        raise TypeError(f"{name} is no translated field")
    cell = Text(of_model(model, name), multiline=model_field.multiline)
    column = column or name
    columns = []
    for code in language_codes():
        aliases = (column,) if code == language_codes()[0] else ()
        told = help_text or get_language_info(code)["name_local"]
        own = Column(f"{column}_{code}", cell, told, aliases=aliases)
        columns.append(FieldColumn(own, name, code))
    return columns


def json_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON gives them back."""
    loaded: dict[str, Any] = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
    return loaded


def value_of(fact: models.Model, key: str) -> Any:
    """Return a field's value by its key."""
    name, _dot, language = key.partition(".")
    value = getattr(fact, name)
    return (value or {}).get(language, "") if language else value


def set_value(fact: models.Model, key: str, value: Any) -> str:
    """Set a field by its key from a JSON value; returns the field's name."""
    name, _dot, language = key.partition(".")
    if language:
        texts = {**(getattr(fact, name) or {}), language: value}
        setattr(fact, name, type(getattr(fact, name))(texts) if getattr(fact, name) else texts)
    else:
        model_field = fact._meta.get_field(name)
        setattr(fact, name, model_field.to_python(value))  # type: ignore[union-attr]
    return name


@dataclass(slots=True)
class FactMerge:
    """What a row changes, and which of it people had changed since the last import."""

    changed: dict[str, Any] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)


def merge_values(
    base: Mapping[str, Any] | None, current: Mapping[str, Any], wanted: Mapping[str, Any]
) -> FactMerge:
    """Compare file, database and last import; lists of texts are sets of values.

    A value that the file says as it did last time stays as people made it.
    """
    result = FactMerge()
    for key, new in wanted.items():
        now = current.get(key)
        if new == now:
            continue
        known = base is not None and key in base
        then = base[key] if known and base is not None else None
        if known and new == then:
            continue
        if isinstance(new, list) and all(isinstance(item, str) for item in new):
            merged = _merge_sets(then or [], new, now or [])
            if merged != now:
                result.changed[key] = merged
            continue
        if known and now != then:
            result.replaced.append(key)
        result.changed[key] = new
    return result


def _merge_sets(then: list[str], new: list[str], now: list[str]) -> list[str]:
    removed = set(then) - set(new)
    kept = [value for value in now if value not in removed]
    return kept + [value for value in new if value not in kept]


def column_for(columns: Iterable[FieldColumn], field_name: str) -> str | None:
    """Return the first column that fills a field."""
    return next((told.column.name for told in columns if told.field == field_name), None)


def replaced_warning() -> str:
    """Return what is told when the file's value takes the place of an editor's."""
    return _("Somebody changed this in the portal since the last import; the file replaces it.")
