"""What a column can take: each kind reads a cell's text, or says why it can't."""

from __future__ import annotations

import datetime
import decimal
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models
from django.utils import translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from portal.text import normalize_name

from .problems import CellRefused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_WHOLE = re.compile(r"[+-]?[0-9]{1,15}\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?\Z")
_YES = frozenset({"yes", "y", "true", "1", "x", "כן"})
_NO = frozenset({"no", "n", "false", "0", "לא"})
LINE_BREAK = re.compile(r"\r\n?|\n")
_BREAK = re.compile(r"[\s\u00a0]+")


@dataclass(frozen=True)
class Cell:
    """How a column's cells are read; `read` gets a text that is not blank."""

    def read(self, text: str) -> Any:
        """Return the value; raises CellRefused with the reason."""
        raise NotImplementedError

    def empty(self) -> Any:
        """Return the value of a blank cell."""
        return None

    @property
    def form(self) -> str:
        """How a value looks, for the documentation."""
        return ""


@dataclass(frozen=True)
class Text(Cell):
    """Words; one line unless `multiline`."""

    max_length: int | None = None
    multiline: bool = False

    def read(self, text: str) -> str:
        text = LINE_BREAK.sub("\n", text).strip()
        if not self.multiline:
            text = _BREAK.sub(" ", text)
        check_length(text, self.max_length)
        return text

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        lines = _("text, several lines allowed") if self.multiline else _("text")
        if self.max_length is None:
            return lines
        return _("%(kind)s, at most %(limit)d characters") % {
            "kind": lines,
            "limit": self.max_length,
        }


@dataclass(frozen=True)
class Whole(Cell):
    """A whole number within bounds."""

    minimum: int | None = 0
    maximum: int | None = 32767

    def read(self, text: str) -> int:
        if not _WHOLE.match(text):
            raise CellRefused(
                _("“%(text)s” is not a whole number, such as 12.") % {"text": shortened(text)}
            )
        return int(_within(int(text), self.minimum, self.maximum))

    @property
    def form(self) -> str:
        return _("whole number")


@dataclass(frozen=True)
class Number(Cell):
    """A number with a decimal point, read as Decimal, or as float when `is_float`."""

    minimum: float | None = None
    maximum: float | None = None
    places: int | None = None
    is_float: bool = False

    def read(self, text: str) -> decimal.Decimal | float:
        if not _DECIMAL.match(text):
            raise CellRefused(
                _("“%(text)s” is not a number, such as 1250.50 (no thousands separators).")
                % {"text": shortened(text)}
            )
        value = decimal.Decimal(text)
        _within(value, self.minimum, self.maximum)
        if self.places is not None and value != round(value, self.places):
            raise CellRefused(
                _("“%(text)s” has more than %(places)d digits after the point.")
                % {"text": shortened(text), "places": self.places}
            )
        if self.is_float:
            return float(value)
        return value if self.places is None else value.quantize(decimal.Decimal(10) ** -self.places)

    @property
    def form(self) -> str:
        return _("number such as 1250.50")


@dataclass(frozen=True)
class Flag(Cell):
    """Yes or no; `when_blank` is what an empty cell says."""

    when_blank: bool | None = False

    def read(self, text: str) -> bool:
        word = text.casefold()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise CellRefused(_("“%(text)s” is neither yes nor no.") % {"text": shortened(text)})

    def empty(self) -> bool | None:
        return self.when_blank

    @property
    def form(self) -> str:
        return _("yes or no")


@dataclass(frozen=True)
class Day(Cell):
    """A day as ISO writes it; Excel's own dates come as such."""

    def read(self, text: str) -> datetime.date:
        match = _DAY.match(text)
        try:
            if match:
                return datetime.date(*map(int, match.groups()))
        except ValueError:
            pass
        raise CellRefused(
            _("“%(text)s” is not a date written as 2024-05-17.") % {"text": shortened(text)}
        )

    @property
    def form(self) -> str:
        return _("date written as 2024-05-17")


@dataclass(frozen=True)
class Choice(Cell):
    """One of a closed list, by its key or by its label in any of the portal's languages."""

    choices: type[models.TextChoices]
    aliases: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = {normalize_name(alias): value for alias, value in self.aliases}
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                names |= {normalize_name(str(c.label)): c.value for c in self.choices}
        for value in self.choices.values:
            names |= {normalize_name(form): value for form in (value, value.replace("_", " "))}
        return names

    def read(self, text: str) -> str:
        try:
            return self._by_name[normalize_name(text)]
        except KeyError:
            raise CellRefused(
                _("“%(text)s” is none of: %(values)s.")
                % {"text": shortened(text), "values": ", ".join(self.choices.values)}
            ) from None

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        return ", ".join(self.choices.values)


