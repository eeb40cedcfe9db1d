from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agenda", "0009_session_hidden_at")]

    operations = [
        migrations.RemoveIndex(model_name="session", name="session_by_language"),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["event", "language", "is_published"], name="session_by_language"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["event", "updated", "is_published"], name="session_by_change"),
        ),
    ]
