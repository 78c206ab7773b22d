"""Scenes of adoption: two Partnerships, their people, a practice that travels."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from partnerships.enums import Role
from partnerships.models import Partnership
from portal.models import User
from stories.models import Adoption, Outcome, PracticePage
from stories.services.adoptions import move, take_over
from stories.services.outcomes import report
from tests.factories import (
    PartnershipPageFactory,
    PracticePageFactory,
    RoleAssignmentFactory,
    UserFactory,
    page_of,
)

TOLD = {"against_aim": "same", "reached": 30, "counted_how": "lists of the teachers"}


def partnership(language: str = "en", **facts: Any) -> Partnership:
    """Return a Partnership with a live page."""
    page = PartnershipPageFactory(language=language)
    for name, value in facts.items():
        setattr(page.partnership, name, value)
    page.partnership.save()
    found: Partnership = page.partnership
    return found


def person(role: str = Role.COORDINATOR, of: Partnership | None = None, side: str = "") -> User:
    """Return somebody who has a role, of a Partnership or of the network."""
    user = UserFactory()
    RoleAssignmentFactory(user=user, role=role, partnership=of, side=side)
    found: User = user
    return found


def staff() -> User:
    """Return somebody of the network's staff."""
    return person(Role.NETWORK_STAFF)


def practice(of: Partnership | None = None, language: str = "en", **fields: Any) -> PracticePage:
    """Return a live practice with a revision, told by a Partnership."""
    teller = of or partnership(language)
    page = PracticePageFactory(
        parent=page_of(teller, language), language=language, live=False, **fields
    )
    page.save_revision().publish()
    found: PracticePage = PracticePage.objects.get(pk=page.pk)
    return found


def taken(
    source: PracticePage | None = None, by: Partnership | None = None, **plan: Any
) -> Adoption:
    """Return the adoption of a practice by a coordinator of a Partnership."""
    taker = by or partnership()
    return take_over(person(of=taker), source or practice(), taker, **plan)


def child_page(adoption: Adoption) -> PracticePage:
    """Return the page of an adoption."""
    found: PracticePage = PracticePage.objects.get(translation_key=adoption.pk)
    return found


def publish_child(adoption: Adoption, **fields: Any) -> PracticePage:
    """Fill what was not copied, and publish the page of an adoption."""
    page = child_page(adoption).get_latest_revision_as_object()
    page.results = PracticePageFactory.build().results
    page.difficulties = PracticePageFactory.build().difficulties
    page.contact_role = "coordinator"
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return child_page(adoption)


def running(adoption: Adoption, since: datetime.date | None = None) -> Adoption:
    """Return the adoption, running since a day (13 months ago when not given)."""
    day = since or timezone.localdate() - datetime.timedelta(days=400)
    user = person(of=adoption.partnership)
    move(user, adoption, "planned")
    move(user, adoption, "running", on=day)
    return adoption


def reported(adoption: Adoption, months: int = 12, **told: Any) -> Outcome:
    """Return an outcome that the adopters reported."""
    return report(person(of=adoption.partnership), adoption, months, {**TOLD, **told})
