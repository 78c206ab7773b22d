"""The address of a page that only the network may open: `…/network/`.

Public pages touch neither user nor session, so that each is one text for all and can be cached
whole. What not everybody may see stands at an address of its own: it asks who reads, and no cache
keeps it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.documents.views.serve import serve

from portal.visibility import Viewer, belongs_to_network

NETWORK_PATH = "network/"
REFUSAL = "portal/not_in_network.html"


class NetworkAddressMixin(RoutablePageMixin):
    """A page that shows more at `…/network/`, to signed-in people with a role.

    The template finds `is_for_network` in its context there.
    """

    def network_url(self, request: HttpRequest | None) -> str:
        """Return the address for the network; empty while the page itself has none."""
        address: str = self.get_url(request) or ""
        return f"{address}{NETWORK_PATH}" if address else ""

    @path(NETWORK_PATH, name="network")
    def for_network(self, request: HttpRequest) -> HttpResponse:
        """Show all of the page to the network; send others to the door, or say why not."""
        user: Any = request.user
        response: HttpResponse
        if not user.is_authenticated:
            response = to_the_door(request, self.language)
        elif not belongs_to_network(user):
            response = self._refuse(request)
        else:
            response = self.network_response(request, Viewer.of(user))
        return kept_by_nobody(response)

    def network_response(self, request: HttpRequest, viewer: Viewer) -> HttpResponse:
        """Return the page as the network sees it; `viewer` belongs to it."""
        response: HttpResponse = self.render(request, context_overrides=self.network_context())
        return response

    def network_context(self) -> dict[str, Any]:
        """Return what a template has to know of a page for the network."""
        return {"is_for_network": True, "noindex": True, "sets_cookies": True}

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        context = {"page": self, "noindex": True, "sets_cookies": True}
        context["body_class"] = "template-error template-403"
        return TemplateResponse(request, REFUSAL, context, status=403)


def to_the_door(request: HttpRequest, language: str) -> HttpResponseRedirect:
    """Return the way to the sign-in, in the reader's language, and back here afterwards."""
    query = urlencode({"language": language, "next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('account_login')}?{query}")


def kept_by_nobody(response: HttpResponse) -> HttpResponse:
    """Return the response with the order that no cache, shared or not, keeps it."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def keep_from_caches(request: HttpRequest) -> None:
    """Say that the answer to this request is for one reader; see `document_file`."""
    request.is_for_one_reader = True  # type: ignore[attr-defined]


def document_file(request: HttpRequest, document_id: int, document_filename: str) -> HttpResponse:
    """Serve a document as Wagtail does; one for the network is kept by no cache."""
    response: HttpResponse = serve(request, document_id, document_filename)
    is_for_one = getattr(request, "is_for_one_reader", False)
    return kept_by_nobody(response) if is_for_one else response
