"""The group that exists after migration: all of the programme, nothing of users, stars or keys."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from agenda.editing.editors import EDITORS_GROUP

pytestmark = pytest.mark.django_db


def rights() -> set[str]:
    permissions = Group.objects.get(name=EDITORS_GROUP).permissions.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


def test_editors_may_edit_all_of_the_programme_and_nothing_else():
    rows = ("event", "track", "room", "speaker", "session", "appearance", "material", "announcement", "walk")

    assert rights() == {f"agenda.{may}_{row}" for may in ("add", "change", "delete", "view") for row in rows}


def test_migrating_again_keeps_what_an_administrator_added():
    group = Group.objects.get(name=EDITORS_GROUP)
    group.permissions.add(Permission.objects.get(codename="view_user"))
    group.permissions.remove(Permission.objects.get(content_type__app_label="agenda", codename="change_session"))

    call_command("migrate", verbosity=0)

    assert {"accounts.view_user", "agenda.change_session"} <= rights()
    assert Group.objects.count() == 1
