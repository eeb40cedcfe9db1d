"""What no browser sends: each is refused in words, and nothing breaks."""

from __future__ import annotations

import re
from itertools import cycle

import pytest
from django.test import Client

from accounts.models import User
from forum.bodies import largest_body
from tests.forum.addresses import address, routes

KVM = "/kvm-forum-2019/"
BROKEN = [
    *("%00", "a%00b", "..", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "....//", "%5c..%5c", "%ff%fe"),
    *("%c0%af", "%ED%A0%80", "%F0%9F%92%A9", "%E2%80%AE", "%0d%0aSet-Cookie:%20a=b", "%3Cscript%3E", "x" * 5_000),
    *("%25%30%30", "-1", "99999999999999999999999999", "{{7*7}}", "%25s%25n", "'%20OR%201=1--", "~", ";", "a%20b"),
]
PLACES = [
    *("/{}", "/{}/", f"{KVM}{{}}", f"{KVM}sessions/{{}}/", f"{KVM}sessions/{{}}.ics", f"{KVM}speakers/{{}}/"),
    *("/calendar/{}.ics", "/media/{}", "/static/{}", "/agenda/calendars/{}/revoke", "/accounts/{}", "/admin/{}"),
    *("/accounts/sessions/{}/end", "/accounts/2fa/webauthn/keys/{}/edit/", "/admin/agenda/session/{}/change/"),
    *(f"{KVM}?q={{}}", f"{KVM}?day={{}}", f"{KVM}?track={{}}&room={{}}", f"{KVM}speakers/?q={{}}", "/?q={}"),
    *(f"{KVM}schedule.xml?q={{}}&day={{}}", "/calendar/{}.json", f"{KVM}apps/?q={{}}", "/agenda/apps/?{}"),
    *(f"{KVM}schedule.ics?q={{}}&day={{}}", "/accounts/login/?next={}", "/agenda/time-zone/?next={}"),
    *("/admin/r/{}/{}/", "/admin/autocomplete/?term={}&app_label={}&model_name={}&field_name={}"),
    *("/admin/agenda/session/?q={}&o={}&p={}", "/admin/agenda/session/?event__id__exact={}", "/{}?{}={}"),
]
FORMS = [
    *("/accounts/login/", "/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/", "/accounts/"),
    *("/accounts/2fa/webauthn/login/", "/agenda/time-zone/", "/agenda/calendars/add"),
    *("/agenda/apps/read", "/agenda/apps/star"),
    f"{KVM}sessions/nesting-testing/star",
]
NOT_BROKEN = {200, 301, 302, 304, 400, 403, 404, 405}


@pytest.mark.any_database
@pytest.mark.parametrize("first", range(3))
def test_path_and_query_tricks_break_nothing(browsers, kvm_forum, first):
    people = cycle(
        [browsers[name] for name in ("visitor", "alice", "root")]
    )  # each asks every place, with other tricks
    tried = [place.replace("{}", trick) for place in PLACES for trick in BROKEN]

    broken = []
    for at, browser in zip(tried[first::3], people, strict=False):
        response = browser.get(at)
        leaked = b"root:" in b"".join(response) or "a" in response.cookies
        if response.status_code not in NOT_BROKEN or leaked:
            broken.append((at[:80], response.status_code))

    assert broken == []
    assert len(tried) >= 700


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
)
def test_ten_megabytes_are_refused_in_words_everywhere(browsers, things, content_type):
    asked = [address(route, things) for route in routes()]

    answers = {
        at: browsers["alice"].post(at, b"x" * 10_000_000, content_type=content_type)
        for at in [at for at in asked if largest_body(at) < 10_000_000][::4]
    }

    assert {response.status_code for response in answers.values()} == {413}
    assert {re.findall("<h1>(.*?)</h1>", each.content.decode())[0] for each in answers.values()} == {
        "That was too large"
    }


@pytest.mark.parametrize(
    ("body", "status"), [("title=" + "x" * 3_000_000, 400), ("&".join(["a=b"] * 20_000), 400), ("x" * 51_000_000, 413)]
)
def test_editing_pages_take_uploads_and_no_endless_texts(browsers, body, status):
    at = "/admin/agenda/session/add/"

    response = browsers["editor"].post(at, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == status
    assert "<h1>" in response.content.decode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
        (b"a=%ff%00&login=%00&email=%00&password=%00", "application/x-www-form-urlencoded"),
        (b"login=a&login=b", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"login=a", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"not a part", "multipart/form-data"),
        (b"not a part", "multipart/form-data; boundary="),
        (b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n', "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="../../a"\r\n\r\na\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name="a"\r\n\r\n!\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (b"{", "application/json"),
        (b"", ""),
    ],
)
def test_malformed_form_breaks_nothing(browsers, kvm_forum, body, content_type):
    answers = {
        (name, at): browsers[name].generic("POST", at, body, content_type).status_code
        for name in ("visitor", "alice")
        for at in FORMS
    }

    assert {key: status for key, status in answers.items() if status not in (200, 302, 400, 422)} == {}
    assert User.objects.count() == 4


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=../../etc/passwd; csrftoken=\x00"},
        {"cookie": "sessionid=" + "x" * 5_000},
        {"cookie": ";;;=;a=b=c;\xff\xfe;sessionid"},
        {"cookie": "sessionid=; messages=W1siX19qc29u; csrftoken=short"},
        {"if-none-match": '"', "if-modified-since": "Thu, 99 Foo 20199"},
        {"if-modified-since": "Mon, 01 Jan 0001 00:00:00 GMT"},
        {"accept-language": "*" * 5_000, "accept-encoding": "gzip;q=x", "accept": "\xff"},
        {"range": "bytes=9-1", "expect": "nonsense", "transfer-encoding": "chunked"},
        {"user-agent": "\xff" * 5_000, "referer": "http://[::1"},
        {"hx-request": "true", "hx-current-url": "javascript:alert(1)", "hx-trigger": "\xff"},
        {"content-length": "-1"},
        {"content-length": "nonsense"},
    ],
)
def test_malformed_header_breaks_nothing(alice, kvm_forum, headers):
    client = Client(raise_request_exception=False, headers=headers)

    statuses = [client.get(at).status_code for at in (KVM, "/agenda/", "/accounts/login/", f"{KVM}schedule.ics")]

    assert statuses == [200, 200, 200, 200]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "NONSENSE"])
@pytest.mark.parametrize("at", ["/agenda/", "/agenda/calendars/add", "/calendar/x.ics", "/health/live", "/robots.txt"])
def test_other_method_is_refused(client, at, method):
    assert client.generic(method, at).status_code == 405
