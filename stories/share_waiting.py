"""Recommendations that wait for an answer of the person's own Partnerships."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.templatetags.portal_tags import localized
from portal.waiting import SHOWN, WaitingGroup, WaitingLine
from stories.models import Share, ShareState
from stories.services.share_mail import lines_for
from stories.services.shares import acting_for


def waiting_shares(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield what was recommended to the Partnerships that `user` acts for (three queries).

    Network staff answer for all, but nothing waits for them here: it is the Partnerships' choice.
    """
    own = acting_for(user)
    if not own:
        return
    rows = Share.objects.filter(to_partnership__in=own, state=ShareState.OFFERED)
    shown = rows.select_related("from_partnership", "to_partnership")[:SHOWN]
    inbox = reverse("wagtailadmin_shares")
    yield WaitingGroup(
        key="shares",
        heading=_("Recommended to your Partnership"),
        icon="link",
        lines=[
            WaitingLine(
                title=localized(line.title) or _("A practice that is not there any more"),
                url=reverse("wagtailadmin_share", args=[line.share.pk]),
                note=_("take it up or decline it"),
                where=localized(line.share.from_partnership.name),
            )
            for line in lines_for(shown, get_language() or "")
        ],
        total=rows.count(),
        more_url=f"{inbox}?state={ShareState.OFFERED.value}",
    )
