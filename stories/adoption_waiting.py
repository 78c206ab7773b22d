"""Outcomes that are due, for those who owe them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from partnerships.permissions import standing_of
from portal.templatetags.portal_tags import localized
from portal.waiting import SHOWN, WaitingGroup, WaitingLine
from stories.evidence import add_months
from stories.models import Adoption, Outcome
from stories.permissions import own_ids
from stories.services.outcomes import missing_outcomes


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