@dataclass(frozen=True)
class Language(Cell):
    """One of the portal's languages, by its code or by its name in any of them."""

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = {"iw": "he"}  # the code that Java and old systems write for Hebrew
        for code, name in settings.LANGUAGES:
            for word in (code, name, get_language_info(code)["name"]):
                names[normalize_name(word)] = code
            for other, _name in settings.LANGUAGES:
                with translation.override(other):
                    translated = str(get_language_info(code)["name_translated"])
                    names[normalize_name(translated)] = code
        return names

    def read(self, text: str) -> str:
        code = self._by_name.get(normalize_name(text))
        if code is None:
            raise CellRefused(
                _("“%(text)s” is no language of the portal: %(values)s.")
                % {"text": shortened(text), "values": self.form}
            )
        return code

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        return ", ".join(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True)
class Listed(Cell):
    """Several values, parted by semicolons or lines, each once."""

    item: Cell = Text(255)

    def read(self, text: str) -> list[Any]:
        parts = (part.strip() for part in re.split(r"[;\r\n]+", text))
        return list(dict.fromkeys(self.item.read(part) for part in parts if part))

    def empty(self) -> list[Any]:
        return []

    @property
    def form(self) -> str:
        return _("several, parted by semicolons")


@dataclass(frozen=True)
class Codes(Cell):
    """Short codes joined by commas, such as languages: "en, he"."""

    max_length: int | None = None

    def read(self, text: str) -> str:
        codes = [part for part in re.split(r"[\s,;]+", text.strip().lower()) if part]
        for code in codes:
            if not re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?", code):
                raise CellRefused(
                    _("“%(text)s” is not a list of language codes, such as “en, he”.")
                    % {"text": shortened(text)}
                )
        joined = ", ".join(dict.fromkeys(codes))
        check_length(joined, self.max_length)
        return joined

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        return _("codes such as en, he")


@dataclass(frozen=True)
class Checked(Cell):
    """Words that one or more of Django's validators accept."""

    validators: tuple[Callable[[str], None], ...]
    max_length: int | None = None
    shape: StrOrPromise = ""

    def read(self, text: str) -> str:
        text = text.strip()
        check_length(text, self.max_length)
        try:
            for validator in self.validators:
                validator(text)
        except ValidationError as error:
            raise CellRefused(f"“{shortened(text)}”: {' '.join(error.messages)}") from None
        return text

    def empty(self) -> str:
        return ""

    @property
    def form(self) -> str:
        return str(self.shape)


def web_address(max_length: int | None = 200) -> Checked:
    """Return a column of web addresses (http and https)."""
    return Checked(
        (URLValidator(schemes=["http", "https"]),), max_length, "https://example.org/page"
    )


def email_address() -> Checked:
    """Return a column of e-mail addresses."""
    return Checked((EmailValidator(),), 254, "name@example.org")


def looks_like_address(text: str) -> bool:
    """Whether a text is meant as a web address."""
    return urlsplit(text).scheme in ("http", "https")


@dataclass(frozen=True)
class Column:
    """A column of an import: its name, how its cells are read, and whether they may be blank.

    `required`: the file must have it, and every row must fill it. `present`: the file must have
    it, a row may leave it blank. `aliases` are other names that its header may have.
    """

    name: str
    cell: Cell
    help: StrOrPromise = ""
    required: bool = False
    present: bool = False
    aliases: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        """Return the cell's value; raises CellRefused."""
        text = unicodedata.normalize("NFC", text)
        if not text.strip():
            if self.required:
                raise CellRefused(_("The cell is empty."))
            return self.cell.empty()
        return self.cell.read(text.strip())


def of_model(model: type[models.Model], name: str) -> int | None:
    """Return the greatest length that a model's field takes (a TranslatedField's, a language)."""
    field = model._meta.get_field(name)
    limit = getattr(field, "text_max_length", None) or getattr(field, "max_length", None)
    return int(limit) if limit else None


def check_length(text: str, limit: int | None) -> None:
    """Raise CellRefused when a text is longer than `limit` characters."""
    if limit is not None and len(text) > limit:
        raise CellRefused(
            _("At most %(limit)d characters are possible; these are %(length)d.")
            % {"limit": limit, "length": len(text)}
        )


def shortened(text: str, length: int = 60) -> str:
    """Return a text fit for a message: one line, not long."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _within(value: Any, minimum: float | None, maximum: float | None) -> Any:
    if minimum is not None and value < minimum:
        raise CellRefused(
            _("%(value)s is too small; at least %(bound)s.") % {"value": value, "bound": minimum}
        )
    if maximum is not None and value > maximum:
        raise CellRefused(
            _("%(value)s is too large; at most %(bound)s.") % {"value": value, "bound": maximum}
        )
    return value
