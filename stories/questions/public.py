"""What everybody sees: questions that were approved and answered, and the reply link's page.

No cookie, no session. The reply page takes a POST without a token against forgery: nobody who does
not know the secret of its address could forge one, and no cookie speaks for the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from partnerships.models import Partnership
from partnerships.presentation.public import PageLink, PublicScope, page_links
from partnerships.services.closures import closure_of
from portal.fields import text_direction
from portal.listing import page_of
from portal.throttle import is_too_often, visitor_address
from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    Question,
    QuestionState,
    ReplyLink,
    ResourcePage,
)
from stories.presentation import ThingCard, cards_of
from stories.questions.credits import answer_credit, question_credit
from stories.questions.forms import AnswerForm, problem_text
from stories.services import question_answers
from stories.services.question_links import find_link, why_over
from stories.services.question_steps import QuestionProblem

PER_PAGE = 20
#: Of one visitor; a link takes one answer, so more than that is no person.
MOST_REPLIES_AN_HOUR = 30


def public_questions() -> QuerySet[Question]:
    """Return the questions that show: sent, not withdrawn, with an answer that was approved.

    Those of a Partnership that does not show itself are left out, and so are its answers.
    """
    showing = PublicScope.of().partnerships().values("pk")
    shown = Answer.objects.filter(
        asked__question=OuterRef("pk"), state=AnswerState.SHOWN, asked__partnership__in=showing
    )
    return (
        Question.objects.filter(
            state__in=[QuestionState.OPEN, QuestionState.CLOSED], partnership__in=showing
        )
        .filter(Exists(shown))
        .select_related("partnership")
        .prefetch_related(
            Prefetch(
                "asked",
                AskedPartnership.objects.filter(
                    answer__state=AnswerState.SHOWN, partnership__in=showing
                ).select_related("partnership", "answer"),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody's words in their own language, with who said them."""

    text: str
    language: str
    credit: str
    link: PageLink | None
    partnership: Partnership
    is_useful: bool = False

    @property
    def is_foreign(self) -> bool:
        """Whether it is in another language than the reader's."""
        return self.language != get_language()

    @property
    def direction(self) -> str:
        """Writing direction of its language."""
        return text_direction(self.language)


