"""The twelve fields that decide whether another community can repeat a practice.

Source of the list: FEATURES §4 ("Twelve that decide reproduction"). A page that lacks one is a
story, not a practice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.blocks import plain_text
from portal.gate import PublicationProblem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from stories.models import PracticePage

MAX_TITLE = 100


@dataclass(frozen=True, slots=True)
class RequiredField:
    """One of the twelve: its name on screen, why it matters, and when it counts as filled.

    `is_neutral` fields are facts: a translation takes them from the page first told.
    """

    code: str
    field: str
    label: StrOrPromise
    why: StrOrPromise
    is_filled: Callable[[Any], bool]  # of a PracticePage; its class is told from this module
    is_neutral: bool = False


def _words(field: str) -> Callable[[Any], bool]:
    return lambda page: bool(plain_text(getattr(page, field) or "").strip())


def _items(field: str) -> Callable[[Any], bool]:
    return lambda page: len(getattr(page, field)) > 0


TWELVE_FIELDS: tuple[RequiredField, ...] = (
    RequiredField(
        "problem",
        "problem",
        gettext_lazy("the problem"),
        gettext_lazy("Others search by the problem they have."),
        _words("problem"),
    ),
    RequiredField(
        "audience",
        "audience",
        gettext_lazy("for whom"),
        gettext_lazy("A recipe for teens fails with families."),
        lambda page: bool(page.audience.strip()),
    ),
    RequiredField(
        "steps",
        "steps",
        gettext_lazy("how it works, step by step"),
        gettext_lazy("Without the steps nobody can do it again."),
        _items("steps"),
    ),
    RequiredField(
        "roles",
        "roles",
        gettext_lazy("who is needed"),
        gettext_lazy("The first question of every committee is who will do it."),
        _items("roles"),
    ),
    RequiredField(
        "cost",
        "costs",
        gettext_lazy("what it costs"),
        gettext_lazy("List the costs, or tick “it costs nothing”."),
        lambda page: len(page.costs) > 0 or page.has_no_cost,
        is_neutral=True,
    ),
    RequiredField(
        "timeline",
        "lead_time_weeks",
        gettext_lazy("how long before, and how long it lasts"),
        gettext_lazy("Others must know when to begin."),
        lambda page: page.lead_time_weeks is not None and page.duration_days is not None,
        is_neutral=True,
    ),
    RequiredField(
        "results",
        "results",
        gettext_lazy("results and how they were counted"),
        gettext_lazy("A result without its method can't be trusted."),
        _items("results"),
    ),
    RequiredField(
        "difficulties",
        "difficulties",
        gettext_lazy("difficulties and answers"),
        gettext_lazy("What was hard for you will be hard for them."),
        _items("difficulties"),
    ),
    RequiredField(
        "transfer",
        "must_keep",
        gettext_lazy("what must stay and what may change"),
        gettext_lazy("Nobody can copy it whole; say what makes it work."),
        lambda page: _words("must_keep")(page) and _words("may_change")(page),
    ),
    RequiredField(
        "safeguarding",
        "safeguarding",
        gettext_lazy("safeguarding and consent"),
        gettext_lazy("Whoever repeats it is answerable for people."),
        _words("safeguarding"),
    ),
    RequiredField(
        "resources",
        "resources",
        gettext_lazy("forms, letters, guides"),
        gettext_lazy("Ready texts save weeks; say at least where to ask for them."),
        _items("resources"),
    ),
    RequiredField(
        "contact",
        "contact_role",
        gettext_lazy("a contact"),
        gettext_lazy("A voice answers what a page can't."),
        lambda page: bool(page.contact_role.strip()),
    ),
)


def missing_fields(page: PracticePage) -> list[RequiredField]:
    """Return which of the twelve `page` lacks, in order.

    A translation needs no neutral field once the page first told was public: it has them all.
    """
    has_facts = page.is_translation and page.facts is not None
    return [
        required
        for required in TWELVE_FIELDS
        if not (required.is_neutral and has_facts) and not required.is_filled(page)
    ]


def practice_problems(page: PracticePage) -> list[PublicationProblem]:
    """Return why `page` may not be public as a practice."""
    problems = [
        PublicationProblem(
            code=f"practice_{required.code}",
            field=required.field,
            message=_("Missing for a practice: %(field)s. %(why)s")
            % {"field": required.label, "why": required.why},
        )
        for required in missing_fields(page)
    ]
    if page.age_from is not None and page.age_to is not None and page.age_to < page.age_from:
        problems.append(
            PublicationProblem(
                code="practice_ages", field="age_to", message=_("“Age to” is below “age from”.")
            )
        )
    if len(page.title) > MAX_TITLE:
        problems.append(
            PublicationProblem(
                code="practice_title",
                field="title",
                message=_("The title of a practice has at most %(limit)d characters.")
                % {"limit": MAX_TITLE},
            )
        )
    return problems
