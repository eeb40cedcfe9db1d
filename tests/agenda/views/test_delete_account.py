"""Deleting my account: says what goes, asks who is there, and then nothing of mine is left."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session as CookieSession
from django.core import mail
from django.db import models
from django.test import Client

from accounts.models import User
from agenda.models import SessionRevision, Star
from tests.accounts.steps import send_form_with, send_mailed_code, user_of
from tests.agenda.belongings import add_talks, every_row, give_everything, log_in, people_fields
from tests.agenda.kvm_forum import BEFORE
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

DELETE = "/accounts/data/delete"
DELETED = "Your account is deleted, with all that was stored about you."

# What becomes of each when its person leaves. A new field belongs into this list only once erase() and its test
# know of it, and into tests/agenda/test_my_data.py once the export does.
KNOWN = {
    ("account.EmailAddress", "user"): "goes",
    ("account.EmailAddress", "email"): "goes",
    ("account.EmailConfirmation", "email_address"): "goes",
    ("accounts.CalendarKey", "user"): "goes",
    ("accounts.CalendarKey", "user_names"): "goes",
    ("accounts.User", "email"): "goes",
    ("accounts.User", "refused_address"): "goes",
    ("accounts.User_groups", "user"): "goes",
    ("accounts.User_user_permissions", "user"): "goes",
    ("admin.LogEntry", "user"): "goes",
    ("admin.LogEntry", "content_type"): "goes, where it points at the account",
    ("agenda.Announcement", "made_by"): "stays, empty",
    ("agenda.Batch", "by"): "stays, empty",
    ("agenda.EventEditor", "email"): "goes",
    ("agenda.EventEditor", "user"): "goes",
    ("agenda.EventEditor", "invited_by"): "stays, empty",
    ("agenda.LeftFinding", "by"): "stays, empty",
    ("agenda.Notice", "user"): "goes",
    ("agenda.Plan", "made_by"): "stays, empty",
    ("agenda.RowRevision", "by"): "stays, empty",
    ("agenda.SessionRevision", "by"): "stays, empty",
    ("agenda.Star", "user"): "goes",
    ("agenda.StarLog", "user"): "goes",
    ("mfa.Authenticator", "user"): "goes",
    ("sessions.Session", "session_key"): "goes",
    ("sessions.Session", "session_data"): "goes",
    ("socialaccount.SocialAccount", "user"): "goes",
    ("socialaccount.SocialToken", "account"): "goes",
    ("usersessions.UserSession", "user"): "goes",
    ("usersessions.UserSession", "user_agent"): "goes",
    ("usersessions.UserSession", "session_key"): "goes",
}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def talks(db):
    return add_talks()


@pytest.fixture
def client_of_alice(client, alice):
    return log_in(client, alice)


def rows_of(user_pk: int) -> dict[str, int]:
    """How many rows each relation to a user has for this one."""
    return {
        f"{label}.{name}": field.model._default_manager.filter(**{name: user_pk}).count()
        for (label, name), field in people_fields().items()
        if field.related_model is User
    }


def test_every_place_for_a_person_is_thought_of():
    assert set(people_fields()) == set(KNOWN)


def test_nothing_of_mine_is_left_and_bob_keeps_his(client_of_alice, talks, alice, bob, root):
    for user in (alice, bob):
        log_in(Client(), user)
        give_everything(user, root, talks)
    gone, kept = rows_of(alice.pk), rows_of(bob.pk)

    client_of_alice.post(DELETE)

    assert 0 not in gone.values()
    assert set(rows_of(alice.pk).values()) == {0}
    assert rows_of(bob.pk) == kept
    assert [row for row in every_row() if "alice" in row] == []


def test_half_finished_log_in_goes_too(client_of_alice, talks):
    Client().post("/accounts/login/code/", {"email": "Alice@example.org"})
    before = CookieSession.objects.count()

    client_of_alice.post(DELETE)

    assert (before, CookieSession.objects.count()) == (2, 0)


def test_sessions_of_others_stay(client_of_alice, bob):
    visitor, other = Client(), log_in(Client(), bob)
    visitor.get("/accounts/login/?next=/agenda/")
    visitor.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})

    client_of_alice.post(DELETE)

    assert user_of(other) == bob
    assert visitor.session["time_zone"] == "Asia/Tokyo"


def test_every_device_is_logged_out_and_the_next_page_says_so(client_of_alice, alice, talks):
    elsewhere = log_in(Client(), alice)

    response = client_of_alice.post(DELETE, follow=True)

    assert page(response).one("div", id="messages").texts("p") == [DELETED]
    assert (user_of(client_of_alice), user_of(elsewhere)) == (None, None)
    assert elsewhere.get("/accounts/")["Location"] == "/accounts/login/?next=/accounts/"


def test_calendar_address_is_404_at_once(client_of_alice, alice, root, talks):
    address = give_everything(alice, root, talks)
    before = Client().get(address).status_code

    client_of_alice.post(DELETE)

    assert (before, Client().get(address).status_code) == (200, 404)


def test_revision_stays_without_a_name(client_of_alice, alice, root, talks):
    give_everything(alice, root, talks)

    client_of_alice.post(DELETE)

    assert list(SessionRevision.objects.values_list("changes", "note", "by")) == [
        ({"room": ["A", "B"]}, "Bigger.", None)
    ]


def test_page_says_what_goes_and_deletes_nothing(client_of_alice, alice, root, talks):
    give_everything(alice, root, talks)

    shown = page(client_of_alice.get(DELETE)).one("main")

    assert shown.texts("h1") == ["Delete my account?"]
    assert [item.all("span")[0].text for item in shown.all("li")] == [
        "Your account, alice@example.org",
        "2 stars",
        "1 calendar",
        "1 entry in the editing log",
    ]
    assert shown.one("p.notice").text == "1 change that you made to the programme stays, without your name."
    assert Star.objects.filter(user=alice).count() == 2


def test_page_of_somebody_with_nothing_says_so(client_of_alice):
    shown = page(client_of_alice.get(DELETE)).one("main")

    assert shown.texts("li") == [
        "Your account, alice@example.org with every way to log in to it, on every device",
        "No stars and the record of what you starred and unstarred",
        "No calendars",
    ]


def test_all_or_nothing_goes(client_of_alice, alice, root, talks, monkeypatch):
    give_everything(alice, root, talks)
    before = rows_of(alice.pk)

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(models.Model, "delete", refuse)
    with pytest.raises(RuntimeError, match="the disk is full"):
        client_of_alice.post(DELETE)

    assert rows_of(alice.pk) == before
    assert user_of(client_of_alice) == alice


def test_asks_for_the_password_again_after_a_while(client_of_alice, alice, time_machine):
    time_machine.shift(600)

    asked = client_of_alice.get(DELETE, follow=True)
    shown = send_form_with(client_of_alice, asked, password=PASSWORD)

    assert asked.redirect_chain == [(f"/accounts/reauthenticate/?next={DELETE.replace('/', '%2F')}", 302)]
    assert page(shown).texts("h1") == ["Delete my account?"]
    assert User.objects.filter(pk=alice.pk).exists()


def test_late_tap_deletes_nothing_but_asks_for_the_password(client_of_alice, alice, time_machine):
    client_of_alice.get(DELETE)
    time_machine.shift(600)

    asked = client_of_alice.post(DELETE, follow=True)
    shown = send_form_with(client_of_alice, asked, password=PASSWORD)

    assert page(shown).texts("h1") == ["Delete my account?"]
    assert User.objects.filter(pk=alice.pk).exists()


def test_who_has_no_password_logs_in_again_by_code(client, alice, time_machine):
    alice.set_unusable_password()
    alice.save()
    asked = client.get("/accounts/login/code/")
    send_mailed_code(client, send_form_with(client, asked, email="alice@example.org"))
    time_machine.shift(600)

    refused, not_yet = client.get(DELETE), client.post(DELETE)
    left = send_form_with(client, refused, next=page(refused).one("form").fields()["next"])
    way_back = page(left).all("input", name="next")[0]["value"]
    to_code = client.post("/accounts/login/code/", {"email": "alice@example.org", "next": way_back}, follow=True)
    shown = send_mailed_code(client, to_code)

    assert (refused.status_code, not_yet.status_code) == (403, 403)
    assert page(shown).texts("h1") == ["Delete my account?"]
    assert len(mail.outbox) == 2


def test_page_asks_for_sign_in(client, db):
    assert client.get(DELETE)["Location"] == f"/accounts/login/?next={DELETE}"
    assert client.post(DELETE)["Location"] == f"/accounts/login/?next={DELETE}"


@pytest.mark.on_postgresql
def test_page_refuses_other_methods_and_is_kept_by_nobody(client_of_alice):
    assert client_of_alice.put(DELETE).status_code == 405
    assert "no-store" in client_of_alice.get(DELETE)["Cache-Control"]


def test_deleting_twice_is_harmless(client_of_alice):
    client_of_alice.post(DELETE)

    assert client_of_alice.post(DELETE)["Location"] == f"/accounts/login/?next={DELETE}"
