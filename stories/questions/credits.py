"""Who said it: by role and Partnership, and by name only where the person chose so."""

from __future__ import annotations

from django.utils.translation import gettext as _

from partnerships.models import Partnership
from stories.models import Answer, Question


def credit(role: str, name: str, partnership: Partnership) -> str:
    """Return a credit in the active language: "coordinator, Akko – Omaha"."""
    where = str(partnership.name) or partnership.slug
    words = {"name": name, "role": role, "partnership": where}
    if name:
        return _("%(name)s, %(role)s, %(partnership)s") % words
    return _("%(role)s, %(partnership)s") % words


def question_credit(question: Question) -> str:
    """Return who asked."""
    return credit(question.get_role_display(), question.shown_name, question.partnership)


def answer_credit(answer: Answer) -> str:
    """Return who answered."""
    return credit(answer.get_role_display(), answer.shown_name, answer.asked.partnership)
