"""Screens for people with a role: ask, look through, answer, pass on, moderate.

The same views stand twice: in the admin for those who work there, and in the portal's own frame
(`/<lang>/questions/…`) for chairs and professionals, who have no admin.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from portal.listing import page_of
from portal.text import whole_number
from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    Question,
    QuestionState,
)
from stories.questions import rights
from stories.questions.board import QuestionBoard, board_of
from stories.questions.forms import AnswerForm, QuestionForm, RemarkForm, problem_text
from stories.services import question_answers, question_links, questions
from stories.services.question_steps import QuestionProblem, asks_left

PER_PAGE = 30


@method_decorator(never_cache, name="dispatch")
class WorkView(LoginRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """Base: in the admin's frame or the portal's, for whoever has a voice somewhere."""

    in_admin = False
    header_icon = "help"
    breadcrumbs_items: Any = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in those who act for a Partnership or the network."""
        if request.user.is_authenticated and not (
            rights.is_staff(request.user) or rights.own_partnerships(request.user)
        ):
            raise PermissionDenied(_("Questions are asked and answered in a Partnership's name."))
        return super().dispatch(request, *args, **kwargs)

    def address(self, name: str, *args: Any) -> str:
        """Return the address of another of these screens, in the same frame."""
        space = "questions_admin" if self.in_admin else "questions"
        return reverse(f"{space}:{name}", args=args)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the frame."""
        frame = "admin" if self.in_admin else "portal"
        return super().get_context_data(
            frame=f"stories/questions/frame_{frame}.html",
            body_class="template-questions-work",
            title=self.get_page_title(),
            is_network_staff=rights.is_staff(self.request.user),
            mine_url=self.address("mine"),
            ask_url=self.address("ask"),
            standing_url=self.address("standing"),
            noindex=True,
            **kwargs,
        )


class MineView(WorkView):
    """The questions that concern a person: theirs, those put to them, all for the staff."""

    template_name = "stories/questions/mine.html"
    page_title = gettext_lazy("Ask the Partnerships")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the questions, a page at a time."""
        user = self.request.user
        rows = (
            rights.readable(user, Question.objects.all())
            .select_related("partnership")
            .prefetch_related("asked__answer")
            .order_by("-created_at", "-pk")
        )
        chosen = self.request.GET.get("state", "")
        if chosen in QuestionState.values:
            rows = rows.filter(state=chosen)
        page, notes = page_of(rows, self.request.GET.get("page"), PER_PAGE)
        own = rights.own_partnerships(user)
        lines = [
            {
                "question": question,
                "url": self.address("detail", question.key),
                "is_own": question.partnership_id in own,
                "answers": _count_shown(question),
            }
            for question in page.object_list
        ]
        return super().get_context_data(
            lines=lines,
            page_obj=page,
            notes=notes,
            chosen=chosen,
            states=QuestionState.choices,
            **kwargs,
        )


def _count_shown(question: Question) -> int:
    """Return how many answers show, from what was prefetched."""
    return sum(
        getattr(getattr(row, "answer", None), "state", "") == AnswerState.SHOWN
        for row in question.asked.all()
    )


class AskView(WorkView):
    """Ask: first the text, then the proposed Partnerships, from which some may be left out."""

    template_name = "stories/questions/ask.html"
    page_title = gettext_lazy("Ask the Partnerships")

    @cached_property
    def question(self) -> Question | None:
        """The question that is changed after it was sent back; None for a new one."""
        key = self.kwargs.get("key")
        if key is None:
            return None
        question = get_object_or_404(_questions(self.request.user), key=key)
        rights.require_right(rights.may_keep(self.request.user, question))
        if question.state != QuestionState.SENT_BACK:
            raise Http404
        return question

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.render_to_response(self.get_context_data(form=self._form()))

    def _form(self) -> QuestionForm:
        data = self.request.POST if self.request.method == "POST" else None
        question = self.question
        if question is None:
            return QuestionForm(data, user=self.request.user)
        names = ("title", "text", "language", "shown_name", "partnership")
        initial = {name: getattr(question, name) for name in names}
        initial["concepts"] = list(question.concepts.all())
        form = QuestionForm(data, user=self.request.user, initial=initial)
        field: Any = form.fields["partnership"]
        field.queryset = type(question.partnership).objects.filter(pk=question.partnership_id)
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Propose Partnerships, or hand the question in to those that are ticked."""
        form = self._form()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        partnership, text = form.cleaned_data["partnership"], form.question_text
        chosen = {whole_number(key) or 0 for key in request.POST.getlist("asked")} - {0}
        if "hand_in" in request.POST:
            try:
                if self.question is None:
                    question = questions.ask(request.user, partnership, text, chosen)
                else:
                    question = questions.hand_in_again(request.user, self.question, text, chosen)
            except QuestionProblem as problem:
                messages.error(request, problem_text(problem))
            else:
                messages.success(
                    request,
                    _("Handed in. The network's staff look at it before it is sent."),
                )
                return redirect(self.address("detail", question.key))
        proposed = questions.propose(partnership, text)
        if not proposed:
            messages.warning(
                request,
                _(
                    "No Partnership was found that tells about this. Tick what it is about, or say"
                    " it in other words."
                ),
            )
        kept = chosen if "hand_in" in request.POST else {one.partnership.pk for one in proposed}
        return self.render_to_response(
            self.get_context_data(form=form, proposed=proposed, kept=kept, was_proposed=True)
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many questions are left, where it is one Partnership."""
        form = kwargs["form"]
        mine = list(form.fields["partnership"].queryset[:2])
        left = None
        if len(mine) == 1 and self.question is None:
            left = asks_left(mine[0], timezone.now())
        return super().get_context_data(question=self.question, asks_left=left, **kwargs)


