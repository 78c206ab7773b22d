"""A small network in which one Partnership asks others: for the tests of questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from partnerships.enums import Role
from partnerships.models import Partnership
from portal.models import Concept, User
from stories.models import Answer, AskedPartnership, AskedState, Question
from stories.services import question_answers, questions
from stories.services.question_answers import AnswerText
from stories.services.questions import QuestionText
from tests import factories as make

#: So many Partnerships know about the matter.
OTHERS = 7


def person(role: Role, partnership: Partnership | None = None, **more: Any) -> User:
    """Return an account with one role, as a request would read it."""
    side = more.pop("side", "")
    user = make.UserFactory(**more)
    staff = role == Role.NETWORK_STAFF
    make.RoleAssignmentFactory(
        user=user, role=role, partnership=None if staff else partnership, side=side
    )
    return User.objects.get(pk=user.pk)


def again(user: User) -> User:
    """Return the account as a later request reads it."""
    return User.objects.get(pk=user.pk)


@dataclass
class Network:
    """Who asks, who is asked, and who looks after all; each asked one has a coordinator."""

    own: Partnership
    others: list[Partnership]
    concept: Concept
    asker: User
    staff: User
    coordinators: dict[int, User] = field(default_factory=dict)

    def reread(self) -> Network:
        """Return the same network as the database has it."""
        users = User.objects.in_bulk()
        partnerships = Partnership.objects.in_bulk()
        return Network(
            own=partnerships[self.own.pk],
            others=[partnerships[other.pk] for other in self.others],
            concept=Concept.objects.get(pk=self.concept.pk),
            asker=users[self.asker.pk],
            staff=users[self.staff.pk],
            coordinators={key: users[user.pk] for key, user in self.coordinators.items()},
        )

    def text(self, **changes: Any) -> QuestionText:
        """Return a question about what the others know."""
        values: dict[str, Any] = {
            "title": "How do you find host families in August?",
            "text": "Half of ours are away. We need twelve families for a week.",
            "language": "en",
            "concepts": (self.concept,),
        }
        return QuestionText(**{**values, **changes})

    def ask(self, count: int = 5, **changes: Any) -> Question:
        """Hand a question in to the first `count` that are proposed."""
        text = self.text(**changes)
        proposed = questions.propose(self.own, text)[:count]
        return questions.ask(
            again(self.asker), self.own, text, {one.partnership.pk for one in proposed}
        )

    def open(self, count: int = 5, **changes: Any) -> Question:
        """Ask, and let the staff send it."""
        return questions.approve(again(self.staff), self.ask(count, **changes))

    def answered(self, question: Question, place: int = 0, **changes: Any) -> Answer:
        """Let one of the asked answer, and the staff show it."""
        asked = asked_of(question)[place]
        values = {"text": "We ask the schools first.", "language": "en", **changes}
        found = question_answers.answer(
            again(self.coordinators[asked.partnership_id]), asked, AnswerText(**values)
        )
        return question_answers.show_answer(again(self.staff), found)


def asked_of(question: Question) -> list[AskedPartnership]:
    """Return who is asked now, in the order of the matches."""
    rows = AskedPartnership.objects.filter(question=question, state=AskedState.ASKED)
    return list(rows.select_related("partnership", "question").order_by("rank"))


def make_network(others: int = OTHERS) -> Network:
    """Make the network; all others know as much, so that their slugs decide the order."""
    for language in ("en", "he"):
        make.locale_of(language)
    concept = make.ConceptFactory(key="hosting", label={"en": "Hosting", "he": "אירוח"})
    own = make.PartnershipFactory(slug="own", name={"en": "Akko - Omaha", "he": "עכו - אומהה"})
    make.page_of(own)
    make.page_of(own, "he")
    network = Network(
        own=own,
        others=[],
        concept=concept,
        asker=person(Role.COORDINATOR, own, email="asker@example.org"),
        staff=person(Role.NETWORK_STAFF, email="staff@example.org"),
    )
    for number in range(others):
        other = make.PartnershipFactory(
            slug=f"other-{number}", name={"en": f"Other {number}", "he": f"אחרת {number}"}
        )
        parent = make.page_of(other)
        make.PracticePageFactory(parent=parent, title=f"Hosting {number}", concepts=[concept])
        network.others.append(other)
        network.coordinators[other.pk] = person(
            Role.COORDINATOR,
            other,
            email=f"coordinator-{number}@example.org",
            preferred_language="he" if number % 2 else "en",
        )
    return network
