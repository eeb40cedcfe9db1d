"""The first editor of a site: by a mailed code alone, without a password that anybody has seen."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.accounts.steps import send_mailed_code, user_of

ADDRESS = "editor@example.com"


def make(address: str = ADDRESS) -> str:
    said = StringIO()
    call_command("make_editor", address, stdout=said)
    return said.getvalue()


def test_editor_logs_in_with_a_mailed_code_and_edits(client, kvm_forum):
    said = make("Editor@Example.COM")
    path = mail.outbox[0].body.split("http://testserver")[1].split()[0]

    response = client.post(path, {"email": ADDRESS, "next": f"/{kvm_forum.slug}/edit/"}, follow=True)
    response = send_mailed_code(client, response)

    assert mail.outbox[0].to == [ADDRESS]
    assert said.startswith(f"{ADDRESS} is an editor now.")
    assert user_of(client) == User.objects.get(email=ADDRESS)
    assert not user_of(client).has_usable_password()
    assert client.get(f"/{kvm_forum.slug}/edit/").status_code == client.get("/admin/").status_code == 200


def test_repeated_it_makes_nothing_twice_and_keeps_a_password(alice, db):
    before = alice.password

    for _ in range(2):
        make(alice.email)

    alice.refresh_from_db()
    assert (alice.is_staff, alice.groups.count(), alice.password) == (True, 1, before)
    assert alice.emailaddress_set.count() == 1


def test_odd_address_and_switched_off_account_are_refused_in_a_sentence(alice):
    User.objects.update(is_active=False)

    for address, words in (("nobody", "valid email address"), (alice.email, "is switched off")):
        with pytest.raises(CommandError, match=words):
            make(address)
    assert mail.outbox == []


def test_mail_that_cannot_be_sent_is_said(db, settings):
    settings.EMAIL_BACKEND = "tests.agenda.management.test_send_notices.WithoutBob"

    with pytest.raises(CommandError, match=r"could not be sent \(OSError\)"):
        make("bob@example.org")
    assert User.objects.get(email="bob@example.org").is_staff