def _questions(user: Any) -> QuerySet[Question]:
    return rights.readable(user, Question.objects.select_related("partnership", "asked_by"))


Action = Callable[["DetailView"], str]


class DetailView(WorkView):
    """One question, and all that the person may do with it; each act is a POST of its own."""

    template_name = "stories/questions/detail.html"

    def get_page_title(self) -> str:
        """Return what this is; the question itself stands below."""
        return _("Question to the Partnerships")

    @cached_property
    def question(self) -> Question:
        """The question; 404 for whom it does not concern."""
        return get_object_or_404(_questions(self.request.user), key=self.kwargs["key"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it."""
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where it stands and what may be done."""
        board: QuestionBoard = board_of(self.question, self.request.user)
        kwargs.setdefault("answer_form", AnswerForm(initial=board.answer_initial))
        kwargs.setdefault("remark_form", RemarkForm())
        return super().get_context_data(
            question=self.question,
            board=board,
            change_url=self.address("change", self.question.key),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do one thing; what was typed comes back with the reason when it can't be done."""
        action = ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            messages.error(request, _("The portal does not know this button."))
            return redirect(self.address("detail", self.question.key))
        try:
            done = action(self)
        except _NotValid as invalid:
            return self.render_to_response(self.get_context_data(answer_form=invalid.form))
        except QuestionProblem as problem:
            messages.error(request, problem_text(problem))
            return self.render_to_response(
                self.get_context_data(
                    answer_form=AnswerForm(request.POST)
                    if "text" in request.POST
                    else AnswerForm(),
                    remark_form=RemarkForm(initial={"remark": request.POST.get("remark", "")}),
                    failed_on=request.POST.get("answer") or request.POST.get("asked"),
                )
            )
        messages.success(request, done)
        return redirect(self.address("detail", self.question.key))

    # What the buttons do

    @property
    def remark(self) -> str:
        """The remark that was typed, at most a thousand characters."""
        return str(self.request.POST.get("remark", "")).replace("\x00", "")[:1000]

    def asked(self) -> AskedPartnership:
        """Return the asked Partnership that a button is about."""
        rows = AskedPartnership.objects.filter(
            question=self.question, state__in=[AskedState.ASKED, AskedState.PASSED]
        )
        return get_object_or_404(
            rows.select_related("partnership", "question"), pk=self._key("asked")
        )

    def answer(self) -> Answer:
        """Return the answer that a button is about."""
        rows = Answer.objects.filter(asked__question=self.question)
        return get_object_or_404(rows.select_related("asked__question"), pk=self._key("answer"))

    def _key(self, name: str) -> int:
        key = whole_number(self.request.POST.get(name, ""))
        if key is None:
            raise Http404
        return key


class _NotValid(Exception):
    """What was typed as an answer can't be taken; the form has the reasons."""

    def __init__(self, form: AnswerForm) -> None:
        super().__init__()
        self.form = form


def _approve(view: DetailView) -> str:
    question = questions.approve(view.request.user, view.question)
    if question.state == QuestionState.SENT_BACK:
        return _("Nobody who knows about it can be asked now. It was sent back, and they are told.")
    return _("Approved and sent.")


def _send_back(view: DetailView) -> str:
    questions.send_back(view.request.user, view.question, view.remark)
    return _("Sent back with your remark.")


def _refuse(view: DetailView) -> str:
    questions.refuse(view.request.user, view.question, view.remark)
    return _("Refused; they are told why.")


def _withdraw(view: DetailView) -> str:
    questions.withdraw(view.request.user, view.question)
    return _("Withdrawn.")


def _answer(view: DetailView) -> str:
    asked = view.asked()
    rights.require_right(rights.answering_seat(view.request.user, asked))
    form = AnswerForm(view.request.POST)
    if not form.is_valid():
        raise _NotValid(form)
    question_answers.answer(view.request.user, asked, form.answer_text)
    return _("Thank you. The network's staff look at your answer before it shows.")


def _pass_on(view: DetailView) -> str:
    question_answers.pass_on(view.request.user, view.asked())
    return _("Passed on. The next Partnership that knows about it is asked, if there is one.")


def _end_links(view: DetailView) -> str:
    question_links.revoke_links(view.request.user, view.asked(), timezone.now())
    return _("The reply links no longer work. One can still answer when signed in.")


def _show_answer(view: DetailView) -> str:
    question_answers.show_answer(view.request.user, view.answer())
    return _("The answer shows.")


def _send_answer_back(view: DetailView) -> str:
    question_answers.send_answer_back(view.request.user, view.answer(), view.remark)
    return _("Sent back with your remark.")


def _refuse_answer(view: DetailView) -> str:
    question_answers.refuse_answer(view.request.user, view.answer(), view.remark)
    return _("Refused; they are told why.")


def _useful(view: DetailView) -> str:
    question_answers.mark_useful(view.request.user, view.answer(), True)
    return _("Marked as useful.")


def _not_useful(view: DetailView) -> str:
    question_answers.mark_useful(view.request.user, view.answer(), False)
    return _("The mark was taken away.")


ACTIONS: dict[str, Action] = {
    "approve": _approve,
    "send_back": _send_back,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "answer": _answer,
    "pass_on": _pass_on,
    "end_links": _end_links,
    "show_answer": _show_answer,
    "send_answer_back": _send_answer_back,
    "refuse_answer": _refuse_answer,
    "useful": _useful,
    "not_useful": _not_useful,
}
