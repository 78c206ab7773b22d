"""The admin's screen of a practice's travels: who took it over, telling them, earlier runs."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from partnerships.permissions import standing_of
from portal.text import whole_number
from stories.adoption_forms import EarlierRunForm, EditNoteForm, tell
from stories.bring_view import TravellingView
from stories.evidence_words import in_words
from stories.models import Adoption, EarlierRun, MaterialEdit, PracticePage
from stories.permissions import actor_for
from stories.services.outcomes import outcomes_of, record_earlier_run, remove_earlier_run
from stories.services.telling import (
    changes_since,
    last_told,
    takers_of,
    tell_of_edit,
    told_elsewhere,
)


class TravelsView(TravellingView):
    """Who took one's practice over, what they are told of, and earlier runs (network staff)."""

    template_name = "stories/adoptions/travels.html"
    page_title = _("Where it travelled")

    @cached_property
    def practice(self) -> PracticePage:
        """The page, if the person acts for the Partnership that tells it."""
        page = get_object_or_404(PracticePage, pk=self.kwargs["page_id"], alias_of=None)
        owner = page.partnership
        if actor_for(self.request.user, owner.pk if owner else None) is None:
            raise PermissionDenied
        return page

    @property
    def is_staff(self) -> bool:
        """Whether the person acts for the whole network."""
        return standing_of(self.request.user).acts_for_all

    def get_page_subtitle(self) -> str:
        """Return the practice's title."""
        return str(self.practice.title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the takers with their outcomes, what they would be told, and earlier runs."""
        page = self.practice
        sources = takers_of(page)
        rows = Adoption.objects.prefetch_related("outcomes").in_bulk(
            [source.adoption_id for source in sources]
        )
        former = last_told(page)
        elsewhere = told_elsewhere(page, former)
        since = (
            former.revision_id
            if former
            else min(
                (
                    source.revision_id
                    for source in sources
                    if source.page_id == page.pk and source.revision_id
                ),
                default=None,
            )
        )
        kwargs.setdefault("note_form", _note_form(elsewhere))
        if self.is_staff:
            kwargs.setdefault("run_form", EarlierRunForm(prefix="run"))
        return super().get_context_data(
            practice=page,
            takers=[(source, outcomes_of(rows[source.adoption_id])) for source in sources],
            former=former,
            elsewhere=elsewhere,
            is_told=bool(former and former.revision_id == page.live_revision_id),
            changes=changes_since(page, since) if sources and page.live else [],
            edits=MaterialEdit.objects.filter(page_id=page.pk)[:10],
            earlier_runs=EarlierRun.objects.filter(
                practice_key=page.translation_key
            ).select_related("partnership"),
            is_staff=self.is_staff,
            evidence=page.tested,
            tested=in_words(page.tested),
            facts=page.facts,
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tell the takers, record a run or take one away; what does not fit comes back."""
        action = request.POST.get("action", "")
        user: Any = request.user
        if action == "tell":
            elsewhere = told_elsewhere(self.practice, last_told(self.practice))
            note_form = _note_form(elsewhere, request.POST)
            if not note_form.is_valid() or not self._tell(user, note_form):
                return self.render_to_response(self.get_context_data(note_form=note_form))
        elif action == "record":
            run_form = EarlierRunForm(request.POST, prefix="run")
            if run_form.is_valid():
                try:
                    record_earlier_run(user, self.practice, run_form.save(commit=False))
                except ValidationError as refusal:
                    tell(run_form, refusal)
                else:
                    messages.success(request, gettext("The earlier run is recorded."))
                    return self._back()
            return self.render_to_response(self.get_context_data(run_form=run_form))
        elif action == "remove":
            run = get_object_or_404(
                EarlierRun,
                pk=whole_number(request.POST.get("run", "")),
                practice_key=self.practice.translation_key,
            )
            remove_earlier_run(user, run)
            messages.success(request, gettext("The earlier run is taken away."))
        return self._back()

    def _tell(self, user: Any, form: EditNoteForm) -> bool:
        """Tell them; whether it is done (what was refused stands in the form)."""
        given = form.cleaned_data
        try:
            edit = tell_of_edit(
                user,
                self.practice,
                given["note"],
                is_another_edit=given.get("is_another_edit", False),
            )
        except ValidationError as refusal:
            tell(form, refusal)
            return False
        messages.success(
            self.request,
            ngettext("%(count)d person is told.", "%(count)d people are told.", edit.told)
            % {"count": edit.told},
        )
        return True

    def _back(self) -> HttpResponse:
        return redirect("wagtailadmin_practice_travels", self.practice.pk)


def _note_form(elsewhere: MaterialEdit | None, data: Any = None) -> EditNoteForm:
    return EditNoteForm(data, prefix="note", asks_for_another=elsewhere is not None)
