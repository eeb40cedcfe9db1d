"""What the owner of a site sets: links and words of their own, former names, and for how long https is promised."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from tests.forum.test_checks import READY, run
from tests.pages import read_html


def test_footer_links_what_the_owner_set(settings):
    settings.IMPRINT_URL, settings.PRIVACY_URL = "https://example.org/imprint?a=1&b=2", "https://example.org/privacy"
    settings.CONTACT = "help@example.org"

    links = {link.text: link["href"] for link in read_html(render_to_string("_footer.html")).all("a")}

    assert links == {
        "Calendars": "/agenda/calendars/",
        "Imprint": settings.IMPRINT_URL,
        "Privacy": settings.PRIVACY_URL,
        "Contact": "mailto:help@example.org",
    }


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SITE_URL": "https://example.org/agenda"}, "SITE_URL is not like"),
        ({"SIGN_UP": "no"}, "SIGN_UP is not like closed"),
        ({"SIGN_UP": "elsewhere"}, "SIGN_UP is elsewhere, but no other site is set"),
        ({"IMPRINT_URL": "javascript:alert(1)"}, "IMPRINT_URL is not like"),
        ({"PRIVACY_URL": 'https://example.org/">'}, "PRIVACY_URL is not like"),
        ({"CONTACT": "nobody"}, "CONTACT is not like"),
        ({"HSTS_SECONDS": "a year"}, "HSTS_SECONDS is not like"),
    ],
)
def test_odd_value_is_refused_in_a_sentence(tmp_path, variables, words):
    done = run(["-c", "import forum.settings"], tmp_path, **READY | variables)

    assert done.returncode == 1
    assert words in done.stderr


def test_https_is_promised_for_as_long_as_the_owner_says(tmp_path):
    show = "from forum import settings; print(settings.SECURE_HSTS_SECONDS)"

    said = [run(["-c", show], tmp_path, **READY | more).stdout.strip() for more in ({}, {"HSTS_SECONDS": "300"})]

    assert said == ["31536000", "300"]


@pytest.fixture
def public(settings):
    settings.IS_PUBLIC, settings.SITE_HOST, settings.SITE_URL = True, "agenda.example.org", "https://agenda.example.org"
    settings.ALLOWED_HOSTS = ["agenda.example.org", "old.example.org"]


def test_former_name_leads_to_the_site_and_still_answers_calendars(client, kvm_forum, public):
    def asked(path: str, host: str = "old.example.org", method: str = "get"):
        response = getattr(client, method)(path, headers={"host": host})
        return response.status_code, response.get("Location")

    assert asked("/events/?q=a%20b") == (301, "https://agenda.example.org/events/?q=a%20b")
    assert asked("/events/", "old.example.org:8000")[0] == 301
    assert asked("/events/", "agenda.example.org") == (200, None)
    assert asked("/kvm-forum-2019/sessions/none/star", method="post")[0] == 404
    for path in ("/calendar/none.ics", "/dav/", "/.well-known/caldav", "/health/live"):
        assert not (asked(path)[1] or "").startswith("https://"), path
    assert asked("/events/", "other.example.org")[0] == 400
