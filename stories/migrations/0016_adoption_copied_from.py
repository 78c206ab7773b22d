"""Remembers which practice's words were copied, and numbers sources that share a place."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def order_sources(apps: Any, schema_editor: Any) -> None:
    """Number the sources of each adoption from 0; the one that was 0 is the one copied."""
    sources = apps.get_model("stories", "AdoptionSource").objects
    adoptions = apps.get_model("stories", "Adoption").objects
    place: dict[Any, int] = {}
    for source in sources.order_by("adoption", "sort_order", "pk").iterator():
        number = place[source.adoption_id] = place.get(source.adoption_id, -1) + 1
        if source.sort_order == 0 and number == 0:
            adoptions.filter(pk=source.adoption_id).update(copied_from=source.parent_id)
        if source.sort_order != number:
            sources.filter(pk=source.pk).update(sort_order=number)


class Migration(migrations.Migration):
    dependencies = [("stories", "0015_counted")]

    operations = [
        migrations.AddField(
            model_name="adoption",
            name="copied_from",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(order_sources, migrations.RunPython.noop, elidable=True),
    ]
