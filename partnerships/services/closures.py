"""Closes and opens public forms: every public form asks here before it is shown or taken."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from partnerships.models import FormsClosure, Partnership
from partnerships.permissions import standing_of
from portal.fields import Translated
from portal.models import User


def closure_of(partnership_id: int | None) -> FormsClosure | None:
    """Return why the forms of a Partnership are closed: its own closure, else the network's."""
    rows = FormsClosure.objects.filter(Q(partnership=None) | Q(partnership=partnership_id))
    return min(rows, key=lambda row: row.partnership_id is None, default=None)


def close_forms(
    partnership: Partnership | None, *, user: User, instead: Translated | None = None
) -> FormsClosure:
    """Close the forms of a Partnership, or of the network (None); closed ones stay so."""
    _require_staff(user)
    with transaction.atomic():
        row, is_new = FormsClosure.objects.get_or_create(
            partnership=partnership, defaults={"closed_by": user, "instead": instead or {}}
        )
        if is_new:
            log(row, "wagtail.create", user=user, title=str(row))
        elif instead is not None and row.instead != instead:
            row.instead = instead
            row.save(update_fields=["instead"])
    return row


def open_forms(partnership: Partnership | None, *, user: User) -> None:
    """Open them again; open ones stay so."""
    _require_staff(user)
    with transaction.atomic():
        for row in FormsClosure.objects.filter(partnership=partnership):
            log(row, "wagtail.delete", user=user, title=str(row), deleted=True)
            row.delete()


def _require_staff(user: User) -> None:
    if not standing_of(user).acts_for_all:
        raise PermissionDenied(_("This is kept by the network's staff."))
