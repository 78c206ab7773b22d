"""Stories and resources: quick to tell, easy to take."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from partnerships.enums import Side
from partnerships.models import Program
from partnerships.presentation.public import PublicScope, page_links
from portal.gate import PublicationProblem
from portal.library import Facet, LibraryType
from stories.enums import EvidenceLevel, NetworkPart
from stories.network_parts import NetworkPartsMixin
from stories.presentation import ThingCard, cards_of

from .base import PartnershipLibraryPage, tabs
from .practices import PracticePage


def practice_card(
    practice: PracticePage | None, language: str, scope: PublicScope, request: HttpRequest | None
) -> ThingCard | None:
    """Return a practice in the reader's language, else in another; None unless it is public."""
    if practice is None:
        return None
    pages = PracticePage.objects.filter(translation_key=practice.translation_key)
    return next(iter(cards_of(pages, language, scope, request)), None)


class StoryPage(PartnershipLibraryPage):
    """What happened: told in ten minutes, by one side or both (`type=success` in the API)."""

    told_by = models.CharField(
        _("told by"),
        max_length=10,
        choices=Side.choices,
        blank=True,
        help_text=_("Empty: by both sides."),
    )
    happened_on = models.DateField(_("when it happened"), null=True, blank=True)
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stories",
    )
    practice = models.ForeignKey(
        PracticePage,
        verbose_name=_("practice"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stories",
        help_text=_("The recipe that was followed, if there is one."),
    )
    provenance_note = models.CharField(
        _("where the text comes from"), max_length=255, blank=True, editable=False
    )

    page_description = _("What happened.")
    library_type: ClassVar[LibraryType] = LibraryType.STORY
    template = "stories/story_page.html"
    edit_handler = tabs(
        [
            *PartnershipLibraryPage.content_panels,
            *PartnershipLibraryPage.text_panels,
            FieldRowPanel([FieldPanel("told_by"), FieldPanel("happened_on")]),
        ],
        [
            *PartnershipLibraryPage.about_panels,
            FieldPanel("program"),
            FieldPanel("practice"),
        ],
    )

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the program it happened in and the recipe that was followed."""
        context = super().get_context(request, *args, **kwargs)
        scope = context["scope"]
        programs = [self.program] if self.program else []
        links = page_links(Program, programs, self.language, scope, request)
        context["program_link"] = next(iter(links.values()), None)
        context["practice_card"] = practice_card(self.practice, self.language, scope, request)
        return context

    def library_facets(self) -> dict[str, list[str]]:
        """Return the facets, with the side that tells and the year in which it happened."""
        facets = super().library_facets()
        facets[Facet.SIDE] = [self.told_by] if self.told_by else list(Side.values)
        if self.happened_on:
            facets[Facet.YEAR] = [str(self.happened_on.year)]
        facets[Facet.EVIDENCE] = [EvidenceLevel.TOLD.value]
        return facets


class ResourcePage(NetworkPartsMixin, PartnershipLibraryPage):
    """A handbook, form, lesson or film that others can use."""

    document = models.ForeignKey(
        "portal.PortalDocument",
        verbose_name=_("file"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    address = models.URLField(_("or address"), blank=True)
    is_for_network = models.BooleanField(
        _("file and address for the network only"),
        default=False,
        help_text=_("In all languages. The public sees that there is a file, and how to ask."),
    )
    resource_language = models.CharField(
        _("its language"), max_length=60, blank=True, help_text=_("Codes, for example en, he.")
    )
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    version_label = models.CharField(_("version"), max_length=60, blank=True)
    is_accessible = models.BooleanField(_("accessible"), null=True, blank=True)
    practice = models.ForeignKey(
        PracticePage,
        verbose_name=_("practice it belongs to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="resource_pages",
    )

    page_description = _("A handbook, form, lesson or film that others can take.")
    library_type: ClassVar[LibraryType] = LibraryType.RESOURCE
    part_fields: ClassVar[Mapping[str, Sequence[str]]] = {
        NetworkPart.FORMS: ("document", "address")
    }
    template = "stories/resource_page.html"
    edit_handler = tabs(
        [
            *PartnershipLibraryPage.content_panels,
            *PartnershipLibraryPage.text_panels[:1],
            FieldPanel("document"),
            FieldPanel("address"),
            FieldPanel("is_for_network"),
            FieldRowPanel([FieldPanel("resource_language"), FieldPanel("licence")]),
            FieldRowPanel([FieldPanel("version_label"), FieldPanel("is_accessible")]),
            *PartnershipLibraryPage.text_panels[1:],
        ],
        [*PartnershipLibraryPage.about_panels, FieldPanel("practice")],
    )

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")

    @cached_property
    def is_closed_by_twin(self) -> bool:
        """Whether the page in another language keeps the file for the network."""
        twins = type(self)._default_manager.filter(
            translation_key=self.translation_key, is_for_network=True
        )
        return twins.exclude(pk=self.pk).exists()

    @property
    def closed_parts(self) -> frozenset[str]:
        """The file, where one of the thing's languages keeps it for the network."""
        is_closed = self.is_for_network or self.is_closed_by_twin
        return frozenset([NetworkPart.FORMS.value] if is_closed else [])

    @classmethod
    def prepare_for_library(cls, pages: Sequence[PartnershipLibraryPage]) -> None:
        """Read at once which of the things keep their files for the network in any language."""
        super().prepare_for_library(pages)
        closed: dict[uuid.UUID, set[int]] = defaultdict(set)
        marked = cls._default_manager.filter(
            translation_key__in={page.translation_key for page in pages}, is_for_network=True
        )
        for key, pk in marked.values_list("translation_key", "pk"):
            closed[key].add(pk)
        for page in pages:
            page.__dict__["is_closed_by_twin"] = bool(closed[page.translation_key] - {page.pk})

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the practice that it belongs to."""
        context = super().get_context(request, *args, **kwargs)
        context["practice_card"] = practice_card(
            self.practice, self.language, context["scope"], request
        )
        return context

    def own_publication_problems(self) -> list[PublicationProblem]:
        """A resource needs a file, an address, or a text that is the resource itself."""
        if self.document_id or self.address or self.body:
            return []
        message: Any = _("Add the file, its address, or the text itself.")
        return [PublicationProblem(code="resource_empty", field="document", message=message)]
