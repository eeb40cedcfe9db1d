"""What changed, for attendees: the newest first, where each talk is now, and nothing that readers may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from agenda.models import Event, Room, Session, SessionRevision, Star
from agenda.programme import what_changed
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, add_session, session_of
from tests.agenda.programme_edits import edit, later
from tests.conftest import PASSWORD
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

CHANGES = f"{KVM}changes/"
MINE = f"{CHANGES}?starred=1"
HOSTILE = '<script>alert("1")</script>'


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def flood(opening, time_machine) -> Session:
    """The opening was moved to another room yesterday and by 15 minutes today; then Nesting was cancelled."""
    nesting = session_of("Nesting&testing")
    edit(opening, room=Room.objects.create(event=opening.event, name="Kuthiran", slug="kuthiran"))
    time_machine.shift(timedelta(days=1))
    edit(opening, **later(opening), reason="For editors alone.")
    edit(nesting, status="cancelled")
    return opening


def rows(root: Element) -> list[tuple[str, str, str, list[str]]]:
    """Each row: when it changed, the title, where the talk is now, and the marks."""
    return [
        (row.one("time.changed").text, row.one("h3.title").text, row.one("p.now").text, row.texts("span.badge"))
        for row in root.all("li.session")
        if row.all("h3.title")
    ]


def test_changes_are_listed_by_day_the_newest_first(client, flood):
    root = page(client.get(CHANGES))

    assert root.texts("h2.day") == ["Changed today", "Changed yesterday"]
    title, now = "Managing Matryoshkas: Testing Nested Guests", "Thu 31 Oct, 11:15, Kuthiran"
    assert rows(root) == [
        ("Changed at 09:00", "Nesting&testing", "Thu 31 Oct, 11:30, Forum 3", ["cancelled"]),
        ("Changed at 09:00", title, now, ["moved from 11:00"]),
        ("Changed at 09:00", title, now, ["was in Forum 3"]),
    ]


def test_star_and_note_stand_with_the_newest_row_of_a_talk(client, flood):
    edit(flood, note="Bring a laptop.")

    root = page(client.get(CHANGES))

    listed = [row for row in root.all("li.session") if flood.title in row.text]
    assert [row.texts("p.note") for row in listed] == [["Bring a laptop."], [], []]
    assert [len(row.all("button.star")) for row in listed] == [1, 0, 0]


def test_reason_for_editors_is_not_shown(client, editor, flood):
    client.force_login(editor)

    assert b"For editors alone." not in client.get(CHANGES).content


def test_texts_of_many_talks_are_one_quiet_line(client, kvm_forum):
    sessions = list(Session.objects.order_by("start")[:7])
    edit(*sessions, abstract="Other words.")

    (line,) = page(client.get(CHANGES)).all("li.quiet")

    assert line.one("p.what").text.endswith("and 2 more")
    assert [link["href"] for link in line.all("a")] == [session.get_absolute_url() for session in sessions[:5]]


def test_what_was_changed_back_is_left_out(client, opening):
    edit(opening, **later(opening))
    edit(opening, **later(opening, -15))

    root = page(client.get(CHANGES))

    assert root.one("div.empty").texts("h2") == ["Nothing has changed"]


def test_past_days_are_named_and_times_are_those_of_the_readers_zone(client, flood, time_machine):
    time_machine.shift(timedelta(days=3))
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})

    root = page(client.get(CHANGES))

    assert root.texts("h2.day") == ["Changed on Thursday, 31 October", "Changed on Wednesday, 30 October"]
    assert rows(root)[0][:3] == ("Changed at 17:00", "Nesting&testing", "Thu 31 Oct, 19:30, Forum 3")


def test_only_the_newest_changes_are_shown(client, flood, monkeypatch):
    monkeypatch.setattr(what_changed, "LONGEST", 2)

    root = page(client.get(CHANGES))

    assert len(rows(root)) == 2
    assert root.all("li.quiet") == []
    assert root.one("p.take-away").text.startswith("These are the newest 2 changes; older ones are not shown.")


def test_texts_of_many_talks_push_no_move_out(client, flood, monkeypatch):
    edit(*Session.objects.order_by("start")[3:9], abstract="Other words.")
    monkeypatch.setattr(what_changed, "LONGEST", 3)

    root = page(client.get(CHANGES))

    assert (len(root.all("li.quiet")), len(rows(root))) == (1, 2)


@pytest.mark.parametrize("who", ["visitor", "alice", "editor"])
def test_unpublished_talk_and_draft_have_no_history_here(client, request, flood, who):
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))
    edit(flood, is_published=False)
    draft = add_session(flood.event, "Draft", "2019-10-31 18:00", is_published=False)
    edit(draft, title="Another draft")

    assert [title for _, title, *_ in rows(page(client.get(CHANGES)))] == ["Nesting&testing"]


@pytest.mark.parametrize(("state", "statuses"), [("hidden", (404, 200)), ("announced", (200, 200))])
def test_event_without_a_public_programme_shows_no_change(client, editor, flood, state, statuses):
    Event.objects.update(state=state)
    desk = Client()
    desk.force_login(editor)

    answers = [each.get(CHANGES) for each in (client, desk)]

    assert tuple(answer.status_code for answer in answers) == statuses
    assert [rows(page(answer)) for answer in answers] == [[], []]


def test_only_my_talks_of_a_visitor_and_of_a_user(client, flood, alice, bob):
    visitor = Client()
    visitor.post(f"{flood.get_absolute_url()}star")
    seen = [rows(page(visitor.get(MINE)))]
    Star.objects.create(user=alice, session=session_of("Nesting&testing"))
    for user in (alice, bob):
        client.force_login(user)
        seen.append(rows(page(client.get(MINE))))

    assert [[marks for *_, marks in each] for each in seen] == [
        [["moved from 11:00"], ["was in Forum 3"]],
        [["cancelled"]],
        [],
    ]


def test_stars_are_pressed_for_whom_they_are(client, flood, alice, bob):
    Star.objects.create(user=alice, session=flood)
    pressed = []
    for user in (alice, bob):
        client.force_login(user)
        pressed.append([star["aria-pressed"] for star in page(client.get(CHANGES)).all("button.star")])

    assert pressed == [["false", "true"], ["false", "false"]]


def agenda_line(client: Client) -> list[str]:
    return [
        box.one("h2").text
        for box in page(client.get("/agenda/")).all("section.changes")
        if box.link("All changes of my talks") == MINE
    ]


@pytest.mark.parametrize("who", ["visitor", "alice"])
def test_my_agenda_counts_what_changed_since_the_last_visit(client, request, flood, time_machine, who):
    if who == "alice":
        client.force_login(request.getfixturevalue("alice"))
    client.post(f"{flood.get_absolute_url()}star")

    lines = [agenda_line(client)]
    client.get(CHANGES)
    lines.append(agenda_line(client))
    time_machine.shift(60)
    edit(flood, **later(flood))
    lines.append(agenda_line(client))

    assert lines == [["1 change"], [], ["1 change since Thursday 09:00"]]
    assert [page(client.get(MINE)).one("div.page-head").one("div.sub").text[:35] for _ in range(2)] == [
        "1 change since your last visit · ti",
        "Nothing since your last visit · tim",
    ]


def test_what_a_visitor_has_seen_is_seen_after_the_log_in(client, alice, flood):
    client.post(f"{flood.get_absolute_url()}star")
    client.get(CHANGES)
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    assert agenda_line(client) == []
    alice.refresh_from_db()
    assert alice.changes_seen == {"kvm-forum-2019": SessionRevision.objects.latest("at").at.isoformat()}


def test_visitor_without_stars_gets_no_cookie_session(client, flood):
    client.get(CHANGES)

    assert "sessionid" not in client.cookies


def test_programme_and_the_page_itself_link_to_page_and_feed(client, kvm_forum):
    for address in (KVM, CHANGES):
        root = page(client.get(address))

        assert root.one("link", type="application/atom+xml")["href"] == f"{KVM}changes.atom"
    assert page(client.get(KVM)).link("What changed") == CHANGES


def test_unchanged_page_is_not_sent_again(client, flood, time_machine):
    first = client.get(CHANGES)
    again = client.get(CHANGES, headers={"If-None-Match": first["ETag"]})
    edit(flood, note="Bring a laptop.")
    changed = client.get(CHANGES, headers={"If-None-Match": first["ETag"]})
    other = Client().get(CHANGES, headers={"If-None-Match": changed["ETag"]})

    assert [each.status_code for each in (again, changed, other)] == [304, 200, 200]
    assert again.content == b""


def test_page_of_yesterday_is_sent_again(client, flood, time_machine):
    first = client.get(CHANGES)
    time_machine.shift(timedelta(days=1))

    assert client.get(CHANGES, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_everything_from_the_database_is_escaped(client, opening):
    room = Room.objects.create(event=opening.event, name=HOSTILE, slug="hostile")
    edit(opening, title=HOSTILE, room=room, note=HOSTILE)
    edit(opening, title=f"{HOSTILE} again", room=None)
    edit(opening, abstract="Other words.")

    root = page(client.get(CHANGES))

    assert root.texts("script") == [""] * 3
    assert rows(root)[0][1:] == (
        f"{HOSTILE} again",
        "Thu 31 Oct, 11:00",
        [f"was in {HOSTILE}", f"was called “{HOSTILE}”"],
    )


def test_unknown_event_is_not_found_and_other_methods_are_refused(client, kvm_forum):
    assert client.get("/nothing/changes/").status_code == 404
    assert client.post(CHANGES).status_code == 405


def test_other_events_changes_are_not_listed(client, flood):
    add_event("other", "Europe/Paris", "2019-10-30", "2019-11-01")

    assert rows(page(client.get("/other/changes/"))) == []


@pytest.mark.parametrize("count", [1, 3])
def test_changes_take_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    edit(*Session.objects.order_by("start")[:count], status="cancelled")
    VersionCache.clear_all()

    with django_assert_num_queries(4):  # event, sessions; revisions, and the sessions that changed
        client.get(CHANGES)
    with django_assert_num_queries(2):
        client.get(CHANGES)
