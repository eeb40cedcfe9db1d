import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0016_acronyms_and_guids_of_rooms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="lists_cancelled",
            field=models.BooleanField(
                "lists cancelled sessions",
                db_default=True,
                default=True,
                help_text="Struck through, where they were to be. Unticked, the programme leaves them out; calendars "
                "and the agendas of those who starred them say it all the same.",
            ),
        ),
        migrations.CreateModel(
            name="RowRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("event", "Event"),
                            ("track", "Track"),
                            ("room", "Room"),
                            ("speaker", "Speaker"),
                            ("announcement", "Announcement"),
                            ("walk", "walking time"),
                            ("session", "session"),
                        ],
                        max_length=12,
                    ),
                ),
                ("row", models.PositiveBigIntegerField(help_text="The primary key of the row.")),
                ("name", models.TextField(help_text="What the row was called then.")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changes",
                    models.JSONField(
                        help_text="field: [old, new]; times in ISO 8601, rows by name; null: there was no row."
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="row_revisions",
                        to="agenda.batch",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="row_revisions", to="agenda.event"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["event", "-at"], name="row_revision_newest_first")],
            },
        ),
    ]
