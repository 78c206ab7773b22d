"""A text that facts carry in several languages: one column, one input a language.

Facts have no language, their names do. A JSON column `{"en": …, "he": …}` costs no join in
listings and takes a third language without a migration (docs/adr/0002).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _


def language_codes() -> list[str]:
    """Return the codes of the portal's languages, the default one first."""
    codes = [code for code, _name in settings.LANGUAGES]
    codes.sort(key=lambda code: code != settings.LANGUAGE_CODE)
    return codes


def default_language() -> str:
    """Return the portal's default language code."""
    return str(settings.LANGUAGE_CODE)


def language_choices() -> list[tuple[str, str]]:
    """Return the portal's languages as choices; a callable, so that migrations don't hold them."""
    return list(settings.LANGUAGES)


def text_direction(language: str) -> str:
    """Return "rtl" or "ltr" for a language code ("ltr" for an unknown one)."""
    try:
        return "rtl" if get_language_info(language)["bidi"] else "ltr"
    except KeyError:
        return "ltr"


class Translated(dict[str, str]):
    """The texts of one thing by language code; reads as the best text for the reader."""

    def language_for(self, language: str | None = None) -> str:
        """Return the language the reader gets: the asked one, else the default, else any filled."""
        wanted = language or get_language() or settings.LANGUAGE_CODE
        for code in (wanted, wanted.split("-")[0], *language_codes(), *self):
            if self.get(code):
                return code
        return wanted

    def in_language(self, language: str | None = None) -> str:
        """Return the text in that language, or the nearest one that is filled."""
        return self.get(self.language_for(language), "")

    def __str__(self) -> str:
        return self.in_language()

    def __bool__(self) -> bool:
        return any(self.values())


class TranslatedWidget(forms.MultiWidget):
    """One input a language, each with its own `lang` and direction."""

    template_name = "portal/widgets/translated.html"

    def __init__(self, multiline: bool = False, attrs: dict[str, Any] | None = None) -> None:
        self.codes = language_codes()
        widgets: dict[str, forms.Widget | type[forms.Widget]] = {}
        for code in self.codes:
            own = {"lang": code, "dir": text_direction(code)}
            widgets[code] = (
                forms.Textarea(attrs={**own, "rows": 3})
                if multiline
                else forms.TextInput(attrs=own)
            )
        super().__init__(widgets, attrs)

    def decompress(self, value: Any) -> list[str]:
        return [(value or {}).get(code, "") for code in self.codes]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        names = dict(settings.LANGUAGES)
        for code, subwidget in zip(self.codes, context["widget"]["subwidgets"], strict=True):
            subwidget["language_name"] = names.get(code, code)
        return context


class TranslatedFormField(forms.MultiValueField):
    """Form side of `TranslatedField`: at least one language filled when required."""

    def __init__(
        self, *, multiline: bool = False, max_length: int | None = None, **kwargs: Any
    ) -> None:
        self.codes = language_codes()
        fields = [forms.CharField(required=False, max_length=max_length) for _code in self.codes]
        kwargs.setdefault("widget", TranslatedWidget(multiline=multiline))
        super().__init__(fields=fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> Translated:
        values = data_list or [""] * len(self.codes)
        return Translated(
            {code: text for code, text in zip(self.codes, values, strict=False) if text}
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(TranslatedWidget().decompress(initial), data)


class TranslatedField(models.JSONField):
    """A text in each language the portal has, stored as one JSON object.

    `max_length` bounds each language (characters). Raises ValidationError for anything that is
    not a mapping of known language codes to text, or when nothing is filled and `blank=False`.
    """

    def __init__(
        self, *args: Any, multiline: bool = False, max_length: int | None = 255, **kwargs: Any
    ) -> None:
        self.multiline = multiline
        self.text_max_length = max_length
        kwargs.setdefault("default", Translated)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.multiline:
            kwargs["multiline"] = True
        if self.text_max_length != 255:
            kwargs["max_length"] = self.text_max_length
        return name, path, args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        loaded = super().from_db_value(value, expression, connection)
        return Translated(loaded) if isinstance(loaded, dict) else loaded

    def to_python(self, value: Any) -> Any:
        if isinstance(value, (str, Promise)):
            return Translated({settings.LANGUAGE_CODE: str(value)})
        return Translated(value or {}) if isinstance(value, (Mapping, type(None))) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(getattr(model_instance, self.attname))
        value = Translated({code: text for code, text in value.items() if text})
        setattr(model_instance, self.attname, value)
        return value

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        if not isinstance(value, Mapping):
            raise ValidationError(_("Give the text by language."), code="invalid")
        known = set(language_codes())
        for code, text in value.items():
            if code not in known:
                raise ValidationError(
                    _("“%(code)s” is not a language of the portal."),
                    code="unknown_language",
                    params={"code": code},
                )
            if self.text_max_length and len(text) > self.text_max_length:
                raise ValidationError(
                    _("At most %(limit)d characters in each language (it has %(length)d)."),
                    code="max_length",
                    params={"limit": self.text_max_length, "length": len(text)},
                )
        if not self.blank and not any(value.values()):
            raise ValidationError(_("Fill at least one language."), code="blank")

    def formfield(self, **kwargs: Any) -> Any:
        options: dict[str, Any] = {
            "required": not self.blank,
            "label": capfirst(self.verbose_name),
            "help_text": self.help_text,
            "multiline": self.multiline,
            "max_length": self.text_max_length,
        }
        options.update({k: v for k, v in kwargs.items() if k not in ("form_class", "widget")})
        return TranslatedFormField(**options)

    def value_from_object(self, obj: models.Model) -> Any:
        return self.to_python(super().value_from_object(obj))


def in_language(field: str, language: str | None = None) -> Coalesce:
    """Return an expression for ordering and filtering by a `TranslatedField` in one language.

    Falls back to the portal's default language where the asked one is empty.
    """
    wanted = language or get_language() or settings.LANGUAGE_CODE
    others = [code for code in language_codes() if code != wanted]
    nothing = models.Value("", output_field=models.TextField())
    keys = [NullIf(KeyTextTransform(code, field), nothing) for code in (wanted, *others)]
    return Coalesce(*[Lower(key) for key in keys], nothing, output_field=models.TextField())