def _language_links(request: HttpRequest, name: str, *args: Any) -> list[dict[str, str]]:
    links = []
    for code, label in settings.LANGUAGES:
        if code != get_language():
            with override(code):
                url = reverse(f"questions:{name}", args=args)
            links.append(
                {"code": code, "name": label, "direction": text_direction(code), "url": url}
            )
    return links


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the questions that were answered, the newest first."""
    rows = public_questions().order_by("-opened_at", "-pk")
    page, notes = page_of(rows, request.GET.get("page"), PER_PAGE)
    lines = [
        {
            "question": question,
            "credit": question_credit(question),
            "answers": len(_shown(question)),
            "direction": text_direction(question.language),
            "is_foreign": question.language != get_language(),
        }
        for question in page.object_list
    ]
    return render(
        request,
        "stories/questions/index.html",
        {
            "lines": lines,
            "page_obj": page,
            "notes": notes,
            "body_class": "template-questions",
            "shows_demo": any(question.is_demo for question in page.object_list),
            "other_languages": _language_links(request, "index"),
        },
    )


def _shown(question: Question) -> list[Answer]:
    """Return the answers that show, the useful ones first, from what was prefetched."""
    answers = [row.answer for row in question.asked.all()]
    return sorted(answers, key=lambda one: (not one.is_useful, one.asked.rank, one.pk))


@require_safe
def question(request: HttpRequest, key: Any) -> HttpResponse:
    """Show a question with its answers, each in its own language."""
    found = get_object_or_404(public_questions(), key=key)
    language = get_language() or settings.LANGUAGE_CODE
    scope = PublicScope.of()
    answers = _shown(found)
    tellers = [found.partnership, *[answer.asked.partnership for answer in answers]]
    links = page_links(Partnership, tellers, language, scope, request)
    passages = [
        Passage(
            answer.text,
            answer.language,
            answer_credit(answer),
            links.get(answer.asked.partnership_id),
            answer.asked.partnership,
            answer.is_useful,
        )
        for answer in answers
    ]
    asked = Passage(
        found.text,
        found.language,
        question_credit(found),
        links.get(found.partnership_id),
        found.partnership,
    )
    return render(
        request,
        "stories/questions/question.html",
        {
            "question": found,
            "asked": asked,
            "passages": passages,
            "concepts": list(found.concepts.all()),
            "note": _note_card(found, language, scope, request),
            "is_open": found.state == QuestionState.OPEN,
            "is_demo": found.is_demo,
            "body_class": "template-question",
            "other_languages": _language_links(request, "question", found.key),
        },
    )


def _note_card(
    found: Question, language: str, scope: PublicScope, request: HttpRequest
) -> ThingCard | None:
    """Return the library note once it is public."""
    if found.note_key is None:
        return None
    pages = ResourcePage.objects.filter(translation_key=found.note_key)
    return next(iter(cards_of(pages, language, scope, request)), None)


# The reply link ---------------------------------------------------------------------------------


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, token: str) -> HttpResponse:
    """Answer or pass on by a link: GET shows, only POST acts; 410 with the reason when over."""
    link = find_link(token)
    if link is None:
        raise Http404(_("This link is none of ours. Was it copied whole?"))
    over = why_over(link, timezone.now())
    if over:
        return _reply_page(request, token, link, status=410, over=over)
    closure = closure_of(link.asked.partnership_id)
    if closure is not None:  # the panic switch: nothing is taken, nothing typed is lost
        typed = AnswerForm(request.POST) if request.method == "POST" else None
        status = 403 if typed else 200
        return _reply_page(request, token, link, status=status, closure=closure, form=typed)
    if request.method != "POST":
        return _reply_page(request, token, link, form=_reply_form(link))
    if is_too_often("question-reply", visitor_address(request), MOST_REPLIES_AN_HOUR, 3600):
        problem_form = AnswerForm(request.POST)
        return _reply_page(request, token, link, status=429, is_flood=True, form=problem_form)
    try:
        if request.POST.get("action") == "pass_on":
            question_answers.pass_on_by_link(link)
            return _reply_page(request, token, link, done="passed")
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return _reply_page(request, token, link, form=form)
        question_answers.answer_by_link(link, form.answer_text)
    except QuestionProblem as problem:
        typed = AnswerForm(request.POST)
        return _reply_page(request, token, link, status=410, over=problem_text(problem), form=typed)
    return _reply_page(request, token, link, done="answered")


def _reply_form(link: ReplyLink) -> AnswerForm:
    """Return the form; what was sent back with a remark stands in it."""
    found = Answer.objects.filter(asked=link.asked_id, state=AnswerState.SENT_BACK).first()
    if found is None:
        return AnswerForm()
    names = ("text", "language", "shown_name")
    return AnswerForm(initial={name: getattr(found, name) for name in names})


def _reply_page(
    request: HttpRequest, token: str, link: ReplyLink, status: int = 200, **context: Any
) -> HttpResponse:
    question = link.asked.question
    remark = ""
    if "form" in context and not context.get("over"):
        found = Answer.objects.filter(asked=link.asked_id, state=AnswerState.SENT_BACK).first()
        remark = found.remark if found else ""
    response = render(
        request,
        "stories/questions/reply.html",
        {
            "link": link,
            "question": question,
            "credit": question_credit(question),
            "direction": text_direction(question.language),
            "is_foreign": question.language != get_language(),
            "remark": remark,
            "noindex": True,
            "is_demo": question.is_demo,
            "body_class": "template-question-reply",
            "other_languages": _language_links(request, "reply", token),
            **context,
        },
        status=status,
    )
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response
