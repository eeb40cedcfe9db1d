"""Titles and names that read from right to left turn no sentence around: each stands alone in an isolated element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.safestring import SafeString

from accounts.models import CalendarKey
from agenda.editing.changes import recording
from agenda.models import Event, Room, Session, Speaker, StarLog, Track
from agenda.programme.prose import isolated
from agenda.stars.starring import star
from tests.accounts.steps import be_logged_in
from tests.agenda.kvm_forum import AFTER, BEFORE, KVM, add_event, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

TITLE, OTHER, NAME, ROOM = "בדיקת מכונות וירטואליות", "זיכרון משותף", "דנה כהן", "אולם שלוש"
HEBREW = re.compile("[\u0590-\u05ff]")
AROUND = re.compile("[A-Za-z0-9.,:;“”()]")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def hebrew(client, alice, opening) -> Session:
    """The first session, which has moved since Alice's calendar asked for it, and another; with Hebrew titles."""
    other = session_of("Nesting")
    add_event("soon", "Europe/Paris", "2020-05-01", "2020-05-02", "announced")
    Event.objects.update(name=OTHER, venue=ROOM, city="", country="")
    Speaker.objects.update(name=NAME, biography_is_cut=True)
    Room.objects.update(name=ROOM)
    Track.objects.update(name=ROOM)
    Session.objects.update(byline=NAME, language="he", end=opening.end, start=opening.start)
    Session.objects.filter(pk=other.pk).update(title=OTHER)
    Session.objects.filter(pk=opening.pk).update(title=TITLE)
    star(alice, [opening.pk, other.pk], through=StarLog.Through.PAGE)
    _, key = CalendarKey.objects.issue(alice, name=NAME, once="once")
    client.get(f"/calendar/{key}.ics")
    with recording([opening.pk], by=None):
        Session.objects.filter(pk=opening.pk).update(start=opening.start + timedelta(minutes=5))
    client.force_login(alice)
    opening.refresh_from_db()
    return opening


def isolates(element: Element, nearest: Element | None = None) -> Iterator[tuple[str, Element | None]]:
    """Each Hebrew text in the element, with the innermost element around it that is isolated."""
    if element.tag == "bdi" or "dir" in element.attributes:
        nearest = element
    for child in element.children:
        if isinstance(child, Element):
            yield from isolates(child, nearest)
        elif HEBREW.search(child):
            yield child, nearest


def own_text(element: Element) -> str:
    """Its words without those of elements in it that have a direction of their own."""
    return "".join(
        child if isinstance(child, str) else own_text(child)
        for child in element.children
        if isinstance(child, str) or not (child.tag == "bdi" or "dir" in child.attributes)
    )


def turned(root: Element) -> list[str]:
    """The sentences of a page and of its header that a title or name in them turns around."""
    found = [text for part in ("header", "main") for text in isolates(root.one(part))]
    assert found
    return [text if around is None else own_text(around) for text, around in found if stands_in_a_sentence(around)]


def stands_in_a_sentence(around: Element | None) -> bool:
    return around is None or bool(AROUND.search(own_text(around)))


PAGES = {
    "programme": KVM,
    "programme in full": f"{KVM}?view=full",
    "programme, searched": f"{KVM}?q={TITLE}",
    "programme, searched in vain": f"{KVM}?q={TITLE}שש",
    "programme, unknown room": f"{KVM}?room={ROOM}",
    "session": f"{KVM}sessions/managing-matryoshkas-testing-nested-guests/",
    "speakers": f"{KVM}speakers/",
    "speakers, searched": f"{KVM}speakers/?q={NAME}",
    "speaker": f"{KVM}speakers/chao-peng/",
    "now": f"{KVM}now/",
    "my agenda": "/agenda/",
    "my calendars": "/agenda/calendars/",
    "all events": "/events/",
    "an announced event": "/soon/",
}


@pytest.mark.parametrize("shown", PAGES)
def test_hebrew_title_keeps_the_signs_around_it_in_place(client, hebrew, shown):
    assert turned(page(client.get(PAGES[shown]))) == []


@pytest.mark.parametrize("shown", ["now", "programme"])
def test_hebrew_event_keeps_them_once_it_has_ended(client, hebrew, time_machine, shown):
    time_machine.move_to(AFTER, tick=False)

    assert turned(page(client.get(PAGES[shown]))) == []


def test_hebrew_calendar_keeps_them_before_and_after_its_password_is_renewed(client, hebrew, alice):
    be_logged_in(client, alice)
    CalendarKey.objects.update(kind="caldav")
    renewing = f"/agenda/calendars/{CalendarKey.objects.get().pk}/renew"

    assert [turned(page(answer)) for answer in (client.get(renewing), client.post(renewing))] == [[], []]


def test_hebrew_title_keeps_them_in_messages_and_refusals(client, hebrew, alice):
    key = CalendarKey.objects.get()
    renamed = client.post(f"/agenda/calendars/{key.pk}/rename", {"name": TITLE}, follow=True)
    renewed = client.post(f"/agenda/calendars/{key.pk}/renew")
    refused = client.post(f"/agenda/rank/{hebrew.guid}/{hebrew.guid}")

    assert [turned(page(answer)) for answer in (renamed, renewed, refused)] == [[], [], []]


@pytest.mark.parametrize(
    ("sentence", "name", "html"),
    [
        (f"“{TITLE}” was cancelled.", "", f"“<bdi>{TITLE}</bdi>” was cancelled."),
        (f"{NAME} shows “{TITLE}”.", NAME, f"<bdi>{NAME}</bdi> shows “<bdi>{TITLE}</bdi>”."),
        ("“<b>” & “”", "", "“<bdi>&lt;b&gt;</bdi>” &amp; “”"),
        ("Nothing quoted", "Other", "Nothing quoted"),
        (SafeString(f'“<a href="/">{TITLE}</a>” is saved.'), "", f'“<a href="/"><bdi>{TITLE}</bdi></a>” is saved.'),
        (SafeString('“<a href="/">A “B” C</a>”'), "", '“<a href="/">A “<bdi>B</bdi>” C</a>”'),
    ],
)
def test_quoted_titles_are_isolated_and_escaped(sentence, name, html):
    assert isolated(sentence, name) == html
