"""Files that stay with the network after the page that kept them so was deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0010_parts_of_pages"),
        migrations.swappable_dependency(settings.WAGTAILDOCS_DOCUMENT_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedDocument",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.WAGTAILDOCS_DOCUMENT_MODEL,
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "document that stays with the network",
                "verbose_name_plural": "documents that stay with the network",
            },
        ),
    ]
