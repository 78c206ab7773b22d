"""Saves and deletes facts for a person: asked, checked and logged, as the admin does it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model
from wagtail.actions import CreateAction, DeleteAction, EditAction

from portal.models import User
from portal.permissions import require


def save_fact(row: Model, *, user: User) -> None:
    """Save a new or changed fact as `user`, and log it.

    Raises PermissionDenied when `user` may not touch the row as stored or as it would be, and
    ValidationError when it is not valid.
    """
    action = "add" if row._state.adding else "change"
    with transaction.atomic():
        if action == "change":
            require(user, action, type(row)._default_manager.get(pk=row.pk))
        require(user, action, row)
        row.full_clean()
        changes = CreateAction if action == "add" else EditAction
        changes(row, user=user).execute()


def delete_fact(row: Model, *, user: User) -> None:
    """Delete a fact as `user`, and log it.

    Raises PermissionDenied when `user` may not, and ProtectedError when others stand on the row.
    """
    require(user, "delete", type(row)._default_manager.get(pk=row.pk))
    DeleteAction(row, user=user).execute()
