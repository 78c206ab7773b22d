"""Where a practice travelled, as a reader may see it: in a fixed number of queries.

A practice that is no longer public is a line with the title and Partnership that it had when it
was; one that never was is not shown, unless its people announced it, reported an outcome or agreed
with the givers to tell of its stop, or something public was made from it. What a Partnership told
that does not show itself is left out, and its name with it.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from partnerships.models import Partnership
from partnerships.presentation.public import PageLink, PublicScope, page_links
from portal.fields import Translated
from stories.enums import AdoptionState
from stories.family import Branch, branches
from stories.models import (
    Adoption,
    AdoptionChange,
    LineageEntry,
    Outcome,
    OutcomeAnswer,
    PracticePage,
)
from stories.services.lineage import Edges, edges, reachable
from stories.services.outcomes import OutcomeDue, outcomes_of
from stories.travel_note import Adaptation, adaptations_of, visible_by_key

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: A family larger than this is shown in part, which is said.
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Member:
    """A practice of the family, as a reader may see it.

    `id` is its translation key where it is or was public, else a number of this answer alone.
    Without `title` it is one that nobody may know by name.
    """

    id: str
    title: Translated
    url: str = ""
    language: str = ""
    partnership: Translated = field(default_factory=Translated)
    partnership_slug: str = ""
    partnership_url: str = ""
    is_public: bool = False
    was_public: bool = False
    state: str = ""
    state_since: datetime.date | None = None
    state_role: str = ""
    planned_start: datetime.date | None = None
    stop_reason: StrOrPromise = ""
    outcomes: tuple[OutcomeDue, ...] = ()
    adaptations: tuple[Adaptation, ...] = ()
    is_demo: bool = False
    is_here: bool = False

    @property
    def state_label(self) -> StrOrPromise:
        """The state in words ("" where it is not told)."""
        return AdoptionState(self.state).label if self.state else ""

    @property
    def name(self) -> Translated | str:
        """What it is called in a list, whatever may be said of it."""
        if self.title:
            return self.title
        if self.partnership and self.state == AdoptionState.STOPPED:
            return _("Stopped before its own page was public")
        if self.partnership:
            return _("Its own page is not public yet")
        return _("A practice that is not public") if not self.state else _("A Partnership")


@dataclass(frozen=True, slots=True)
class Family:
    """The family of one practice: its members by id, and the tree of them, line by line."""

    key: uuid.UUID
    members: Mapping[str, Member]
    lines: tuple[Branch[str], ...]
    parents: Mapping[str, Sequence[str]]
    left_out: int = 0

    @property
    def here(self) -> Member | None:
        """The practice that was asked for, where it shows."""
        return next((member for member in self.members.values() if member.is_here), None)

    @property
    def shows_demo(self) -> bool:
        """Whether something in it is invented."""
        return any(member.is_demo for member in self.members.values())


def family_of(
    key: uuid.UUID, language: str, scope: PublicScope, request: HttpRequest | None = None
) -> Family | None:
    """Return the family of a practice for a reader; None when the practice itself is not shown."""
    parents, children = edges()
    above = reachable([key], parents)
    roots = [one for one in (*above, key) if not parents.get(one)]
    wanted = [*roots, *reachable(roots, children)]
    kept = wanted[:MOST_SHOWN]
    if key not in kept:
        kept[-1:] = [key]
    # Those from which one of them was made, too, are named there and have no line of their own.
    lined = set(kept)
    beside = [one for child in kept for one in parents.get(child, ()) if one not in lined]
    everything = list(dict.fromkeys([*kept, *beside]))
    reading = _Reading(everything, language, scope, request)
    shown = _shown(everything, children, reading)
    if key not in shown or (key not in reading.pages and not _was_public(reading, key)):
        return None
    ids = _ids(shown, reading)
    named = {ids[one]: reading.member(one, ids[one], is_here=one == key) for one in shown}
    return Family(
        key=key,
        members=named,
        lines=tuple(
            branches(
                [ids[one] for one in roots if one in ids],
                _translate(children, ids),
                [ids[one] for one in kept if one in ids],
            )
        ),
        parents=_translate(parents, ids),
        left_out=len(wanted) - len(kept),
    )


def _was_public(reading: _Reading, key: uuid.UUID) -> bool:
    entry = reading.entries.get(key)
    return bool(entry and entry.was_public)


def _shown(keys: Iterable[uuid.UUID], children: Edges, reading: _Reading) -> dict[uuid.UUID, bool]:
    """Return what shows, in order: what may be told of, and what stands between such."""
    told = {key for key in keys if reading.may_be_told(key)}
    between = set(told)
    waiting = list(told)
    above: Edges = defaultdict(list)
    for parent, below in children.items():
        for child in below:
            above[child].append(parent)
    for key in waiting:
        for parent in above[key]:
            if parent not in between:
                between.add(parent)
                waiting.append(parent)
    return {key: True for key in keys if key in between}


def _ids(keys: Iterable[uuid.UUID], reading: _Reading) -> dict[uuid.UUID, str]:
    ids = {}
    for number, key in enumerate(keys, start=1):
        known = key in reading.pages or _was_public(reading, key)
        ids[key] = str(key) if known else f"unnamed-{number}"
    return ids


def _translate(links: Edges, ids: Mapping[uuid.UUID, str]) -> dict[str, list[str]]:
    return {
        ids[key]: [ids[one] for one in others if one in ids]
        for key, others in links.items()
        if key in ids
    }


class _Reading:
    """What is recorded of some practices, read at once."""

    def __init__(
        self,
        keys: Sequence[uuid.UUID],
        language: str,
        scope: PublicScope,
        request: HttpRequest | None,
    ) -> None:
        self.request = request
        entries = {
            entry.pk: entry
            for entry in LineageEntry.objects.filter(pk__in=keys).select_related("partnership")
        }
        partnerships = [entry.partnership for entry in entries.values() if entry.partnership]
        self.links: Mapping[int, PageLink] = page_links(
            Partnership, partnerships, language, scope, request
        )
        # A Partnership that does not show itself told nothing here, neither by name nor without.
        self.entries = {
            key: entry
            for key, entry in entries.items()
            if entry.partnership_id is None or entry.partnership_id in self.links
        }
        answers = OutcomeAnswer.objects.filter(partnership__in=scope.partnerships().values("pk"))
        self.adoptions = {
            adoption.pk: adoption
            for adoption in Adoption.objects.filter(pk__in=list(self.entries)).prefetch_related(
                Prefetch("outcomes__answers", answers.select_related("partnership")),
                "outcomes__former_reports",
                "agreements",
                "sources__parent",
            )
        }
        self.changes: dict[uuid.UUID, AdoptionChange] = {}
        for change in AdoptionChange.objects.filter(adoption__in=keys).order_by("at", "pk"):
            self.changes[change.adoption_id] = change
        self.pages = visible_by_key(PracticePage.objects, keys, language, scope)

    def may_be_told(self, key: uuid.UUID) -> bool:
        """Whether the public may read anything of a practice."""
        entry, adoption = self.entries.get(key), self.adoptions.get(key)
        if key in self.pages or (entry and entry.was_public):
            return True
        return bool(adoption and (adoption.is_announced or self._is_named(adoption)))

    def _is_named(self, adoption: Adoption) -> bool:
        """Whether its people said publicly that it is theirs: by a report, or of its stop."""
        return bool(adoption.outcomes.all()) or adoption.is_stop_agreed

    def member(self, key: uuid.UUID, id: str, *, is_here: bool) -> Member:
        """Return what a reader may see of one practice."""
        page, entry = self.pages.get(key), self.entries.get(key)
        adoption = self.adoptions.get(key)
        was_public = bool(entry and entry.was_public)
        is_named = bool(page or was_public or (adoption and self._is_named(adoption)))
        known: dict[str, Any] = {}
        if is_named and entry is not None:
            link = self.links.get(entry.partnership_id) if entry.partnership_id else None
            known = {
                "partnership": entry.partnership.name
                if entry.partnership
                else entry.partnership_name,
                "partnership_slug": entry.partnership.slug if entry.partnership else "",
                "partnership_url": link.url if link else "",
            }
        if adoption is not None and (is_named or adoption.is_announced):
            known |= self._state(adoption, is_named)
        if page is not None:
            known |= {
                "title": Translated({page.language: page.title}),
                "language": page.language,
                "url": page.get_url(self.request) or "",
                "adaptations": adaptations_of(page),
                "is_demo": page.is_demo,
            }
        else:
            known["title"] = Translated(entry.titles) if entry and was_public else Translated()
            known["is_demo"] = bool(entry and entry.is_demo)
        return Member(
            id=id, is_public=page is not None, was_public=was_public, is_here=is_here, **known
        )

    def _state(self, adoption: Adoption, is_named: bool) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if is_named:
            told["outcomes"] = tuple(outcomes_of(adoption))
        is_stopped = adoption.state == AdoptionState.STOPPED
        if is_stopped and not adoption.is_stop_agreed:
            return told
        told["state"] = adoption.state
        if not is_named:
            return told
        change = self.changes.get(adoption.pk)
        if change is not None:
            told["state_role"] = change.get_role_display()
            told["state_since"] = _since(adoption, change)
        if adoption.state in (AdoptionState.CONSIDERING, AdoptionState.PLANNED):
            told["planned_start"] = adoption.planned_start
        if is_stopped:
            told["stop_reason"] = adoption.get_stop_reason_display()
        return told


def _since(adoption: Adoption, change: AdoptionChange) -> datetime.date:
    """Return since when it is so; changes of before days were kept stand beside the adoption's."""
    if change.on:
        return change.on
    if adoption.state == AdoptionState.RUNNING and adoption.started_on:
        return adoption.started_on
    return adoption.ended_on or timezone.localdate(change.at)


def reports_of(partnership: Partnership) -> list[Outcome]:
    """Return the outcomes that a Partnership reported, the newest first (one query).

    A correction of words makes none newer.
    """
    return list(
        Outcome.objects.filter(adoption__partnership=partnership)
        .select_related("adoption__practice")
        .order_by("-counted_at", "pk")
    )
