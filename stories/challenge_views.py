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
from wagtail.admin.widgets import AdminPageChooser

from stories.enums import ChallengeStatus
from stories.models import ChallengeFacts, ChallengePage, PracticePage
from stories.services.challenges import (
    ENDINGS,
    Ending,
    close_challenge,
    keep_open,
    may_keep,
    pages_of_challenges,
    reopen_challenge,
)


class EndingForm(forms.Form):
    """How a challenge ended."""

    status = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[(status.value, status.label) for status in ENDINGS],
        widget=forms.RadioSelect,
    )
    practice = forms.ModelChoiceField(
        PracticePage.objects.live(),
        label=gettext_lazy("The practice that solved it"),
        required=False,
        widget=AdminPageChooser(target_models=[PracticePage]),
        help_text=gettext_lazy("Needed where a practice of others solved it."),
    )
    note = forms.CharField(
        label=gettext_lazy("In a sentence, for others"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def ending(self) -> Ending:
        """Return what was filled in."""
        data = self.cleaned_data
        practice = data["practice"]
        return Ending(
            status=ChallengeStatus(data["status"]),
            solved_by=practice.translation_key if practice else None,
            note=data["note"],
            language=get_language() or "",
        )


class ChallengeView(TemplateView):
    """Shows on GET, acts on POST (`act`: close, reopen or keep)."""

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
        form = EndingForm(request.POST) if act == "close" else None
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
        pages = pages_of_challenges([self.facts.pk]).get(self.facts.pk, [])
        page = next((p for p in pages if p.language == get_language()), None) or next(
            iter(pages or ChallengePage.objects.filter(translation_key=self.facts.pk)), None
        )
        self.facts.refresh_from_db()
        context["facts"] = self.facts
        context["page"] = page
        context.setdefault("form", EndingForm())
        context["media"] = context["form"].media
        solved = self.facts.solved_by
        context["solved_by"] = (
            PracticePage.objects.filter(translation_key=solved).order_by("pk").first()
            if solved
            else None
        )
        return context
