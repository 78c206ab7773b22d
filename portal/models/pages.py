"""Abstract pages: what every page of the portal, and every page of the library, has."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import ItemBase
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PagePermissionTester
from wagtail.query import PageQuerySet
from wagtail.search import index

from portal.blocks import BodyBlock, searchable_text
from portal.fixed_addresses import PortalCopyForm, is_reserved, reserved_error
from portal.forms import PortalPageForm
from portal.gate import PublicationProblem, check_publication
from portal.library import Facet, LibraryDescription, LibraryType
from portal.page_permissions import SkeletonPagePermissionTester
from portal.panels import ChecksPanel, body_panel, summary_panel
from portal.widgets import ConceptCheckboxes

from .concepts import Concept, ConceptKind


class PageTag(ItemBase):
    """A free tag on any page of the portal, beside the vocabulary of concepts."""

    tag = models.ForeignKey("taggit.Tag", related_name="portal_page_tags", on_delete=models.CASCADE)
    content_object = ParentalKey(
        "wagtailcore.Page", related_name="portal_page_tags", on_delete=models.CASCADE
    )


class PortalPage(Page):
    """Abstract base of all page types: the gate, provenance, the original language.

    `original_language` is the language the text was first written in; a translation keeps its
    source's. `is_skeleton` types are made in every language by `ensure_language_tree`.
    """

    reference = models.CharField(
        _("reference"), max_length=120, blank=True, editable=False, db_index=True
    )
    original_language = models.CharField(max_length=10, blank=True, editable=False)
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)

    base_form_class = PortalPageForm
    copy_form_class = PortalCopyForm
    content_panels: ClassVar[list[Any]] = [ChecksPanel(), *Page.content_panels]
    private_page_options: ClassVar[list[str]] = ["login", "groups"]  # no shared passwords (TRAPS 9)
    is_skeleton: ClassVar[bool] = False
    is_gate_deferred: bool = False

    class Meta:
        abstract = True

    @property
    def body_class(self) -> str:
        """The class of `<body>`, for example "template-partnership-page" (a fixed contract)."""
        kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()
        return f"template-{kebab}"

    @property
    def language(self) -> str:
        """The language code of the page tree this page is in."""
        return self.locale.language_code

    @property
    def is_translation(self) -> bool:
        """Whether the text was first written in another language."""
        return bool(self.original_language) and self.original_language != self.language

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        """Return what `user` may do to the page; a skeleton page is kept by network staff."""
        if self.is_skeleton:
            return SkeletonPagePermissionTester(user, self)
        return super().permissions_for_user(user)

    def skeleton_values(self, language: str) -> dict[str, Any]:
        """Return the fields of this page's twin in `language` that nobody has written yet.

        For skeleton types: the title in that language, and the fact that the page stands for.
        """
        with override(language):
            return {"title": gettext(self.title)}

    def network_fields(self) -> frozenset[str]:
        """Return the fields that are for the network alone: nothing public may hold them."""
        return frozenset()

    def own_publication_problems(self) -> list[PublicationProblem]:
        """Return what this page type itself lacks to be public (see `portal.gate`)."""
        return []

    @staticmethod
    def _slug_is_available(slug: str, parent_page: Page | None, page: Page | None = None) -> bool:
        if is_reserved(slug, parent_page):
            return False
        return bool(Page._slug_is_available(slug, parent_page, page))

    def _check_slug_is_unique(self) -> None:
        if is_reserved(self.slug, self.get_parent()):
            raise ValidationError({"slug": reserved_error(self.slug)})
        super()._check_slug_is_unique()

    def can_move_to(self, parent: Page) -> bool:
        """Whether the page may stand under `parent`: not behind an address of the portal."""
        return not is_reserved(self.slug, parent) and bool(super().can_move_to(parent))

    def minimal_clean(self) -> None:
        super().minimal_clean()
        self._remember_original_language()

    @classmethod
    def for_search_engines(cls) -> PageQuerySet:
        """Return the pages of this type that show nothing invented: those for the sitemap.

        A type that lists things of others leaves out pages while one of them is invented; it may
        leave out too many, never too few.
        """
        pages: PageQuerySet = cls._default_manager.filter(is_demo=False, alias_of=None)
        return pages

    def check_parent(self, parent: Page) -> None:
        """Raise ValidationError (by field) when the page does not belong below `parent`.

        The editor's form and the bulk writer ask it of a new page, which has no place yet; a type
        that extends it asks in its `clean()` too, once the page is in the tree.
        """

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Validate the page; a live one must pass the gate too."""
        super().full_clean(*args, **kwargs)
        self._remember_original_language()
        if self.live and not self.is_gate_deferred:
            check_publication(self)

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """Return the page as a revision tells it; where it comes from is never taken from there."""
        page = super().with_content_json(content)
        for name in ("reference", "original_language", "is_demo"):
            setattr(page, name, getattr(self, name))
        return page

    def _remember_original_language(self) -> None:
        if not self.original_language and self.locale_id:
            self.original_language = self.locale.language_code

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["body_class"] = self.body_class
        return context


class LibraryPage(PortalPage):
    """Abstract: a text of the library with summary, body, concepts and tags.

    Subclasses set `library_type` and say by `library_facets` where they belong.
    """

    summary = models.CharField(
        _("summary"),
        max_length=200,
        help_text=_("One or two sentences for cards and search results, 200 characters at most."),
    )
    hero_image = models.ForeignKey(
        "portal.PortalImage",
        verbose_name=_("main picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    body = StreamField(BodyBlock(), verbose_name=_("text"), blank=True)
    concepts = ParentalManyToManyField(
        Concept,
        verbose_name=_("concepts"),
        blank=True,
        related_name="%(class)ss",
        help_text=_("What it is about, for whom, and which kind of program."),
    )
    tags = ClusterTaggableManager(through=PageTag, blank=True, verbose_name=_("tags"))

    library_type: ClassVar[LibraryType]

    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
    ]
    text_panels: ClassVar[list[Any]] = [
        summary_panel(),
        FieldPanel("hero_image"),
        body_panel(),
    ]
    about_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [FieldPanel("concepts", widget=ConceptCheckboxes), FieldPanel("tags")],
            heading=_("What it is about"),
        ),
    ]

    class Meta:
        abstract = True

    def library_text(self) -> str:
        """Return the searchable text beyond title and summary, without markup."""
        return searchable_text(self.body)

    def library_facets(self) -> dict[str, list[str]]:
        """Return the stable keys by facet name; extend in subclasses."""
        facets: dict[str, list[str]] = {kind.value: [] for kind in ConceptKind}
        for concept in self.concepts.all():
            facets[concept.kind].append(concept.key)
        day = self.first_published_at or self.latest_revision_created_at
        if day:
            facets[Facet.YEAR] = [str(day.year)]
        return facets

    def library_numbers(self) -> dict[str, float | None]:
        """Return the numbers to filter by (`Number`); None for one that is not told yet."""
        return {}

    def library_names(self) -> list[str]:
        """Return other names by which an exact look-up must find this."""
        return []

    def describe_for_library(self) -> LibraryDescription:
        """Return what the library index holds of this page, from this instance alone."""
        return LibraryDescription(
            thing_key=self.translation_key,
            type=self.library_type,
            language=self.language,
            title=self.title,
            summary=self.summary,
            body=self.library_text(),
            names=self.library_names(),
            facets=self.library_facets(),
            numbers=self.library_numbers(),
            date=self.first_published_at or self.last_published_at,
            reference=self.reference,
            is_demo=self.is_demo,
            image_id=self.hero_image_id,
        )
