import hashlib

import django.db.models.deletion
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models

AT_ONCE = 1000  # sessions


def write_owners_down(apps, schema_editor):
    """Reads all cookie sessions this one time. From now on it is written down when one is saved."""
    Owner = apps.get_model("accounts", "SessionOwner")
    store, rows = SessionStore(), []
    for session in apps.get_model("sessions", "Session").objects.iterator(chunk_size=AT_ONCE):
        names = _names(store.decode(session.session_data))
        rows += [Owner(cookie_session_id=session.pk, owner=_digest(name)) for name in names]
        if len(rows) >= AT_ONCE:
            Owner.objects.bulk_create(rows)
            rows = []
    Owner.objects.bulk_create(rows)


def _names(data):
    """The user who is logged in; without one, all e-mail addresses."""
    if "_auth_user_id" in data:
        return {f"user {data['_auth_user_id']}"}
    return {text.lower() for text in _texts(data) if "@" in text}


def _texts(value):
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inside for text in _texts(each)]


def _digest(name):
    return hashlib.sha256(name.encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_served_options"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.FloatField(db_index=True, help_text="Seconds since 1970.")),
            ],
        ),
        migrations.CreateModel(
            name="SessionOwner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "owner",
                    models.CharField(
                        db_index=True, help_text="SHA-256 of a user's number or e-mail address.", max_length=64
                    ),
                ),
                (
                    "cookie_session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="owners",
                        to="sessions.session",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("cookie_session", "owner"), name="session_owner_unique")
                ],
            },
        ),
        migrations.RunPython(write_owners_down, migrations.RunPython.noop),
    ]
