"""Outcomes that are due and stops to be told of, for those whose word is waited for."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from partnerships.permissions import standing_of
from portal.templatetags.portal_tags import localized
from portal.waiting import SHOWN, WaitingGroup, WaitingLine, group_of
from stories.enums import AdoptionState
from stories.evidence import add_months
from stories.models import Adoption, AdoptionSource, Outcome, StopAgreement
from stories.permissions import own_ids
from stories.services.outcomes import missing_outcomes

#: So long a stop waits for the word of those who told the practice.
WAITED_FOR = datetime.timedelta(days=90)


def outcomes_that_wait(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield the outcomes that the person's own Partnerships owe, the longest due first.

    Two queries. Network staff report for all, but nothing waits for them here.
    """
    own = own_ids(standing_of(user))
    if not own:
        return
    adoptions = (
        Adoption.objects.filter(
            partnership__in=own, started_on__lte=add_months(today, -min(Outcome.MONTHS))
        )
        .select_related("partnership", "practice")
        .prefetch_related("outcomes")
    )
    due = sorted(missing_outcomes(adoptions, today), key=lambda each: each.due_on)
    yield WaitingGroup(
        key="outcomes_due",
        heading=_("Outcomes due of what you brought over"),
        icon="order-up",
        lines=[
            WaitingLine(
                title=localized(each.adoption.practice.titles),
                url=reverse("wagtailadmin_adoption", args=[each.adoption.pk]) + "#outcomes",
                note=_("after %(months)d months: due since %(day)s")
                % {
                    "months": each.months,
                    "day": formats.date_format(each.due_on, "DATE_FORMAT"),
                },
                where=localized(each.adoption.partnership.name),
            )
            for each in due[:SHOWN]
        ],
        total=len(due),
        more_url=reverse("wagtailadmin_adoptions"),
    )


def stops_that_wait(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield the stops of which others would tell the public, if the person's Partnerships agree.

    Two queries at most. What was stopped long ago is on the list, and waits here no more.
    """
    own = own_ids(standing_of(user))
    if not own:
        return
    agreed = StopAgreement.objects.filter(adoption=OuterRef("adoption"))
    rows = (
        AdoptionSource.objects.filter(
            Exists(agreed.filter(partnership=F("adoption__partnership"))),
            ~Exists(agreed.filter(partnership=OuterRef("parent__partnership"))),
            parent__partnership__in=own,
            adoption__state=AdoptionState.STOPPED,
            adoption__ended_on__gte=today - WAITED_FOR,
        )
        .select_related("adoption__partnership", "parent")
        .order_by("adoption__ended_on", "pk")
    )
    yield group_of(
        rows,
        lambda each: WaitingLine(
            title=localized(each.parent.titles),
            url=reverse("wagtailadmin_adoption", args=[each.adoption_id]) + "#stop",
            note=_("they agree; it is public once you do, too"),
            where=localized(each.adoption.partnership.name),
        ),
        key="stops",
        heading=_("May others read why it was stopped?"),
        icon="copy",
        more_url=reverse("wagtailadmin_adoptions") + "?which=given&state=stopped",
    )
