"""The admin's screens on which network staff review practices and their evaluations."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin import messages

from partnerships.permissions import standing_of
from portal.admin_views import TitledAdminMixin
from portal.templatetags.portal_tags import localized
from portal.waiting import HOOK as WHAT_WAITS
from portal.waiting import SHOWN, WaitingGroup, WaitingLine, in_its_language
from stories.adoption_forms import tell
from stories.contact_admin import StaffMenuItem
from stories.evidence_words import in_words
from stories.models import PracticeFacts, PracticePage
from stories.permissions import own_ids
from stories.services import reviews
from stories.services.reviews import ReviewState, original_pages, practices_to_review

PAGE_SIZE = 30


class ReviewingView(TitledAdminMixin, TemplateView):
    """For the network's staff."""

    header_icon = "circle-check"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not standing_of(request.user).acts_for_all:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ReviewsView(ReviewingView):
    """Practices by where their review stands; first those that others evaluated."""

    template_name = "stories/reviews/list.html"
    page_title = _("Practices to review")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of the rows of one state."""
        state = self.request.GET.get("state", "")
        if state not in ReviewState.values:
            state = ReviewState.WAITING.value
        rows = practices_to_review(state).select_related("partnership")
        page = Paginator(rows, PAGE_SIZE).get_page(self.request.GET.get("p"))
        pages = original_pages([facts.pk for facts in page.object_list])
        return super().get_context_data(
            state=state,
            states=ReviewState.choices,
            lines=[(facts, pages[facts.pk]) for facts in page.object_list if facts.pk in pages],
            page_obj=page,
            **kwargs,
        )


class ReviewForm(forms.Form):
    """Why a practice is sent back."""

    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=600,
        help_text=_("Its people get this by mail. The public does not see it."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class ReviewView(ReviewingView):
    """One practice: read its evaluations, accept it or send it back."""

    template_name = "stories/reviews/detail.html"
    page_title = _("Practice to review")

    @cached_property
    def facts(self) -> PracticeFacts:
        """The facts of the practice."""
        rows = PracticeFacts.objects.select_related("partnership", "accepted_by", "sent_back_by")
        return get_object_or_404(rows, pk=self.kwargs["key"])

    @cached_property
    def page(self) -> PracticePage:
        """The live page, the one first told where it is live."""
        page = original_pages([self.facts.pk]).get(self.facts.pk)
        if page is None:
            raise Http404
        return page

    def get_page_subtitle(self) -> str:
        """Return the practice's title."""
        return str(self.page.title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the evaluations, how well tested it is, and the form."""
        kwargs.setdefault("form", ReviewForm(initial={"seen": self.facts.evaluation_digest}))
        return super().get_context_data(
            facts=self.facts,
            practice=self.page,
            evaluations=self.page.evidence,
            evidence=self.page.tested,
            tested=in_words(self.page.tested),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accept or send back; a form that does not fit comes back as it was filled."""
        form = ReviewForm(request.POST)
        action = request.POST.get("action", "")
        if action not in ("accept", "send_back"):
            return redirect("wagtailadmin_review", self.facts.pk)
        if form.is_valid():
            given, user = form.cleaned_data, request.user
            try:
                if action == "accept":
                    reviews.accept_practice(user, self.facts.pk, given["seen"])  # type: ignore[arg-type]
                    done = gettext("Accepted. The page says when the network reviewed it.")
                else:
                    reviews.send_back(
                        user,  # type: ignore[arg-type]
                        self.facts.pk,
                        given["seen"],
                        given["reason"],
                    )
                    done = gettext("Sent back. Its people get the reason by mail.")
            except ValidationError as refusal:
                tell(form, refusal)
            else:
                messages.success(request, done)
                return redirect("wagtailadmin_reviews")
        return self.render_to_response(self.get_context_data(form=form))


def reviews_that_wait(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield what the staff have to review, and what was sent back to the own Partnerships."""
    standing = standing_of(user)
    if standing.acts_for_all:
        rows = practices_to_review(ReviewState.WAITING)
        yield _group(
            rows,
            key="reviews",
            heading=gettext("Evaluations by others to review"),
            address=lambda page: reverse("wagtailadmin_review", args=[page.translation_key]),
            more_url=reverse("wagtailadmin_reviews"),
        )
    elif own := own_ids(standing):
        rows = practices_to_review(ReviewState.SENT_BACK).filter(partnership__in=own)
        yield _group(
            rows,
            key="sent_back",
            heading=gettext("Practices that the network’s staff sent back"),
            address=lambda page: reverse("wagtailadmin_practice_travels", args=[page.pk]),
        )


def _group(rows: Any, *, key: str, heading: str, address: Any, more_url: str = "") -> WaitingGroup:
    """Return the group of `rows` (three queries)."""
    shown = list(rows.select_related("partnership")[:SHOWN])
    pages = original_pages([facts.pk for facts in shown])
    return WaitingGroup(
        key=key,
        heading=heading,
        icon="circle-check",
        lines=[
            WaitingLine(
                title=in_its_language(page.title, page.language),
                url=address(page),
                note=facts.sent_back_reason or facts.external_evaluator,
                where=localized(facts.partnership.name),
            )
            for facts in shown
            if (page := pages.get(facts.pk))
        ],
        total=rows.count(),
        more_url=more_url,
    )


hooks.register(WHAT_WAITS, reviews_that_wait, order=10)


@hooks.register("register_admin_urls")
def review_urls() -> list[URLPattern]:
    """Return the addresses of the reviews."""
    return [
        path("practices-to-review/", ReviewsView.as_view(), name="wagtailadmin_reviews"),
        path("practices-to-review/<uuid:key>/", ReviewView.as_view(), name="wagtailadmin_review"),
    ]


@hooks.register("register_admin_menu_item")
def reviews_item() -> StaffMenuItem:
    """Lead staff to what they review."""
    url = reverse("wagtailadmin_reviews")
    return StaffMenuItem(_("Practices to review"), url, icon_name="circle-check", order=114)


@hooks.register("register_log_actions")
def reviews_in_history(actions: Any) -> None:
    """Let Wagtail's history name reviews."""
    actions.register_action(
        reviews.ACCEPTED, _("Accept practice"), _("Reviewed and accepted by the network’s staff")
    )
    actions.register_action(
        reviews.SENT_BACK, _("Send practice back"), _("Sent back by the network’s staff")
    )
