"""Takes the whole demonstration away; the sourced facts and their pages stay."""

from __future__ import annotations

from collections.abc import Callable

from django.apps import apps
from django.db import models, transaction
from wagtail.models import Page

from home.services.demo.places import remove_place_texts
from home.services.demo.profiles import remove_profiles
from portal.models import PortalImage, PortalPage

#: Pages removed in one transaction; each delete locks the tree for a moment.
CHUNK = 20


def demo_models() -> list[type[models.Model]]:
    """Return every model that marks its rows with `is_demo`, pages and pictures last."""
    marked = [
        model
        for model in apps.get_models()
        if any(field.name == "is_demo" for field in model._meta.get_fields())
    ]
    return sorted(
        marked, key=lambda model: (not issubclass(model, PortalPage), model is PortalImage)
    )


def remove_demo(*, say: Callable[[str], None] = lambda text: None) -> dict[str, int]:
    """Delete all demonstration rows and pages; return how many by model label.

    Texts on pages of sourced facts go first, then pages (they protect the facts they stand for),
    pictures last.
    """
    removed = remove_place_texts()
    if removed:
        say(f"removed {sum(removed.values())} texts of places")
    if profiles := remove_profiles():
        removed["profiles of communities"] = profiles
        say(f"removed {profiles} profiles of communities")
    for model in demo_models():
        rows = model._default_manager.filter(is_demo=True)
        count = 0
        if issubclass(model, Page):
            while keys := list(rows.order_by("-depth").values_list("pk", flat=True)[:CHUNK]):
                with transaction.atomic():
                    for page in Page.objects.filter(pk__in=keys):
                        page.delete()
                count += len(keys)
        else:
            with transaction.atomic():
                count = rows.count()
                for row in rows.iterator():
                    row.delete()
        if count:
            removed[model._meta.label] = removed.get(model._meta.label, 0) + count
            say(f"removed {count} of {model._meta.verbose_name_plural}")
    return removed
