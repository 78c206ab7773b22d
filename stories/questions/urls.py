"""Addresses of “Ask the Partnerships” in a language's tree, and in the admin."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import public
from .standing_view import StandingView
from .views import AskView, DetailView, MineView

app_name = "questions"


def work_urls(in_admin: bool) -> list[URLPattern]:
    """Return the screens for people with a role, in the admin's frame or the portal's."""
    return [
        path("mine/", MineView.as_view(in_admin=in_admin), name="mine"),
        path("standing/", StandingView.as_view(in_admin=in_admin), name="standing"),
        path("ask/", AskView.as_view(in_admin=in_admin), name="ask"),
        path("mine/<uuid:key>/", DetailView.as_view(in_admin=in_admin), name="detail"),
        path("mine/<uuid:key>/change/", AskView.as_view(in_admin=in_admin), name="change"),
    ]


urlpatterns = [
    path("", public.index, name="index"),
    *work_urls(in_admin=False),
    path("reply/<str:token>/", public.reply, name="reply"),
    path("<uuid:key>/", public.question, name="question"),
]
