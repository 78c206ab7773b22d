"""The front page and standard pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.query import PageQuerySet
from wagtail.search import index

from home.front import build_front
from home.support import build_support, invented_sessions
from portal.blocks import BodyBlock
from portal.models import PortalPage
from portal.panels import body_panel
from portal.visibility import visible_pages
from search.services.library import demo_entries


class HomePage(PortalPage):
    """The front page of one language: the network at a glance."""

    introduction = models.CharField(_("introduction"), max_length=300, blank=True)
    hero_image = models.ForeignKey(
        "portal.PortalImage",
        verbose_name=_("main picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    is_skeleton = True
    template = "home/home_page.html"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = [
        "partnerships.PartnershipIndexPage",
        "partnerships.CommunityIndexPage",
        "partnerships.ProgramIndexPage",
        "search.LibraryIndexPage",
        "home.StandardPage",
    ]
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("hero_image"),
        body_panel(),
    ]
    search_fields: ClassVar[list[Any]] = [*PortalPage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("front page")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        return super().for_search_engines().exclude(Exists(demo_entries()))

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add figures, what is open now, what was told last (`front`)."""
        context = super().get_context(request, *args, **kwargs)
        context["front"] = front = build_front(self, request)
        context["shows_demo"] = front.shows_demo
        context["description"] = self.search_description or self.introduction
        return context


class StandardPage(PortalPage):
    """A plain page: history and vision, about, support, privacy, accessibility."""

    introduction = models.CharField(_("introduction"), max_length=300, blank=True)
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    shows_support = models.BooleanField(
        _("support stands here"),
        default=False,
        help_text=_("Below the text: the learning sessions, and the way to the support desk."),
    )

    template = "home/standard_page.html"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar[list[str]] = ["home.StandardPage"]
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        FieldPanel("introduction"),
        body_panel(),
        FieldPanel("shows_support"),
    ]
    search_fields: ClassVar[list[Any]] = [
        *PortalPage.search_fields,
        index.SearchField("introduction"),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        pages = super().for_search_engines()
        return pages.exclude(Exists(invented_sessions()), shows_support=True)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the visible pages under it (`children`), and what `support` there is."""
        context = super().get_context(request, *args, **kwargs)
        if self.shows_support:
            context["support"] = support = build_support(self.language, request)
            context["shows_demo"] = support.shows_demo
        context["children"] = visible_pages(self.get_children()) if self.path else []
        context["description"] = self.search_description or self.introduction
        return context
