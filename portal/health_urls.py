"""Alive and ready."""

from __future__ import annotations

from django.urls import path

from portal.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
