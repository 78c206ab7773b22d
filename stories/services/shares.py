"""Recommends practices to Partnerships, and answers: who may, what is refused and why.

Every rule of a recommendation is here; the admin's views, tests and loaders call these.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from partnerships.enums import Role
from partnerships.models import Partnership
from partnerships.permissions import standing_of
from partnerships.presentation.public import PublicScope
from partnerships.querysets import PartnershipQuerySet
from portal.library import Facet
from portal.models import Concept, User
from portal.tasks import enqueue_on_commit
from portal.visibility import PUBLIC, hidden_prefixes
from search.models import LibraryEntry, LibraryFacet
from search.query import CONCEPT
from stories.models import PracticePage, Share, ShareState
from stories.services.share_mail import tell_of_answer, tell_of_offers

#: Who acts for a Partnership here; a role of one side acts for both, since the page is both's.
SHARING_ROLES = (Role.COORDINATOR, Role.EDITOR)
#: So many recommendations in 24 hours: of a Partnership (two to the whole network), of a staff.
MOST_A_DAY = 100
MOST_A_DAY_BY_STAFF = 300
#: What was declined is not recommended again for so long.
REST = datetime.timedelta(days=365)


class ShareRefused(Exception):
    """It can't be done; the message says why, to the person who tried."""


class ShareChanged(ShareRefused):
    """Somebody answered or withdrew meanwhile; `share` is as it stands now."""

    def __init__(self, share: Share) -> None:
        self.share = share
        super().__init__(
            _("Meanwhile this recommendation was changed by somebody else. It is now: %(state)s.")
            % {"state": share.get_state_display()}
        )


@dataclass(slots=True)
class OfferReport:
    """What came of an offer: the rows made, and who was left out and why."""

    made: list[Share] = field(default_factory=list)
    left_out: list[tuple[Partnership, str]] = field(default_factory=list)


# Who may ----------------------------------------------------------------------------------------


def acting_for(user: Any) -> set[int] | None:
    """Return the Partnerships for which `user` recommends and answers; None: for all."""
    standing = standing_of(user)
    return None if standing.acts_for_all else standing.partnership_ids(SHARING_ROLES)


def may_act_for(user: Any, partnership_id: int | None) -> bool:
    """Whether `user` recommends and answers for a Partnership."""
    own = acting_for(user)
    return own is None or (partnership_id is not None and partnership_id in own)


def _require(user: Any, partnership_id: int | None) -> None:
    if not may_act_for(user, partnership_id):
        raise PermissionDenied(_("You act for your own Partnership; this is beyond it."))


def shares_of(user: Any) -> Any:
    """Return the shares that `user` may see: given or received by a Partnership acted for."""
    own = acting_for(user)
    if own is None:
        return Share.objects.all()
    return Share.objects.filter(Q(from_partnership__in=own) | Q(to_partnership__in=own))


# To whom ----------------------------------------------------------------------------------------


def possible_receivers(sender_id: int | None) -> PartnershipQuerySet:
    """Return the Partnerships to which one may recommend: all others that have not ended."""
    others = Partnership.objects.running()
    return others if sender_id is None else others.exclude(pk=sender_id)


def receivers_with(concepts: Iterable[Concept], sender_id: int | None) -> PartnershipQuerySet:
    """Return those whose themes, or whose public library, carry one of `concepts`."""
    wanted = list(concepts)
    entries = LibraryEntry.objects.visible(PUBLIC, hidden_prefixes()).matching(
        {CONCEPT: [concept.key for concept in wanted]}
    )
    slugs = LibraryFacet.objects.filter(name=Facet.PARTNERSHIP, entry__in=entries.values("pk"))
    carrying = Q(themes__in=wanted) | Q(slug__in=slugs.values("value"))
    return possible_receivers(sender_id).filter(carrying).distinct()


# Practices --------------------------------------------------------------------------------------


def public_pages(keys: Iterable[uuid.UUID], scope: PublicScope | None = None) -> Any:
    """Return the pages of practices, in all languages, that everybody may read."""
    scope = scope or PublicScope.of()
    return (
        PracticePage.objects.live()
        .filter(scope.hidden, translation_key__in=list(keys), alias_of=None)
        .select_related("locale")
    )


def is_public(practice_key: uuid.UUID) -> bool:
    """Whether everybody may read the practice in some language."""
    return bool(public_pages([practice_key]).exists())


# Recommending -----------------------------------------------------------------------------------


def offer(
    page: PracticePage, receivers: Iterable[Partnership], note: str, *, user: User
) -> OfferReport:
    """Recommend a practice to each of `receivers`; those who have it already are left out.

    Raises PermissionDenied for a practice of a Partnership that `user` does not act for, and
    ShareRefused where nothing can be offered (not public, nobody left, over the day's limit).
    """
    sender = page.partnership
    _require(user, sender.pk if sender else None)
    if sender is None:
        raise ShareRefused(_("No Partnership tells this practice."))
    wanted = {receiver.pk: receiver for receiver in receivers}
    with transaction.atomic():
        # One offer of a Partnership at a time: limits and "already offered" are counted exactly.
        # The key itself stays free: rows of others who offer to this one refer to it.
        Partnership.objects.select_for_update(no_key=True).get(pk=sender.pk)
        if not is_public(page.translation_key):
            raise ShareRefused(
                _("Only a practice that everybody can read is recommended: publish it first.")
            )
        report = OfferReport()
        chosen = _checked(page, sender, wanted, report)
        if not chosen:
            raise ShareRefused(_nobody_left(report))
        by_staff = standing_of(user).acts_for_all
        _check_limit(sender, user, by_staff, len(chosen))
        report.made = Share.objects.bulk_create(
            Share(
                practice_key=page.translation_key,
                from_partnership=sender,
                to_partnership=receiver,
                is_from_network=by_staff,
                note=note.strip(),
                offered_by=user,
            )
            for receiver in chosen
        )
        for share in report.made:
            log(share, "wagtail.create", user=user)
        enqueue_on_commit(tell_of_offers, [share.pk for share in report.made])
    return report


