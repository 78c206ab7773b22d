"""Texts of searches are kept once they were asked in three hours, not in two minutes.

What was kept by the weaker rule goes, and so do the files of offices that were read with what their
authors had hidden: the scheduler's next look reads them again.
"""

from django.db import migrations, models
from django.db.models import Q


def forget(apps, schema_editor):
    """Delete counts and digests of searches, and texts of Word and Excel files."""
    apps.get_model("search", "SearchCount").objects.all().delete()
    apps.get_model("search", "SearchSighting").objects.all().delete()
    office = Q(file_name__iendswith=".docx") | Q(file_name__iendswith=".xlsx")
    apps.get_model("search", "DocumentText").objects.filter(office).delete()


class Migration(migrations.Migration):
    dependencies = [("search", "0011_closed_documents")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name="searchsighting", name="seen"),
        migrations.AddField(
            model_name="searchsighting",
            name="hour",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="searchsighting",
            name="hours",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
