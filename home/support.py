"""What stands under “Support”: learning sessions to come, and past ones with their recording."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from partnerships.models import Event
from partnerships.presentation.events import EventView, event_view
from partnerships.presentation.public import PublicScope, page_links
from portal.demonstration import any_demo
from stories.services.contacts import WORKING_DAYS, AnswerTimes, answer_times

MOST_SESSIONS = 6


@dataclass(frozen=True, slots=True)
class Support:
    """Learning sessions, and how soon the support desk answers."""

    coming: list[EventView]
    past: list[EventView]
    times: AnswerTimes
    working_days: int = WORKING_DAYS

    @property
    def shows_demo(self) -> bool:
        """Whether a session shown is invented."""
        return any_demo(self.coming, self.past)


def build_support(language: str, request: HttpRequest | None = None) -> Support:
    """Gather what the page of support shows, in a fixed number of queries."""
    scope = PublicScope.of()
    sessions = (
        scope.events().filter(is_learning_session=True).select_related("community", "partnership")
    )
    now = timezone.now()
    coming = list(sessions.upcoming(now).order_by("starts_at", "pk")[:MOST_SESSIONS])
    over = sessions.exclude(pk__in=Event.objects.upcoming(now).values("pk"))
    past = list(over.order_by("-starts_at", "-pk")[:MOST_SESSIONS])
    links = page_links(Event, [*coming, *past], language, scope, request)
    return Support(
        coming=[event_view(event, (), links.get(event.pk)) for event in coming],
        past=[event_view(event, (), links.get(event.pk)) for event in past],
        times=answer_times(None),
    )


def invented_sessions() -> QuerySet[Event]:
    """Return the learning sessions that are invented."""
    return Event.objects.filter(is_learning_session=True, is_demo=True)
