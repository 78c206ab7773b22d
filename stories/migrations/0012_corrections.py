"""Corrections: the day of each state, former reports, titles that were taken away."""

from __future__ import annotations

from typing import Any

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill_days(apps: Any, schema_editor: Any) -> None:
    """Give the states the days that were kept beside them; when one was planned is not known."""
    changes = apps.get_model("stories", "AdoptionChange").objects.filter(on=None)
    adoptions = apps.get_model("stories", "Adoption").objects.filter(pk=OuterRef("adoption"))
    for states, day in ((["running"], "started_on"), (["completed", "stopped"], "ended_on")):
        changes.filter(to_state__in=states).update(on=Subquery(adoptions.values(day)[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("stories", "0011_fit_needs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="adoptionchange",
            name="on",
            field=models.DateField(
                help_text="The day that its people gave; empty: not known.",
                null=True,
                verbose_name="since",
            ),
        ),
        migrations.AddField(
            model_name="lineageentry",
            name="title_erased_at",
            field=models.DateTimeField(
                help_text="When network staff took a title away that had to go.", null=True
            ),
        ),
        migrations.CreateModel(
            name="FormerReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("network_staff", "network staff"),
                            ("coordinator", "coordinator"),
                            ("editor", "editor"),
                            ("chair", "chair"),
                            ("professional", "professional"),
                        ],
                        max_length=14,
                        verbose_name="role",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("israel", "the region in Israel"),
                            ("diaspora", "the communities abroad"),
                        ],
                        max_length=10,
                        verbose_name="side",
                    ),
                ),
                ("reported_at", models.DateTimeField(verbose_name="reported on")),
                (
                    "against_aim",
                    models.CharField(
                        choices=[
                            ("better", "better than the aim"),
                            ("same", "as the aim"),
                            ("worse", "worse than the aim"),
                            ("unknown", "not known"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "told",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_reports",
                        to="stories.outcome",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "former report of an outcome",
                "verbose_name_plural": "former reports of outcomes",
                "ordering": ["outcome", "-reported_at", "-pk"],
            },
        ),
        migrations.RunPython(fill_days, migrations.RunPython.noop, elidable=True),
    ]
