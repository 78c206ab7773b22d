"""Signal handlers by which the titles of pages follow the names of facts."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from partnerships.models import Community, Event, Partnership, Program
from partnerships.services.page_titles import rename_pages

#: Facts that have pages (`FactPage`).
NAMED: tuple[type[Model], ...] = (Partnership, Community, Program, Event)

_FORMER_NAME = "_former_name_of_pages"


def remember_name(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Keep the name as it stands in the database."""
    stored = None
    if instance.pk and not raw:
        stored = sender._default_manager.filter(pk=instance.pk).values_list("name", flat=True)
    setattr(instance, _FORMER_NAME, stored.first() if stored is not None else None)


def let_pages_follow(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Rename the pages when the name changed."""
    former = instance.__dict__.pop(_FORMER_NAME, None)
    if not raw and former is not None and former != instance.name:
        rename_pages(instance, former)


for model in NAMED:
    pre_save.connect(remember_name, sender=model, dispatch_uid=f"name of {model.__name__}")
    post_save.connect(let_pages_follow, sender=model, dispatch_uid=f"titles of {model.__name__}")
