"""Addresses. Apps are named by string, so that the leaf imports none of them."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

# Doors that would go round allauth are closed before Wagtail's own addresses (ECOSYSTEM 4.1).
_to_the_door = RedirectView.as_view(pattern_name="account_login", query_string=True)
_closed_doors = [
    path("admin/login/", _to_the_door),
    path("admin/password_reset/", _to_the_door),
]

urlpatterns = [
    *_closed_doors,
    path("admin/", include(wagtailadmin_urls)),
    path("accounts/", include("allauth.account.urls")),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v1/", include("portal.api_urls")),
    path("", include("portal.health_urls")),
]

urlpatterns += i18n_patterns(
    path("_util/login/", _to_the_door),
    path("", include(wagtail_urls)),
    prefix_default_language=True,
)
