from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0019_walking_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="starlog",
            name="acted",
            field=models.DateTimeField(null=True),
        ),
    ]
