"""Every mail about an account: plain text, short, ours, its code on the first line."""

from __future__ import annotations

from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.contrib.sites.requests import RequestSite
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from tests.accounts.steps import log_in, send_mailed_code

pytestmark = pytest.mark.any_database

OURS = settings.BASE_DIR / "templates"
ALLAUTHS = Path(allauth.__file__).parent / "templates"
CODE = "ABCD-EFGH"
END = "Forum agenda, http://testserver/"
MOST_WORDS = 60
# Of links in mails, of removing one address of several, of browsers trusted with the second step: none is offered.
NEVER_SENT = {
    "account/email/email_confirm",
    "account/email/email_deleted",
    "account/email/password_reset_key",
}
OUR_OWN = {
    "account/email/account_switched_off",
    "account/email/caldav_added",
    "mfa/email/passkey_copied",
}  # allauth has no such mail


def mails_in(folder: Path) -> set[str]:
    """Their names, like "account/email/login_code"."""
    found = {path.relative_to(folder).as_posix() for path in folder.glob("*/email/*_message.*")}
    return {name.partition("_message.")[0] for name in found} - {"account/email/base"}


MAILS = sorted(mails_in(OURS))
WITH_CODE = [
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/login_code",
    "account/email/password_reset_code",
]


def written(name: str) -> tuple[str, str]:
    """Subject and text, for somebody whose address HTML would escape."""
    request = RequestFactory().get("/")
    context = {
        "request": request,
        "current_site": RequestSite(request),
        "code": CODE,
        "from_email": "o'hara@example.org",
        "to_email": "o'hara&co@example.org",
        "provider": {"name": "Sign & go"},
        "signup_url": "http://testserver/accounts/signup/",
        "password_reset_url": "http://testserver/accounts/password/reset/",
    }
    return tuple(render_to_string(f"{name}_{part}.txt", context).strip() for part in ("subject", "message"))


def test_every_mail_that_allauth_can_send_is_in_our_words():
    assert mails_in(ALLAUTHS) - NEVER_SENT == set(MAILS) - OUR_OWN


@pytest.mark.parametrize("name", MAILS)
def test_mail_is_short_plain_text_that_names_the_site(name):
    subject, text = written(name)

    assert text.endswith(f"\n\n{END}")
    assert len(text.split()) <= MOST_WORDS
    assert 2 <= len(subject.split()) <= 8
    assert not any(mark in subject + text for mark in ("<", "&amp;", "&#", "{", "testserver]", "!"))
    assert not list((OURS / name).parent.glob(f"{Path(name).name}*.html"))


@pytest.mark.parametrize("name", MAILS)
def test_first_line_is_the_code_or_what_happened(name):
    first = written(name)[1].splitlines()[0]

    assert first == CODE if name in WITH_CODE else first.endswith((".", ":"))


@pytest.mark.parametrize("name", MAILS)
def test_mail_says_what_to_do_if_it_was_somebody_else(name):
    text = written(name)[1]

    assert sum(words in text for words in ("If you asked for nothing,", "If it was not you,")) == 1


def test_mail_has_one_part_which_is_text(client, alice):
    client.post("/accounts/login/code/", {"email": alice.email})

    (message,) = mail.outbox
    assert (message.content_subtype, getattr(message, "alternatives", []), message.attachments) == ("plain", [], [])


def test_owner_of_the_old_address_is_told_what_they_can_still_do(client, alice):
    log_in(client, alice)
    asked = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""}, follow=True)
    send_mailed_code(client, asked)

    message = mail.outbox[-1]
    assert (message.to, message.subject) == (["alice@example.org"], "Your email address was changed")
    assert message.body == (
        "You log in as new@example.org from now on, no longer as alice@example.org.\n\n"
        "If it was not you, someone else has access to your account. Reply to this mail.\n\n"
        f"{END}"
    )


def test_sign_up_by_somebody_else_names_where_to_log_in(alice):
    Client().post("/accounts/signup/", {"email": alice.email, "password1": "marble-lantern-7"})

    assert "http://testserver/accounts/password/reset/" in mail.outbox[-1].body
