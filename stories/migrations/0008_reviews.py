"""What the network's review of a practice holds for, and that it was sent back."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stories", "0007_network_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="practicefacts",
            name="evaluation_digest",
            field=models.CharField(
                blank=True,
                default="",
                help_text=("What the review holds for; see `stories.evidence.evaluation_digest`."),
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="practicefacts",
            name="sent_back_at",
            field=models.DateTimeField(
                help_text="When network staff reviewed it and sent it back.", null=True
            ),
        ),
        migrations.AddField(
            model_name="practicefacts",
            name="sent_back_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="practicefacts",
            name="sent_back_reason",
            field=models.TextField(blank=True, default="", max_length=600),
            preserve_default=False,
        ),
    ]
