"""Public forms of contact: no cookie, no CSRF token, but a signed form that counts once.

A form carries what it is for, its own key and when it was shown, signed. There is nothing that a
foreign site could do in a visitor's name, since nobody is signed in here.
"""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

SALT = "stories.contact-form"
#: Nobody fills the form in less, and an open one is shown anew after a day (seconds).
FASTEST, LONGEST_OPEN = 3, 24 * 3600
LONGEST_TEXT = 4000


def new_stamp(purpose: str) -> str:
    """Return the signed stamp of a form that is shown now."""
    return signing.dumps([purpose, secrets.token_urlsafe(16)], salt=SALT)


class StampedForm(forms.Form):
    """A form with a stamp and a field that only robots fill.

    After validation `form_key` is the form's own key. A form that is sent back gets a fresh stamp
    (`fresh_stamp`), so that a person can send it again.
    """

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)
    website = forms.CharField(required=False, label=_("Leave this empty"))

    error_css_class = "is-wrong"

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purpose = purpose
        self.form_key = ""

    @property
    def is_robots(self) -> bool:
        """Whether the field was filled that nobody sees."""
        return bool(self.data.get("website"))

    @property
    def fresh_stamp(self) -> str:
        """A stamp for the form as it is shown now."""
        return new_stamp(self.purpose)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        stamp = cleaned.get("stamp", "")
        try:
            purpose, key = signing.loads(stamp, salt=SALT, max_age=LONGEST_OPEN)
        except (signing.BadSignature, ValueError, TypeError):
            purpose, key = "", ""
        if purpose != self.purpose or not isinstance(key, str):
            raise forms.ValidationError(
                _("The form was open for long. Look through it, and send it once more.")
            )
        if self._is_too_fast(stamp):
            raise forms.ValidationError(
                _("That was very fast. Look through it, and send it once more.")
            )
        self.form_key = key
        return cleaned

    @staticmethod
    def _is_too_fast(stamp: str) -> bool:
        try:
            signing.loads(stamp, salt=SALT, max_age=FASTEST)
        except signing.SignatureExpired:
            return False
        return True


class MessageForm(StampedForm):
    """What one side of an exchange writes."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
        help_text=_("Links are shown as text. Files can’t be sent here."),
    )
    shows_address = forms.BooleanField(
        label=_("Show them my e-mail address, so that they can write to me directly"),
        required=False,
    )


class ContactForm(MessageForm):
    """What a visitor tells of herself, and the message."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("The answer comes there. It is not shown unless you say so below."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    place = forms.CharField(
        label=_("Your community or Partnership"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    is_adult = forms.BooleanField(
        label=_("I am 18 or older"),
        error_messages={
            "required": _("This form is for people of 18 and over. Ask a grown-up to write.")
        },
    )

    field_order = ("name", "email", "place", "text", "shows_address", "is_adult")

    def clean_name(self) -> str:
        """Return the name in one line: in a mail more lines would pass for the portal's own."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_place(self) -> str:
        """Return the place in one line, likewise."""
        return " ".join(self.cleaned_data["place"].split())
