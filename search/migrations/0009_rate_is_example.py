"""Rates say whether they are examples: those that came with the portal were never checked."""

import datetime
from typing import Any, ClassVar

from django.db import migrations, models

AS_OF = datetime.date(2025, 2, 28)
CLAIMED = "European Central Bank, euro reference rates"
EXAMPLE = "Example that came with the portal, not checked"


def _tell(apps: Any, schema_editor: Any, before: str, after: str, is_example: bool) -> None:
    rates = apps.get_model("search", "ExchangeRate").objects.using(schema_editor.connection.alias)
    rates.filter(as_of=AS_OF, source=before).update(source=after, is_example=is_example)


def tell_examples(apps: Any, schema_editor: Any) -> None:
    _tell(apps, schema_editor, CLAIMED, EXAMPLE, is_example=True)


def claim_again(apps: Any, schema_editor: Any) -> None:
    _tell(apps, schema_editor, EXAMPLE, CLAIMED, is_example=False)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("search", "0008_vectors")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="exchangerate",
            name="is_example",
            field=models.BooleanField(
                default=False,
                help_text="Nobody has compared it with the source; pages say so.",
                verbose_name="only an example",
            ),
        ),
        migrations.RunPython(tell_examples, claim_again),
    ]
