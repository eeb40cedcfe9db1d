"""What leaves the site names it by SITE_URL: a Host header, which anybody may write, is repeated nowhere."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from accounts.models import CalendarKey
from agenda.models import Session, StarLog
from agenda.programme.rows import render_once
from agenda.stars.starring import star
from tests.accounts.steps import log_in
from tests.agenda.kvm_forum import KVM

pytestmark = pytest.mark.any_database

STRANGE = {"host": "testserver:6666"}
SITE = "https://agenda.example.org"
OPENING = f"{KVM}sessions/managing-matryoshkas-testing-nested-guests"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE
    render_once.cache_clear()  # of what other tests have made
    yield
    render_once.cache_clear()


@pytest.mark.parametrize(
    "at",
    [
        *(f"{KVM}schedule.ics?slides=1", f"{OPENING}.ics", "/robots.txt", "/sitemap.xml", KVM, f"{OPENING}/"),
        *(f"{KVM}speakers/", f"{KVM}now/", "/events/"),
    ],
)
def test_public_answer_names_the_site_alone(client, kvm_forum, at):
    text = client.get(at, headers=STRANGE).content.decode().replace("\r\n ", "")

    assert (SITE in text, "6666" in text) == (True, False)


def test_schedule_is_the_same_for_every_host(client, kvm_forum):
    answers = [client.get(f"{KVM}schedule.ics", headers=headers) for headers in ({}, STRANGE)]

    assert answers[0].content == answers[1].content
    assert answers[0]["ETag"] == answers[1]["ETag"]


@pytest.mark.on_postgresql
def test_personal_feed_names_the_site_alone(client, kvm_forum, alice):
    star(alice, Session.objects.values_list("pk", flat=True)[:3], through=StarLog.Through.PAGE)
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    text = client.get(f"/calendar/{key}.ics", headers=STRANGE).content.decode().replace("\r\n ", "")

    assert (text.count(f"URL:{SITE}{KVM}sessions/"), "6666" in text) == (3, False)


@pytest.mark.parametrize("place", ["other", "google", "apple", "caldav"])
def test_page_that_shows_a_key_names_the_site_alone(client, alice, place):
    log_in(client, alice)

    text = client.post("/agenda/calendars/add", {"place": place}, headers=STRANGE).content.decode()

    assert (SITE.partition("//")[2] in text, "6666" in text) == (True, False)


@pytest.mark.parametrize(
    ("at", "form"),
    [
        ("/accounts/login/code/", {"email": "alice@example.org"}),
        ("/accounts/login/code/", {"email": "nobody@example.org"}),
        ("/accounts/signup/", {"email": "alice@example.org", "password1": "marble-lantern-7"}),
        ("/accounts/password/reset/", {"email": "alice@example.org"}),
    ],
)
def test_mail_names_the_site_alone(alice, at, form):
    Client().post(at, form, headers=STRANGE)

    body = str(mail.outbox[-1].body)
    assert body.endswith(f"Forum agenda, {SITE}/")
    assert "6666" not in body


@pytest.mark.parametrize(
    "at", ["", "totp/activate/", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/"]
)
def test_no_cache_keeps_the_pages_of_the_second_step(browsers, at):
    assert "no-store" in browsers["alice"].get(f"/accounts/2fa/{at}")["Cache-Control"]
