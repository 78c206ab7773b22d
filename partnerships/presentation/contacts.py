"""To whom a visitor's message goes: to her own community's contact before anybody else's.

A consortium has one coordinator in the region and a contact in each community (USERS A2); roles
show, names and e-mail addresses never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from partnerships.models.partnerships import Partnership
from partnerships.presentation.sides import Member, SidePane
from portal.fields import Translated


@dataclass(frozen=True, slots=True)
class Contact:
    """A role that answers for a community."""

    member: Member
    title: Translated
    answer_days: int | None
    local_page: str


@dataclass(frozen=True, slots=True)
class ContactRoute:
    """Contacts by community, and the one that answers where a community has none."""

    contacts: tuple[Contact, ...]
    partnership_title: Translated
    partnership_answer_days: int | None
    others: tuple[Member, ...]


def contact_route(partnership: Partnership, panes: Iterable[SidePane]) -> ContactRoute:
    """Return who answers for which community of a Partnership."""
    contacts, others = [], []
    for pane in panes:
        for member in pane.members:
            membership = member.membership
            if membership.contact_title or membership.local_page:
                contacts.append(
                    Contact(
                        member,
                        membership.contact_title,
                        membership.answer_days,
                        membership.local_page,
                    )
                )
            else:
                others.append(member)
    return ContactRoute(
        tuple(contacts), partnership.contact_title, partnership.answer_days, tuple(others)
    )
