"""Addresses. Apps are named by string, so that the leaf imports none of them."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from portal.accounts import SignInView, admin_entrance, closed_door, set_collection_privacy
from portal.network_address import document_file
from portal.sitemaps import PortalSitemap
from portal.views import front_door, picture_file

handler500 = "portal.views.server_error"

# Doors that would go round allauth, or change who one is without the network's staff, are closed
# before the packages' own addresses (ECOSYSTEM 4.1, TRAPS 9).
_to_the_door = RedirectView.as_view(pattern_name="account_login", query_string=True)
_closed_doors = [
    path("admin/login/", admin_entrance),
    re_path(r"^admin/password_reset/", _to_the_door),
    path("admin/collections/<int:collection_id>/privacy/", set_collection_privacy),
    path("accounts/login/", SignInView.as_view()),
    path("accounts/email/", closed_door),
    re_path(r"^accounts/confirm-email/", closed_door),
    re_path(r"^accounts/login/code/", closed_door),
    re_path(r"^documents/authenticate_with_password/", closed_door),
]

urlpatterns = [
    *_closed_doors,
    path("admin/", include(wagtailadmin_urls)),
    path("accounts/", include("allauth.account.urls")),
    re_path(r"^documents/(\d+)/(.*)$", document_file),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v1/", include("portal.api_urls")),
    re_path(r"^media/(?P<path>images/[^/]+)$", picture_file),
    path("", include("portal.health_urls")),
    path("sitemap.xml", sitemap, {"sitemaps": {"pages": PortalSitemap}}, name="sitemap"),
    path("", front_door, name="front_door"),
]

urlpatterns += i18n_patterns(
    path("_util/login/", _to_the_door),
    re_path(r"^_util/authenticate_with_password/", closed_door),
    path("questions/", include("stories.questions.urls")),
    path("contact/", include("stories.contact_urls")),
    path("", include("stories.urls")),
    path("board/", include("stories.board_urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=True,
)
