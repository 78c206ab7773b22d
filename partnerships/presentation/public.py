"""Which facts the public may see, and where: views, listings, blocks and API all ask here.

A fact has no liveness of its own, its pages have. A Partnership shows when a page of it is visible
in any language. A community or program shows when a page of it is visible, or when nobody has made
a page for it yet and its Partnership shows; one whose pages are all drafts or private is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from partnerships.models.communities import Community
from partnerships.models.events import Event
from partnerships.models.partnerships import Membership, Partnership
from partnerships.models.programs import Program
from partnerships.querysets import (
    CommunityQuerySet,
    EventQuerySet,
    MembershipQuerySet,
    PartnershipQuerySet,
    ProgramQuerySet,
)
from portal.fields import text_direction
from portal.visibility import PUBLIC, Viewer, hidden_prefixes, outside


def _page_model(model: type[Model]) -> Any:
    """Return the page type that stands for a fact model (its relation `pages`)."""
    return model._meta.get_field("pages").related_model


def _fact_field(model: type[Model]) -> str:
    """Return the name of the field by which those pages point at the fact."""
    return str(model._meta.get_field("pages").remote_field.name)  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class PublicScope:
    """What a viewer is kept out of, read once for all questions of a page (one query)."""

    hidden: Q

    @classmethod
    def of(cls, viewer: Viewer = PUBLIC) -> PublicScope:
        """Return the scope of a viewer."""
        return cls(outside(hidden_prefixes(viewer)))

    def pages(self, model: type[Model]) -> QuerySet:
        """Return the visible pages of a fact model, in all languages."""
        return _page_model(model).objects.live().filter(self.hidden)

    def _shows(self, model: type[Model], outer: str = "pk") -> Exists:
        return Exists(self.pages(model).filter(**{_fact_field(model): OuterRef(outer)}))

    def _unwritten(self, model: type[Model]) -> Q:
        """Return a condition that nobody has made a page for the fact, not even a draft."""
        pages = _page_model(model).objects.filter(**{_fact_field(model): OuterRef("pk")})
        return ~Q(Exists(pages))

    def partnerships(self) -> PartnershipQuerySet:
        """Return the Partnerships that show."""
        return Partnership.objects.for_public_display().filter(self._shows(Partnership))

    def hidden_partnerships(self) -> PartnershipQuerySet:
        """Return the Partnerships that don't show."""
        return Partnership.objects.exclude(self._shows(Partnership))

    def memberships(self) -> MembershipQuerySet:
        """Return the partner communities of Partnerships that show, current or not."""
        return Membership.objects.filter(self._shows(Partnership, "partnership_id"))

    def communities(self) -> CommunityQuerySet:
        """Return the communities that show."""
        return Community.objects.filter(
            Q(self._shows(Community)) | (self._unwritten(Community) & Q(self._is_named()))
        )

    def unnamed_communities(self) -> CommunityQuerySet:
        """Return the communities without a visible page that no visible Partnership names."""
        return Community.objects.exclude(self._shows(Community)).exclude(self._is_named())

    def _is_named(self) -> Exists:
        """Return a condition that a Partnership that shows names the community."""
        return Exists(self.memberships().filter(community=OuterRef("pk")))

    def programs(self) -> ProgramQuerySet:
        """Return the programs that show."""
        return Program.objects.filter(self._shows(Partnership, "partnership_id")).filter(
            Q(self._shows(Program)) | self._unwritten(Program)
        )

    def events(self) -> EventQuerySet:
        """Return the events that show."""
        of_nobody = Q(partnership__isnull=True)
        return Event.objects.filter(
            of_nobody | Q(self._shows(Partnership, "partnership_id"))
        ).filter(Q(self._shows(Event)) | self._unwritten(Event))


@dataclass(frozen=True, slots=True)
class PageLink:
    """The page on which a fact is told: in the reader's language, else in another one."""

    url: str
    title: str
    language: str
    is_foreign: bool

    @property
    def direction(self) -> str:
        """Writing direction of the page's language."""
        return text_direction(self.language)


def page_links(
    model: type[Model],
    facts: Iterable[Any],
    language: str,
    scope: PublicScope,
    request: HttpRequest | None = None,
) -> Mapping[int, PageLink]:
    """Return the page of each fact (by primary key) for a reader of `language`; one query."""
    keys = {fact.pk for fact in facts}
    if not keys:
        return {}
    name = _fact_field(model)
    pages = (
        scope.pages(model)
        .filter(**{f"{name}__in": keys})
        .select_related("locale")
        .only("title", "slug", "path", "depth", "url_path", "locale__language_code", f"{name}_id")
    )
    links: dict[int, PageLink] = {}
    for page in pages:
        key = getattr(page, f"{name}_id")
        own = page.locale.language_code
        known = links.get(key)
        if known is None or (own == language and known.is_foreign):
            links[key] = PageLink(page.get_url(request) or "", page.title, own, own != language)
    return links
