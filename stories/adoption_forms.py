"""Forms of bringing practices over, in the admin; wide enough for a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from partnerships.models import Partnership
from portal.fields import TranslatedFormField, language_choices
from portal.templatetags.portal_tags import localized
from portal.text import language_name
from stories.enums import CURRENCIES, AdoptionState, StopReason
from stories.models import Adoption, EarlierRun, Outcome, PracticePage
from stories.services.outcomes import REPORTED


class DayInput(forms.DateInput):
    """A date by the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class NamedChoice(forms.ModelChoiceField):
    """One row by name, marked where the name is in another language than the reader's."""

    def label_from_instance(self, obj: Any) -> Any:
        return localized(getattr(obj, "name", None) or obj.practice.titles)


def tell(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Show a refusal at the fields of `form` that it names, else above them."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class PlanForm(forms.ModelForm):
    """The plan of an adoption."""

    class Meta:
        model = Adoption
        fields = ("planned_start", "contact_role", "is_announced")
        widgets = {"planned_start": DayInput}


class BringForm(PlanForm):
    """For which Partnership, in which language, and the plan."""

    partnership = NamedChoice(label=_("For which Partnership"), queryset=Partnership.objects.none())
    language = forms.ChoiceField(
        label=_("Language you will work in"), widget=forms.RadioSelect, choices=()
    )
    field_order = ("partnership", "language")

    def __init__(
        self, *args: Any, own: Any, pages: Sequence[PracticePage], language: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pages = {page.language: page for page in pages}
        choice: Any = self.fields["partnership"]
        choice.queryset = own
        only = list(own[:2])
        if len(only) == 1:
            choice.initial = only[0]
            choice.empty_label = None
        languages: Any = self.fields["language"]
        languages.choices = [(code, language_name(code)) for code in self.pages]
        languages.initial = language if language in self.pages else next(iter(self.pages), "")

    @property
    def source(self) -> PracticePage:
        """The page that is taken over."""
        return self.pages[self.cleaned_data["language"]]


class FurtherSourceForm(forms.Form):
    """Which of the own versions was made from this practice, too."""

    adoption = NamedChoice(label=_("Our version"), queryset=Adoption.objects.none())

    def __init__(self, *args: Any, own: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["adoption"]
        choice.queryset = own


class MoveForm(forms.Form):
    """The next state, since when, and why where it is stopped."""

    seen = forms.CharField(widget=forms.HiddenInput)
    to = forms.ChoiceField(label=_("It is now"), widget=forms.RadioSelect)
    on = forms.DateField(
        label=_("since"), required=False, widget=DayInput, help_text=_("Empty: today.")
    )
    reason = forms.ChoiceField(
        label=_("reason"),
        required=False,
        choices=[("", "—"), *StopReason.choices],
        help_text=_("Needed when it was stopped. The public reads it once both ends agree."),
    )
    note = forms.CharField(
        label=_("note for ourselves"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, adoption: Adoption, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = adoption.state
        choice: Any = self.fields["to"]
        choice.choices = [(state.value, state.label) for state in adoption.next_states]
        if self.is_bound:  # what somebody else made impossible meanwhile is told by the service
            choice.choices = AdoptionState.choices


class OutcomeForm(forms.ModelForm):
    """What came of it."""

    cost_currency = forms.ChoiceField(
        label=_("currency"), required=False, choices=[("", "—"), *CURRENCIES]
    )
    lesson_language = forms.ChoiceField(label=_("language of the lesson"), required=False)

    class Meta:
        model = Outcome
        fields = REPORTED
        widgets = {
            "against_aim": forms.RadioSelect,
            "lesson": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }

    def __init__(self, *args: Any, language: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["lesson_language"]
        choice.choices = [("", "—"), *language_choices()]
        if not self.instance.lesson_language:
            self.initial["lesson_language"] = language
        aim: Any = self.fields["against_aim"]
        aim.choices = [one for one in aim.choices if one[0]]

    def _post_clean(self) -> None:
        """Leave the model's own checks to the service, which knows the adoption."""


class AnswerForm(forms.Form):
    """An answer to a reported outcome."""

    partnership = NamedChoice(label=_("For which Partnership"), queryset=Partnership.objects.none())
    text = forms.CharField(
        label=_("answer"), max_length=600, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
    language = forms.ChoiceField(label=_("language"))

    def __init__(self, *args: Any, own: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["partnership"].queryset = own
        fields["partnership"].initial = own.first()
        fields["partnership"].empty_label = None
        fields["language"].choices = language_choices()
        fields["language"].initial = language


class EarlierRunForm(forms.ModelForm):
    """A run from before the portal, with its public source."""

    partnership = NamedChoice(
        label=_("Partnership"), queryset=Partnership.objects.all(), required=False
    )
    place = TranslatedFormField(
        label=_("or place"),
        required=False,
        max_length=160,
        help_text=_("Where no Partnership is here."),
    )

    source_url = forms.URLField(
        label=_("address of the source"), required=False, assume_scheme="https"
    )

    class Meta:
        model = EarlierRun
        fields = ("partnership", "place", "year", "kind", "source", "source_url")


class EditNoteForm(forms.Form):
    """What those who took it over should know of the new version."""

    note = forms.CharField(
        label=_("What changed, in your words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("They get the differences anyway, part by part."),
    )
    is_another_edit = forms.BooleanField(
        label=_("This is another edit than the one that they were told of"), required=False
    )

    def __init__(self, *args: Any, asks_for_another: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_for_another:
            del self.fields["is_another_edit"]
