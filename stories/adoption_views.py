"""The admin's screens of bringing practices over: the list, bringing one, one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from partnerships.models import Partnership
from partnerships.permissions import standing_of
from portal.text import whole_number
from portal.visibility import Viewer, hidden_prefixes, is_under
from stories.adoption_forms import AnswerForm, MoveForm, OutcomeForm, PlanForm, tell
from stories.bring_view import TravellingView
from stories.comparison import SideBySide, side_by_side
from stories.enums import AdoptionState
from stories.models import Adoption, AdoptionSource, Outcome, PracticePage
from stories.services import adoptions, corrections, outcomes
from stories.services.adoptions import ends_of, is_stop_public
from stories.services.copies import page_for_editing, version_of

PAGE_SIZE = 30
OURS, GIVEN = "ours", "given"


class AdoptionsView(TravellingView):
    """What the own Partnerships brought over, and what others took from them."""

    template_name = "stories/adoptions/list.html"
    page_title = _("Brought over from others")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of the rows, of one state if the address asks for one."""
        which = GIVEN if self.request.GET.get("which") == GIVEN else OURS
        rows = Adoption.objects.select_related("partnership", "practice").prefetch_related(
            "outcomes", "sources"
        )
        if which == OURS:
            rows = rows.filter(partnership__in=self.own)
        else:
            rows = rows.filter(sources__parent__partnership__in=self.own).distinct()
        state = self.request.GET.get("state", "")
        if state in AdoptionState.values:
            rows = rows.filter(state=state)
        else:
            state = ""
        page = Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get("p"))
        lines = [(row, list(outcomes.missing_outcomes([row]))) for row in page.object_list]
        return super().get_context_data(
            which=which,
            state=state,
            states=AdoptionState.choices,
            lines=lines,
            page_obj=page,
            **kwargs,
        )


