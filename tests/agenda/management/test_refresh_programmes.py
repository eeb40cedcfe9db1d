"""The command that keeps programmes in step: with servers of this machine, which are allowed for the tests alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command

from agenda.editing.fetching import Rules
from agenda.editing.refreshing import claim, due, next_fetch
from agenda.management.commands.refresh_programmes import Command
from agenda.models import Batch, Event, Plan, Session, Source
from tests.agenda.editing.answering import Answering, answering, response
from tests.agenda.kvm_forum import add_event

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # ten days before the event
HERE = Rules(may_connect=lambda number: True, schemes=("http",))
TITLES = [f"Talk about {subject}" for subject in "bees ants moths wasps flies ticks mites crabs fleas lice".split()]


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def event(db) -> Event:
    return add_event("insects", "Europe/Brussels", "2026-11-30", "2026-12-01")


def programme(*titles: str, start: str = "2026-11-30T10:00:00+01:00") -> bytes:
    """A schedule.json with a session of each title, an hour after each other."""
    begin = datetime.fromisoformat(start)
    talks = [
        {
            "id": TITLES.index(title.removesuffix("!")) + 1,
            "guid": f"00000000-0000-4000-8000-{TITLES.index(title.removesuffix('!')):012}",
            "title": title,
            "date": (begin + timedelta(hours=number)).isoformat(),
            "start": f"{begin + timedelta(hours=number):%H:%M}",
            "duration": "01:00",
            "persons": [],
        }
        for number, title in enumerate(titles)
    ]
    day = {"index": 1, "date": "2026-11-30", "rooms": {"Forum": talks}}
    conference = {"acronym": "insects", "title": "Insects", "time_zone_name": "Europe/Brussels", "days": [day]}
    return json.dumps({"schedule": {"version": "1", "conference": conference}}).encode()


def source(event: Event, server: Answering, policy: str = "harmless", **fields: object) -> Source:
    address = f"http://127.0.0.1:{server.port}/schedule.json"
    return Source.objects.create(event=event, name=address, address=address, policy=policy, **fields)


def run() -> tuple[str, str, int]:
    """What the command prints and complains of, and its exit status."""
    out, err = StringIO(), StringIO()
    command = Command(stdout=out, stderr=err)
    command.rules = HERE
    try:
        call_command(command)
    except SystemExit as ended:
        return out.getvalue(), err.getvalue(), int(str(ended.code))
    return out.getvalue(), err.getvalue(), 0


def later(time_machine: object, minutes: int = 16) -> None:
    time_machine.shift(timedelta(minutes=minutes))  # type: ignore[attr-defined]


def titles(event: Event) -> list[str]:
    return [session.title for session in event.sessions.going_ahead().in_order()]


def test_harmless_programme_is_published_quietly(event):
    with answering(response(programme(*TITLES), ETag='"1"', Last_Modified="Thu")) as server:
        followed = source(event, server)

        assert run() == ("", "", 0)

    followed.refresh_from_db()
    assert titles(event) == TITLES
    assert (followed.fetched, followed.said, followed.failures) == (NOW, "Published: 10 new.", 0)
    assert (followed.etag, followed.last_modified) == ('"1"', "Thu")
    assert (Batch.objects.get().by, mail.outbox) == (None, [])


def test_same_file_changes_nothing_whether_the_server_knows_so_or_not(event, time_machine):
    unchanged = response(status="304 Not Modified", length=None)
    with answering(response(programme(*TITLES), ETag='"1"'), unchanged, response(programme(*TITLES))) as server:
        followed = source(event, server)
        run()
        versions = list(event.sessions.values_list("pk", "sequence", "updated"))
        said = []
        for _ in range(2):
            later(time_machine)
            run()
            followed.refresh_from_db()
            said.append(followed.said)

    assert said == ["Nothing new.", "Nothing new."]
    assert 'If-None-Match: "1"' in server.asked[1]
    assert list(event.sessions.values_list("pk", "sequence", "updated")) == versions
    assert (Plan.objects.count(), Batch.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changed", "minutes", "is_published"),
    [
        ([f"{TITLES[0]}!", *TITLES[1:]], 16, True),  # another title
        (TITLES[1:], 16, True),  # one is gone, and all others an hour earlier
        (TITLES[1:], 10 * 24 * 60 - 60, False),  # the same, an hour and a half before the first
        ([f"{TITLES[0]}!", *TITLES[1:]], 10 * 24 * 60 - 60, True),  # a title may change at any time
        (TITLES[:4], 16, False),  # six of ten are gone
    ],
)
def test_what_may_do_harm_waits(event, time_machine, changed, minutes, is_published):
    with answering(response(programme(*TITLES)), response(programme(*changed))) as server:
        source(event, server)
        run()
        later(time_machine, minutes)

        assert run()[2] == 0

    assert titles(event) == (changed if is_published else TITLES)
    assert Plan.objects.filter(state="waiting").exists() != is_published


def test_conflict_waits(event, time_machine):
    with answering(response(programme(*TITLES)), response(programme(f"{TITLES[0]}!", *TITLES[1:]))) as server:
        source(event, server)
        run()
        Session.objects.filter(title=TITLES[0]).update(title="Bees, by an editor")
        later(time_machine)
        run()

    assert titles(event)[0] == "Bees, by an editor"
    assert Plan.objects.filter(state="waiting").count() == 1


def test_editors_are_mailed_once_about_a_plan_that_waits(event, editor, root, alice, time_machine):
    same = response(programme(*TITLES))
    with answering(same, same, response(programme(*TITLES[:9]))) as server:
        source(event, server, policy="ask")
        run()
        first = list(mail.outbox)
        later(time_machine)
        run()
        assert mail.outbox == first
        later(time_machine)
        run()

    plan = Plan.objects.get(state="waiting")
    assert [each.to for each in mail.outbox] == [["editor@example.org"], ["root@example.org"]] * 2
    assert mail.outbox[-1].subject == "Insects: a plan waits for you"
    assert f"/insects/edit/plans/{plan.pk}/" in mail.outbox[-1].body
    assert "A plan waits for you: 9 new." in mail.outbox[-1].body
    assert (Plan.objects.filter(state="discarded").count(), Session.objects.count()) == (1, 0)


@pytest.mark.parametrize("state", ["discarded", "published"])
def test_what_an_editor_discarded_or_put_back_does_not_come_again_by_itself(event, time_machine, state):
    same = response(programme(*TITLES))
    with answering(same, same) as server:
        source(event, server, policy="ask")
        run()
        Plan.objects.update(state=state)
        later(time_machine)
        run()

    assert (Plan.objects.count(), Session.objects.count()) == (1, 0)
    assert Source.objects.get().said == "Nothing new."


def test_failure_of_one_source_does_not_stop_the_others(event, time_machine):
    other = add_event("plants", "Europe/Brussels", "2026-11-30", "2026-12-01")
    page = response(b"<!doctype html><html><title>Soon</title></html>")
    with (
        answering(response(status="404 Gone away"), page) as broken,
        answering(*[response(programme(*TITLES))] * 2) as server,
    ):
        failing = source(event, broken)
        source(other, server)

        out, err, status = run()
        later(time_machine)
        again = run()[2]

    failing.refresh_from_db()
    assert (out, status, again) == ("", 1, 0)  # after a failure, its pause is twice as long
    assert err == f"insects, {failing.address}: The server has nothing at this address (404).\n"
    assert (failing.failures, titles(other)) == (1, TITLES)


def test_page_in_place_of_a_programme_is_said_and_asked_for_again(event, time_machine):
    page = response(b"<!doctype html><html><title>Soon</title></html>", ETag='"page"')
    with answering(page, response(programme(*TITLES))) as server:
        followed = source(event, server, etag='"old"')
        assert run()[2] == 1
        followed.refresh_from_db()
        assert (followed.failures, followed.etag) == (1, '"old"')
        later(time_machine, 31)
        run()

    assert titles(event) == TITLES


def test_pause_doubles_with_each_failure_up_to_eight_hours():
    times = [next_fetch(Source(address="https://a.org", fetched=NOW, failures=number)) for number in (0, 1, 2, 5, 900)]

    assert [at - NOW for at in times if at] == [timedelta(minutes=minutes) for minutes in (15, 30, 60, 480, 480)]
    assert next_fetch(Source(address="", fetched=NOW)) is None


def test_of_two_runs_at_once_one_fetches(event):
    Source.objects.create(event=event, name="a", address="https://a.org/")
    (one,), (other,) = due(NOW), due(NOW)

    assert (claim(one, NOW), claim(other, NOW), due(NOW)) == (True, False, [])


def test_source_that_is_followed_no_more_is_not_claimed(event):
    Source.objects.create(event=event, name="a", address="https://a.org/")
    (found,) = due(NOW)
    Source.objects.update(address="")

    assert not claim(found, NOW)
