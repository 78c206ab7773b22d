"""What is written by people and shows publicly tells no e-mail address and no telephone number."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[\s().\-]*\d){8,}")


def address_problem(text: str) -> str:
    """Return why a text can't show, in words for its writer; "" where it tells no address."""
    if _ADDRESS.search(text) or _NUMBER.search(text):
        return _("Leave out e-mail addresses and telephone numbers: this will be public.")
    return ""
