"""Wagtail's API for its own admin lists the files of one's own Partnerships only."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from partnerships.enums import Role
from portal.models import PortalDocument
from tests.factories import ImageFactory, PartnershipFactory, RoleAssignmentFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.NETWORK_STAFF])
def test_files_of_other_partnerships_are_not_told(client: Client, role: Role) -> None:
    own, other = PartnershipFactory(), PartnershipFactory()
    is_staff = role == Role.NETWORK_STAFF
    user = RoleAssignmentFactory(role=role, partnership=None if is_staff else own).user
    files = {}
    for partnership, name in ((own, "mine"), (other, "theirs")):
        partnership.refresh_from_db()
        ImageFactory(title=f"{name} picture", collection=partnership.collection)
        files[name] = PortalDocument.objects.create(
            title=f"{name} document",
            file=ContentFile(b"x", f"{name}.txt"),
            collection=partnership.collection,
        )
    client.force_login(user)

    for kind in ("images", "documents"):
        answer = client.get(f"/admin/api/main/{kind}/").json()
        titles = {item["title"].split()[0] for item in answer["items"]}
        assert titles == ({"mine", "theirs"} if is_staff else {"mine"}), kind

    theirs = client.get(f"/admin/api/main/documents/{files['theirs'].pk}/")
    assert theirs.status_code == (200 if is_staff else 404)
