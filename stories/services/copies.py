"""What a practice taken over begins with: the recipe of the exact version, not what came of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from wagtail.models import PageViewRestriction, Revision

from stories.models import Adoption, AdoptionSource, PracticeFacts, PracticePage
from stories.sections import ADAPTED_PARTS
from stories.services.facts import COST_FIELDS

#: The recipe. What others counted, met and attached stays with them, and so do pictures, whose
#: people agreed to be shown there; the gate asks for one's own results before publication.
COPIED_TEXTS = (
    "title",
    "summary",
    "problem",
    "aim",
    "audience",
    "steps",
    "roles",
    "rhythm",
    "when_not",
    "must_keep",
    "may_change",
    "depends_on",
    "safeguarding",
    "security",
    "interpretation",
    "resources",
    "licence",
)
COPIED_NEUTRAL = (
    "direction",
    "season",
    "age_from",
    "age_to",
    "group_size",
    "lead_time_weeks",
    "duration_days",
    "activity_languages",
    "security_need",
    "weather_need",
)


@dataclass(frozen=True, slots=True)
class TakenVersion:
    """Which version of a page was taken: the revision, its number among its page's, its time."""

    revision_id: int | None
    number: int | None
    at: datetime.datetime | None


def taken_version(source: PracticePage) -> TakenVersion:
    """Return the version of `source` that is public now; without a revision its time alone."""
    revision = _live_revision(source)
    if revision is None:
        return TakenVersion(None, None, source.last_published_at or source.first_published_at)
    number = source.revisions.filter(pk__lte=revision.pk).count()
    return TakenVersion(revision.pk, number, revision.created_at)


def _live_revision(source: PracticePage) -> Revision | None:
    if source.live_revision is not None:
        return source.live_revision
    return None if source.has_unpublished_changes else source.latest_revision


def child_values(source: PracticePage) -> dict[str, Any]:
    """Return the fields of the draft that is made from the public version of `source`."""
    revision = _live_revision(source)
    page = revision.as_object() if revision else source
    neutral = source.neutral
    values: dict[str, Any] = {name: getattr(page, name) for name in COPIED_TEXTS}
    values |= {name: getattr(neutral, name) for name in COPIED_NEUTRAL}
    values["has_no_cost"] = source.is_free
    if isinstance(neutral, PracticeFacts):
        values["costs"] = [
            ("cost", {name: getattr(line, name) for name in COST_FIELDS})
            for line in neutral.costs.all()
        ]
    else:
        values["costs"] = page.costs
    values["adaptations"] = [("adaptation", {"section": key}) for key in ADAPTED_PARTS]
    return values


def keep_closed(page: PracticePage, source: PracticePage) -> None:
    """Restrict a copy to those who may read `source`; nothing where that is everybody.

    What lies above `source` counts as well: above the copy there is another page. Call it in the
    transaction in which the copy is made.
    """
    closed = source.get_view_restrictions().exclude(restriction_type=PageViewRestriction.NONE)
    rows = list(closed.prefetch_related("groups"))
    if not rows:
        return
    groups = [
        {group.pk for group in row.groups.all()}
        for row in rows
        if row.restriction_type == PageViewRestriction.GROUPS
    ]
    kind = PageViewRestriction.GROUPS if groups else PageViewRestriction.LOGIN
    kept, _is_new = PageViewRestriction.objects.update_or_create(
        page_id=page.pk, defaults={"restriction_type": kind}
    )
    # Of several the narrowest: the groups that each of them lets in.
    kept.groups.set(set.intersection(*groups) if groups else ())


def version_of(source: AdoptionSource) -> PracticePage | None:
    """Return the page as it was taken over; None when that version is not kept any more."""
    revision = Revision.page_revisions.filter(pk=source.revision_id).first()
    if revision is not None:
        page: PracticePage = revision.as_object()
        return page
    if source.revision_id is None:
        return PracticePage.objects.filter(pk=source.page_id).first()
    return None


def page_for_editing(adoption: Adoption) -> PracticePage | None:
    """Return the page of an adoption on which its people work; None when it was deleted."""
    pages = PracticePage.objects.filter(translation_key=adoption.pk, alias_of=None)
    return pages.select_related("locale").order_by("pk").first()
