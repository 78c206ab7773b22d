"""Sentences that say which facts one may see or means; views, blocks and API all call these."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from partnerships.enums import PartnershipStatus, ProgramStatus, Side


def _today(on: datetime.date | None) -> datetime.date:
    return on or timezone.localdate()


class PartnershipQuerySet(models.QuerySet):
    """Partnerships, by who may see them and when they ran."""

    def for_public_display(self) -> Self:
        """All Partnerships: ended and uncertain ones stay, marked."""
        return self.select_related("kind")

    def running(self) -> Self:
        """Those not known to have ended."""
        return self.exclude(status=PartnershipStatus.ENDED)

    def with_members(self) -> Self:
        """Prefetch the partner communities, in order, without a query a row."""
        return self.prefetch_related("memberships__community")


class CommunityQuerySet(models.QuerySet):
    """Communities of both sides."""

    def in_israel(self) -> Self:
        """Places in Israel."""
        return self.filter(country_code="IL")

    def abroad(self) -> Self:
        """Jewish communities abroad."""
        return self.exclude(country_code="IL")


class MembershipQuerySet(models.QuerySet):
    """Partner communities by side and date."""

    def current(self, on: datetime.date | None = None) -> Self:
        """Those that belong to their Partnership on that day (today when not given)."""
        day = _today(on)
        return self.filter(
            Q(joined_on__isnull=True) | Q(joined_on__lte=day),
            Q(left_on__isnull=True) | Q(left_on__gt=day),
        )

    def of_side(self, side: Side) -> Self:
        """Those of one side."""
        return self.filter(side=side)


class ProgramQuerySet(models.QuerySet):
    """Programs."""

    def for_public_display(self) -> Self:
        """Programs with what a listing shows of them, without a query a row."""
        return self.select_related("type", "partnership").prefetch_related("ways", "concepts")

    def running(self) -> Self:
        """Programs that run."""
        return self.filter(status=ProgramStatus.RUNNING)


class WayToTakePartQuerySet(models.QuerySet):
    """Ways to take part, open ones first."""

    def open_on(self, on: datetime.date | None = None) -> Self:
        """Those one can apply for on that day (the rule of `WayToTakePart.is_open`)."""
        day = _today(on)
        return (
            self.filter(is_closed=False)
            .filter(Q(places_left__isnull=True) | Q(places_left__gt=0))
            .filter(Q(opens_on__isnull=True) | Q(opens_on__lte=day))
            .filter(Q(deadline__isnull=True) | Q(deadline__gte=day))
            .filter(Q(deadline__isnull=False) | Q(starts_on__isnull=True) | Q(starts_on__gte=day))
        )


class EventQuerySet(models.QuerySet):
    """Events by time."""

    def upcoming(self, at: datetime.datetime | None = None) -> Self:
        """Those that are not over."""
        moment = at or timezone.now()
        return self.filter(Q(ends_at__gte=moment) | Q(ends_at__isnull=True, starts_at__gte=moment))


class CommitteeSeatQuerySet(models.QuerySet):
    """Seats of committees."""

    def current(self, on: datetime.date | None = None) -> Self:
        """Seats whose term holds on that day."""
        day = _today(on)
        return self.filter(
            Q(term_from__isnull=True) | Q(term_from__lte=day),
            Q(term_to__isnull=True) | Q(term_to__gte=day),
        )


class RoleAssignmentQuerySet(models.QuerySet):
    """Roles of people."""

    def current(self, on: datetime.date | None = None) -> Self:
        """Roles whose term holds on that day."""
        day = _today(on)
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=day),
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        )
