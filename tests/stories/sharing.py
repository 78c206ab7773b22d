"""Partnerships and people for tests of what goes from one Partnership to another."""

from __future__ import annotations

from typing import Any

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
