from django.db import migrations, models

HELP = (
    "It was written as an example and partly invented. Untick it once your own text stands here;"
    " until then search engines are asked to leave the page out."
)


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name=model_name,
            name="text_is_demo",
            field=models.BooleanField(
                default=False, help_text=HELP, verbose_name="the text is a demonstration"
            ),
        )
        for model_name in ("partnershippage", "communitypage", "programpage", "eventpage")
    ]
