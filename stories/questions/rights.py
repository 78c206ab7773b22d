"""Who may do what to a question: one table by role, Partnership and side.

The network's staff moderate, and may ask in any Partnership's name; they never answer for one.
Everybody else acts for the own Partnership; a role that is bound to a side has what that side did
and what both did.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from partnerships.enums import Role, Side
from partnerships.permissions import Standing, standing_of
from stories.models import Answer, AskedPartnership, AskedState, Question

#: All who act for a Partnership, the one who answers for most first.
ORDER = (Role.COORDINATOR, Role.CHAIR, Role.EDITOR, Role.PROFESSIONAL)
#: Who may ask, read and answer for the own Partnership.
VOICES = frozenset(ORDER)
#: Who may act on what a colleague of the same side did.
KEEPERS = frozenset({Role.COORDINATOR})
#: Who may say that the Partnership has nothing to say.
PASSERS = frozenset({Role.COORDINATOR, Role.CHAIR, Role.EDITOR})


@dataclass(frozen=True, slots=True)
class Seat:
    """In which role somebody acts, for which Partnership, and for which side ("": both)."""

    role: Role
    partnership_id: int
    side: str = ""


def seat_of(user: Any, partnership_id: int, roles: Collection[Role] = VOICES) -> Seat | None:
    """Return the seat from which `user` acts for a Partnership; None where there is none."""
    standing = standing_of(user)
    for role in ORDER:
        if role not in roles:
            continue
        sides = standing.sides_of([role], partnership_id)
        if sides:
            named = [side for side in Side.values if side in sides]
            return Seat(role, partnership_id, named[0] if len(named) == 1 else "")
    return None


def is_staff(user: Any) -> bool:
    """Whether `user` looks after the whole network."""
    return standing_of(user).acts_for_all


def own_partnerships(user: Any) -> set[int]:
    """Return the Partnerships for which `user` has a voice."""
    return standing_of(user).partnership_ids(VOICES)


def asking_seat(user: Any, partnership_id: int) -> Seat | None:
    """Return the seat from which `user` asks in a Partnership's name."""
    if is_staff(user):
        return Seat(Role.NETWORK_STAFF, partnership_id)
    return seat_of(user, partnership_id)


def may_read(user: Any, question: Question) -> bool:
    """Whether `user` may read a question behind the scenes: staff, those who ask, those asked."""
    return readable(user, Question.objects.filter(pk=question.pk)).exists()


def readable(user: Any, questions: QuerySet[Question]) -> QuerySet[Question]:
    """Return the questions that `user` may read behind the scenes."""
    if is_staff(user):
        return questions
    own = own_partnerships(user)
    put_to = AskedPartnership.objects.filter(
        partnership__in=own, state__in=[AskedState.ASKED, AskedState.PASSED]
    )
    return questions.filter(Q(partnership__in=own) | Q(pk__in=put_to.values("question")))


def may_keep(user: Any, question: Question) -> bool:
    """Whether `user` may change and withdraw a question: the asker, or who keeps her side."""
    standing = standing_of(user)
    if standing.acts_for_all:
        return True
    if question.asked_by_id == user.pk:
        return bool(standing.sides_of(VOICES, question.partnership_id))
    return _reaches(standing, KEEPERS, question.partnership_id, question.side)


def may_thank(user: Any, question: Question) -> bool:
    """Whether `user` may say that an answer helped: the asker, or who keeps her side."""
    if is_staff(user):
        return question.asked_by_id == user.pk
    return may_keep(user, question)


def answering_seat(user: Any, asked: AskedPartnership) -> Seat | None:
    """Return the seat from which `user` answers for an asked Partnership."""
    return seat_of(user, asked.partnership_id)


def passing_seat(user: Any, asked: AskedPartnership) -> Seat | None:
    """Return the seat from which `user` passes a question on."""
    return seat_of(user, asked.partnership_id, PASSERS)


def may_change_answer(user: Any, answer: Answer) -> bool:
    """Whether `user` may change an answer that was sent back: its author, or who keeps the side."""
    standing = standing_of(user)
    partnership_id = answer.asked.partnership_id
    if answer.author_id == user.pk:
        return bool(standing.sides_of(VOICES, partnership_id))
    return _reaches(standing, KEEPERS, partnership_id, answer.side)


def may_end_links(user: Any, asked: AskedPartnership) -> bool:
    """Whether `user` may end the reply links of an asked Partnership."""
    return is_staff(user) or seat_of(user, asked.partnership_id, KEEPERS) is not None


def _reaches(standing: Standing, roles: Collection[Role], partnership_id: int, side: str) -> bool:
    return side in standing.sides_of(roles, partnership_id)


def require_right(is_allowed: object) -> None:
    """Raise PermissionDenied, with words for the person, unless it is allowed."""
    if not is_allowed:
        raise PermissionDenied(_("You act for your own Partnership and side; this is beyond it."))
