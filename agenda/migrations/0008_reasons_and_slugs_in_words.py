from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agenda", "0007_programme_on_and_removed_ranks")]

    operations = [
        migrations.AlterField(
            model_name="session",
            name="slug",
            field=models.SlugField(
                help_text="Its address. After a change, links to the former one lead here.", max_length=120
            ),
        ),
        migrations.AlterField(
            model_name="sessionrevision",
            name="note",
            field=models.TextField(blank=True, help_text="The reason for the change. Only editors see it."),
        ),
    ]
