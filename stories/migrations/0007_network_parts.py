"""Parts for the network alone. What was published before stays as its editors knew it: public."""

from __future__ import annotations

from django.db import migrations, models

import stories.network_parts


class Migration(migrations.Migration):
    dependencies = [("stories", "0006_contact")]

    operations = [
        migrations.AddField(
            model_name="practicefacts",
            name="network_parts",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="practicefacts",
            name="network_parts",
            field=models.JSONField(default=stories.network_parts.default_network_parts),
        ),
        migrations.AddField(
            model_name="practicepage",
            name="network_parts",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AlterField(
            model_name="practicepage",
            name="network_parts",
            field=models.JSONField(
                blank=True,
                default=stories.network_parts.default_network_parts,
                help_text=(
                    "The public sees that these parts exist, what it costs each side in all, and "
                    "how to ask for the rest."
                ),
                verbose_name="for the network only",
            ),
        ),
        migrations.AddField(
            model_name="resourcepage",
            name="is_for_network",
            field=models.BooleanField(
                default=False,
                help_text="In all languages. The public sees that there is a file, and how to ask.",
                verbose_name="file and address for the network only",
            ),
        ),
    ]