def _checked(
    page: PracticePage,
    sender: Partnership,
    wanted: dict[int, Partnership],
    report: OfferReport,
) -> list[Partnership]:
    """Return who can be offered it; the others go into the report with the reason."""
    known: dict[int, Share] = {}
    earlier = Share.objects.filter(practice_key=page.translation_key, to_partnership__in=wanted)
    for share in earlier.order_by("pk"):
        known[share.to_partnership_id] = share
    chosen = []
    for pk, receiver in wanted.items():
        if reason := _why_not(sender, receiver, known.get(pk)):
            report.left_out.append((receiver, reason))
        else:
            chosen.append(receiver)
    return chosen


def _why_not(sender: Partnership, receiver: Partnership, last: Share | None) -> str:
    if receiver.pk == sender.pk:
        return _("it is its own practice")
    if receiver.is_ended:
        return _("this Partnership has ended")
    if last is None:
        return ""
    if last.state == ShareState.OFFERED:
        return _("it was recommended already and waits for an answer")
    if last.state == ShareState.ACCEPTED:
        return _("it was taken up there already")
    if (
        last.state == ShareState.DECLINED
        and last.answered_at
        and timezone.now() < last.answered_at + REST
    ):
        return _("it was declined there less than a year ago")
    return ""


def _nobody_left(report: OfferReport) -> str:
    if not report.left_out:
        return _("Choose at least one Partnership.")
    names = "; ".join(f"{receiver}: {reason}" for receiver, reason in report.left_out[:5])
    return _("Nobody is left to recommend it to. %(names)s") % {"names": names}


def _check_limit(sender: Partnership, user: User, by_staff: bool, wanted: int) -> None:
    since = timezone.now() - datetime.timedelta(days=1)
    recent = Share.objects.filter(offered_at__gte=since, is_demo=False)
    if by_staff:
        most, made = MOST_A_DAY_BY_STAFF, recent.filter(offered_by=user).count()
    else:
        own = recent.filter(from_partnership=sender, is_from_network=False)
        most, made = MOST_A_DAY, own.count()
    if made + wanted > most:
        raise ShareRefused(
            ngettext(
                "In 24 hours at most %(most)d recommendation can be sent; %(made)d went out"
                " already. Choose fewer Partnerships, or go on tomorrow.",
                "In 24 hours at most %(most)d recommendations can be sent; %(made)d went out"
                " already. Choose fewer Partnerships, or go on tomorrow.",
                most,
            )
            % {"most": most, "made": made}
        )


# Answering --------------------------------------------------------------------------------------


def accept(share_id: int, *, user: User) -> Share:
    """Take a recommendation up: it shows on the receiver's page.

    Raises ShareChanged when it does not wait for an answer any more, ShareRefused when the
    practice is not public at present, PermissionDenied for people of others.
    """
    with transaction.atomic():
        share = _locked(share_id)
        _require(user, share.to_partnership_id)
        _require_state(share, [ShareState.OFFERED])
        if not is_public(share.practice_key):
            raise ShareRefused(
                _("The practice can’t be read by everybody at present, so it can’t be taken up.")
            )
        share.state = ShareState.ACCEPTED
        share.decline_reason = share.decline_text = ""
        _answered(share, user)
    return share


def decline(
    share_id: int,
    reason: str,
    text: str,
    *,
    user: User,
    seen: str = ShareState.OFFERED,
) -> Share:
    """Decline a recommendation, or take one that was taken up (`seen`) off the page again.

    Raises ShareChanged unless it still is in the state that the person saw.
    """
    with transaction.atomic():
        share = _locked(share_id)
        _require(user, share.to_partnership_id)
        _require_state(share, [seen] if seen in (ShareState.OFFERED, ShareState.ACCEPTED) else [])
        share.state = ShareState.DECLINED
        share.decline_reason, share.decline_text = reason, text.strip()
        _answered(share, user)
    return share


def withdraw(share_id: int, *, user: User) -> Share:
    """Take a recommendation back; one that was taken up leaves the receiver's page."""
    with transaction.atomic():
        share = _locked(share_id)
        _require(user, share.from_partnership_id)
        _require_state(share, [ShareState.OFFERED, ShareState.ACCEPTED])
        share.state = ShareState.WITHDRAWN
        share.withdrawn_by, share.withdrawn_at = user, timezone.now()
        share.save(update_fields=["state", "withdrawn_by", "withdrawn_at"])
        log(share, "wagtail.edit", user=user, data={"state": share.state})
    return share


def _locked(share_id: int) -> Share:
    return Share.objects.select_for_update(of=("self",)).get(pk=share_id)


def _require_state(share: Share, allowed: list[Any]) -> None:
    if share.state not in allowed:
        raise ShareChanged(share)


def _answered(share: Share, user: User) -> None:
    share.answered_by, share.answered_at = user, timezone.now()
    share.save(
        update_fields=["state", "decline_reason", "decline_text", "answered_by", "answered_at"]
    )
    log(share, "wagtail.edit", user=user, data={"state": share.state})
    enqueue_on_commit(tell_of_answer, share.pk)
