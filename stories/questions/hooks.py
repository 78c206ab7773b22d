"""What the questions add to Wagtail's admin; `stories.wagtail_hooks` imports it."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.waiting import HOOK as WHAT_WAITS
from stories.questions import rights
from stories.questions.urls import work_urls
from stories.questions.waiting import questions_that_wait
from stories.standing import HOOK as WHERE_THEY_STAND
from stories.standing_counts import (
    adoption_counts,
    challenge_counts,
    contact_counts,
    question_counts,
    sharing_counts,
)

hooks.register(WHAT_WAITS, questions_that_wait, order=15)
for counts in (
    sharing_counts,
    adoption_counts,
    question_counts,
    challenge_counts,
    contact_counts,
):
    hooks.register(WHERE_THEY_STAND, counts)


@hooks.register("register_admin_urls")
def question_urls() -> list[URLPattern]:
    """Return the addresses of the questions to the Partnerships."""
    urls = (work_urls(in_admin=True), "questions_admin")
    return [path("questions/", include(urls))]  # type: ignore[list-item]


class VoiceMenuItem(MenuItem):
    """A menu item for those who act for a Partnership or the network."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the person does."""
        return rights.is_staff(request.user) or bool(rights.own_partnerships(request.user))


@hooks.register("register_admin_menu_item")
def questions_menu() -> MenuItem:
    """Return the way to the questions."""
    return VoiceMenuItem(
        _("Ask the Partnerships"),
        reverse("questions_admin:mine"),
        name="questions",
        icon_name="help",
        order=112,
    )


@hooks.register("register_admin_menu_item")
def standing_menu() -> MenuItem:
    """Return the way to where the Partnerships stand."""
    return VoiceMenuItem(
        _("Where we stand"),
        reverse("questions_admin:standing"),
        name="standing",
        icon_name="table",
        order=113,
    )
