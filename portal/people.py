"""The admin's screens of accounts: e-mail, name, language, time zone; roles are made elsewhere.

Groups follow roles by code and are not offered here, and nobody but a superuser touches a
superuser's account.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.users.forms import UserForm
from wagtail.users.views.bulk_actions import AssignRoleBulkAction, SetActiveStateBulkAction
from wagtail.users.views.users import (
    CreateView,
    EditView,
    UserFilterSet,
    UserViewSet,
)

from portal.widgets import TimeZoneSelect

User = get_user_model()


class PeoplePolicy(ModelPermissionPolicy):
    """Rights by model, as Wagtail's own; superusers' accounts are for superusers."""

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        if instance.is_superuser and not user.is_superuser:
            return False
        return bool(super().user_has_permission_for_instance(user, action, instance))

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet[Any]:
        people: QuerySet[Any] = super().instances_user_has_any_permission_for(user, actions)
        return people if user.is_superuser else people.filter(is_superuser=False)


def register_people_policy() -> None:
    """Put `PeoplePolicy` in the place of the rule that Wagtail registers for users."""
    register_permission_policy(User, PeoplePolicy(User))


class PersonForm(UserForm):
    """An account; `is_superuser` is offered to superusers, and never for oneself.

    A new account may come without a password: its person sets one by mail, at the door.
    """

    password_required = False

    class Meta:
        model = User
        fields: ClassVar[list[str]] = [
            "email",
            "first_name",
            "last_name",
            "preferred_language",
            "time_zone",
            "is_active",
            "is_superuser",
        ]
        widgets: ClassVar[dict[str, Any]] = {"time_zone": TimeZoneSelect}

    def __init__(
        self, *args: Any, for_user: Any, editing_self: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*self.Meta.fields[:5], "password1", "password2", *self.Meta.fields[5:]])
        if editing_self:
            del self.fields["is_active"]
        if editing_self or not for_user.is_superuser:
            del self.fields["is_superuser"]
        if self.instance.pk is None:
            self.fields["password1"].help_text = _(
                "Leave it empty, and the person sets one with “Forgot your password?” at the door."
            )

    def save(self, commit: bool = True) -> Any:
        if self.instance.pk is None and not self.cleaned_data["password1"]:
            self.instance.set_unusable_password()
        return super().save(commit)


class ForUserMixin:
    """Tell the form who asks."""

    request: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "for_user": self.request.user}  # type: ignore[misc]


class PersonCreateView(ForUserMixin, CreateView):
    """Make an account."""


class PersonEditView(ForUserMixin, EditView):
    """Change an account that one may touch."""

    def get_object(self, queryset: Any = None) -> Any:
        person = super().get_object(queryset)
        if not self.user_has_permission_for_instance("change", person):
            raise PermissionDenied
        return person


class PeopleFilterSet(UserFilterSet):
    """Wagtail's filters but the one by group: there are groups for each Partnership and role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.filters["group"]


class PeopleViewSet(UserViewSet):
    """Wagtail's screens of users, with the portal's own form."""

    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    filterset_class = PeopleFilterSet
    template_prefix = ""
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return PersonForm


class NobodyAssignsGroups(AssignRoleBulkAction):
    """Wagtail's bulk assignment of groups, closed: groups follow roles by code."""

    def check_perm(self, obj: Model) -> bool:
        return False

    @classmethod
    def execute_action(cls, objects: Any, role: Any = None, **kwargs: Any) -> tuple[int, int]:
        raise PermissionDenied


class SetActiveState(SetActiveStateBulkAction):
    """Wagtail's bulk (de)activation, for the accounts that one may touch."""

    def check_perm(self, obj: Model) -> bool:
        return bool(
            self.permission_policy.user_has_permission_for_instance(
                self.request.user, "change", obj
            )
        )
