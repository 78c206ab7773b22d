"""Bringing a practice of others to one's own Partnership, and moving it on.

Every function asks for the person's rights, works in one transaction under a lock, and says what
is wrong by `AdoptionRefused`, so that two people at once leave one consistent record.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partnerships.models import Partnership, PartnershipPage
from portal.models import User
from portal.visibility import Viewer, hidden_prefixes, is_under
from stories.enums import AdoptionState, StopReason
from stories.evidence import add_months
from stories.models import (
    Adoption,
    AdoptionChange,
    AdoptionSource,
    LineageEntry,
    LineageLock,
    PracticePage,
    StopAgreement,
)
from stories.permissions import require_actor
from stories.services.copies import child_values, keep_closed, taken_version
from stories.services.evidence import evidence_changed
from stories.services.lineage import edges, reachable, remember

#: No practice of the network is older than its Partnerships; a day before is a slip of typing.
EARLIEST = datetime.date(1990, 1, 1)
#: So many years ahead a start may be planned.
YEARS_AHEAD = 5


class AdoptionRefused(ValidationError):
    """What was asked for can't be; the message says why."""


def sources_for(user: User, key: Any) -> list[PracticePage]:
    """Return the pages of a practice that `user` may take over: one a language, original first.

    They are live and `user` may read them, those that only the network reads included.
    """
    hidden = hidden_prefixes(Viewer.of(user))
    pages = PracticePage.objects.live().filter(translation_key=key, alias_of=None)
    found = [
        page
        for page in pages.select_related("locale", "live_revision", "latest_revision")
        if not is_under(page.path, hidden)
    ]
    return sorted(found, key=lambda page: (page.is_translation, page.language))


def take_over(
    user: User,
    source: PracticePage,
    partnership: Partnership,
    *,
    planned_start: datetime.date | None = None,
    contact_role: str = "",
    is_announced: bool = False,
) -> Adoption:
    """Make a draft of `source` under the page of `partnership` and remember where it is from.

    A draft of what only the network reads is for the same readers (`copies.keep_closed`).
    Raises PermissionDenied for a Partnership that is not the person's, AdoptionRefused when the
    practice is its own, or it has taken it over already.
    """
    actor = require_actor(user, partnership.pk)
    _check_plan(planned_start)
    source = _readable(user, source)
    owner = source.partnership
    if owner is None or owner.pk == partnership.pk:
        raise AdoptionRefused(_("This is a practice of your own Partnership."))
    with transaction.atomic():
        LineageLock.hold()
        _refuse_a_second_time(source, partnership)
        parent = _page_of(partnership, source.language)
        page = PracticePage(
            **child_values(source),
            contact_role=contact_role,
            locale=parent.locale,
            original_language=source.language,
            is_demo=source.is_demo,
            live=False,
            owner=user,
        )
        parent.add_child(instance=page)
        keep_closed(page, source)
        page.concepts.set(source.concepts.all())
        page.save_revision(user=user, log_action=True)
        adoption = Adoption.objects.create(
            practice=remember(page, partnership),
            partnership=partnership,
            planned_start=planned_start,
            contact_role=contact_role,
            is_announced=is_announced,
            copied_from=source.translation_key,
            created_by=user,
            is_demo=source.is_demo,
        )
        _add_source(adoption, source)
        AdoptionChange.objects.create(
            adoption=adoption,
            to_state=adoption.state,
            on=timezone.localdate(),
            user=user,
            role=actor.role,
            side=actor.side,
        )
    return adoption


