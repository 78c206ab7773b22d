"""The sitemap: live, public pages on which nothing is invented."""

from __future__ import annotations

from django.db.models import Q
from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page, get_page_models
from wagtail.query import PageQuerySet

from portal.models import PortalPage
from portal.visibility import visible_pages


class PortalSitemap(Sitemap):
    """All languages in one; each page type says which of its pages belong (see docs)."""

    def items(self) -> PageQuerySet:
        """Return the pages by `PortalPage.for_search_engines`, one subquery a type."""
        wanted = Q(pk__in=[])
        for model in get_page_models():
            if issubclass(model, PortalPage):
                wanted |= Q(pk__in=model.for_search_engines().order_by().values("pk"))
        return visible_pages(Page.objects.filter(wanted)).order_by("path")
