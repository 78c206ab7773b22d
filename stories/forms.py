"""Forms of the stories' page editors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import PortalPageForm
from stories.enums import NetworkPart
from stories.models.adoptions import adoption_of


class FactsPageForm(PortalPageForm):
    """The editor of a page whose language-neutral fields belong to the page first told.

    On a translation those fields are not in the form, so that nobody can fill them in vain;
    `FactsElsewherePanel` says where they are edited.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_translation:
            for name in self.instance.neutral_fields:
                self.fields.pop(name, None)


class PracticePageForm(FactsPageForm):
    """The editor of a practice: the parts for the network are ticked, a closed list.

    One that was not taken over is not asked what was changed.
    """

    network_parts = forms.MultipleChoiceField(
        label=_("for the network only"),
        choices=NetworkPart.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if adoption_of(self.instance) is None:
            self.fields.pop("adaptations", None)
