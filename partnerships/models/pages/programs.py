"""Programs: the list with what is open now, and a page each."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.query import PageQuerySet
from wagtail.search import index

from partnerships.library_facts import program_facets, program_numbers, way_facets, way_numbers
from partnerships.listings.programs import build_program_list
from partnerships.presentation.demo import partnerships_with_demo
from partnerships.presentation.program import build_program
from portal.blocks import BodyBlock, searchable_text
from portal.blocks.text import RICH_TEXT_BASIC
from portal.library import Facet, LibraryDescription, LibraryType
from portal.listing import is_narrowed, query_for_languages
from portal.models import PortalPage

from ..programs import Program
from .facts import PartnershipFactPage
from .panels import DemoTextPanel, body_panel, fact_panel, summary_panel


class ProgramIndexPage(PortalPage):
    """All programs, those with an open way to take part first."""

    introduction = RichTextField(_("introduction"), blank=True, features=RICH_TEXT_BASIC)

    is_skeleton = True
    template = "partnerships/program_index_page.html"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    max_count_per_parent = 1
    content_panels: ClassVar[list[Any]] = [*PortalPage.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("list of programs")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        return super().for_search_engines().exclude(Exists(Program.objects.filter(is_demo=True)))

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the list as the address asks for it (`listing`)."""
        context = super().get_context(request, *args, **kwargs)
        listing = build_program_list(request, self.language)
        context["listing"] = listing
        context["shows_demo"] = listing.shows_demo
        context["language_query"] = query_for_languages(listing.filters)
        context["noindex"] = is_narrowed(request.GET)
        return context


class ProgramPage(PartnershipFactPage):
    """A program in one language: what it is, who can take part and how."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="pages"
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
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)

    fact_field = "program"
    page_description = _("People can join it.")
    library_type: ClassVar[LibraryType] = LibraryType.PROGRAM
    template = "partnerships/program_page.html"
    parent_page_types: ClassVar[list[str]] = ["partnerships.PartnershipPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *PortalPage.content_panels,
        fact_panel("program"),
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
        verbose_name = _("program page")
        verbose_name_plural = _("program pages")

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages that show nothing invented."""
        return (
            super().for_search_engines().exclude(program__partnership__in=partnerships_with_demo())
        )

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add ways to take part, contacts, events and numbers (`portrait`)."""
        context = super().get_context(request, *args, **kwargs)
        context["portrait"] = portrait = build_program(self.program, self.language, request)
        context["shows_demo"] = portrait.shows_demo
        context["description"] = (
            self.search_description
            or self.summary
            or self.program.summary.in_language(self.language)
        )
        return context

    def _subject_facets(self) -> dict[str, list[str]]:
        """Return the facets of what the program is about, and whose it is."""
        program = self.program
        facets: dict[str, list[str]] = {
            Facet.PARTNERSHIP: [program.partnership.slug],
            Facet.DIRECTION: [program.direction] if program.direction else [],
            Facet.PROGRAM_TYPE: [program.type.key] if program.type else [],
        }
        for concept in program.concepts.all():
            facets.setdefault(concept.kind, []).append(concept.key)
        return facets

    def describe_parts_for_library(self) -> list[LibraryDescription]:
        """Return each way to take part that is open today, as a thing of its own."""
        program = self.program
        return [
            LibraryDescription(
                thing_key=uuid.uuid5(self.translation_key, str(way.key)),
                type=LibraryType.OPPORTUNITY,
                language=self.language,
                title=f"{way.title.in_language(self.language)} ({self.title})"[:255],
                summary=str(way.asks.in_language(self.language) or self.summary),
                body=str(way.next_steps.in_language(self.language)),
                facets={**self._subject_facets(), **way_facets(way, program)},
                numbers=way_numbers(way, program),
                date=self.first_published_at,
                reference=way.reference,
                is_demo=self.is_demo or self.text_is_demo or program.is_demo or way.is_demo,
                part=f"way-{way.pk}",
            )
            for way in program.ways.all()
            if way.is_open()
        ]

    def describe_for_library(self) -> LibraryDescription:
        """Return what the library index holds of this program in this language."""
        program = self.program
        facets = {**self._subject_facets(), **program_facets(program)}
        ways = [str(way.title.in_language(self.language)) for way in program.ways.all()]
        return LibraryDescription(
            thing_key=self.translation_key,
            type=LibraryType.PROGRAM,
            language=self.language,
            title=self.title,
            summary=self.summary or program.summary.in_language(self.language),
            body="\n".join([searchable_text(self.body), *ways]),
            names=list(program.name.values()),
            facets=facets,
            numbers=program_numbers(program),
            date=self.first_published_at,
            reference=program.reference,
            is_demo=self.is_demo or self.text_is_demo or program.is_demo,
            image_id=self.hero_image_id,
        )
