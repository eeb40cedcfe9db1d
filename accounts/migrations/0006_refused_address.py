from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_calendar_secret")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="refused_address",
            field=models.EmailField(
                blank=True,
                default="",
                help_text="The address that a mail server refuses mail to for good; it gets no notices.",
                max_length=254,
            ),
            preserve_default=False,
        ),
    ]
