"""Mails about challenges, each once: before one counts as stale, and of practices that answer."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from portal.each import for_each
from portal.mail import queue_mail
from stories.models import ChallengeFacts, ChallengePage
from stories.services.challenges import STALE_AFTER, keepers_of, soon_stale


def warn_of_stale(today: datetime.date) -> int:
    """Tell the owners of challenges that nobody spoke of for long; return how many challenges.

    One mail a person and challenge; what has no live page is noted as told, there is nothing to
    tell. One that fails keeps no other back; raises RowsFailed at the end.
    """
    due = list(soon_stale(today))
    pages = ChallengePage.live_by_key([facts.pk for facts in due])

    def warn(facts: ChallengeFacts) -> bool:
        with transaction.atomic():
            if not ChallengeFacts.objects.filter(pk=facts.pk, warned_on=None).update(
                warned_on=today
            ):
                return False
            told = pages.get(facts.pk, [])
            for user in keepers_of(facts.partnership_id) if told else []:
                page = next((p for p in told if p.language == user.preferred_language), told[0])
                queue_mail(
                    key=f"challenge-stale:{facts.pk}:{facts.news_on}:{user.pk}",
                    user=user,
                    template="challenge_stale",
                    context={
                        "title": page.title,
                        "on": max(facts.news_on + STALE_AFTER, today + datetime.timedelta(days=14)),
                        "address": admin_address(facts),
                    },
                )
            return True

    return for_each("challenges: soon stale", due, warn)


def admin_address(facts: ChallengeFacts) -> str:
    """Return the whole address of the page on which a challenge is closed or confirmed."""
    path = reverse("wagtailadmin_challenge", args=[facts.pk])
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"
