"""What people write is shown as they wrote it: it never becomes markup, a header, an address or a calendar entry."""

from __future__ import annotations

import io
import json
import plistlib
import zipfile
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from icalendar import Calendar

from accounts.models import CalendarKey
from agenda.models import Event, Material, Room, Session, Speaker, Track
from tests.agenda.caldav.dav import Dav, answers
from tests.forum.addresses import address, routes
from tests.pages import Reader

pytestmark = pytest.mark.any_database

KVM = "/kvm-forum-2019/"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}"
ELSEWHERE = [
    *("https://evil.example/", "//evil.example/", "///evil.example/", "/\\evil.example/", "\\\\evil.example/"),
    *("https:evil.example", "http:///evil.example", "/\t/evil.example/", "\x00//evil.example/", "javascript:alert(1)"),
    *("data:text/html,x", "https://testserver@evil.example/", "https://testserver.evil.example/", "ftp://testserver/"),
]
LINES = "Title\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:forged\r\nSUMMARY:Forged\nATTACH:x"


class AnyReader(Reader):
    """Of Django's own pages, too, which write <use/> and leave elements open."""

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        """Where an element ends does not matter here."""


def elements(response) -> list:
    reader = AnyReader()
    reader.feed(response.content.decode())
    return list(reader.open[0].every())


def run_by_markup(response) -> list[str]:
    """What of the page would run or load although the site did not put it there."""
    found = elements(response)
    # Browsers do not run JSON.
    inside = [each for each in found if each.tag == "script" and "src" not in each.attributes]
    scripts = ["script" for each in inside if each.attributes.get("type") != "application/json"]
    handlers = [name for each in found for name in each.attributes if name.startswith("on")]
    links = [each.attributes.get("href", "") for each in found if each.tag in ("a", "link", "area", "base")]
    return scripts + handlers + [link for link in links if link.startswith(("javascript:", "data:", "//"))]


@pytest.fixture
def written(things, alice):
    """The mark-up stands in every text that somebody can write."""
    Event.objects.update(name=MARKUP, venue=MARKUP, city=MARKUP, country=MARKUP)
    Track.objects.update(name=MARKUP)
    Room.objects.update(name=MARKUP)
    Speaker.objects.update(name=MARKUP, job_title=MARKUP, organisation=MARKUP, biography=MARKUP)
    Session.objects.update(title=MARKUP, byline=MARKUP, abstract=MARKUP)
    Material.objects.update(title=MARKUP)
    CalendarKey.objects.update(name=MARKUP[:60], last_client=MARKUP)
    alice.display_name = MARKUP[:80]
    alice.save()
    return things


@pytest.mark.parametrize("name", ["visitor", "alice", "root"])
def test_stored_markup_runs_nowhere(browsers, written, name):
    answers = {route: browsers[name].get(address(route, written)) for route in routes()}

    answers["media/<path:path>"].close()
    pages = {route: each for route, each in answers.items() if each.get("Content-Type", "").startswith("text/html")}
    shown = {route: run_by_markup(page) for route, page in pages.items()}
    assert {route: found for route, found in shown.items() if found} == {}
    assert sum("&lt;script&gt;alert(1)" in page.content.decode() for page in pages.values()) > 5


@pytest.mark.parametrize(
    "at",
    [
        *(f"{KVM}?q=", f"{KVM}?day=", f"{KVM}?track=", f"{KVM}?room=", f"{KVM}?view=", f"{KVM}speakers/?q=", "/?q="),
        *(
            "/accounts/login/?next=",
            "/accounts/signup/?next=",
            "/accounts/login/code/?next=",
            "/agenda/time-zone/?next=",
        ),
        *("/accounts/password/reset/?x=", "/nothing/", f"{KVM}sessions/", "/media/", "/accounts/x"),
    ],
)
def test_reflected_markup_runs_nowhere(client, kvm_forum, at):
    response = client.get(at + "%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=a%3E", follow=True)

    assert run_by_markup(response) == []