def add_parent(user: User, adoption: Adoption, source: PracticePage) -> AdoptionSource:
    """Say that `adoption` was made from `source` too; circles are refused, under lock."""
    require_actor(user, adoption.partnership_id)
    source = _readable(user, source)
    with transaction.atomic():
        LineageLock.hold()
        if adoption.sources.filter(parent=source.translation_key).exists():
            raise AdoptionRefused(_("It is taken from “%(title)s” already.") % _title(source))
        child = adoption.practice_id
        _parents, children = edges()
        if source.translation_key == child:
            raise AdoptionRefused(_("A practice can't be taken over from itself."))
        if source.translation_key in reachable([child], children):
            raise AdoptionRefused(
                _(
                    "“%(title)s” was itself taken over from this practice, directly or through"
                    " others: that would go round in a circle."
                )
                % _title(source)
            )
        return _add_source(adoption, source)


def move(
    user: User,
    adoption: Adoption,
    to: str,
    *,
    seen_state: str = "",
    on: datetime.date | None = None,
    reason: str = "",
    note: str = "",
) -> AdoptionChange:
    """Move an adoption to the next state, on a day (today when not given), and log it.

    `seen_state` is the state that the person saw: when somebody else was faster, this is refused
    rather than done upon what was not seen. `reason` (of `StopReason`) is demanded for a stop.
    """
    actor = require_actor(user, adoption.partnership_id)
    day = on or timezone.localdate()
    with transaction.atomic():
        row = Adoption.objects.select_for_update().get(pk=adoption.pk)
        if seen_state and row.state != seen_state:
            raise AdoptionRefused(
                _("Somebody else has moved this meanwhile: it is now “%(state)s”.")
                % {"state": row.get_state_display()}
            )
        if to not in row.next_states:
            raise AdoptionRefused(
                _("From “%(now)s” it can't go to “%(then)s”.")
                % {"now": row.get_state_display(), "then": _label(AdoptionState, to)}
            )
        if day > timezone.localdate():
            raise AdoptionRefused({"on": _("That day has not come yet.")})
        if day < EARLIEST:
            raise AdoptionRefused({"on": _too_early()})
        if row.started_on and day < row.started_on:
            raise AdoptionRefused(
                {
                    "on": _("It started on %(day)s; this can't be earlier.")
                    % {"day": date_format(row.started_on)}
                }
            )
        if to == AdoptionState.STOPPED:
            if reason not in StopReason.values:
                raise AdoptionRefused({"reason": _("Say why it was stopped.")})
            row.stop_reason = reason
        if to == AdoptionState.RUNNING:
            row.started_on = day
        elif to in (AdoptionState.STOPPED, AdoptionState.COMPLETED):
            row.ended_on = day
        former, row.state = row.state, to
        row.save(update_fields=["state", "stop_reason", "started_on", "ended_on"])
        change = AdoptionChange.objects.create(
            adoption=row,
            from_state=former,
            to_state=to,
            on=day,
            note=note,
            user=user,
            role=actor.role,
            side=actor.side,
        )
        evidence_changed(_parents_of(row))
    adoption.refresh_from_db()
    return change


def change_plan(
    user: User,
    adoption: Adoption,
    *,
    planned_start: datetime.date | None,
    contact_role: str,
    is_announced: bool,
) -> None:
    """Change what does not depend on the state: the plan, the contact, whether it is announced."""
    require_actor(user, adoption.partnership_id)
    _check_plan(planned_start)
    Adoption.objects.filter(pk=adoption.pk).update(
        planned_start=planned_start, contact_role=contact_role, is_announced=is_announced
    )
    adoption.refresh_from_db()


def ends_of(adoption: Adoption) -> list[Partnership]:
    """Return the Partnerships that an adoption concerns: the one that took it over, then givers."""
    givers = Partnership.objects.filter(lineage_entries__taken_by__adoption=adoption).distinct()
    return [
        adoption.partnership,
        *[giver for giver in givers if giver.pk != adoption.partnership_id],
    ]


def require_end(user: User, adoption: Adoption, partnership: Partnership) -> Any:
    """Return how `user` acts for a Partnership that `adoption` concerns; else PermissionDenied.

    Raises AdoptionRefused for a Partnership that it does not concern.
    """
    actor = require_actor(user, partnership.pk)
    if partnership not in ends_of(adoption):
        raise AdoptionRefused(_("This Partnership neither took it over nor told it."))
    return actor


