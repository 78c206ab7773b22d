"""What the stories add to Wagtail's admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from portal.waiting import HOOK as WHAT_WAITS
from stories import adoption_admin, review_views  # noqa: F401 - they register their own
from stories.challenge_views import ChallengeView
from stories.challenge_waiting import challenges_that_wait
from stories.contact_admin import (
    FormsSwitchView,
    MessagesMenuItem,
    MessagesView,
    MessageView,
    StaffMenuItem,
    waiting_messages,
)
from stories.models import PracticePage
from stories.questions import hooks as question_hooks  # noqa: F401  registers its own
from stories.services import challenges
from stories.services.shares import may_act_for
from stories.share_forms import RhythmPanel
from stories.share_views import OfferView, SharesView, ShareView
from stories.share_waiting import waiting_shares
from stories.viewsets import StoriesGroup
from stories.waiting import unfinished_practices

hooks.register(WHAT_WAITS, waiting_messages, order=3)
hooks.register(WHAT_WAITS, waiting_shares, order=5)
hooks.register(WHAT_WAITS, unfinished_practices, order=20)
hooks.register("register_account_settings_panel", RhythmPanel)
hooks.register(WHAT_WAITS, challenges_that_wait, order=15)


@hooks.register("register_admin_viewset")
def stories() -> StoriesGroup:
    """Return the lists of practices, stories, challenges and resources."""
    return StoriesGroup()


@hooks.register("register_admin_urls")
def share_urls() -> list[URLPattern]:
    """Return the addresses of the recommendations."""
    return [
        path("recommendations/", SharesView.as_view(), name="wagtailadmin_shares"),
        path("recommendations/<int:pk>/", ShareView.as_view(), name="wagtailadmin_share"),
        path(
            "recommendations/offer/<int:page_id>/",
            OfferView.as_view(),
            name="wagtailadmin_share_offer",
        ),
    ]


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def recommend_button(page: Page, user: Any, **kwargs: Any) -> Iterator[Button]:
    """Offer “Recommend to…” in the menu of a live practice that one acts for."""
    practice = page.specific if page.specific_class is PracticePage else None
    if practice is None or not practice.live:
        return
    if may_act_for(user, practice.partnership.pk if practice.partnership else None):
        yield Button(
            _("Recommend to…"),
            reverse("wagtailadmin_share_offer", args=[practice.pk]),
            icon_name="link",
            priority=18,
        )


@hooks.register("register_admin_urls")
def challenge_addresses() -> list[URLPattern]:
    """Return the page on which the owners of a challenge close it."""
    return [path("challenges/<uuid:key>/", ChallengeView.as_view(), name="wagtailadmin_challenge")]


@hooks.register("register_log_actions")
def challenges_in_history(actions: Any) -> None:
    """Let Wagtail's history name how challenges ended and began anew."""
    actions.register_action(
        challenges.CLOSED, gettext_lazy("Close challenge"), gettext_lazy("Challenge closed")
    )
    actions.register_action(
        challenges.REOPENED, gettext_lazy("Reopen challenge"), gettext_lazy("Challenge reopened")
    )
    actions.register_action(
        challenges.CONFIRMED,
        gettext_lazy("Keep challenge open"),
        gettext_lazy("Challenge said to stand"),
    )


@hooks.register("register_admin_urls")
def contact_urls() -> list[URLPattern]:
    """Return the addresses of visitors' messages and of the panic switch."""
    return [
        path("messages-of-visitors/", MessagesView.as_view(), name="wagtailadmin_contacts"),
        path("messages-of-visitors/<int:pk>/", MessageView.as_view(), name="wagtailadmin_contact"),
        path("public-forms/", FormsSwitchView.as_view(), name="wagtailadmin_public_forms"),
    ]


@hooks.register("register_admin_menu_item")
def messages_item() -> MessagesMenuItem:
    """Lead those who answer visitors to their messages."""
    url = reverse("wagtailadmin_contacts")
    return MessagesMenuItem(gettext_lazy("Messages of visitors"), url, icon_name="mail", order=120)


@hooks.register("register_settings_menu_item")
def public_forms_item() -> StaffMenuItem:
    """Lead staff to the panic switch."""
    url = reverse("wagtailadmin_public_forms")
    return StaffMenuItem(gettext_lazy("Public forms"), url, icon_name="lock", order=900)