@pytest.mark.parametrize(
    ("at", "form"),
    [
        ("/accounts/", {"display_name": "x" * 81 + MARKUP, "time_zone": MARKUP}),
        ("/agenda/time-zone/", {"time_zone": MARKUP, "next": MARKUP}),
        ("/accounts/email/", {"email": MARKUP, "action_add": ""}),
        ("/agenda/calendars/add", {"place": MARKUP, "once": MARKUP}),
        ("/agenda/calendars/add", {"place": "other", "once": MARKUP}),
    ],
)
def test_markup_in_a_refused_form_runs_nowhere(browsers, kvm_forum, at, form):
    response = browsers["alice"].post(at, form)

    assert response.status_code in (200, 422)
    assert run_by_markup(response) == []


@pytest.mark.parametrize(
    "form", [{"login": MARKUP, "password": "x"}, {"login": f"{MARKUP}@example.org", "password": "x"}]
)
def test_markup_in_a_refused_log_in_runs_nowhere(client, db, form):
    assert run_by_markup(client.post("/accounts/login/", form)) == []


def test_stale_forms_page_repeats_no_markup(db):
    client = Client(enforce_csrf_checks=True, headers={"referer": 'http://testserver/"><script>alert(1)</script>'})

    response = client.post(f"{KVM}sessions/x/star", {"next": MARKUP})

    assert response.status_code == 403
    assert run_by_markup(response) == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "JaVaScRiPt:alert(1)", "vbscript:x"]
)
@pytest.mark.parametrize("model", [Event, Material])
def test_address_that_would_run_is_refused(model, url):
    field = model._meta.get_field("website" if model is Event else "url")

    with pytest.raises(ValidationError):
        field.clean(url, None)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_next_leads_off_the_site(browsers, kvm_forum, elsewhere):
    visitor, alice = browsers["visitor"], browsers["alice"]
    talk = f"{KVM}sessions/nesting-testing/"
    login = {"login": "bob@example.org", "password": "correct-horse-battery", "next": elsewhere}

    answers = [
        *(visitor.post(f"{talk}{verb}", {"next": elsewhere}) for verb in ("star", "unstar")),
        visitor.post("/agenda/time-zone/", {"time_zone": "Europe/Paris", "next": elsewhere}),
        alice.get("/accounts/login/", {"next": elsewhere}),
        alice.get("/accounts/signup/", {"next": elsewhere}),
        browsers["root"].get("/admin/login/", {"next": elsewhere}),
        alice.post("/accounts/reauthenticate/", {"password": "correct-horse-battery", "next": elsewhere}),
        alice.get("/", {"next": elsewhere, "q": elsewhere}),
        visitor.post("/accounts/login/", login),
        visitor.post("/accounts/logout/", {"next": elsewhere}),
    ]

    assert [answer.status_code for answer in answers] == [302] * 10
    places = [urlsplit(answer["Location"].replace("\\", "/")) for answer in answers]
    assert {(place.scheme, place.netloc) for place in places} <= {("", ""), ("http", "testserver")}
    assert [place.path[:2] for place in places if place.path.startswith("//")] == []


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_page_links_where_next_says(client, kvm_forum, elsewhere):
    pages = [
        client.get(at, {"next": elsewhere}) for at in ("/accounts/login/", "/accounts/signup/", "/agenda/time-zone/")
    ]

    links = [
        each.attributes.get("href") or each.attributes.get("action", "") for page in pages for each in elements(page)
    ]
    assert [link for link in links if "evil" in urlsplit(link.replace("\\", "/")).netloc] == []


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded"])
def test_no_header_puts_another_host_into_a_page_mail_or_feed(alice, kvm_forum, header):
    key = CalendarKey.objects.issue(alice, name="Phone", once="once")[1]
    client = Client(headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"})

    answers = [
        client.get(at) for at in (f"/calendar/{key}.ics", f"{KVM}schedule.ics", "/sitemap.xml", "/robots.txt", KVM)
    ]
    answers += [client.post("/accounts/password/reset/", {"email": alice.email})]

    assert {answer.status_code for answer in answers} <= ({400} if header == "Host" else {200, 302})
    assert [answer for answer in answers if b"evil" in answer.content or "evil" in answer.get("Location", "")] == []
    assert [message for message in mail.outbox if "evil" in message.body] == []


@pytest.mark.parametrize(
    "email",
    ["a@example.org\nBcc: b@example.org", "a@example.org\r\nSubject: x", "a@example.org,b@example.org", "a b@c.d"],
)
@pytest.mark.parametrize("at", ["/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/"])
def test_no_address_adds_lines_or_readers_to_a_mail(client, db, at, email):
    response = client.post(at, {"email": email, "password1": "marble-lantern-7"})

    assert response.status_code == 200
    assert mail.outbox == []


@pytest.fixture
def forged(things):
    """Lines of iCalendar in every text that comes into a calendar."""
    Event.objects.update(name=LINES, venue=LINES, city=LINES)
    Room.objects.update(name=LINES[:80])
    Track.objects.update(name=LINES[:80])
    Session.objects.update(title=LINES, byline=LINES, abstract=LINES)
    return things


@pytest.mark.parametrize("name", ["feed", "schedule", "session"])
def test_lines_in_a_text_stay_one_property_of_one_session(browsers, forged, name):
    at = {
        "feed": f"/calendar/{forged['key']}.ics",
        "schedule": f"{KVM}schedule.ics?other=%0D%0ABEGIN:VEVENT",
        "session": f"{KVM}sessions/nesting-testing.ics",
    }[name]
    sessions = 1 if name != "schedule" else Session.objects.count()

    calendar = browsers["visitor"].get(at).content

    vevents = Calendar.from_ical(calendar).walk("VEVENT")
    assert (len(vevents), calendar.count(b"\r\nBEGIN:VEVENT\r\n")) == (sessions, sessions)
    assert {vevent["SUMMARY"].splitlines()[0] for vevent in vevents} == {"Title"}
    assert [vevent for vevent in vevents if str(vevent["UID"]) == "forged" or "ATTACH" in vevent] == []
    assert calendar.replace(b"\r\n", b"").count(b"\r") == 0


def test_markup_in_names_stays_text_in_caldav(written, alice):
    phone = Dav(alice, name="x", collections=["kvm-forum-2019"])
    names = phone.propfind(phone.home, "<D:displayname/><C:calendar-description/>", depth="1")
    sessions = phone.multiget(
        *(phone.address_of(star.session) for star in alice.stars.all()), prop="<C:calendar-data/>"
    )

    calendars = [found["C:calendar-data"] for found in answers(sessions).values()]
    assert [name for found in answers(names).values() if MARKUP in (name := found.get("D:displayname", ""))]
    assert {str(Calendar.from_ical(each).walk("VEVENT")[0]["SUMMARY"]) for each in calendars} == {MARKUP}
    assert b"<script" not in names.content + sessions.content


def test_markup_in_names_stays_text_in_a_profile(browsers, alice, settings):
    settings.SITE_NAME = MARKUP[:60]

    profile = browsers["alice"].post("/agenda/calendars/add", {"place": "caldav", "once": "x", "profile": ""}).content

    account = plistlib.loads(profile)
    assert b"<script" not in profile
    assert MARKUP[:20] in account["PayloadDisplayName"]


def test_markup_in_names_stays_text_in_a_download(browsers, written, alice):
    with zipfile.ZipFile(io.BytesIO(browsers["alice"].get("/accounts/data/download").getvalue())) as files:
        names, data = files.namelist(), json.loads(files.read("data.json"))
        calendar = Calendar.from_ical(files.read("stars.ics"))

    assert names == ["README.txt", "data.json", "stars.ics"]
    assert (data["account"]["display_name"], data["stars"][0]["title"]) == (MARKUP[:80], MARKUP)
    assert {str(vevent["SUMMARY"]) for vevent in calendar.walk("VEVENT")} == {MARKUP}


@pytest.mark.parametrize("at", [KVM, "/agenda/", "/accounts/login/", "/nothing/"])
def test_htmx_runs_no_text_and_keeps_no_page(client, kvm_forum, at):
    metas = [each.attributes for each in elements(client.get(at)) if each.tag == "meta"]

    (config,) = [json.loads(each["content"]) for each in metas if each.get("name") == "htmx-config"]
    off = {"allowEval": False, "allowScriptTags": False, "historyCacheSize": 0, "selfRequestsOnly": True}
    assert config | off == config
