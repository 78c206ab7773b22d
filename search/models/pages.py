"""The library's own page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Exists
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.query import PageQuerySet

from portal.blocks.text import RICH_TEXT_BASIC
from portal.demonstration import any_demo
from portal.models import PortalPage
from portal.network_address import NETWORK_PATH, NetworkAddressMixin
from portal.visibility import PUBLIC, Viewer
from search.presentation import listing_for
from search.searches import note_search
from search.services.library import demo_entries
from search.throttling import is_searching_too_often, too_often_page


class LibraryIndexPage(NetworkAddressMixin, PortalPage):
    """The search over everything that all communities have told: `/<lang>/library/?q=`.

    At `/<lang>/library/network/` the network finds what is for it alone, too.
    """

    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT_BASIC)

    is_skeleton = True
    template = "search/library_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    max_count_per_parent = 1
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        FieldPanel("introduction"),
    ]

    class Meta:
        verbose_name = _("library")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        return super().for_search_engines().exclude(Exists(demo_entries()))

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer, unless an address searches too often; the page itself is refused to nobody."""
        if request.GET and is_searching_too_often(request):
            refusal: HttpResponse = too_often_page(request, self)
            return refusal
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return response

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what was found for the address (`?q=&type=…`); touches neither user nor session."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        viewer: Viewer = kwargs.get("viewer", PUBLIC)
        listing = listing_for(request.GET, self.language, viewer)
        if viewer == PUBLIC:
            note_search(listing.result, listing.reading)
        query = listing.address
        context["listing"] = listing
        context["shows_demo"] = any_demo(listing.result.hits)
        context["noindex"] = listing.is_filtered or bool(request.GET)
        context["language_query"] = f"?{query}" if query else ""
        context["network_address"] = f"{NETWORK_PATH}{context['language_query']}"
        return context

    def network_response(self, request: HttpRequest, viewer: Viewer) -> HttpResponse:
        """Answer as the public page does, with what is for the network among what is found."""
        response: HttpResponse = self.render(
            request, viewer=viewer, context_overrides=self.network_context()
        )
        return response
