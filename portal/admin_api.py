"""Wagtail's API for its own admin, kept to the files that a person may choose.

Wagtail lists every picture and document of every collection there, to whoever reaches the admin.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet

from portal.permissions import rows_for


class OwnImagesViewSet(ImagesAdminAPIViewSet):
    """The pictures that the reader may choose."""

    def get_queryset(self) -> QuerySet[Any]:
        """Leave out the pictures of others."""
        return rows_for(self.request.user, "choose", super().get_queryset())


class OwnDocumentsViewSet(DocumentsAdminAPIViewSet):
    """The documents that the reader may choose."""

    def get_queryset(self) -> QuerySet[Any]:
        """Leave out the documents of others."""
        return rows_for(self.request.user, "choose", super().get_queryset())


def keep_files_to_their_own(router: WagtailAPIRouter) -> None:
    """Register both in the place of Wagtail's (hook `construct_admin_api`)."""
    router.register_endpoint("images", OwnImagesViewSet)
    router.register_endpoint("documents", OwnDocumentsViewSet)
