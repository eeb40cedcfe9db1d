"""NUL, which PostgreSQL takes in no text: wherever a request has it, the answer is a page or a refusal."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from agenda.models import Session
from tests.forum.addresses import address, routes

NUL = "\0"
QUOTED = f'{settings.SESSION_COOKIE_NAME}="a\\000bcdefghij"'
RAW = f"{settings.SESSION_COOKIE_NAME}=a{NUL}bcdefghij"
PAGES = ["/", "/kvm-forum-2019/", "/agenda/", "/accounts/login/", "/admin/", "/agenda/time-zone/"]


@pytest.mark.parametrize("cookie", [QUOTED, RAW, f'event="\\000"; {QUOTED}; csrftoken="\\000"', 'messages="\\000"'])
def test_cookie_with_nul_is_no_cookie(kvm_forum, cookie):
    client = Client(raise_request_exception=False, headers={"cookie": cookie})

    assert [client.get(at).status_code for at in PAGES] == [302, 200, 200, 200, 302, 200]


def test_visitor_with_nul_in_the_cookie_stars(kvm_forum):
    session = Session.objects.select_related("event").first()
    client = Client(raise_request_exception=False, headers={"cookie": QUOTED})

    assert client.post(f"{session.get_absolute_url()}star").status_code == 302


@pytest.mark.parametrize(
    "name", ["user-agent", "accept-language", "referer", "hx-current-url", "authorization", "if-none-match", "if-match"]
)
def test_header_with_nul_breaks_nothing(browsers, things, name):
    feed = address("calendar/<str:key>.ics", things)
    asked = [*PAGES, feed, "/dav/", "/kvm-forum-2019/schedule.ics"]

    answers = {at: browsers["alice"].get(at, headers={name: f"a{NUL}b"}).status_code for at in asked}

    assert {at: status for at, status in answers.items() if status not in (200, 302, 401, 403)} == {}


def test_every_address_with_nul_in_its_query_or_form_is_a_page_or_a_refusal(browsers, things):
    client, broken, files = browsers["root"], {}, []
    fields = ("next", "q", "name", "once", "time_zone", "email", "login", "password", "code", "place", "title", "slug")
    values = dict.fromkeys(fields, f"a{NUL}b")

    for route in routes():
        at = address(route, things)
        answers = [client.get(at, values), client.post(at, values)]
        statuses = [answer.status_code for answer in answers]
        files += [answer for answer in answers if answer.streaming]
        broken |= {at: statuses} if max(statuses) >= 500 else {}

    for file in files:
        file.close()  # last: it ends a request, and with it PostgreSQL's connection
    assert broken == {}
