"""System checks that hold the project's conventions."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from wagtail.models import Page, get_page_models

from portal.models import PortalPage


@register("portal")
def page_types_follow_the_house(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each page type is a PortalPage and says which parents it may have."""
    problems: list[CheckMessage] = []
    for model in get_page_models():
        if model is Page:
            continue
        if not issubclass(model, PortalPage):
            problems.append(
                Error(f"{model.__name__} is not a PortalPage.", obj=model, id="portal.E001")
            )
        if getattr(model, "parent_page_types", None) is None:
            problems.append(
                Error(f"{model.__name__} sets no parent_page_types.", obj=model, id="portal.E002")
            )
    return problems
