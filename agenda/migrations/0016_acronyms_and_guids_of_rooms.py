from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0015_sessions_without_a_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="acronym",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What schedule.xml and its like call it. Empty: made of the address.",
                max_length=50,
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="guid",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(fields=("event", "guid"), name="room_guid_unique"),
        ),
        migrations.AlterField(
            model_name="material",
            name="url",
            field=models.URLField(
                blank=True,
                help_text="Left empty with no file, it is shown as not available.",
                max_length=1000,
                verbose_name="address",
            ),
        ),
    ]
