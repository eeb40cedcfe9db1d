from django.db import migrations, models
from django.db.models import Q

OTHER_CHOICES = "#"  # stood at the end of `served` where other options made that version
BEFORE = "before"  # those options, in `options`
COLLECTIONS, USER_NAMES = "collections", "user names"  # in `properties`

FIELDS = ["options", "served", "served_options", "properties", "collections", "user_names"]


def split(apps, schema_editor):
    """Moves each thing that stood inside another field into the field of its own."""
    keys = apps.get_model("accounts", "CalendarKey").objects
    old = keys.filter(~Q(properties={}) | Q(options__has_key=BEFORE) | Q(served__endswith=OTHER_CHOICES))
    _rewrite(keys, old, _split)


def _split(key):
    before = key.options.pop(BEFORE, None)
    if key.served.endswith(OTHER_CHOICES):
        key.served = key.served.removesuffix(OTHER_CHOICES)
        key.served_options = dict(key.options) if before is None else before
    key.collections = key.properties.pop(COLLECTIONS, [])
    key.user_names = key.properties.pop(USER_NAMES, [])


def join(apps, schema_editor):
    """The way back."""
    keys = apps.get_model("accounts", "CalendarKey").objects
    new = keys.filter(~Q(collections=[]) | ~Q(user_names=[]) | Q(served_options__isnull=False))
    _rewrite(keys, new, _join)


def _join(key):
    if key.served_options is not None:
        key.options[BEFORE] = key.served_options
        key.served += OTHER_CHOICES
    key.properties |= {COLLECTIONS: key.collections} if key.collections else {}
    key.properties |= {USER_NAMES: key.user_names} if key.user_names else {}


def _rewrite(keys, found, change):
    """In batches: there may be a million."""
    last = None
    while batch := list((found.filter(pk__gt=last) if last else found).order_by("pk")[:1000]):
        for key in batch:
            change(key)
        keys.bulk_update(batch, FIELDS, batch_size=100)
        last = batch[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_choices_and_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='calendarkey',
            name='collections',
            field=models.JSONField(blank=True, default=list, help_text='Programmes and tracks shown besides the stars.'),
        ),
        migrations.AddField(
            model_name='calendarkey',
            name='served_options',
            field=models.JSONField(blank=True, help_text='The options of then; null: the same as now.', null=True),
        ),
        migrations.AddField(
            model_name='calendarkey',
            name='user_names',
            field=models.JSONField(blank=True, default=list, help_text='What it, and keys it replaces, were shown with.'),
        ),
        migrations.AlterField(
            model_name='calendarkey',
            name='options',
            field=models.JSONField(blank=True, default=dict, help_text='What its owner chose for it; agenda/calendars/options.py.'),
        ),
        migrations.RunPython(split, join),
    ]
