"""The admin's page of a challenge: how it ends, and that it begins anew; for its owners only."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from stories.adoption_forms import NamedChoice
from stories.enums import ChallengeStatus
from stories.models import Adoption, ChallengeFacts, ChallengePage, PracticePage
from stories.services.challenges import (
    ENDINGS,
    Ending,
    close_challenge,
    keep_open,
    may_keep,
    reopen_challenge,
    solving_adoptions,
    stays_solved,
)


class EndingForm(forms.Form):
    """How a challenge ended."""

    status = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[(status.value, status.label) for status in ENDINGS],
        widget=forms.RadioSelect,
    )
    adoption = NamedChoice(
        queryset=Adoption.objects.none(),
        label=gettext_lazy("What you brought over that solved it"),
        required=False,
        help_text=gettext_lazy("Needed where a practice of others solved it."),
    )
    note = forms.CharField(
        label=gettext_lazy("In a sentence, for others"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args: Any, facts: ChallengeFacts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["adoption"]
        choice.queryset = solving_adoptions(facts.partnership_id)

    def ending(self) -> Ending:
        """Return what was filled in."""
        data = self.cleaned_data
        adoption = data["adoption"]
        return Ending(
            status=ChallengeStatus(data["status"]),
            adoption=adoption.pk if adoption else None,
            note=data["note"],
            language=get_language() or "",
        )


class ChallengeView(TemplateView):
    """Shows on GET, acts on POST (`act`: close, reopen, keep or stays)."""

    template_name = "stories/admin/challenge.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in who keeps the challenge."""
        self.facts = get_object_or_404(ChallengeFacts, pk=kwargs["key"])
        if not may_keep(request.user, self.facts):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        """Close it, open it again, or note that it stands."""
        act = request.POST.get("act", "")
        form = EndingForm(request.POST, facts=self.facts) if act == "close" else None
        if form is not None and not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            if form is not None:
                close_challenge(key, form.ending(), request.user)
                said = _("It is closed. Its page and the library say so.")
            elif act == "reopen":
                reopen_challenge(key, request.user)
                said = _("It is open again.")
            elif act == "keep":
                keep_open(key, request.user)
                said = _("Noted: it stands as it is told.")
            elif act == "stays":
                stays_solved(key, request.user)
                said = _("Noted: it is solved, though what solved it was stopped.")
            else:
                raise ValidationError(_("Choose what to do."))
        except ValidationError as error:
            if form is not None:
                form.add_error(None, error)
                return self.render_to_response(self.get_context_data(form=form), status=422)
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, said)
        return redirect(reverse("wagtailadmin_challenge", args=[key]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the challenge, its page, and the form."""
        context = super().get_context_data(**kwargs)
        pages = ChallengePage.live_by_key([self.facts.pk]).get(self.facts.pk, [])
        page = next((p for p in pages if p.language == get_language()), None) or next(
            iter(pages or ChallengePage.objects.filter(translation_key=self.facts.pk)), None
        )
        self.facts.refresh_from_db()
        context["facts"] = self.facts
        context["page"] = page
        context.setdefault("form", EndingForm(facts=self.facts))
        context["has_adoptions"] = solving_adoptions(self.facts.partnership_id).exists()
        solved = self.facts.solved_by
        context["solved_by"] = (
            PracticePage.objects.filter(translation_key=solved).order_by("pk").first()
            if solved
            else None
        )
        return context
