"""Views that belong to no page."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

#: When to come back, told to browsers and search engines while the database can't be asked.
RETRY_AFTER_SECONDS = 120


def language_asked_for(request: HttpRequest) -> str:
    """Return the portal's language that the browser would read rather; never by a cookie."""
    header = request.headers.get("Accept-Language", "")
    for code, _weight in parse_accept_lang_header(header):
        if code == "*":
            break
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """Send `/` on to the front page of the reader's language, query and all."""
    query = request.META.get("QUERY_STRING", "")
    address = f"/{language_asked_for(request)}/"
    response = HttpResponseRedirect(f"{address}?{query}" if query else address)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception that nobody caught: 503 while the database can't be asked, else 500.

    The pages stand alone: they need neither database nor session.
    """
    is_database = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    status = 503 if is_database else 500
    response = HttpResponse(get_template(f"{status}.html").render(), status=status)
    response["Cache-Control"] = "no-store"
    if is_database:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


@require_safe
@cache_control(public=True, max_age=7 * 24 * 3600, immutable=True)
def picture_file(request: HttpRequest, path: str) -> HttpResponse | FileResponse:
    """Serve a ready size of a picture (a web server in front may do it instead).

    Only renditions are public: originals keep what a camera wrote into them, documents have
    their own view that asks for rights.
    """
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))
