import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Greatest, Least


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0018_event_editors"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="walking_minutes",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Pages then say when to leave for the next talk. Walking times has the rooms that are further "
                "apart.",
                verbose_name="minutes from room to room",
            ),
        ),
        migrations.CreateModel(
            name="Walk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(help_text="On foot, either way; 0 if they are side by side."),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="walks", to="agenda.event"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agenda.room",
                        verbose_name="other room",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="walks", to="agenda.room"
                    ),
                ),
            ],
            options={
                "verbose_name": "walking time",
                "ordering": ["room__position", "room__name", "other__position", "other__name"],
                "constraints": [
                    models.UniqueConstraint(
                        Least("room", "other"),
                        Greatest("room", "other"),
                        name="walk_unique",
                        violation_error_message="These two rooms have a walking time already.",
                    )
                ],
            },
        ),
    ]
