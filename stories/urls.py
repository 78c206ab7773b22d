"""Addresses of the stories below each language; they stand before the page tree."""

from __future__ import annotations

from django.urls import path

from stories import views

app_name = "lineage"
urlpatterns = [path("travelled/<uuid:key>/", views.travelled, name="travelled")]
