"""docs/operations.md moves all data to another database. Nothing is left behind, and nothing changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command

from accounts.models import User
from agenda.editing.changes import recording
from agenda.editing.editors import EDITORS_GROUP
from agenda.models import Session
from tests.forum.places import empty_place
from tests.forum.test_backup import everything

DOCS = (Path(site.BASE_DIR) / "docs" / "operations.md").read_text()
# Each database makes these for itself.
ITS_OWN = {"django_content_type", "auth_permission", "auth_group_permissions", "django_migrations", "sqlite_sequence"}
LOGGED = ("pk", "user", "content_type__model", "object_id", "action_flag", "change_message", "action_time")


def moved_rows() -> dict[str, object]:
    """The rows by table. Numbers that each database gives for itself are left out: of kinds of rows, and of links."""
    rows: dict[str, object] = {table: rows for table, rows in everything().items() if table not in ITS_OWN}
    members = User.groups.through.objects.order_by("user", "group").values_list("user", "group")
    logged = LogEntry.objects.order_by("pk").values_list(*LOGGED)
    return rows | {"django_admin_log": list(logged), "accounts_user_groups": list(members)}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_behind(shared_database, starred, bob, alice_feed, settings, tmp_path):
    session = Session.objects.earliest("start")
    with recording([session.pk], by=bob):
        Session.objects.filter(pk=session.pk).update(title="Welcome")
    Group.objects.filter(name=EDITORS_GROUP).delete()
    Group.objects.create(pk=1, name=EDITORS_GROUP)  # the number that it has in a site's database
    bob.groups.add(Group.objects.get(name=EDITORS_GROUP))
    LogEntry.objects.log_actions(bob.pk, [session], CHANGE, change_message="Title", single_object=True)
    SessionStore().save()
    (options,) = re.findall(r"manage dumpdata (.*) --output (?:\S+)\n", DOCS)
    file, before = tmp_path / "all.xml", moved_rows()

    call_command("dumpdata", *options.split(), output=str(file))
    with empty_place(settings, tmp_path / "new"):
        call_command("migrate", verbosity=0)
        call_command("loaddata", file, verbosity=0)
        after = moved_rows()

    assert after == before
    assert len(before["django_admin_log"]) == len(before["agenda_sessionrevision"]) == 1
