"""What is kept of a programme between requests is what would be made of it now, whatever an editor changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from agenda.editing.states import give_state, list_cancelled
from agenda.models import Announcement, Event, Session
from agenda.version_cache import VersionCache
from tests.agenda.admin.editing import change
from tests.agenda.admin.test_photos import photo
from tests.agenda.kvm_forum import DURING, KVM, session_of
from tests.agenda.programme_edits import edit, later

pytestmark = pytest.mark.any_database

PAGES = [
    KVM + page for page in ("?view=full", "?view=list", "?view=grid", "now/", "offline/", "schedule.xml", "version")
]
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
# One after the other, of the same talk, which Alice starred. It is about to begin.
EDITS: dict[str, Callable[[Client, Session], object]] = {
    "title": lambda desk, talk: edit(talk, title="Another title"),
    "room": lambda desk, talk: change(desk, talk.room, name="Blue room"),
    "track": lambda desk, talk: change(desk, talk.track, name="Blue track", colour="#0000ff"),
    "speaker": lambda desk, talk: change(desk, talk.speakers.first(), name="Ada Blue"),
    "photo": lambda desk, talk: change(desk, talk.speakers.first(), photo=photo()),
    "event": lambda desk, talk: change(desk, talk.event, name="Blue forum", country="Monaco"),
    "zone": lambda desk, talk: change(desk, talk.event, time_zone="Asia/Tokyo", its_sessions="keep"),
    "announced": lambda desk, talk: Announcement.objects.create(
        event=talk.event, room=talk.room, text="Blue.", start=DURING, end=DURING + timedelta(hours=1)
    ),
    "time": lambda desk, talk: edit(talk, **later(talk, minutes=24 * 60)),
    "cancelled": lambda desk, talk: edit(talk, status="cancelled", replaced_by=session_of("KubeVirt")),
    "replacement": lambda desk, talk: edit(session_of("KubeVirt"), title="KubeVirt in blue"),
    "left out": lambda desk, talk: list_cancelled(talk.event, lists=False, by=None),
    "hidden": lambda desk, talk: edit(talk, is_published=False),
    "archived": lambda desk, talk: give_state(talk.event, Event.State.ARCHIVED, by=None),
}


def test_nothing_kept_outlives_a_change(client, desk, alice, starred, settings, tmp_path, time_machine):
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(DURING, tick=False)
    client.force_login(alice)
    talk, old = starred[0], dict[str, list[str]]()
    paths = [*PAGES, "/agenda/", talk.get_absolute_url()]

    def shown() -> dict[str, bytes]:
        return {path: TOKEN.sub(b"", client.get(path).content) for path in paths}

    before = shown()
    for name, make in EDITS.items():
        make(desk, Session.objects.select_related("event", "room", "track").get(pk=talk.pk))
        kept = shown()
        VersionCache.clear_all()
        old[name] = [path for path, made in shown().items() if made != kept[path]]
        assert kept != before, name
        before = kept

    assert {name: paths for name, paths in old.items() if paths} == {}
