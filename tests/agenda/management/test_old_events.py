"""Archiving and deleting old events: the commands, typed as docs/operations.md has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command

from agenda.editing.refreshing import due
from agenda.models import Event, Session, Source, Star
from tests.agenda.kvm_forum import AFTER, DURING, KVM, add_event
from tests.calendars import content_lines, values
from tests.pages import page

DOCS = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text()
ARCHIVE, ASK, DELETE = re.findall(r"deploy/agenda manage ((?:archive|delete)_event .+)", DOCS)
LATER = datetime(2019, 12, 24, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(AFTER, tick=False)


def run(command: str) -> str:
    said = StringIO()
    call_command(*command.split(), stdout=said)
    return said.getvalue()


def test_archived_event_is_read_and_not_shown_first_nor_fetched(client, alice_feed, starred, kvm_forum, editor):
    add_event("older", "Europe/Paris", "2018-05-01", "2018-05-02")
    source = Source.objects.create(event=kvm_forum, name="x", address="https://example.org/x", fetched=None)
    before, public = client.get(alice_feed), client.get(f"{KVM}schedule.ics")
    first, sources = client.get("/")["Location"], due(AFTER)

    said = [run(ARCHIVE), run(ARCHIVE)]

    assert said == [f"“KVM Forum 2019” is archived: {KVM}\n", "“KVM Forum 2019” was archived before.\n"]
    assert (first, client.get("/")["Location"]) == (KVM, "/older/")
    assert (sources, due(AFTER)) == ([source], [])
    client.force_login(editor)
    assert "when you ask, as the event is archived" in page(client.get(f"{KVM}edit/")).texts("dd")
    assert [client.get(path).status_code for path in (KVM, starred[0].get_absolute_url())] == [200, 200]
    after = client.get(alice_feed)
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])
    archived = client.get(f"{KVM}schedule.ics", headers={"if-none-match": public["ETag"]})
    assert values(archived, "REFRESH-INTERVAL") == ["PT10080M"]
    assert content_lines(archived)[9:] == content_lines(public)[9:]
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("state", "moment", "slug", "sentence"),
    [
        ("published", DURING, "kvm-forum-2019", "is not over: its last day is 2019-11-01. Archive it after that."),
        ("hidden", AFTER, "kvm-forum-2019", "is hidden: an archived event is public. Publish it first."),
        ("published", AFTER, "other", "There is no event “other”; there are: kvm-forum-2019."),
    ],
)
def test_event_that_cannot_be_archived_is_left_as_it_is(kvm_forum, time_machine, state, moment, slug, sentence):
    time_machine.move_to(moment)
    Event.objects.update(state=state)

    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("archive_event", slug)

    assert Event.objects.get().state == state


def test_old_event_is_deleted_once_whom_it_hits_was_said(client, starred, time_machine):
    for command in (ASK, DELETE):
        with pytest.raises(CommandError, match="It can be deleted from 2 December 2019 on"):
            run(command)
    time_machine.move_to(LATER)

    asked, before, done = run(ASK), Session.objects.count(), run(DELETE)

    what = "20 talks, a few stars of a few people, entries in 0 calendars"
    assert asked == f"With “KVM Forum 2019” go {what}. Nothing was deleted: repeat it with --yes.\n"
    assert done == f"“KVM Forum 2019” is deleted, with {what}.\n"
    assert (before, Session.objects.count(), Star.objects.count()) == (20, 0, 0)
    assert client.get(KVM).status_code == 410
    with pytest.raises(CommandError, match="There is no event “kvm-forum-2019”; there are: none yet"):
        run(DELETE)
