"""What editors recommend, and counts of what is searched for."""

import django.db.models.deletion
import modelcluster.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0006_document_text"),
        migrations.swappable_dependency(settings.WAGTAIL_PAGE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PromotedResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="For this list only; readers don't see it.",
                        max_length=120,
                        verbose_name="name",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "verbose_name": "recommendation",
                "verbose_name_plural": "recommendations",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="PromotedPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.WAGTAIL_PAGE_MODEL,
                        verbose_name="page",
                    ),
                ),
                (
                    "promotion",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="search.promotedresult",
                    ),
                ),
            ],
            options={
                "verbose_name": "recommended page",
                "verbose_name_plural": "recommended pages",
                "ordering": ["sort_order"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PromotionPhrase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                ("text", models.CharField(max_length=120, verbose_name="words")),
                ("key", models.CharField(db_index=True, editable=False, max_length=255)),
                (
                    "promotion",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phrases",
                        to="search.promotedresult",
                    ),
                ),
            ],
            options={
                "verbose_name": "search phrase",
                "verbose_name_plural": "search phrases",
                "ordering": ["sort_order"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SearchCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=80, verbose_name="searched for")),
                ("language", models.CharField(max_length=10, verbose_name="language")),
                ("day", models.DateField(verbose_name="day")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="searches")),
                ("found", models.PositiveIntegerField(default=0, verbose_name="found")),
            ],
            options={
                "verbose_name": "search",
                "verbose_name_plural": "searches",
                "indexes": [models.Index(fields=["day"], name="search_count_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("text", "language", "day"), name="search_count_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchSighting",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("seen", models.PositiveIntegerField(default=0)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="search_sighting_day")],
            },
        ),
    ]
