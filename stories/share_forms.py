"""Forms of recommendations in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.account import BaseSettingsPanel, notifications_tab

from partnerships.models import Partnership
from portal.fields import in_language
from portal.models import Concept, User
from portal.templatetags.portal_tags import localized
from stories.models import DeclineReason, MailRhythm, PracticePage, Share, SharingPreference
from stories.services.share_mail import rhythm_of
from stories.services.shares import possible_receivers, receivers_with

CHOSEN, WITH_CONCEPT, EVERYBODY = "chosen", "concept", "all"


class NamedCheckboxes(forms.CheckboxSelectMultiple):
    """Names to tick, in columns."""

    template_name = "stories/shares/checkboxes.html"


class NameChoiceField(forms.ModelMultipleChoiceField):
    """Several rows by name; a name in another language than the reader's is marked."""

    widget = NamedCheckboxes

    def label_from_instance(self, obj: Any) -> Any:
        return localized(getattr(obj, "name", None) or obj.label)


class OfferForm(forms.Form):
    """To whom a practice is recommended, and a short note."""

    to = forms.ChoiceField(
        label=_("To whom"),
        choices=[
            (CHOSEN, _("Partnerships that I choose")),
            (WITH_CONCEPT, _("those whose themes or library carry a concept")),
            (EVERYBODY, _("all Partnerships")),
        ],
        initial=CHOSEN,
        widget=forms.RadioSelect,
    )
    partnerships = NameChoiceField(
        label=_("Partnerships"), queryset=Partnership.objects.none(), required=False
    )
    concepts = NameChoiceField(
        label=_("Concepts of this practice"), queryset=Concept.objects.none(), required=False
    )
    note = forms.CharField(
        label=_("A short note"),
        required=False,
        max_length=600,
        help_text=_("Why it may be something for them. It comes with the mail, in your words."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args: Any, practice: PracticePage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender_id = practice.partnership.pk if practice.partnership else None
        fields: Any = self.fields
        receivers = possible_receivers(self.sender_id).annotate(by_name=in_language("name"))
        fields["partnerships"].queryset = receivers.order_by("by_name", "pk")
        concepts = Concept.objects.filter(pk__in=[one.pk for one in practice.concepts.all()])
        fields["concepts"].queryset = concepts.annotate(by_name=in_language("label")).order_by(
            "by_name"
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("to") == CHOSEN and not cleaned.get("partnerships"):
            self.add_error("partnerships", _("Choose at least one Partnership."))
        if cleaned.get("to") == WITH_CONCEPT and not cleaned.get("concepts"):
            self.add_error("concepts", _("Choose at least one concept."))
        return cleaned

    def receivers(self) -> QuerySet[Partnership]:
        """Return whom the choice means; after validation."""
        cleaned = self.cleaned_data
        if cleaned["to"] == EVERYBODY:
            return possible_receivers(self.sender_id)
        if cleaned["to"] == WITH_CONCEPT:
            return receivers_with(cleaned["concepts"], self.sender_id)
        chosen: QuerySet[Partnership] = cleaned["partnerships"]
        return chosen


class DeclineForm(forms.ModelForm):
    """Why a recommendation is not taken up; who recommended it is told."""

    decline_reason = forms.ChoiceField(
        label=_("Why"), choices=DeclineReason.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Share
        fields = ("decline_reason", "decline_text")
        widgets = {"decline_text": forms.Textarea(attrs={"rows": 2, "dir": "auto"})}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        text = (cleaned.get("decline_text") or "").strip()
        if cleaned.get("decline_reason") == DeclineReason.OTHER and not text:
            self.add_error("decline_text", _("Say in a few words what the other reason is."))
        return cleaned


class RhythmForm(forms.ModelForm):
    """How soon a person wants to hear of recommendations."""

    rhythm = forms.ChoiceField(
        label=_("Mails about recommendations"),
        choices=MailRhythm.choices,
        required=False,  # the account's other forms are saved without it
        help_text=_("When other Partnerships recommend something to yours, or answer you."),
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rhythm"].initial = rhythm_of(self.instance)

    def save(self, commit: bool = True) -> Any:
        if rhythm := self.cleaned_data["rhythm"]:
            SharingPreference.objects.update_or_create(
                user=self.instance, defaults={"rhythm": rhythm}
            )
        return self.instance


class RhythmPanel(BaseSettingsPanel):
    """The choice of a person, among the notifications of the own account."""

    name = "recommendations"
    title = _("Recommendations between Partnerships")
    tab = notifications_tab
    order = 200
    form_class = RhythmForm
