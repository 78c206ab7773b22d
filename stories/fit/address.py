"""“Would it fit us?” below a practice's own address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail.contrib.routable_page.models import RoutablePageMixin, path

from .page import fit_context

TEMPLATE = "stories/fit_page.html"


class FitAddressMixin(RoutablePageMixin):
    """A practice that shows at `…/fit/?for=<slug>` how it fits a community or Partnership."""

    @path("fit/", name="fit")
    def fit(self, request: HttpRequest) -> HttpResponse:
        """Show the table; the choice stands in the address, nothing in a cookie."""
        page: Any = self
        overrides = fit_context(page, request)
        response: HttpResponse = self.render(
            request, context_overrides=overrides, template=TEMPLATE
        )
        return response
