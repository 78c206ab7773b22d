"""Writes the demonstration's recommendations between Partnerships."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from home.services.demo.library import key_of
from partnerships.models import Partnership
from stories.models import PracticeFacts, Share, ShareState


@transaction.atomic
def write_shares(entries: list[dict[str, Any]], partnerships: Mapping[str, Partnership]) -> int:
    """Add the recommendations that are missing; nobody is written to. Return how many."""
    tellers = dict(PracticeFacts.objects.values_list("translation_key", "partnership_id"))
    there = set(Share.objects.values_list("practice_key", "to_partnership_id"))
    now = timezone.now()
    shares = []
    for entry in entries:
        key, receiver = key_of(entry["practice"]), partnerships[entry["to"]]
        if key not in tellers or (key, receiver.pk) in there:
            continue
        offered = now - datetime.timedelta(days=entry["days_ago"])
        is_answered = entry["state"] in (ShareState.ACCEPTED, ShareState.DECLINED)
        shares.append(
            Share(
                practice_key=key,
                from_partnership_id=tellers[key],
                to_partnership=receiver,
                note=entry.get("note", ""),
                state=entry["state"],
                offered_at=offered,
                answered_at=offered + datetime.timedelta(days=2) if is_answered else None,
                decline_reason=entry.get("reason", ""),
                decline_text=entry.get("words", ""),
                is_demo=True,
            )
        )
    Share.objects.bulk_create(shares)
    return len(shares)
