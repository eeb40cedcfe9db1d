from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_changes_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="edits_events",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="They were invited to edit an event: it is worth asking which. It gives no right.",
            ),
        ),
    ]
