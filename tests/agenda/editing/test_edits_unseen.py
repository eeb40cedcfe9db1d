"""An edit of what is not public moves no date, tag or token that anybody but an editor gets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from agenda.calendars import truth
from agenda.editing.changes import recording, touch
from agenda.editing.states import changing_state
from agenda.models import Event, Material, Session
from agenda.version_cache import EPOCH
from tests.agenda.caldav.dav import Dav
from tests.agenda.kvm_forum import BEFORE, KVM

pytestmark = pytest.mark.any_database

SCHEDULE = f"{KVM}schedule.ics"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def edit(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


@pytest.fixture
def hidden(clock, opening, starred, time_machine) -> Session:
    """Starred by Alice, among others, and unpublished an hour ago."""
    edit(starred[0], is_published=False)
    time_machine.shift(HOUR)
    return starred[0]


@pytest.fixture
def seen(client, alice, alice_feed, hidden) -> Callable[[], list[object]]:
    """Every date, tag, token and text that a calendar, a visitor and Alice get."""
    phone = Dav(alice, collections=["kvm-forum-2019"])
    paths = [phone.agenda, f"{phone.home}kvm-forum-2019/"]
    asked = '<D:getetag/><D:sync-token/><CS:getctag xmlns:CS="http://calendarserver.org/ns/"/><D:getlastmodified/>'

    def answered() -> list[object]:
        files = [client.get(at) for at in (SCHEDULE, alice_feed, "/sitemap.xml")]
        dated = [(each.get("ETag"), each.get("Last-Modified"), each.content) for each in files]
        return [
            *dated,
            *(phone.propfind(path, asked, depth="1").content for path in paths),
            *(phone.sync(path=path).content for path in paths),
            *(each.sentence for each in truth.of(alice, None)),
        ]

    return answered


def new_draft(hidden: Session) -> Session:
    draft = Session(event=hidden.event, title="Secret", slug="secret", start=hidden.start, end=hidden.end)
    draft.is_published = False
    with recording(by=None) as recorded:
        recorded.add(draft)
    return draft


def add_material(hidden: Session) -> None:
    with recording([hidden.pk], by=None):
        Material.objects.create(session=hidden, title="Handout", url="https://example.org/")


EDITS: dict[str, Callable[[Session], object]] = {
    "title": lambda hidden: edit(hidden, title="Secret"),
    "time": lambda hidden: edit(hidden, start=hidden.start + HOUR, end=hidden.end + HOUR),
    "status": lambda hidden: edit(hidden, status="cancelled"),
    "note": lambda hidden: edit(hidden, note="Secret"),
    "material": add_material,
    "speaker": lambda hidden: touch(hidden.speakers.get()),
    "draft": new_draft,
    "draft edited": lambda hidden: edit(new_draft(hidden), title="More secret"),
}


@pytest.mark.parametrize("name", EDITS)
def test_edit_of_what_is_hidden_changes_nothing_that_others_get(seen, hidden, time_machine, name):
    before = seen()

    EDITS[name](hidden)

    assert seen() == before
    time_machine.shift(HOUR)
    EDITS["title"](hidden)
    assert seen()[:7] == before[:7]


def test_edit_is_there_once_the_session_is_published(seen, hidden, alice_feed, client, time_machine):
    before = seen()
    edit(hidden, title="No secret")
    time_machine.shift(HOUR)

    edit(hidden, is_published=True)

    after = seen()
    assert all(one != other for one, other in zip(before[:7], after[:7], strict=True))
    assert b"SUMMARY:No secret" in client.get(alice_feed).content
    assert Session.objects.get(pk=hidden.pk).hidden_at is None


def test_hidden_event_is_edited_unseen(seen, hidden, editor, time_machine):
    event = hidden.event
    with changing_state(event, by=editor):
        Event.objects.update(state="hidden")
    before = seen()[1:]
    time_machine.shift(HOUR)

    event.refresh_from_db()
    touch(event)
    edit(hidden, title="Secret")

    assert seen()[1:] == before


def test_editor_still_gets_a_new_version_of_each_edit(hidden):
    hidden.refresh_from_db()
    before = hidden.updated

    edit(hidden, title="Secret")

    hidden.refresh_from_db()
    assert hidden.updated > hidden.hidden_at == before


@pytest.mark.parametrize("state", ["hidden", "announced"])
def test_editor_sees_at_once_what_is_published_with_the_event(client, opening, editor, state):
    client.force_login(editor)
    with changing_state(opening.event, by=editor):
        Event.objects.update(state=state)
    path = opening.get_absolute_url()
    pages = [path, f"{KVM}?view=full"]
    counted = [client.get(at).content.count(b"not published") for at in pages]

    edit(opening, is_published=False)

    assert counted == [0, 0]
    assert all(b"not published" in client.get(at).content for at in pages)
    assert not opening.revisions.filter(changes={}).exists()


def test_sessions_hidden_before_the_migration_are_dated(opening, hidden):
    draft = new_draft(hidden)
    Session.objects.update(hidden_at=None)
    migration = import_module("agenda.migrations.0009_session_hidden_at")

    migration.hide(apps, None)

    dates = dict(Session.objects.exclude(hidden_at=None).values_list("pk", "hidden_at"))
    hidden.refresh_from_db()
    assert dates == {draft.pk: EPOCH, hidden.pk: hidden.updated}
