"""Key forms of words in columns of their own, and the version of the analysis.

Rows that stand already are built anew by the worker: `post_migrate` finds them of another version
(search.services.stamps). `manage.py rebuild_library` does the same at once.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_library_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="libraryclock",
            name="analysis",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="libraryclock",
            name="names",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="librarytext",
            name="title_keys",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="librarytext",
            name="names_keys",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="librarytext",
            name="text_keys",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
