"""Middleware of the portal."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from portal.gate import PublicationRefused
from portal.views import language_asked_for


class LanguageMiddleware(LocaleMiddleware):
    """Activates the language of the address, else the one the browser asks for; no cookie decides.

    An address without a language that no view knows is sent on to the reader's tree. A view that
    answers 404 (a file, a closed door, the API) has said all there is to say.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language of this request."""
        translation.activate(
            translation.get_language_from_path(request.path_info) or language_asked_for(request)
        )
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Send a page's address without a language on; varies by Accept-Language alone."""
        answer = super().process_response(request, response)
        if answer is response:
            return response
        if request.resolver_match is not None:
            answer = response
            answer.headers.setdefault("Content-Language", translation.get_language())
        else:
            del answer.headers["Vary"]  # Django's own reads a cookie
        patch_vary_headers(answer, ["Accept-Language"])
        return answer


class AdminContentSecurityPolicyMiddleware:
    """Gives /admin/ the looser policy that Wagtail's editor needs; all else stays strict."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_config = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
            # A preview comes through the public page's own middleware, with the strict policy,
            # which would keep it out of the editor's frame.
            response.headers.pop("Content-Security-Policy", None)
        return response


class PublicationRefusalMiddleware:
    """Tells an editor why the gate refused, where no form can.

    The editor's own form shows each reason at its field. Bulk publishing, an approval, or a copy
    that is kept live have no such form: Wagtail would answer 500. Nothing was written then, since
    each of them is one transaction.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say the reasons on the page from which the editor came."""
        if not isinstance(error, PublicationRefused) or request.method != "POST":
            return None
        if not request.path_info.startswith("/admin/"):
            return None
        for reason in error.messages:
            messages.error(
                request,
                _("“%(title)s” was not published. %(reason)s")
                % {"title": error.page_title, "reason": reason},
            )
        address = self._way_back(request)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            return JsonResponse({"step": "success", "redirect": address})  # as Wagtail's modals
        return redirect(address)

    def _way_back(self, request: HttpRequest) -> str:
        for address in (
            request.POST.get("next"),
            request.GET.get("next"),
            request.META.get("HTTP_REFERER"),
        ):
            if address and url_has_allowed_host_and_scheme(address, {request.get_host()}):
                return address
        return reverse("wagtailadmin_home")
