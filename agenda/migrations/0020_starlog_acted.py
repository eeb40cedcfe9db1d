from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0015_sessions_without_a_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="starlog",
            name="acted",
            field=models.DateTimeField(null=True),
        ),
    ]
