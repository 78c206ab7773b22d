"""Columns and cells that several kinds of facts share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.countries import COUNTRY_NAMES
from portal.importing.columns import Cell, Column, Listed, Text, shortened
from portal.importing.problems import CellRefused
from portal.models import AbstractNameVariant
from portal.text import language_of_script, normalize_name

from .values import FieldColumn

REFERENCE = Column(
    "reference",
    Text(120),
    gettext_lazy("the row's own key: a second import with it updates the same fact"),
    required=True,
)
VARIANTS = Column(
    "variants", Listed(Text(255)), gettext_lazy("other spellings and names, in any language")
)


@dataclass(frozen=True)
class Sources(Cell):
    """Addresses and documents, one a line or parted by semicolons."""

    def read(self, text: str) -> str:
        return "\n".join(Listed(Text(500)).read(text))

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        return _("several, parted by semicolons")


SOURCES = FieldColumn(
    Column("sources", Sources(), gettext_lazy("where this is known from"), aliases=("source",)),
    "sources",
)


@dataclass(frozen=True)
class Country(Cell):
    """A country by its two letters, or by its name in any of the portal's languages."""

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = {"usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB"}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                for code, name in COUNTRY_NAMES.items():
                    names[normalize_name(str(name))] = code
        return names

    def read(self, text: str) -> str:
        if len(text) == 2 and text.isascii() and text.isalpha() and text.upper() != "UK":
            return text.upper()
        code = self._by_name.get(normalize_name(text))
        if code is None:
            raise CellRefused(
                _("“%(text)s” is not a country; write its two letters, such as US.")
                % {"text": shortened(text)}
            )
        return code

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        return _("two letters such as IL, or the name")


def write_variants(
    model: type[AbstractNameVariant], owner_field: str, owner: Any, texts: Iterable[str] | None
) -> None:
    """Let the other names of `owner` be these (None: as they are); what stays is not touched."""
    if texts is None:
        return
    wanted = list(texts)
    rows = model._default_manager.filter(**{owner_field: owner})
    rows.exclude(text__in=wanted).delete()
    there = set(rows.values_list("text", flat=True))
    model._default_manager.bulk_create(
        model(
            text=text,
            language=language_of_script(text),
            normalized=normalize_name(text),
            **{owner_field: owner},
        )
        for text in wanted
        if text not in there
    )
