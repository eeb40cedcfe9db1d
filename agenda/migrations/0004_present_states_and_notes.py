"""States and notes of what was there before there were columns for them."""

from django.db import migrations


def publish_what_there_is(apps, schema_editor):
    """Events that were there before states were public."""
    apps.get_model("agenda", "Event").objects.update(state="published")


def keep_present_notes(apps, schema_editor):
    """A session's note was read from its revisions: the newest one, unless the time, room or status changed later."""
    Session = apps.get_model("agenda", "Session")
    Revision = apps.get_model("agenda", "SessionRevision")
    noted = Revision.objects.exclude(note="").values("session")
    for session in Session.objects.filter(pk__in=noted):
        for revision in Revision.objects.filter(session=session).order_by("-at", "-id"):
            if revision.note and revision.changes.get("is_published") != [True, False]:
                Session.objects.filter(pk=session.pk).update(note=revision.note)
                break
            if {"status", "start", "end", "room"} & revision.changes.keys():
                break


class Migration(migrations.Migration):

    dependencies = [
        ('agenda', '0003_states_notes_and_former_slugs'),
    ]

    operations = [
        migrations.RunPython(publish_what_there_is, migrations.RunPython.noop),
        migrations.RunPython(keep_present_notes, migrations.RunPython.noop),
    ]
