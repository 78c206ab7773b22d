"""What the page of contact tells: to whom it goes, how soon they answer, when both are awake."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from partnerships.clocks import SharedHours, shared_hours, zone_of
from partnerships.models import Community, FormsClosure, Partnership
from partnerships.presentation.public import PublicScope
from partnerships.services.closures import closure_of
from partnerships.services.routing import Route, route_for
from portal.fields import in_language
from stories.models import ChallengePage, PartnershipLibraryPage, PracticePage, ResourcePage
from stories.services.contacts import WORKING_DAYS, AnswerTimes, answer_times

#: What one can write about.
ABOUT: tuple[type[PartnershipLibraryPage], ...] = (PracticePage, ChallengePage, ResourcePage)


def public_page(key: uuid.UUID, language: str, scope: PublicScope) -> PartnershipLibraryPage | None:
    """Return the public page of a thing, in the reader's language if it has one; None if hidden."""
    for model in ABOUT:
        pages = (
            model._default_manager.filter(scope.hidden, translation_key=key, live=True)
            .select_related("locale")
            .order_by("pk")
        )
        found = sorted(pages, key=lambda page: page.language != language)
        if found:
            return found[0]
    return None


@dataclass
class ContactPage:
    """One state of the page; `page` is None for the support desk."""

    page: PartnershipLibraryPage | None
    partnership: Partnership | None
    community: Community | None
    language: str
    route: Route
    closure: FormsClosure | None
    times: AnswerTimes
    hours: tuple[SharedHours, ...] = ()
    working_days: int = WORKING_DAYS

    @property
    def purpose(self) -> str:
        """What a form of this page is signed for."""
        return f"contact:{self.page.translation_key if self.page else 'support'}"

    @property
    def is_open(self) -> bool:
        """Whether messages are taken: the forms are not closed, and somebody can be reached."""
        return self.closure is None and bool(self.route.receivers)

    @property
    def own_url(self) -> str:
        """The address of the form."""
        if self.page is None:
            return reverse("contact_support")
        return reverse("contact", args=[self.page.translation_key])

    @property
    def sent_url(self) -> str:
        """Where one is sent on to."""
        if self.page is None:
            return reverse("contact_support_sent")
        return reverse("contact_sent", args=[self.page.translation_key])

    @property
    def page_url(self) -> str:
        """The address of the page that it is about."""
        return (self.page.get_url() or "") if self.page else ""

    @property
    def is_foreign(self) -> bool:
        """Whether the page is in another language than the reader's."""
        return self.page is not None and self.page.language != self.language

    @cached_property
    def communities(self) -> list[Any]:
        """The communities that show, by name: the visitor's clock, and perhaps its own contact."""
        rows = PublicScope.of().communities().annotate(by_name=in_language("name", self.language))
        return list(rows.order_by("by_name", "pk").only("slug", "name"))

    @cached_property
    def languages(self) -> str:
        """The codes of the languages in which one can write; "" if not told."""
        return languages_of(self.page)

    @property
    def theirs_now(self) -> datetime.time:
        """The time where who answers lives: a clock's, which a template leaves as it is."""
        return timezone.now().astimezone(zone_of(self.route.time_zone)).time()


def hours_for(community: Community, route: Route) -> tuple[SharedHours, ...]:
    """Return in which hours of this day people of `community` and who answers are both awake."""
    day = timezone.now().astimezone(zone_of(community.time_zone)).date()
    return shared_hours(community.time_zone, route.time_zone, day)


def community_of(slug: str) -> Community | None:
    """Return the community that an address names, if it shows; None for any other text."""
    slug = slug.replace("\x00", "")[:120]  # PostgreSQL takes no NUL
    return PublicScope.of().communities().filter(slug=slug).first() if slug else None


def languages_of(page: PartnershipLibraryPage | None) -> str:
    """Return the codes of the languages in which a thing is done ("en, he"); "" if not told."""
    return str(getattr(getattr(page, "neutral", None), "activity_languages", ""))


def contact_page(
    page: PartnershipLibraryPage | None, community: Community | None, language: str
) -> ContactPage:
    """Gather what a visitor of `community` sees who writes about `page`."""
    partnership = page.partnership if page else None
    route = route_for(partnership, community)
    hours = hours_for(community, route) if community is not None and page is not None else ()
    return ContactPage(
        page=page,
        partnership=partnership,
        community=community,
        language=language,
        route=route,
        closure=closure_of(partnership.pk if partnership else None),
        times=answer_times(partnership),
        hours=hours,
    )
