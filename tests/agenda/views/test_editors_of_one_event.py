"""The editors of one event: invited by e-mail, with a confirmed address alone, and for no other event."""

from __future__ import annotations

import json
from smtplib import SMTPServerDisconnected
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.core import mail
from django.test import Client

from accounts.models import User
from agenda.models import Event, EventEditor, RowRevision, Session, Speaker
from agenda.notices.waiting_plans import editors
from agenda.stars.starring import star
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of
from tests.pages import page

pytestmark = pytest.mark.any_database

EDIT = "/spring/edit/"


@pytest.fixture
def event(db: None) -> Event:
    """Hidden, as it begins."""
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02", state=Event.State.HIDDEN)
    add_session(event, "Ants", "2026-03-01 10:00", is_published=False)
    return event


@pytest.fixture
def other(db: None) -> Event:
    other = add_event("autumn", "Europe/Berlin", "2026-09-01", "2026-09-02", state=Event.State.HIDDEN)
    add_session(other, "Bees", "2026-09-01 10:00")
    return other


def invite(browser: Client, email: str) -> str:
    return text_of(browser.post(f"{EDIT}editors/invite", {"email": email}, follow=True))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.on_postgresql
def test_invited_person_edits_that_event_alone_until_it_is_withdrawn(browser, event, other, alice):
    invite(browser, "Alice@Example.org ")
    hers = logged_in(alice)
    ants, bees = Session.objects.order_by("pk")

    pages = [EDIT, f"{EDIT}morning/", f"{EDIT}history/", "/spring/", ants.get_absolute_url(), "/spring/speakers/"]
    assert {hers.get(path).status_code for path in pages} == {200}
    closed = ["/autumn/edit/", "/autumn/", bees.get_absolute_url(), "/edit/import/", "/admin/agenda/session/"]
    assert {hers.get(path).status_code for path in closed} == {302, 404}
    shown = page(hers.get(EDIT))
    assert not [link for link in shown.all("a") if link["href"].startswith("/admin/")]
    star(alice, [ants.pk, bees.pk], through="page")
    assert "Ants" in text_of(hers.get("/agenda/"))
    assert page(hers.get("/events/")).one("span", id="star-count").text == "1"

    withdrawn = browser.post(f"{EDIT}editors/{EventEditor.objects.get().pk}/withdraw", follow=True)

    assert "alice@example.org may not edit this event any more." in text_of(withdrawn)
    assert {hers.get(path).status_code for path in pages} == {404}
    assert browser.post(f"{EDIT}editors/1/withdraw", follow=True).status_code == 200


def test_address_gives_nothing_before_it_is_confirmed(browser, event, db):
    invite(browser, "zoe@example.org")
    zoe = User.objects.create_user("zoe@example.org")
    address = EmailAddress.objects.create(user=zoe, email=zoe.email, primary=True, verified=False)

    before = logged_in(zoe).get(EDIT).status_code
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    address.refresh_from_db()
    request = logged_in(zoe).get("/accounts/").wsgi_request
    email_confirmed.send(EmailAddress, request=request, email_address=address)
    zoe.refresh_from_db()  # whose password the first confirmation took away
    after = logged_in(zoe).get(EDIT).status_code
    EmailAddress.objects.filter(pk=address.pk).update(email="new@example.org")

    assert (before, after, logged_in(zoe).get(EDIT).status_code) == (404, 200, 404)


def test_mail_is_in_plain_words_and_is_sent_once(browser, event, editor, settings):
    said = [invite(browser, "zoe@example.org") for _ in range(2)]

    assert "A mail is on its way to zoe@example.org." in said[0]
    assert "They were invited before. No second mail was sent." in said[1]
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["zoe@example.org"], "You may edit the programme of Spring")
    assert f"{settings.SITE_URL}/accounts/login/?next=/spring/edit/" in sent.body
    assert sent.body.startswith("editor@example.org invites you to edit the programme of Spring:")
    rows = page(browser.get(EDIT)).one("section.editors").all("li")
    assert [row.one("b").text for row in rows] == ["editor@example.org", "zoe@example.org"]
    assert "has not logged in with this address yet" in rows[1].text


def test_what_is_no_address_and_a_mail_that_is_refused_are_said(browser, event):
    assert "That is not an email address" in invite(browser, "zoe at example.org")
    assert not EventEditor.objects.exists()
    with patch("django.core.mail.EmailMessage.send", side_effect=SMTPServerDisconnected):
        assert "The mail to zoe@example.org could not be sent." in invite(browser, "zoe@example.org")
    assert str(EventEditor.objects.get()) == "zoe@example.org"


