"""Forms of “Ask the Partnerships”, for the admin, the portal and the reply link alike."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partnerships.models import Partnership
from portal.fields import language_choices
from portal.models import Concept
from portal.models.concepts import ConceptKind
from portal.widgets import ConceptCheckboxes
from stories.questions.rights import is_staff, own_partnerships
from stories.services.question_answers import AnswerText
from stories.services.question_steps import QuestionProblem, without_addresses
from stories.services.questions import QuestionText

#: What a question can be about; kinds of resources are for resources.
KINDS = (ConceptKind.PROGRAM_TYPE, ConceptKind.TOPIC, ConceptKind.AUDIENCE)
SHOWN_NAME_HELP = _("Empty: only your role and your Partnership are shown.")


class PublicTextField(forms.CharField):
    """A text that will be public: without addresses and telephone numbers, typed in any script."""

    def __init__(self, *, rows: int = 0, **kwargs: Any) -> None:
        attrs = {"dir": "auto"}
        if rows:
            kwargs["widget"] = forms.Textarea(attrs={**attrs, "rows": rows})
        else:
            kwargs["widget"] = forms.TextInput(attrs=attrs)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the text; raises ValidationError where it tells an address."""
        return without_addresses(super().clean(value))


class QuestionForm(forms.Form):
    """What is asked, and in whose name."""

    partnership = forms.ModelChoiceField(
        label=_("In the name of"), queryset=Partnership.objects.none(), empty_label=None
    )
    language = forms.ChoiceField(label=_("Language of the question"), choices=language_choices)
    title = PublicTextField(
        label=_("The question in one sentence"),
        max_length=120,
        help_text=_("For example “How do you find host families in August?”"),
    )
    text = PublicTextField(
        label=_("What stands behind it"),
        max_length=2000,
        rows=7,
        help_text=_("What you tried, for whom it is, and what an answer should help with."),
    )
    concepts = forms.ModelMultipleChoiceField(
        label=_("What it is about"),
        queryset=Concept.objects.filter(kind__in=KINDS),
        required=False,
        widget=ConceptCheckboxes,
        help_text=_("What you tick counts more than the words when Partnerships are proposed."),
    )
    shown_name = PublicTextField(
        label=_("Your name, if it should be shown"),
        max_length=80,
        required=False,
        help_text=SHOWN_NAME_HELP,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
        field: Any = self.fields["partnership"]
        mine = Partnership.objects.running()
        field.queryset = mine if is_staff(user) else mine.filter(pk__in=own_partnerships(user))

    @property
    def question_text(self) -> QuestionText:
        """What was typed, once it is valid."""
        data = self.cleaned_data
        return QuestionText(
            data["title"],
            data["text"],
            data["language"],
            tuple(data["concepts"]),
            data["shown_name"],
        )


class AnswerForm(forms.Form):
    """An answer, in either language."""

    text = PublicTextField(label=_("Your answer"), max_length=6000, rows=10)
    language = forms.ChoiceField(label=_("Language of the answer"), choices=language_choices)
    shown_name = PublicTextField(
        label=_("Your name, if it should be shown"),
        max_length=80,
        required=False,
        help_text=SHOWN_NAME_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()

    @property
    def answer_text(self) -> AnswerText:
        """What was typed, once it is valid."""
        data = self.cleaned_data
        return AnswerText(data["text"], data["language"], data["shown_name"])


class RemarkForm(forms.Form):
    """Why something is sent back or refused."""

    remark = forms.CharField(
        label=_("Remark or reason (sent to them)"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


def problem_text(problem: QuestionProblem) -> str:
    """Return a problem as one sentence."""
    return " ".join(problem.messages)
