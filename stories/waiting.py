"""Practices that wait: drafts that the gate would refuse, and what they lack."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.waiting import SHOWN, WaitingGroup, WaitingLine, in_its_language
from portal.waiting_pages import edit_url, pages_of, parents_of
from stories.models import PracticeFacts, PracticePage
from stories.practice_gate import TWELVE_FIELDS, missing_fields

#: The newest drafts that are looked through; a draft is a few kilobytes.
LOOKED_THROUGH = 40
#: What the gate reads of a page.
FIELDS = {
    *(required.field for required in TWELVE_FIELDS),
    *("has_no_cost", "duration_days", "may_change"),
}


def unfinished_practices(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield the drafts of practices that lack some of the twelve fields."""
    mine = pages_of(user).order_by().values("pk")
    drafts = list(
        PracticePage.objects.filter(live=False, alias_of=None, expired=False, pk__in=mine)
        .select_related("latest_revision", "locale")
        .order_by("-latest_revision_created_at", "pk")[:LOOKED_THROUGH]
    )
    facts = {
        each.pk: each
        for each in PracticeFacts.objects.filter(pk__in=[page.translation_key for page in drafts])
    }
    lacking = []
    for page in drafts:
        as_in_the_draft(page)
        page.__dict__["facts"] = facts.get(page.translation_key)  # read for all at once
        if missing := missing_fields(page):
            lacking.append((page, missing))
    above = parents_of(page.path for page, _missing in lacking[:SHOWN])
    yield WaitingGroup(
        key="unfinished_practices",
        heading=_("Practices that lack something before they can be public"),
        icon="list-ol",
        lines=[
            WaitingLine(
                title=in_its_language(page.draft_title, page.locale.language_code),
                url=edit_url(page.pk),
                note=_note(missing),
                where=above.get(page.path[: -PracticePage.steplen], ""),
            )
            for page, missing in lacking[:SHOWN]
        ],
        total=len(lacking),
    )


def _note(missing: list[Any]) -> str:
    names = ", ".join(str(required.label) for required in missing)
    return ngettext(
        "%(count)d of the twelve is missing: %(names)s",
        "%(count)d of the twelve are missing: %(names)s",
        len(missing),
    ) % {"count": len(missing), "names": names}


def as_in_the_draft(page: PracticePage) -> None:
    """Give `page` what its newest draft says in the gate's fields, without a query.

    A page's own row keeps what it was created with until it is published.
    """
    if page.latest_revision is None:
        return
    content = page.latest_revision.content
    for name in FIELDS & content.keys():
        field = PracticePage._meta.get_field(name)
        setattr(page, name, field.to_python(content[name]))