@pytest.mark.on_postgresql
def test_editor_of_one_event_invites_hears_of_plans_and_may_leave(browser, event, other, alice, bob):
    invite(browser, alice.email)
    hers = logged_in(alice)

    hers.post(f"{EDIT}editors/invite", {"email": bob.email})
    hers.post("/autumn/edit/editors/invite", {"email": bob.email})
    left = hers.post(f"{EDIT}editors/{EventEditor.objects.get(user=alice).pk}/withdraw")

    assert list(EventEditor.objects.values_list("event__slug", "email", "user")) == [("spring", bob.email, bob.pk)]
    assert left["Location"] == "/events/"
    assert (editors(event), editors(other)) == ([bob.email, "editor@example.org"], ["editor@example.org"])


def test_photo_of_a_hidden_event_is_for_its_editors(browser, event, other, alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "speakers").mkdir()
    for each in (event, other):
        Speaker.objects.create(event=each, name="Ada", slug="ada", photo=f"speakers/{each.slug}.png")
        (tmp_path / f"speakers/{each.slug}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    invite(browser, alice.email)
    hers = logged_in(alice)

    answers = [hers.get(f"/media/speakers/{name}.png") for name in ("spring", "autumn", "no")]

    assert [answer.status_code for answer in answers] == [200, 404, 404]
    answers[0].close()


@pytest.mark.parametrize("wanted", ["announced", "published", "archived"])
def test_state_is_changed_by_one_button_and_put_back(browser, event, editor, wanted):
    address, sent = f"{EDIT}state", {"state": wanted, "was": "hidden"}

    for _ in range(2):
        answer = browser.post(address, sent)
    browser.post(address, {"state": "announced", "was": "hidden"})
    browser.post(address, {"state": "gone", "was": wanted})

    event.refresh_from_db()
    assert (event.state, answer["Location"]) == (wanted, f"{EDIT}#states")
    (noted,) = RowRevision.objects.all()
    assert (noted.changes, noted.by) == ({"state": ["hidden", wanted]}, editor)
    assert f"state: hidden → {wanted}" in page(browser.get(EDIT)).one("ol.history").text
    browser.post(f"{EDIT}history/rows/{noted.pk}/put-back")
    event.refresh_from_db()
    assert event.is_hidden


@pytest.mark.parametrize("path", ["state", "editors/invite", "editors/1/withdraw"])
def test_these_are_for_editors_and_for_forms(browser, event, alice, path):
    assert browser.get(EDIT + path).status_code == 405
    assert logged_in(alice).post(EDIT + path).status_code == 404
    assert browser.post(f"/no-such-event/edit/{path}").status_code == 404
    assert not EventEditor.objects.exists()


@pytest.mark.on_postgresql
def test_hidden_talk_of_their_event_is_starred_without_network_and_listed(browser, event, other, alice):
    invite(browser, alice.email)
    hers = logged_in(alice)
    ants, bees = (str(session.guid) for session in Session.objects.order_by("pk"))
    taps = [{"guid": guid, "want": True, "base": 0, "ago": 1, "title": guid} for guid in (ants, bees)]

    answer = hers.post("/agenda/stars", {"taps": json.dumps(taps)}).json()

    assert [answer["said"].count(f">{guid}</bdi>” is no longer") for guid in (ants, bees)] == [0, 1]
    assert (answer["stars"], hers.get("/agenda/stars").json()["stars"]) == ([ants], [ants])
    assert page(hers.get("/agenda/")).one("span", id="star-count").text == "1"


@pytest.mark.on_postgresql
def test_pages_of_their_event_have_the_version_that_is_polled(browser, event, alice, time_machine):
    time_machine.move_to("2026-03-01T09:05Z")
    event.state = Event.State.PUBLISHED
    event.save()
    add_session(event, "Bees", "2026-03-01 11:00")
    invite(browser, alice.email)
    hers = logged_in(alice)
    star(alice, [session.pk for session in Session.objects.all()], through="page")
    polled = hers.get("/spring/version").content.decode()

    for path in ("/spring/", "/spring/now/", "/agenda/"):
        assert page(hers.get(path)).one("div", id="fresh")["data-version"] == polled
