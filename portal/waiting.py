"""What waits for a person: the first panel of the admin's home.

Apps say what waits by Wagtail's hooks: `hooks.register("what_waits", function)`; the function takes
the person and today's date and yields groups, each in a fixed number of queries, and only of what
the person may do something about.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from wagtail import hooks
from wagtail.admin.ui.components import Component

from portal.fields import text_direction

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HOOK = "what_waits"
#: So many lines a group; the total is said beside its heading.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One thing that waits: what, why or until when, and where it is done ("": nowhere here)."""

    title: SafeString | str
    url: str = ""
    note: StrOrPromise = ""
    where: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Things of one kind that wait: `total` of them, the first few as lines.

    `more_url` leads to the list that holds them all, where there is one.
    """

    key: str
    heading: StrOrPromise
    icon: str
    lines: Sequence[WaitingLine]
    total: int
    more_url: str = ""

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.lines)


Source: TypeAlias = Callable[[Any, datetime.date], Iterable[WaitingGroup]]


def group_of(
    rows: QuerySet[Any],
    line: Callable[[Any], WaitingLine],
    *,
    key: str,
    heading: StrOrPromise,
    icon: str,
    more_url: str = "",
) -> WaitingGroup:
    """Return the group of `rows`: two queries, however many there are."""
    return WaitingGroup(
        key=key,
        heading=heading,
        icon=icon,
        lines=[line(row) for row in rows[:SHOWN]],
        total=rows.count(),
        more_url=more_url,
    )


def in_its_language(text: str, language: str) -> SafeString | str:
    """Return a text, marked where its language is not the reader's."""
    if language == get_language():
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', language, text_direction(language), text)


def what_waits(user: Any) -> list[WaitingGroup]:
    """Return what waits for `user` today, in the order of the hooks; empty groups are left out."""
    today = timezone.localdate()
    sources: list[Source] = hooks.get_hooks(HOOK)
    return [group for source in sources for group in source(user, today) if group.total]


class WaitingPanel(Component):
    """“What waits for me”, above all that Wagtail shows on the home page."""

    name = "what_waits"
    template_name = "portal/admin/waiting_panel.html"
    order = 90

    def get_context_data(
        self, parent_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any] | None:
        user = (parent_context or {})["request"].user
        return {"groups": what_waits(user)}
