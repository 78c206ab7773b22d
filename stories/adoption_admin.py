"""What bringing practices over adds to Wagtail's admin: addresses, buttons, an offer to tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from portal.waiting import HOOK as WHAT_WAITS
from stories.adoption_views import AdoptionsView, AdoptionView, CompareView
from stories.adoption_waiting import outcomes_that_wait, stops_that_wait
from stories.bring_view import BringView
from stories.models import AdoptionSource, PracticePage
from stories.permissions import actor_for
from stories.travels_view import TravelsView

hooks.register(WHAT_WAITS, outcomes_that_wait, order=8)
hooks.register(WHAT_WAITS, stops_that_wait, order=9)


@hooks.register("register_admin_urls")
def adoption_urls() -> list[URLPattern]:
    """Return the addresses of what was brought over."""
    return [
        path("brought-over/", AdoptionsView.as_view(), name="wagtailadmin_adoptions"),
        path("brought-over/bring/<uuid:key>/", BringView.as_view(), name="wagtailadmin_bring"),
        path("brought-over/<uuid:pk>/", AdoptionView.as_view(), name="wagtailadmin_adoption"),
        path(
            "brought-over/<uuid:pk>/side-by-side/<int:source>/",
            CompareView.as_view(),
            name="wagtailadmin_adoption_compare",
        ),
        path(
            "brought-over/travels/<int:page_id>/",
            TravelsView.as_view(),
            name="wagtailadmin_practice_travels",
        ),
    ]


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def travels_button(page: Page, user: Any, **kwargs: Any) -> Iterator[Button]:
    """Offer “Where it travelled” in the menu of a practice that one acts for."""
    practice = page.specific if page.specific_class is PracticePage else None
    if practice is None or practice.alias_of_id:
        return
    partnership = practice.partnership
    if actor_for(user, partnership.pk if partnership else None) is not None:
        yield Button(
            _("Where it travelled"),
            reverse("wagtailadmin_practice_travels", args=[practice.pk]),
            icon_name="copy",
            priority=19,
        )


@hooks.register("after_publish_page")
def offer_to_tell(request: HttpRequest, page: Page) -> None:
    """After publishing a practice that others took over, offer to tell them."""
    if not isinstance(page, PracticePage):
        return
    if AdoptionSource.objects.filter(parent=page.translation_key).exists():
        messages.info(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _("Others brought this practice over."),
                reverse("wagtailadmin_practice_travels", args=[page.pk]),
                _("Tell them what changed, where it matters to them"),
            ),
        )
