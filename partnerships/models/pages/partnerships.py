"""The directory, a Partnership's page, and pages of its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.query import PageQuerySet
from wagtail.search import index

from partnerships.enums import Side
from partnerships.listings.directory import build_directory
from partnerships.presentation.demo import partnerships_with_demo
from partnerships.presentation.events import build_event
from partnerships.presentation.partnership import build_portrait
from portal.blocks import BodyBlock, searchable_text
from portal.blocks.text import RICH_TEXT_BASIC
from portal.library import Facet, LibraryDescription, LibraryType
from portal.listing import is_narrowed, query_for_languages
from portal.models import PortalPage
from portal.visibility import visible_pages

from ..events import Event
from ..partnerships import NETWORK_NAMES, Membership, Partnership
from .facts import FactPage, PartnershipFactPage
from .panels import DemoTextPanel, body_panel, fact_panel, summary_panel


class PartnershipIndexPage(PortalPage):
    """The directory of all Partnerships: list, A to Z, filters."""

    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT_BASIC)

    is_skeleton = True
    template = "partnerships/partnership_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["partnerships.PartnershipPage"]
    max_count_per_parent = 1
    content_panels: ClassVar[list[Any]] = [*PortalPage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("directory of Partnerships")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the directory as the address asks for it (`listing`)."""
        context = super().get_context(request, *args, **kwargs)
        listing = build_directory(request, self.language)
        context["listing"] = listing
        context["language_query"] = query_for_languages(listing.filters)
        context["noindex"] = is_narrowed(request.GET)
        return context


class PartnershipPage(FactPage):
    """A Partnership's page in one language: both sides equal, what it does, how to take part.

    It is made in every language; one that nobody has written says so and shows the facts.
    """

    partnership = models.ForeignKey(
        Partnership, verbose_name=_("Partnership"), on_delete=models.PROTECT, related_name="pages"
    )
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    hero_image = models.ForeignKey(
        "portal.PortalImage",
        verbose_name=_("main picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    body = StreamField(BodyBlock(), verbose_name=_("the story of the tie"), blank=True)

    fact_field = "partnership"
    is_skeleton = True
    library_type: ClassVar[LibraryType] = LibraryType.PARTNERSHIP
    template = "partnerships/partnership_page.html"
    parent_page_types: ClassVar[list[str]] = ["partnerships.PartnershipIndexPage"]
    #: In the order in which an editor is asked what to write: what is told most stands first.
    subpage_types: ClassVar[list[str]] = [
        "stories.StoryPage",
        "stories.PracticePage",
        "partnerships.ProgramPage",
        "partnerships.EventPage",
        "stories.ChallengePage",
        "stories.ResourcePage",
    ]
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        fact_panel("partnership"),
        summary_panel(),
        FieldPanel("hero_image"),
        body_panel(),
        DemoTextPanel("text_is_demo"),
    ]
    search_fields: ClassVar[list[Any]] = [
        *PortalPage.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = _("Partnership page")
        verbose_name_plural = _("Partnership pages")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        return super().for_search_engines().exclude(partnership__in=partnerships_with_demo())

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the facts (`portrait`), and for an unwritten page where it is written."""
        context = super().get_context(request, *args, **kwargs)
        context["portrait"] = portrait = build_portrait(self.partnership, self.language, request)
        context["shows_demo"] = portrait.shows_demo
        context["description"] = self.search_description or self.summary
        if self.is_unwritten:
            twins = visible_pages(self.get_translations()).select_related("locale")
            context["written_twins"] = [twin for twin in twins if not twin.is_unwritten]
        return context

    @property
    def is_unwritten(self) -> bool:
        """Whether nobody has written this language's texts yet."""
        return not self.summary and not self.body

    @cached_property
    def current_memberships(self) -> list[Membership]:
        """Who belongs to the Partnership today, both sides; read once for this instance."""
        return list(self.partnership.memberships.current().select_related("community"))

    @classmethod
    def prepare_for_library(cls, pages: Sequence[PartnershipPage]) -> None:
        """Read what the descriptions of `pages`, and of what is told below them, ask for."""
        prefetch_related_objects(pages, "partnership")
        members: dict[int, list[Membership]] = defaultdict(list)
        partnerships = {page.partnership_id for page in pages}
        current = Membership.objects.filter(partnership__in=partnerships).current()
        for membership in current.select_related("community"):
            members[membership.partnership_id].append(membership)
        for page in pages:
            page.__dict__["current_memberships"] = members[page.partnership_id]

    def describe_for_library(self) -> LibraryDescription:
        """Return what the library index holds of this Partnership in this language."""
        partnership = self.partnership
        memberships = self.current_memberships
        communities = [membership.community for membership in memberships]
        names = [*partnership.name.values(), *partnership.region_name.values()]
        names += [variant.text for variant in partnership.variants.all()]
        for community in communities:
            names += community.name.values()
        names += NETWORK_NAMES  # "partnership 2000" finds them all
        return LibraryDescription(
            thing_key=self.translation_key,
            type=LibraryType.PARTNERSHIP,
            language=self.language,
            title=self.title,
            summary=self.summary,
            body=searchable_text(self.body),
            names=list(dict.fromkeys(names)),
            facets={
                Facet.PARTNERSHIP: [partnership.slug],
                Facet.COMMUNITY: [community.slug for community in communities],
                Facet.COUNTRY: sorted(
                    {
                        membership.community.country_code
                        for membership in memberships
                        if membership.side == Side.DIASPORA
                    }
                ),
                **{
                    kind: [
                        concept.key for concept in partnership.themes.all() if concept.kind == kind
                    ]
                    for kind in (Facet.TOPIC, Facet.PROGRAM_TYPE, Facet.AUDIENCE)
                },
            },
            date=None,  # a place is no news: what is told there is
            reference=partnership.reference,
            is_demo=self.is_demo or self.text_is_demo or partnership.is_demo,
            image_id=self.hero_image_id,
        )


class EventPage(PartnershipFactPage):
    """An event told at length."""

    event = models.ForeignKey(
        Event, verbose_name=_("event"), on_delete=models.PROTECT, related_name="pages"
    )
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    fact_field = "event"
    page_description = _("People meet on a day, at a place or online.")
    template = "partnerships/event_page.html"
    parent_page_types: ClassVar[list[str]] = ["partnerships.PartnershipPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        fact_panel("event"),
        body_panel(),
        DemoTextPanel("text_is_demo"),
    ]

    class Meta:
        verbose_name = _("event page")
        verbose_name_plural = _("event pages")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the event as the public may see it (`event`), and its Partnership's page."""
        context = super().get_context(request, *args, **kwargs)
        context.update(build_event(self.event, self.language, request))
        return context
