"""What every library page under a Partnership shares."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import ObjectList, TabbedInterface

from partnerships.models import Partnership, PartnershipPage
from partnerships.presentation.public import PublicScope
from portal.library import Facet
from portal.models import LibraryPage
from portal.pictures import images_in, remember_renditions
from stories.presentation import original_link, teller_of


class PartnershipLibraryPage(LibraryPage):
    """Abstract: a library page that the Partnership above it in the tree tells."""

    parent_page_types: ClassVar[list[str]] = ["partnerships.PartnershipPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        abstract = True

    @classmethod
    def live_by_key(cls, keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Self]]:
        """Return the live pages of things by their keys, the one first told first (one query)."""
        found: dict[uuid.UUID, list[Self]] = {}
        pages = cls._default_manager.filter(
            live=True, translation_key__in=list(keys), alias_of=None
        )
        for page in pages.select_related("locale").order_by("pk"):
            found.setdefault(page.translation_key, []).append(page)
        for each in found.values():
            each.sort(key=lambda page: page.is_translation)
        return found

    @cached_property
    def partnership_page(self) -> PartnershipPage | None:
        """The Partnership's page in this language, straight above this one."""
        if not self.path:
            return None
        path = self.path[: -self.steplen]
        shared = self.__dict__.get("_cached_parent_obj")  # the bulk writer's, one for all siblings
        if isinstance(shared, PartnershipPage) and shared.path == path:
            return shared
        return PartnershipPage.objects.select_related("partnership").filter(path=path).first()

    @property
    def partnership(self) -> Partnership | None:
        """The Partnership that tells this."""
        page = self.partnership_page
        return page.partnership if page else None

    @property
    def page_first_told(self) -> PartnershipLibraryPage | None:
        """The page in the original language; None when this is it, or when it is gone."""
        if not self.is_translation:
            return None
        return (
            type(self)
            ._default_manager.filter(
                translation_key=self.translation_key,
                locale__language_code=self.original_language,
                alias_of=None,
            )
            .first()
        )

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add who tells it, the original of a translation, and the concepts."""
        context = super().get_context(request, *args, **kwargs)
        scope = PublicScope.of()
        teller = teller_of(self, scope, request)
        remember_renditions([self.hero_image, *images_in(self.body)])
        context["scope"] = scope
        context["teller"] = teller
        context["side_names"] = teller.side_names if teller else {}
        context["original"] = original_link(self, scope, request)
        context["page_concepts"] = list(self.concepts.all())
        context["page_tags"] = list(self.tags.all())
        return context

    @classmethod
    def prepare_for_library(cls, pages: Sequence[PartnershipLibraryPage]) -> None:
        """Read the facts of the Partnerships that tell `pages`, once for all."""
        tellers = {id(page): page for each in pages if (page := each.partnership_page)}
        PartnershipPage.prepare_for_library(list(tellers.values()))

    def library_facets(self) -> dict[str, list[str]]:
        """Return the stable keys by facet; the Partnership's communities and countries too."""
        facets = super().library_facets()
        page = self.partnership_page
        if page is None:
            return facets
        facets[Facet.PARTNERSHIP] = [page.partnership.slug]
        communities = [membership.community for membership in page.current_memberships]
        facets[Facet.COMMUNITY] = [community.slug for community in communities]
        facets[Facet.COUNTRY] = sorted({c.country_code for c in communities if not c.is_in_israel})
        return facets

    def library_names(self) -> list[str]:
        """Return the Partnership's names, so that a place finds what is told there."""
        partnership = self.partnership
        return list(partnership.name.values()) if partnership else []


def tabs(text: list[Any], about: list[Any], **more: tuple[Any, list[Any]]) -> TabbedInterface:
    """Return the editor's tabs: the text, what it is about, settings, and more between them."""
    return TabbedInterface(
        [
            ObjectList(text, heading=_("Text")),
            *[ObjectList(panels, heading=heading) for heading, panels in more.values()],
            ObjectList(about, heading=_("What it is about")),
            ObjectList(PartnershipLibraryPage.promote_panels, heading=_("Promote")),
            ObjectList(PartnershipLibraryPage.settings_panels, heading=_("Settings")),
        ]
    )
