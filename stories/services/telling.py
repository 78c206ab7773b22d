"""Writes to people of practices that travel, once each: outcomes due, material edits."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Revision

from partnerships.enums import Role
from partnerships.models import Partnership, RoleAssignment
from partnerships.services.routing import staff
from portal.each import for_each
from portal.mail import queue_mail
from portal.models import User
from portal.visibility import Viewer, hidden_prefixes, is_under
from stories.evidence import add_months
from stories.models import (
    Adoption,
    AdoptionSource,
    LineageEntry,
    MaterialEdit,
    Outcome,
    PracticePage,
)
from stories.permissions import require_actor
from stories.sections import PartChange, part_changes
from stories.services.adoptions import AdoptionRefused
from stories.services.lineage import is_public, remember
from stories.services.outcomes import OutcomeDue, missing_outcomes

#: An outcome that has been due for longer is asked for on screen, not by mail any more.
REMINDED_FOR = datetime.timedelta(days=60)
#: So long what is told from another language of a practice is taken for the same edit.
SAME_EDIT_WITHIN = datetime.timedelta(days=30)


def people_of(partnerships: Iterable[Partnership]) -> dict[int, list[User]]:
    """Return who hears for each Partnership: its coordinators, else its editors (one query)."""
    roles = (
        RoleAssignment.objects.current()
        .filter(
            partnership__in=[partnership.pk for partnership in partnerships],
            role__in=[Role.COORDINATOR, Role.EDITOR],
            user__is_active=True,
        )
        .select_related("user")
        .order_by("pk")
    )
    by_role: dict[tuple[int | None, str], dict[int, User]] = {}
    for row in roles:
        by_role.setdefault((row.partnership_id, row.role), {})[row.user_id] = row.user
    found: dict[int, list[User]] = {}
    for partnership in partnerships:
        coordinators = by_role.get((partnership.pk, Role.COORDINATOR), {})
        editors = by_role.get((partnership.pk, Role.EDITOR), {})
        found[partnership.pk] = list((coordinators or editors).values())
    return found


# Outcomes that are due ------------------------------------------------------------------------


def remind_of_outcomes(today: datetime.date | None = None) -> int:
    """Write to those who owe an outcome that came due; return how many mails were queued.

    For a Partnership that has nobody at present, the network's staff hear of it. One that
    fails keeps no other back; raises RowsFailed at the end.
    """
    day = today or timezone.localdate()
    adoptions = (
        Adoption.objects.filter(started_on__lte=day - datetime.timedelta(days=6 * 28))
        .filter(started_on__gte=add_months(day, -max(Outcome.MONTHS)) - REMINDED_FOR)
        .select_related("partnership", "practice")
        .prefetch_related("outcomes")
    )
    due = [each for each in missing_outcomes(adoptions, day) if day - each.due_on <= REMINDED_FOR]
    people = people_of({each.adoption.partnership for each in due})
    for_nobody = staff() if not all(people.values()) else []
    count = 0

    def remind(each: OutcomeDue) -> None:
        nonlocal count
        hearers = people[each.adoption.partnership_id] or for_nobody
        with transaction.atomic():
            for user in hearers:
                queue_mail(
                    key=f"outcome-due:{each.adoption.pk}:{each.months}:{user.pk}",
                    user=user,
                    template="outcome_due",
                    context={
                        "due": each,
                        "practice": each.adoption.practice.titles,
                        "partnership": each.adoption.partnership.name,
                        "url": address("wagtailadmin_adoption", each.adoption.pk),
                    },
                )
        count += len(hearers)

    for_each("practices: outcomes due", due, remind)
    return count


def address(name: str, *arguments: Any) -> str:
    """Return the whole address of a view, for a mail."""
    return settings.BASE_URL + reverse(name, args=arguments)


# Material edits -------------------------------------------------------------------------------


def takers_of(page: PracticePage) -> list[AdoptionSource]:
    """Return where a practice was taken over by others, the oldest first (one query)."""
    return list(
        AdoptionSource.objects.filter(parent=page.translation_key)
        .select_related("adoption__partnership", "adoption__practice")
        .order_by("added_at", "pk")
    )


def last_told(page: PracticePage) -> MaterialEdit | None:
    """Return the last edit of this page that others were told of."""
    return MaterialEdit.objects.filter(page_id=page.pk).order_by("-revision_id").first()


def changes_since(page: PracticePage, revision_id: int | None) -> list[PartChange]:
    """Return what the public version of a page says otherwise than an older one, part by part."""
    before = Revision.page_revisions.filter(pk=revision_id, object_id=str(page.pk)).first()
    if before is None:
        return []
    return part_changes(before.as_object(), page)


def told_elsewhere(page: PracticePage, former: MaterialEdit | None) -> MaterialEdit | None:
    """Return what others were told of from another language, since `former`, if it is recent."""
    edits = MaterialEdit.objects.filter(
        practice=page.translation_key, created_at__gte=timezone.now() - SAME_EDIT_WITHIN
    ).exclude(page_id=page.pk)
    if former is not None:
        edits = edits.filter(pk__gt=former.pk)
    return edits.order_by("-pk").first()


def tell_of_edit(
    user: User, page: PracticePage, note: str = "", *, is_another_edit: bool = False
) -> MaterialEdit:
    """Tell those who took a practice over that its public version has changed materially.

    Once a revision, and once an edit: what was told from another language of it lately is not told
    again, unless `is_another_edit`. Each is told what differs from the version taken, or from the
    last one told. Raises PermissionDenied for a practice of others, AdoptionRefused when nobody is
    to be told.
    """
    owner = page.partnership
    require_actor(user, owner.pk if owner else None)
    revision_id = page.live_revision_id
    if not page.live or revision_id is None:
        raise AdoptionRefused(_("It is not public; publish it first."))
    sources = takers_of(page)
    if not sources:
        raise AdoptionRefused(_("Nobody has brought it over yet."))
    try:
        with transaction.atomic():
            # One at a time: the same edit may be told from two languages at once.
            practice = LineageEntry.objects.select_for_update().get(pk=remember(page).pk)
            former = last_told(page)
            if not is_another_edit and (elsewhere := told_elsewhere(page, former)):
                raise AdoptionRefused(
                    _(
                        "They were told of an edit from the page in another language on %(day)s."
                        " If this is another edit, say so below."
                    )
                    % {"day": date_format(timezone.localtime(elsewhere.created_at))}
                )
            edit = MaterialEdit.objects.create(
                practice=practice,
                page_id=page.pk,
                revision_id=revision_id,
                since_revision_id=former.revision_id if former else None,
                note=note.strip(),
                created_by=user,
            )
            edit.told = sum(1 for _mail in _write(edit, page, sources, former))
            edit.save(update_fields=["told"])
    except IntegrityError:
        raise AdoptionRefused(_("They have been told of this version already.")) from None
    return edit


def _write(
    edit: MaterialEdit,
    page: PracticePage,
    sources: Iterable[AdoptionSource],
    former: MaterialEdit | None,
) -> Iterator[Any]:
    """Queue a mail for each person of each Partnership that took the practice over."""
    people = people_of({source.adoption.partnership for source in sources})
    is_open = is_public(page)  # the usual case: then nobody's rights need to be looked up
    written: set[int] = set()
    told: dict[tuple[str, int | None], list[PartChange]] = {}
    for source in sources:
        since = _known_version(page, source)
        if former and (since is None or since < former.revision_id):
            since = former.revision_id
        for user in people[source.adoption.partnership_id]:
            if user.pk in written or not (is_open or _may_read(user, page)):
                continue
            written.add(user.pk)
            language = user.preferred_language or settings.LANGUAGE_CODE
            if (language, since) not in told:
                with translation.override(language):
                    told[language, since] = changes_since(page, since)
            yield queue_mail(
                key=f"material-edit:{edit.revision_id}:{user.pk}",
                user=user,
                template="material_edit",
                context=_edit_context(edit, page, source, told[language, since]),
            )


def _known_version(page: PracticePage, source: AdoptionSource) -> int | None:
    """Return the version of `page` that those know who took it, or another language of it, over."""
    if source.page_id == page.pk:
        return source.revision_id
    if source.revision_at is None:
        return None
    older = page.revisions.filter(created_at__lte=source.revision_at).order_by("-created_at", "-pk")
    found: int | None = older.values_list("pk", flat=True).first()
    return found


def _may_read(user: User, page: PracticePage) -> bool:
    return not is_under(page.path, hidden_prefixes(Viewer.of(user)))


def _edit_context(
    edit: MaterialEdit, page: PracticePage, source: AdoptionSource, changes: list[PartChange]
) -> Mapping[str, Any]:
    return {
        "title": page.title,
        "partnership": edit.practice.partnership_name,
        "note": edit.note,
        "changes": changes,
        "url": page.full_url or "",
        "own_url": address("wagtailadmin_adoption", source.adoption_id),
    }
