from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0014_replaced_by"),
    ]

    operations = [
        migrations.AddField(
            model_name="starlog",
            name="acted",
            field=models.DateTimeField(null=True),
        ),
    ]
