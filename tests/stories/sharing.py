"""Partnerships and people for tests of what goes from one Partnership to another."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from partnerships.enums import Role
from partnerships.models import Partnership
from tests.factories import PartnershipFactory, PracticePageFactory, RoleAssignmentFactory, page_of


def person(role: Role, partnership: Partnership | None = None, **more: Any) -> Any:
    """Return somebody with one role (`side` in `more`; `user__…` is not taken)."""
    staff = role == Role.NETWORK_STAFF
    return RoleAssignmentFactory(role=role, partnership=None if staff else partnership, **more).user


def practice_of(partnership: Partnership, **more: Any) -> Any:
    """Return a live practice that a Partnership tells in English."""
    return PracticePageFactory(parent=page_of(partnership), **more)


def two() -> tuple[Partnership, Partnership]:
    """Return who recommends and who receives, each with a page in English."""
    first, second = PartnershipFactory(), PartnershipFactory()
    page_of(first)
    page_of(second)
    return first, second


def account_form(client: Client) -> dict[str, Any]:
    """Return what the form of the own account in the admin holds, as a browser would post it."""
    page = BeautifulSoup(client.get(reverse("wagtailadmin_account")).content, "html.parser")
    form = {
        field["name"]: field.get("value", "")
        for field in page.select("main form input[name], main form textarea[name]")
        if field.get("type") not in ("checkbox", "file", "submit")
        and (field.get("type") != "radio" or field.has_attr("checked"))
    }
    for field in page.select("main form select[name]"):
        chosen = field.select_one("option[selected]") or field.select_one("option")
        form[field["name"]] = chosen["value"] if chosen else ""
    return {**form, "name_email-first_name": "R", "name_email-last_name": "K"}
