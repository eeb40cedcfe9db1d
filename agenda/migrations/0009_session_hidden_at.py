from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Exists, F, OuterRef

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hide(apps, schema_editor):
    """Dates the hidden sessions: their readers saw nothing of drafts, and know the others as they are now."""
    sessions, revisions = apps.get_model("agenda", "Session").objects, apps.get_model("agenda", "SessionRevision").objects
    public = sessions.filter(is_published=True, event__state__in=("published", "archived"))
    hidden = sessions.exclude(pk__in=public.values("pk"))
    hidden.filter(Exists(revisions.filter(session=OuterRef("pk")))).update(hidden_at=F("updated"))
    hidden.filter(hidden_at=None).update(hidden_at=EPOCH)


class Migration(migrations.Migration):
    dependencies = [("agenda", "0008_reasons_and_slugs_in_words")]

    operations = [
        migrations.AddField(
            "session",
            "hidden_at",
            models.DateTimeField(
                editable=False,
                help_text="`updated` when its readers saw it last; empty while they see it.",
                null=True,
            ),
        ),
        migrations.RunPython(hide, migrations.RunPython.noop),
    ]
