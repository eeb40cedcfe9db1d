"""The version of a programme, by which pages notice that it has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from agenda.editing.changes import recording
from agenda.models import Announcement, Event, Session
from tests.agenda.kvm_forum import BEFORE, KVM, add_session, session_of
from tests.pages import page

pytestmark = pytest.mark.any_database

VERSION = f"{KVM}version"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def change(begins: str, **fields: object) -> None:
    session = session_of(begins)
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def later(title: str) -> dict[str, object]:
    session = session_of(title)
    return {"start": session.start + timedelta(hours=5), "end": session.end + timedelta(hours=5)}


def test_version_is_that_of_the_pages_and_unchanged_is_not_sent_again(client, kvm_forum, alice, opening):
    first = client.get(VERSION)
    again = client.get(VERSION, headers={"If-None-Match": first["ETag"]})
    client.post(f"{opening.get_absolute_url()}star")
    of_pages = [
        page(client.get(path)).one("div", id="fresh")["data-version"] for path in (KVM, f"{KVM}now/", "/agenda/")
    ]

    assert (first.status_code, again.status_code, len(first.content) < 30) == (200, 304, True)
    assert (first["Cache-Control"], "Cookie" in first.get("Vary", "")) == ("no-cache, public", False)
    assert of_pages == [first.content.decode()] * 3


@pytest.mark.parametrize("who", ["visitor", "editor"])
def test_published_changes_alone_make_another_version(client, request, kvm_forum, who):
    if who == "editor":
        client.force_login(request.getfixturevalue("editor"))
    add_session(kvm_forum, "Draft", "2019-10-31 11:00", is_published=False, updated=BEFORE - timedelta(days=1))
    versions = []
    for title, fields in (
        ("Draft", {}),
        ("Draft", {"title": "Draft 2"}),
        ("Nesting", {"title": "Nesting 2"}),
        ("Nesting", {"is_published": False}),
        ("Nesting", {"is_published": True}),
    ):
        change(title, **fields)
        versions.append(client.get(VERSION).content)
        assert page(client.get(KVM)).one("div", id="fresh")["data-version"] == versions[-1].decode()

    assert [one == other for one, other in pairwise(versions)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Nesting": {"status": "cancelled"}}, "Programme changed: 1 talk cancelled."),
        ({"Nesting": {"abstract": "New."}}, "Programme changed."),
        (
            {"Nesting": {"room": None}, "Moving": {"status": "cancelled"}},
            "Programme changed: 1 talk moved, 1 cancelled.",
        ),
        ({"Draft": {"is_published": True}}, "Programme changed: 1 talk new."),
    ],
)
def test_what_changed_since_a_version_is_said(client, kvm_forum, changes, said):
    add_session(kvm_forum, "Draft", "2019-10-31 11:00", is_published=False)
    change("Managing", title="Managing 2")
    since = client.get(VERSION).content.decode()

    for title, fields in changes.items():
        change(title, **fields)

    assert client.get(VERSION, {"since": since}).content.decode() == said


def test_talk_that_moved_twice_counts_once(client, kvm_forum):
    since = client.get(VERSION).content.decode()
    for title in ("Nesting", "Moving", "Nesting"):
        change(title, **later(title))

    assert client.get(VERSION, {"since": since}).content.decode() == "Programme changed: 2 talks moved."


@pytest.mark.parametrize("since", ["soon", "1-", "1-²", f"1-{'9' * 40}", "1-99999999999999999"])
def test_what_is_no_version_says_no_more_than_that_it_changed(client, kvm_forum, since):
    change("Nesting", **later("Nesting"))

    assert client.get(VERSION, {"since": since}).content.decode() == "Programme changed."


@pytest.mark.parametrize("state", ["hidden", "announced"])
def test_programme_that_is_not_public_has_no_version(client, editor, kvm_forum, state):
    Event.objects.update(state=state)
    client.force_login(editor)

    assert client.get(VERSION).status_code == 404
    assert page(client.get(KVM)).all("div", id="fresh") == []
    assert client.get("/nothing/version").status_code == 404


def test_event_without_sessions_has_one(client, kvm_forum):
    Session.objects.all().delete()

    assert client.get(VERSION).content == b"0-0"


def test_poll_takes_one_query(client, kvm_forum, django_assert_num_queries):
    client.get(VERSION)

    with django_assert_num_queries(1):
        client.get(VERSION)


def test_announcements_and_what_is_listed_make_another_version(client, kvm_forum, time_machine):
    room = kvm_forum.rooms.first()
    shown = {"start": BEFORE - timedelta(hours=1), "end": BEFORE + timedelta(hours=1), "event": kvm_forum}
    versions, said = [client.get(VERSION).content.decode()], []
    lunch = Announcement(text="Lunch is in hall B", **shown)
    changed: list[Callable[[], object]] = [
        lunch.save,
        lambda: Announcement.objects.update(text="Lunch is late"),
        lambda: Announcement.objects.update(room=room),
        lambda: Announcement.objects.create(text="Tea", **shown | {"start": BEFORE + timedelta(minutes=5)}),
        lambda: time_machine.move_to(BEFORE + timedelta(minutes=5), tick=False),
        lambda: Event.objects.update(lists_cancelled=False),
        lambda: change("Nesting", status="cancelled"),
        lambda: time_machine.move_to(BEFORE + timedelta(hours=1), tick=False),
        lambda: Event.objects.update(lists_cancelled=True),
    ]

    for each in changed:
        each()
        versions.append(client.get(VERSION).content.decode())
        said.append(client.get(VERSION, {"since": versions[-2]}).content.decode())
        assert page(client.get(KVM)).one("div", id="fresh")["data-version"] == versions[-1]

    new, other = "The announcements changed.", "Programme changed."
    assert [one == two for one, two in pairwise(versions)] == [False, False, False, True, *[False] * 5]
    assert said == [new, new, new, other, new, other, "Programme changed: 1 talk cancelled.", new, other]
