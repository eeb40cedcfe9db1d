from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0016_acronyms_and_guids_of_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="starlog",
            name="acted",
            field=models.DateTimeField(null=True),
        ),
    ]
