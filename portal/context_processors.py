"""What every template knows. Nothing here touches user, session or cookies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from portal.fields import text_direction


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name, the language and its direction."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "site_name": settings.SITE_NAME,
        "base_url": settings.BASE_URL,
        "language_code": language,
        "text_direction": text_direction(language),
    }