def agree_to_tell_of_stop(
    user: User, adoption: Adoption, partnership: Partnership, *, agrees: bool
) -> None:
    """Let a Partnership of either end agree, or not any more, that the stop is public."""
    actor = require_end(user, adoption, partnership)
    with transaction.atomic():
        row = Adoption.objects.select_for_update().get(pk=adoption.pk)
        if row.state != AdoptionState.STOPPED:
            raise AdoptionRefused(_("It was not stopped."))
        if agrees:
            StopAgreement.objects.get_or_create(
                adoption=row,
                partnership=partnership,
                defaults={"user": user, "role": actor.role, "side": actor.side},
            )
        else:
            StopAgreement.objects.filter(adoption=row, partnership=partnership).delete()


def is_stop_public(adoption: Adoption) -> bool:
    """Whether both ends agreed that the public reads of the stop (two queries)."""
    if adoption.state != AdoptionState.STOPPED:
        return False
    agreed = set(adoption.agreements.values_list("partnership_id", flat=True))
    return {each.pk for each in ends_of(adoption)} <= agreed


# Parts of it --------------------------------------------------------------------------------


def _readable(user: User, source: PracticePage) -> PracticePage:
    """Return the page anew if `user` may take it over; raise AdoptionRefused when not."""
    for page in sources_for(user, source.translation_key):
        if page.pk == source.pk:
            return page
    raise AdoptionRefused(_("This practice is not public, and nobody shared it with you."))


def _check_plan(planned_start: datetime.date | None) -> None:
    """Refuse a start that nobody can mean: long ago, or years ahead."""
    if planned_start is None:
        return
    last = add_months(timezone.localdate(), 12 * YEARS_AHEAD)
    if planned_start < EARLIEST:
        raise AdoptionRefused({"planned_start": _too_early()})
    if planned_start > last:
        raise AdoptionRefused(
            {
                "planned_start": _("A start is planned until %(day)s at the latest.")
                % {"day": date_format(last)}
            }
        )


def _too_early() -> str:
    return _("Give a day since %(day)s; look at the year.") % {"day": date_format(EARLIEST)}


def _refuse_a_second_time(source: PracticePage, partnership: Partnership) -> None:
    for known in Adoption.objects.filter(
        partnership=partnership, sources__parent=source.translation_key
    ).exclude(state=AdoptionState.STOPPED):
        if PracticePage.objects.filter(translation_key=known.pk).exists():
            raise AdoptionRefused(
                _("Your Partnership has brought “%(title)s” over already.") % _title(source)
            )


def _page_of(partnership: Partnership, language: str) -> PartnershipPage:
    page = (
        PartnershipPage.objects.filter(
            partnership=partnership, locale__language_code=language, alias_of=None
        )
        .select_related("locale")
        .first()
    )
    if page is None:
        raise AdoptionRefused(_("Your Partnership has no page in this language yet."))
    return page


def _add_source(adoption: Adoption, source: PracticePage) -> AdoptionSource:
    parent = remember(source)
    version = taken_version(source)
    last = adoption.sources.aggregate(last=Max("sort_order"))["last"]
    added = AdoptionSource.objects.create(
        adoption=adoption,
        parent=parent,
        sort_order=0 if last is None else last + 1,
        language=source.language,
        title=source.title,
        partnership_name=parent.partnership_name,
        page_id=source.pk,
        revision_id=version.revision_id,
        revision_number=version.number,
        revision_at=version.at,
    )
    evidence_changed([parent.pk])
    return added


def _parents_of(adoption: Adoption) -> list[Any]:
    return list(
        LineageEntry.objects.filter(taken_by__adoption=adoption).values_list("pk", flat=True)
    )


def _title(page: PracticePage) -> dict[str, str]:
    return {"title": page.title}


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value
