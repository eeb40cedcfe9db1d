"""Deleting an event that is long over: who may, when, what the page says first, and what is left of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import CalendarKey, User
from agenda.calendars.options import Options
from agenda.editing.deleting import KEPT_FOR, delete_event
from agenda.models import Event, GoneEvent, Material, Session, Speaker, Star, StarLog
from agenda.stars.starring import star
from tests.agenda.caldav.dav import Dav, answers, refusal, token_in
from tests.agenda.kvm_forum import KVM, add_event, add_session, session_of
from tests.calendars import values
from tests.conftest import signed_up
from tests.pages import page, read_html
from tests.threads import all_at_once

pytestmark = pytest.mark.any_database

DELETE = f"{KVM}edit/delete/"
FROM = datetime(2019, 11, 2, 3, 0, tzinfo=UTC) + KEPT_FOR  # its last day ends at 04:00 in Lyon
NAME = {"name": "kvm-forum-2019"}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(FROM, tick=False)


@pytest.fixture
def other(kvm_forum: Event, alice: User) -> Session:
    """A session of another event, starred by Alice."""
    session = add_session(add_event("other", "Asia/Tokyo", "2020-05-01", "2020-05-01"), "In Tokyo", "2020-05-01 09:00")
    star(alice, [session.pk], through=StarLog.Through.PAGE)
    return session


def notices(response) -> list[str]:
    return page(response).texts("p.notice")


def test_page_is_for_those_who_may_delete_events(client, kvm_forum, alice, editor, browser):
    kvm_forum.editors.create(email=alice.email, user=alice)
    User.objects.filter(pk=alice.pk).update(edits_events=True)
    client.force_login(alice)

    assert [client.get(f"{KVM}edit/").status_code, client.get(DELETE).status_code] == [200, 404]
    assert client.post(DELETE, NAME).status_code == Client().post(DELETE, NAME).status_code == 404
    assert browser.get(DELETE).status_code == 200
    assert page(browser.get(f"{KVM}edit/")).all("a", href=DELETE)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            timedelta(seconds=1),
            "“KVM Forum 2019” ended on 1 November 2019. It can be deleted from 2 December 2019 on, 30 days after its "
            "end. Until then, archive it or hide it.",
        ),
        (
            KEPT_FOR + timedelta(days=1),
            "“KVM Forum 2019” ends on 1 November 2019. It can be deleted from 2 December 2019 on, 30 days after its "
            "end. Until then, archive it or hide it.",
        ),
    ],
)
def test_event_is_kept_for_thirty_days_after_its_end(browser, kvm_forum, time_machine, before, sentence):
    time_machine.move_to(FROM - before, tick=False)

    shown, sent = browser.get(DELETE), browser.post(DELETE, NAME)

    assert (shown.status_code, notices(shown), page(shown).all("input", name="name")) == (200, [sentence], [])
    assert (sent.status_code, notices(sent)) == (422, [f"Nothing was deleted. {sentence}"])
    assert Event.objects.get() == kvm_forum


def test_page_says_whom_it_hits_and_nobody_is_recognised(browser, kvm_forum, other, alice, bob):
    def said() -> list[str]:
        return page(browser.get(DELETE)).one("ul.settings").texts("b")

    opening, elsewhere = kvm_forum.sessions.first(), Options(events=frozenset({other.event_id})).stored()
    nobody = said()
    star(bob, [opening.pk], through=StarLog.Through.PAGE)
    few = said()
    for number in range(4):
        person = signed_up(f"{number}@example.org")
        star(person, [opening.pk, kvm_forum.sessions.last().pk], through=StarLog.Through.PAGE)
        for kind, options in (("feed", {}), ("caldav", {}), ("feed", elsewhere)):
            key, _ = CalendarKey.objects.issue(person, name="Phone", kind=kind, once=f"{kind} {options}")
            CalendarKey.objects.filter(pk=key.pk).update(options=options)

    assert nobody == ["20 talks", "No stars", "No calendars"]
    assert few == ["20 talks", "a few stars of a few people", "No calendars"]
    assert said() == ["20 talks", "9 stars of 5 people", "Entries in 8 calendars"]


def test_wrong_name_deletes_nothing(browser, kvm_forum):
    for typed in ("", "KVM Forum 2019", "kvm"):
        response = browser.post(DELETE, {"name": typed})

        assert response.status_code == 422
        assert notices(response) == ["Nothing was deleted. To delete it, type its short name: kvm-forum-2019"]
        assert page(response).one("input", name="name")["value"] == typed
    assert Session.objects.count() == 20


def test_deleted_event_is_gone_with_its_stars_and_its_addresses_say_so(browser, client, kvm_forum, other, starred):
    response = browser.post(DELETE, {"name": " kvm-forum-2019 "}, follow=True)
    again = browser.post(DELETE, NAME)

    assert notices(response) == ["“KVM Forum 2019” is deleted."]
    assert list(Star.objects.values_list("session", flat=True)) == [other.pk]
    assert list(StarLog.objects.values_list("session", flat=True)) == [other.pk]
    assert list(Event.objects.all()) == [other.event]
    assert (again.status_code, read_html(again.content.decode()).texts("h1")) == (410, ["KVM Forum 2019 was deleted"])
    paths = ("", "now/", "offline/", "schedule.ics", "changes.atom", "sessions/any/", "edit/")
    assert {path: client.get(KVM + path).status_code for path in paths} == dict.fromkeys(paths, 410)
    assert "2 December 2019" in client.get(KVM).content.decode()
    assert client.get("/other/sessions/any/").status_code == client.get("/no-such-event/").status_code == 404


@pytest.mark.on_postgresql
def test_new_event_may_take_the_address(browser, client, kvm_forum):
    browser.post(DELETE, NAME)
    new = add_event("kvm-forum-2019", "Europe/Paris", "2030-05-01", "2030-05-02", state="hidden")

    hidden = (client.get(KVM).status_code, browser.get(KVM).status_code)
    Event.objects.filter(pk=new.pk).update(state="published")

    assert hidden == (410, 200)
    assert (client.get(KVM).status_code, client.get(f"{KVM}sessions/any/").status_code) == (200, 404)
    Event.objects.filter(pk=new.pk).update(starts_on="2019-05-01", ends_on="2019-05-02", name="Again")
    browser.post(DELETE, NAME)
    assert [str(gone) for gone in GoneEvent.objects.all()] == ["Again"]


def test_hidden_event_leaves_no_name(browser, client, kvm_forum):
    Event.objects.update(state="hidden")

    browser.post(DELETE, NAME)

    assert (client.get(KVM).status_code, GoneEvent.objects.count(), Event.objects.count()) == (404, 0, 0)


def test_calendars_give_up_its_talks_and_keep_the_others(browser, client, alice, alice_feed, starred, other):
    phone = Dav(alice, collections=["kvm-forum-2019"])
    token, whole = token_in(phone.sync()), f"{phone.home}kvm-forum-2019/"
    before = client.get(alice_feed)

    browser.post(DELETE, NAME)

    after = client.get(
        alice_feed, headers={"if-none-match": before["ETag"], "if-modified-since": before["Last-Modified"]}
    )
    assert (len(values(before, "SUMMARY")), values(after, "SUMMARY")) == (4, ["In Tokyo"])
    assert client.get(alice_feed, headers={"if-none-match": after["ETag"]}).status_code == 304
    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")  # RFC 6578 section 3.2: it then asks for all
    everything = phone.sync()
    assert list(answers(everything)) == [f"{phone.agenda}{other.guid}.ics"]
    assert answers(phone.sync(token_in(everything))) == {}
    assert phone.propfind(whole).status_code == 404


@pytest.mark.on_postgresql
def test_its_files_go_unless_another_event_shows_them(
    browser, kvm_forum, other, settings: Settings, tmp_path: Path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    for folder in ("speakers", "materials"):
        (tmp_path / folder).mkdir()
        for name in ("own", "shared"):
            (tmp_path / folder / name).write_bytes(b"x")
    for session, names in ((session_of("Nesting"), ("own", "shared")), (other, ("shared",))):
        for name in names:
            Speaker.objects.create(event=session.event, name=name, slug=name, photo=f"speakers/{name}")
            Material.objects.create(session=session, title=name, file=f"materials/{name}")

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(DELETE, NAME)

    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["materials/shared", "speakers/shared"]


@pytest.mark.on_postgresql
def test_two_deletions_and_stars_at_once_are_no_error(shared_database, kvm_forum, alice):
    star_one = Client()
    star_one.force_login(alice)
    path = f"{kvm_forum.sessions.first().get_absolute_url()}star"

    deletion = partial(delete_event, kvm_forum, FROM)
    answered = all_at_once(deletion, deletion, *[partial(star_one.post, path)] * 3)

    assert {response.status_code for response in answered if response} <= {302, 404, 410}
    assert (Event.objects.count(), Star.objects.count(), GoneEvent.objects.count()) == (0, 0, 1)


@pytest.mark.on_postgresql
def test_page_makes_as_many_queries_for_three_people_as_for_one(browser, kvm_forum, django_assert_num_queries):
    for number in range(3):
        person = signed_up(f"{number}@example.org")
        star(person, kvm_forum.sessions.values_list("pk", flat=True), through=StarLog.Through.PAGE)
        CalendarKey.objects.issue(person, name="Phone", once="once")
        if number != 1:
            with django_assert_num_queries(9):
                browser.get(DELETE)


@pytest.mark.on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("page_of", "sent"),
    [
        ("announcements/", {"text": "Lunch.", "start": "2019-12-02T10:00", "end": "2019-12-02T11:00"}),
        ("editors/invite", {"email": "bob@example.org"}),
    ],
)
def test_what_is_sent_while_the_event_is_deleted_is_answered_as_afterwards(browser, kvm_forum, page_of, sent):
    def delete_first(execute, sql, params, many, context):
        if "auth_permission" in sql:  # asked once the event is found
            delete_event(kvm_forum, FROM)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        response = browser.post(f"{KVM}edit/{page_of}", sent)

    said = read_html(response.content.decode()).texts("h1")
    assert (response.status_code, said) == (410, ["KVM Forum 2019 was deleted"])
    assert not Event.objects.exists()