class AdoptionView(TravellingView):
    """One practice that was brought over: where it is from, how far it is, what came of it."""

    template_name = "stories/adoptions/detail.html"
    page_title = _("Brought over")

    @cached_property
    def adoption(self) -> Adoption:
        """The row, if the person acts for one of its ends."""
        row = get_object_or_404(
            Adoption.objects.select_related("partnership", "practice"), pk=self.kwargs["pk"]
        )
        if not self.own_ends(row).exists():
            raise PermissionDenied
        return row

    def own_ends(self, adoption: Adoption) -> QuerySet[Partnership]:
        """The Partnerships of the person that `adoption` concerns."""
        return self.own.filter(pk__in=[end.pk for end in ends_of(adoption)])

    @property
    def is_ours(self) -> bool:
        """Whether the person acts for the Partnership that brought it over."""
        return self.own.filter(pk=self.adoption.partnership_id).exists()

    def get_page_subtitle(self) -> str:
        """Return the practice's title."""
        return str(self.adoption.practice.titles)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the row, the forms that the person may use, and what was reported."""
        adoption = self.adoption
        ends = ends_of(adoption)
        agreed = set(adoption.agreements.values_list("partnership_id", flat=True))
        own = set(self.own.filter(pk__in=[end.pk for end in ends]).values_list("pk", flat=True))
        if self.is_ours:
            kwargs.setdefault("plan_form", PlanForm(instance=adoption, prefix="plan"))
            if adoption.next_states:
                kwargs.setdefault("move_form", MoveForm(adoption=adoption, prefix="move"))
        return super().get_context_data(
            adoption=adoption,
            child=page_for_editing(adoption),
            sources=self._sources(),
            is_staff=standing_of(self.request.user).acts_for_all,
            changes=adoption.changes.select_related("user"),
            is_ours=self.is_ours,
            due=self._due(kwargs.pop("outcome_form", None)),
            answer_form=kwargs.pop("answer_form", None)
            or AnswerForm(own=self.own_ends(adoption), language=self.language, prefix="answer"),
            agreements=[(end, end.pk in agreed, end.pk in own) for end in ends],
            is_stop_public=is_stop_public(adoption),
            **kwargs,
        )

    def _sources(self) -> list[tuple[AdoptionSource, bool]]:
        """Return the sources, each with whether the person may take it away."""
        user: Any = self.request.user
        sources = list(self.adoption.sources.select_related("parent"))
        may = corrections.removable(user, self.adoption, sources)
        return [(source, source.pk in may) for source in sources]

    def _due(self, bound: OutcomeForm | None) -> list[tuple[outcomes.OutcomeDue, Any, list[Any]]]:
        adoption = Adoption.objects.prefetch_related(
            "outcomes__answers__partnership", "outcomes__former_reports__user"
        ).get(pk=self.adoption.pk)
        found = []
        for due in outcomes.outcomes_of(adoption):
            form = bound if bound is not None and bound.prefix == f"outcome{due.months}" else None
            if form is None and outcomes.may_report(self.request.user, adoption, due.outcome):
                form = self._outcome_form(due.months, due.outcome)
            former = due.outcome.former_reports.all() if due.outcome else []
            found.append((due, form, [(one, outcomes.told_before(one)) for one in former]))
        return found

    def _outcome_form(self, months: int, outcome: Outcome | None, data: Any = None) -> OutcomeForm:
        return OutcomeForm(
            data, instance=outcome, language=self.language, prefix=f"outcome{months}"
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do what the button says; a form that does not fit comes back as it was filled."""
        acts: dict[str, Callable[[Any], tuple[str, Any] | None]] = {
            "move": self._move,
            "plan": self._plan,
            "report": self._report,
            "answer": self._answer,
            "agree": self._agree,
            "disagree": self._agree,
            "unsource": self._take_source_away,
            "erase": self._erase_title,
        }
        act = acts.get(request.POST.get("action", ""))
        refused = act(request) if act else None
        if refused is not None:
            return self.render_to_response(self.get_context_data(**{refused[0]: refused[1]}))
        return redirect("wagtailadmin_adoption", self.adoption.pk)

    def _carry_out(
        self, form: Any, name: str, act: Callable[[dict[str, Any]], Any], done: str
    ) -> tuple[str, Any] | None:
        """Do `act` with what a valid form holds; return the form where it has to come back."""
        if form.is_valid():
            try:
                act(form.cleaned_data)
            except ValidationError as refusal:
                tell(form, refusal)
            else:
                messages.success(self.request, done)
                return None
        return name, form

    def _move(self, request: Any) -> tuple[str, Any] | None:
        return self._carry_out(
            MoveForm(request.POST, adoption=self.adoption, prefix="move"),
            "move_form",
            lambda given: adoptions.move(
                request.user,
                self.adoption,
                given["to"],
                seen_state=given["seen"],
                on=given["on"],
                reason=given["reason"],
                note=given["note"],
            ),
            gettext("Noted, with the day and your role."),
        )

    def _plan(self, request: Any) -> tuple[str, Any] | None:
        copy = Adoption.objects.get(pk=self.adoption.pk)  # a form writes on its instance
        return self._carry_out(
            PlanForm(request.POST, instance=copy, prefix="plan"),
            "plan_form",
            lambda given: adoptions.change_plan(request.user, self.adoption, **given),
            gettext("The plan is changed."),
        )

    def _report(self, request: Any) -> tuple[str, Any] | None:
        if not self._is_month(request):
            raise Http404
        months = int(request.POST["months"])
        outcome = Outcome.objects.filter(adoption=self.adoption, months=months).first()
        return self._carry_out(
            self._outcome_form(months, outcome, request.POST),
            "outcome_form",
            lambda given: outcomes.report(request.user, self.adoption, months, given),
            gettext("Thank you: others learn by it. It stands on your Partnership’s page."),
        )

    @staticmethod
    def _is_month(request: Any) -> bool:
        return request.POST.get("months", "") in {str(months) for months in Outcome.MONTHS}

    def _answer(self, request: Any) -> tuple[str, Any] | None:
        outcome = (
            get_object_or_404(
                Outcome, adoption=self.adoption, months=request.POST.get("months") or 0
            )
            if self._is_month(request)
            else None
        )
        if outcome is None:
            raise Http404
        return self._carry_out(
            AnswerForm(
                request.POST,
                own=self.own_ends(self.adoption),
                language=self.language,
                prefix="answer",
            ),
            "answer_form",
            lambda given: outcomes.answer(
                request.user, outcome, given["partnership"], given["text"], given["language"]
            ),
            gettext("Your answer stands beside the outcome."),
        )

    def _agree(self, request: Any) -> None:
        end = get_object_or_404(
            self.own_ends(self.adoption),
            slug=request.POST.get("partnership", "").replace("\x00", ""),  # PostgreSQL takes none
        )
        agrees = request.POST["action"] == "agree"
        self._do(
            lambda: adoptions.agree_to_tell_of_stop(
                request.user, self.adoption, end, agrees=agrees
            ),
            gettext("Noted."),
        )

    def _take_source_away(self, request: Any) -> None:
        source_id = whole_number(request.POST.get("source", "")) or 0
        self._do(
            lambda: corrections.remove_source(request.user, self.adoption, source_id),
            gettext("It is not named as a source any more."),
        )

    def _erase_title(self, request: Any) -> None:
        """Let staff take a kept title away: that of this practice, or of one of its sources."""
        sources = self.adoption.sources.select_related("parent")
        entries = {str(source.parent_id): source.parent for source in sources}
        entries[str(self.adoption.pk)] = self.adoption.practice
        entry = entries.get(request.POST.get("entry", ""))
        if entry is None:
            raise Http404
        self._do(
            lambda: corrections.erase_title(request.user, entry),
            gettext("The title is taken away."),
        )

    def _do(self, act: Callable[[], None], done: str) -> None:
        try:
            act()
        except ValidationError as refusal:
            messages.error(self.request, " ".join(refusal.messages))
        else:
            messages.success(self.request, done)


class CompareView(AdoptionView):
    """The version that was taken and the own one, side by side."""

    template_name = "stories/adoptions/compare.html"
    page_title = _("The two versions side by side")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the source and the parts in which the two differ."""
        source: AdoptionSource = get_object_or_404(
            self.adoption.sources.select_related("parent"), pk=self.kwargs["source"]
        )
        before, child = version_of(source), page_for_editing(self.adoption)
        parts: list[SideBySide] | None = None
        after = child
        if child is not None and self.is_ours:
            after = child.get_latest_revision_as_object()
        else:  # what is a draft, or was closed to them, is not for the others
            after = child if self._may_read(child) else None
            if not self.own.filter(pk=source.parent.partnership_id or 0).exists():
                told = PracticePage.objects.filter(pk=source.page_id or 0).first()
                before = before if self._may_read(told) else None
        if before is not None and after is not None:
            parts = side_by_side(before, after, self.request)
        return super(TravellingView, self).get_context_data(
            **{
                **kwargs,
                "adoption": self.adoption,
                "source": source,
                "parts": parts,
                "child": child,
            }
        )

    def _may_read(self, page: PracticePage | None) -> bool:
        hidden = hidden_prefixes(Viewer.of(self.request.user))  # type: ignore[arg-type]
        return bool(page and page.live and not is_under(page.path, hidden))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing is done here."""
        return self.http_method_not_allowed(request)
