"""Communities: the list, and a page each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.query import PageQuerySet
from wagtail.search import index

from partnerships.listings.communities import build_community_list
from partnerships.presentation.community import build_community
from partnerships.presentation.demo import partnerships_with_demo
from portal.blocks import BodyBlock, searchable_text
from portal.blocks.text import RICH_TEXT_BASIC
from portal.library import Facet, LibraryDescription, LibraryType
from portal.listing import is_narrowed, query_for_languages
from portal.models import PortalPage

from ..communities import Community
from .facts import FactPage
from .panels import DemoTextPanel, body_panel, fact_panel


class CommunityIndexPage(PortalPage):
    """All communities, by country and name."""

    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT_BASIC)

    is_skeleton = True
    template = "partnerships/community_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["partnerships.CommunityPage"]
    max_count_per_parent = 1
    content_panels: ClassVar[list[Any]] = [*PortalPage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("list of communities")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the list as the address asks for it (`listing`)."""
        context = super().get_context(request, *args, **kwargs)
        listing = build_community_list(request, self.language)
        context["listing"] = listing
        context["language_query"] = query_for_languages(listing.filters)
        context["noindex"] = is_narrowed(request.GET)
        return context


class CommunityPage(FactPage):
    """A community's page: its Partnerships, what it tells, how to take part."""

    community = models.ForeignKey(
        Community, verbose_name=_("community"), on_delete=models.PROTECT, related_name="pages"
    )
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    fact_field = "community"
    is_skeleton = True
    library_type: ClassVar[LibraryType] = LibraryType.COMMUNITY
    template = "partnerships/community_page.html"
    parent_page_types: ClassVar[list[str]] = ["partnerships.CommunityIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        fact_panel("community"),
        body_panel(),
        DemoTextPanel("text_is_demo"),
    ]
    search_fields: ClassVar[list[Any]] = [*PortalPage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("community page")
        verbose_name_plural = _("community pages")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        return (
            super()
            .for_search_engines()
            .exclude(community__memberships__partnership__in=partnerships_with_demo())
        )

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the community's Partnerships, programs and what is told (`portrait`)."""
        context = super().get_context(request, *args, **kwargs)
        context["portrait"] = portrait = build_community(self.community, self.language, request)
        context["shows_demo"] = portrait.shows_demo
        return context

    def describe_for_library(self) -> LibraryDescription:
        """Return what the library index holds of this community in this language."""
        community = self.community
        memberships = community.memberships.current().select_related("partnership")
        names = [*community.name.values(), *[variant.text for variant in community.variants.all()]]
        return LibraryDescription(
            thing_key=self.translation_key,
            type=LibraryType.COMMUNITY,
            language=self.language,
            title=self.title,
            summary=community.introduction.in_language(self.language)[:300],
            body=searchable_text(self.body),
            names=list(dict.fromkeys(names)),
            facets={
                Facet.PARTNERSHIP: [membership.partnership.slug for membership in memberships],
                Facet.COMMUNITY: [community.slug],
                Facet.COUNTRY: [community.country_code],
            },
            date=None,  # a place is no news: what is told there is
            reference=community.reference,
            is_demo=self.is_demo or self.text_is_demo or community.is_demo,
        )
