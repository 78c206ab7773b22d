from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stories", "0010_contact_messages_due"),
    ]

    operations = [
        migrations.AddField(
            model_name="practicefacts",
            name="security_need",
            field=models.CharField(
                blank=True,
                choices=[
                    ("any", "can be done in any situation"),
                    ("shelter", "can be done near a shelter"),
                    ("free", "people must be able to move about freely"),
                ],
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="practicefacts",
            name="weather_need",
            field=models.CharField(
                blank=True,
                choices=[
                    ("any", "indoors, in any weather"),
                    ("warm", "outdoors, in warm and dry weather"),
                    ("mild", "outdoors, in no great heat or cold"),
                    ("snow", "cold, with snow"),
                ],
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="practicepage",
            name="security_need",
            field=models.CharField(
                blank=True,
                choices=[
                    ("any", "can be done in any situation"),
                    ("shelter", "can be done near a shelter"),
                    ("free", "people must be able to move about freely"),
                ],
                max_length=7,
                verbose_name="what it needs of security",
            ),
        ),
        migrations.AddField(
            model_name="practicepage",
            name="weather_need",
            field=models.CharField(
                blank=True,
                choices=[
                    ("any", "indoors, in any weather"),
                    ("warm", "outdoors, in warm and dry weather"),
                    ("mild", "outdoors, in no great heat or cold"),
                    ("snow", "cold, with snow"),
                ],
                max_length=4,
                verbose_name="what weather it needs",
            ),
        ),
    ]
