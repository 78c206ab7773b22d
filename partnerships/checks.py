"""System checks of the Partnerships: no fact without a rule of who may touch it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import Model
from wagtail.models import Page

from partnerships.models import CommunityVariant, PartnershipGroup, PartnershipVariant
from partnerships.permissions import NetworkPolicy, PartnershipFactPolicy
from portal.permissions import RowPermissionPolicy, row_policy

#: Not facts by themselves: names go with what they name, groups follow roles by code.
WITHOUT_POLICY: frozenset[type[Model]] = frozenset(
    {CommunityVariant, PartnershipVariant, PartnershipGroup}
)


@register("partnerships")
def facts_have_a_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each fact has a row policy, and one that looks at the side where rows have one."""
    problems: list[CheckMessage] = []
    for model in apps.get_app_config("partnerships").get_models():
        if issubclass(model, Page) or model in WITHOUT_POLICY:
            continue
        policy = row_policy(model)
        if policy is None:
            problems.append(
                Error(
                    f"{model.__name__} has no permission policy.", obj=model, id="partnerships.E001"
                )
            )
        elif _has_side(model) and not _minds_sides(policy):
            problems.append(
                Error(
                    f"The policy of {model.__name__} does not look at its side.",
                    obj=model,
                    id="partnerships.E002",
                )
            )
    return problems


def _has_side(model: type[Model]) -> bool:
    return any(field.name == "side" for field in model._meta.get_fields())


def _minds_sides(policy: RowPermissionPolicy) -> bool:
    if isinstance(policy, NetworkPolicy):  # staff act for both
        return True
    return isinstance(policy, PartnershipFactPolicy) and policy.has_side
