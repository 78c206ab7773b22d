from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0005_community_profile"),
    ]

    operations = [
        migrations.AddField(
            model_name="community",
            name="climate",
            field=models.CharField(
                blank=True,
                choices=[
                    ("mediterranean", "dry hot summers, mild rainy winters"),
                    ("desert", "very hot summers, mild dry winters"),
                    ("continental", "warm summers, winters with snow"),
                    ("oceanic", "mild summers, cool winters, rain all year"),
                    ("tropical", "warm all year"),
                ],
                max_length=13,
                verbose_name="climate",
            ),
        ),
        migrations.AddField(
            model_name="community",
            name="region_code",
            field=models.CharField(
                blank=True,
                help_text="Its short code, for example VIC or ON: whose holidays are kept there.",
                max_length=20,
                verbose_name="state or province",
            ),
        ),
    ]
