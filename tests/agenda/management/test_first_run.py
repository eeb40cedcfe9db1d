"""The first `make run` on a machine, and every one after it."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from agenda.models import Event, Session

pytestmark = pytest.mark.django_db


def first_run() -> str:
    """What the command says."""
    said = StringIO()
    call_command("first_run", stdout=said)
    return said.getvalue()


def password_in(said: str) -> str:
    """The password it printed."""
    printed = re.search(r"password: (\S+)", said)
    assert printed
    return printed[1]


def test_first_run_loads_the_programme() -> None:
    said = first_run()

    assert Event.objects.get().slug == "kvm-forum-2019"
    assert Session.objects.count() == 20
    assert said.splitlines()[0] == "Loaded the programme of KVM Forum 2019."


def test_first_run_makes_an_editor_who_is_no_superuser() -> None:
    first_run()

    editor = User.objects.get()
    assert (editor.email, editor.is_staff, editor.is_superuser) == ("editor@example.org", True, False)
    assert [group.name for group in editor.groups.all()] == ["Programme editors"]


def test_first_run_prints_the_password_that_opens_the_site(client: Client) -> None:
    password = password_in(first_run())

    assert re.fullmatch(r"([a-z]{5}-){3}[a-z]{5}", password)
    assert client.login(email="editor@example.org", password=password)


def test_first_run_makes_an_address_that_needs_no_code() -> None:
    first_run()

    address = EmailAddress.objects.get()
    assert (address.user, address.email) == (User.objects.get(), "editor@example.org")
    assert (address.verified, address.primary) == (True, True)


def test_first_run_makes_a_password_of_its_own_each_time() -> None:
    first = password_in(first_run())
    User.objects.all().delete()

    second = password_in(first_run())

    assert first != second


def test_first_run_repeated_changes_nothing() -> None:
    first_run()
    before = User.objects.get().password

    said = first_run()

    assert said == ""
    assert User.objects.get().password == before
    assert Session.objects.count() == 20


def test_first_run_does_not_bring_back_a_deleted_programme() -> None:
    first_run()
    Session.objects.all().delete()
    Event.objects.all().delete()

    said = first_run()

    assert said == ""
    assert not Event.objects.exists()


def test_first_run_keeps_the_programme_that_is_there() -> None:
    Event.objects.create(
        slug="mine", name="Mine", starts_on="2030-05-01", ends_on="2030-05-02", time_zone="Europe/Paris"
    )

    said = first_run()

    assert Event.objects.get().slug == "mine"
    assert said.splitlines()[0].startswith("Made an editor's account")


def test_first_run_leaves_an_installation_with_staff_alone() -> None:
    User.objects.create_superuser("alice@example.org", "correct horse battery")

    said = first_run()

    assert said == ""
    assert [user.email for user in User.objects.all()] == ["alice@example.org"]


def test_first_run_leaves_the_account_of_a_former_editor_alone() -> None:
    first_run()
    User.objects.update(is_staff=False)

    said = first_run()

    assert said == ""
    assert not User.objects.get().is_staff


def test_site_at_a_public_address_gets_neither_programme_nor_account(settings) -> None:
    settings.IS_PUBLIC = True

    assert first_run() == "The site has no editor yet. Make the first: manage.py make_editor ADDRESS\n"
    assert not Event.objects.exists()
    assert not User.objects.exists()
