"""Addresses of the public pages of contact, below the language."""

from __future__ import annotations

from django.urls import path

from stories.contact_views import ContactView, ReplyView, SentView

urlpatterns = [
    path("support/", ContactView.as_view(), name="contact_support"),
    path("support/sent/", SentView.as_view(), name="contact_support_sent"),
    path("reply/<str:token>/", ReplyView.as_view(), name="contact_reply"),
    path("<uuid:key>/", ContactView.as_view(), name="contact"),
    path("<uuid:key>/sent/", SentView.as_view(), name="contact_sent"),
]
