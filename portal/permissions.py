"""What a permission policy by rows promises, and how services, forms and the API ask it.

Wagtail's generic views ask its registry per model only; the portal's screens, choosers, forms and
API ask for the row. The leaf defines the question, `partnerships.permissions` answers it for facts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import policy_registry

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import User

    Person: TypeAlias = User | AnonymousUser

Row = TypeVar("Row", bound=Model)


class RowPermissionPolicy(BasePermissionPolicy):
    """Abstract: rights on single rows. Actions: add, change, delete, view, choose.

    `user_has_permission_for_instance(user, "add", row)` is asked with an unsaved row, to learn
    whether the user may have it so. `scope_fields` are the form fields that a refusal is shown at,
    the first that the form has.
    """

    scope_fields: tuple[str, ...] = ()

    def user_may_have_child(self, user: Person, action: str, child: Any, parent: Any) -> bool:
        """Whether the user may do `action` to a row that is edited inside its parent's form."""
        return self.user_has_permission_for_instance(user, action, child)

    def refusal(self, action: str) -> str:
        """Return why `action` is refused, for the person who tried."""
        raise NotImplementedError


def row_policy(model: type[Model]) -> RowPermissionPolicy | None:
    """Return the row policy registered for a model, if it has one."""
    policy = policy_registry.get_by_type(model, fallback=False)
    return policy if isinstance(policy, RowPermissionPolicy) else None


def may(user: Person, action: str, row: Model) -> bool:
    """Whether `user` may do `action` to `row` (to add: an unsaved one)."""
    policy = policy_registry.get_by_type(type(row))
    return bool(policy.user_has_permission_for_instance(user, action, row))


def require(user: Person, action: str, row: Model) -> None:
    """Raise PermissionDenied unless `user` may do `action` to `row`."""
    if not may(user, action, row):
        policy = row_policy(type(row))
        raise PermissionDenied(policy.refusal(action) if policy else "")


def rows_for(user: Person, action: str, queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Return the rows of `queryset` to which `user` may do `action`."""
    policy = policy_registry.get_by_type(queryset.model)
    allowed = policy.instances_user_has_permission_for(user, action)
    return queryset.filter(pk__in=allowed.order_by().values("pk"))
