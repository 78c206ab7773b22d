"""Numbers of things in the library, and the rates by which costs are compared.

The first rates are the European Central Bank's reference rates of a day; later ones are added in
the admin. Rows that stand already get their numbers by `manage.py rebuild_library`.
"""

import datetime
import decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

AS_OF = datetime.date(2025, 2, 28)
SOURCE = "European Central Bank, euro reference rates"
RATES = {
    "USD": "1.0411",
    "ILS": "3.7457",
    "CAD": "1.5019",
    "GBP": "0.82608",
    "AUD": "1.6741",
    "ZAR": "19.1917",
    "MXN": "21.2191",
    "CZK": "25.029",
    "PLN": "4.1503",
    "HUF": "399.50",
}


def add_rates(apps, schema_editor):
    rates = apps.get_model("search", "ExchangeRate").objects.using(schema_editor.connection.alias)
    for currency, per_euro in RATES.items():
        rates.get_or_create(
            currency=currency,
            as_of=AS_OF,
            defaults={"per_euro": decimal.Decimal(per_euro), "source": SOURCE},
        )


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_library_text"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}$", "Three capital letters, for example USD."
                            )
                        ],
                        verbose_name="currency",
                    ),
                ),
                (
                    "per_euro",
                    models.DecimalField(
                        decimal_places=6,
                        help_text="As the European Central Bank gives it: 3.7457 for ILS.",
                        max_digits=14,
                        validators=[
                            django.core.validators.MinValueValidator(decimal.Decimal("0.000001"))
                        ],
                        verbose_name="worth of one euro",
                    ),
                ),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "source",
                    models.CharField(
                        help_text="Who says so; it is shown with the date.",
                        max_length=200,
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "exchange rate",
                "verbose_name_plural": "exchange rates",
                "ordering": ["currency", "-as_of"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("currency", "as_of"), name="search_rate_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("per_euro__gt", 0)), name="search_rate_is_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LibraryNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("value", models.FloatField(null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="numbers",
                        to="search.libraryentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "number",
                "indexes": [
                    models.Index(fields=["name", "value", "entry"], name="search_number_lookup")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "name"), name="search_number_once")
                ],
            },
        ),
        migrations.RunPython(add_rates, migrations.RunPython.noop),
    ]
