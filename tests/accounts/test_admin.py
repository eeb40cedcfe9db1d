"""Accounts in /admin/: for superusers alone, without passwords, stars or keys."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session as CookieSession
from django.test import Client

from accounts.models import CalendarKey, User
from tests.agenda.admin.conftest import BACKEND
from tests.agenda.admin.editing import address, change, errors, page, send

LIST = "/admin/accounts/user/"
ADD = "/admin/accounts/user/add/"


@pytest.fixture
def root_desk(root):
    """The browser of a superuser who is signed in."""
    client = Client()
    client.force_login(root, backend=BACKEND)
    return client


def test_list_says_who_edits_and_when_they_signed_in(root_desk, root, editor, alice):
    rows = page(root_desk.get(LIST)).one("table", id="result_list").all("tr")[1:]

    assert [row.one("th").text for row in rows] == ["alice@example.org", "editor@example.org", "root@example.org"]
    assert rows[0].one("td.field-last_seen").text == "never"
    assert rows[2].one("td.field-last_seen").text == f"{root.last_login:%d/%m/%Y %H:%M}"


@pytest.mark.parametrize("rows", [1, 3])
def test_list_makes_as_many_queries_for_three_rows_as_for_one(root_desk, rows, django_assert_num_queries):
    for number in range(1, rows):
        User.objects.create_user(f"{number}@example.org")

    with django_assert_num_queries(6):
        shown = page(root_desk.get(LIST)).all("th.field-email")

    assert len(shown) == rows


@pytest.mark.parametrize("words", ["ALICE", "\0alice", "alice@example.org"])
def test_search_finds_an_address(root_desk, alice, words):
    asked = {"app_label": "agenda", "model_name": "star", "field_name": "user", "term": words}

    found = root_desk.get("/admin/autocomplete/", asked).json()["results"]

    assert [row["text"] for row in found] == ["alice@example.org"]


def test_search_takes_a_long_text(root_desk):
    assert root_desk.get(LIST, {"q": "x" * 60_000}).status_code == 200


def test_form_shows_no_password_star_or_key(root_desk, alice):
    CalendarKey.objects.issue(alice, name="Phone", once="alice's form")

    form = page(root_desk.get(address(alice))).one("form", id="user_form")

    assert form.texts("label") == [
        *("E-mail address:", "Display name:", "Active", "Editor", "Groups:", "Programme editors", "Superuser status:"),
        *("Last sign-in (UTC):", "Signed up (UTC):"),
    ]


def test_account_becomes_an_editor_by_its_group(root_desk, alice):
    group = Group.objects.get(name="Programme editors")

    change(root_desk, alice, is_staff="on", groups=str(group.pk))

    alice = User.objects.get(pk=alice.pk)
    assert alice.is_staff
    assert alice.has_perm("agenda.change_session")


def test_nobody_is_made_a_superuser_here(root_desk, alice):
    change(root_desk, alice, is_superuser="on", email="mallory@example.org")

    alice.refresh_from_db()
    assert (alice.is_superuser, alice.email) == (False, "alice@example.org")


def test_new_account_has_no_password(root_desk):
    send(root_desk, ADD, email="carol@EXAMPLE.org", display_name="Carol")

    carol = User.objects.get(display_name="Carol")
    assert (carol.email, carol.has_usable_password(), carol.is_staff) == ("carol@example.org", False, False)


def test_new_account_signs_in_with_a_mailed_code(root_desk, client, mailoutbox):
    send(root_desk, ADD, email="carol@example.org")

    client.post("/accounts/login/code/", {"email": "carol@example.org"})
    (mail,) = mailoutbox
    (code,) = re.findall("[A-Z]{4}-[A-Z]{4}", mail.body)
    client.post("/accounts/login/code/confirm/", {"code": code})

    assert client.session["_auth_user_id"] == str(User.objects.get(email="carol@example.org").pk)


def test_address_that_has_an_account_is_refused_whatever_its_case(root_desk, alice):
    response = send(root_desk, ADD, email="Alice@example.org")

    assert errors(response) == {"": ["There is an account with this e-mail address."]}


def test_deleting_an_account_lists_nothing_of_it(root_desk, alice):
    CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    at = address(alice, "delete")

    asked = page(root_desk.get(at))
    root_desk.post(at, {"post": "yes"})

    assert asked.one("ul", id="deleted-objects").texts("li") == ["alice@example.org"]
    assert asked.one("main").all("ul")[0].texts("li") == ["Users: 1"]
    assert not User.objects.filter(pk=alice.pk).exists()


@pytest.mark.parametrize("way", ["on its page", "from the list"])
def test_deleting_an_account_logs_it_out_and_forgets_what_was_noted_of_it(root_desk, client, alice, way):
    client.force_login(alice, backend=BACKEND)
    change(root_desk, alice, display_name="Alice Liddell")
    noted = LogEntry.objects.filter(object_id=str(alice.pk)).count()

    if way == "on its page":
        root_desk.post(address(alice, "delete"), {"post": "yes"})
    else:
        root_desk.post(LIST, {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"})

    assert (noted, LogEntry.objects.count()) == (1, 0)
    assert not CookieSession.objects.filter(pk=client.session.session_key).exists()
    assert not User.objects.filter(email="alice@example.org").exists()


def test_own_account_is_not_deleted_here(root_desk, root):
    root_desk.post(address(root, "delete"), {"post": "yes"})

    assert User.objects.filter(pk=root.pk).exists()


def test_staff_given_every_permission_still_see_no_accounts(client, alice):
    alice.is_staff = True
    alice.save()
    alice.user_permissions.set(Permission.objects.all())
    client.force_login(alice, backend=BACKEND)

    answers = [client.get(at).status_code for at in (LIST, ADD, address(alice), address(alice, "delete"))]

    assert answers == [403, 403, 403, 403]
    assert "Users" not in page(client.get("/admin/")).texts("th")
