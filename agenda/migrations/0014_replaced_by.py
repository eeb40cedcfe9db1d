import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0013_announcements"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="What takes place instead of it, once it is cancelled.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="replaces",
                to="agenda.session",
            ),
        ),
    ]
