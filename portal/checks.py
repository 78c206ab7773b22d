"""System checks that hold the project's conventions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.utils import DatabaseError
from wagtail.models import Page, get_page_models

from portal.models import PortalPage
from portal.services.language_tree import cross_language_aliases


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


@register(Tags.database)
def no_alias_across_languages(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """An alias of a page of another language is a text at an address of the wrong language."""
    if "default" not in (databases or []):
        return []
    try:
        if Page._meta.db_table not in connections["default"].introspection.table_names():
            return []
        aliases = cross_language_aliases()
    except DatabaseError:  # not migrated yet, which `migrate` is about to change
        return []
    return [
        Error(
            f"{page.url_path} is an alias of a page of another language.",
            hint="Delete it, then run manage.py ensure_language_tree.",
            id="portal.E010",
        )
        for page in aliases
    ]
