"""Titles and names that read from right to left turn no sentence of /admin/ around."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from agenda.models import Event, Room, Session, Speaker, Star
from tests.agenda.admin.editing import act, address, change, filled, read, save, send
from tests.agenda.admin.test_session_form import ADD, new_york
from tests.agenda.kvm_forum import BEFORE, session_of
from tests.agenda.views.test_directions import AROUND, HEBREW, NAME, OTHER, ROOM, TITLE, own_text
from tests.pages import Element

pytestmark = pytest.mark.any_database

ALONE = frozenset(("textarea", "option", "td", "th", "li", "p", "h1", "h2", "div", "em", "title"))  # or a sentence
ISOLATED = re.compile("\u2068[^\u2069]*\u2069")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def hebrew(alice, opening) -> Session:
    """The first session and another, with Hebrew titles, rooms, speakers and event; Alice starred the first."""
    Speaker.objects.update(name=NAME, organisation="")
    Room.objects.update(name=ROOM)
    Event.objects.update(name=OTHER)
    Session.objects.update(byline=NAME)
    for session, title in ((session_of("Nesting"), OTHER), (opening, TITLE)):
        Session.objects.filter(pk=session.pk).update(title=title)
    Star.objects.create(user=alice, session=opening)
    return Session.objects.get(pk=opening.pk)


def texts(root: Element) -> Iterator[tuple[str, Element]]:
    """Each Hebrew text of the page, with the innermost element around it that is isolated or a line of its own."""

    def walk(element: Element, around: Element) -> Iterator[tuple[str, Element]]:
        is_own = element.tag in ALONE or element.tag == "bdi" or "dir" in element.attributes
        around = element if is_own else around
        for child in element.children if element.attributes.get("class") != "original" else ():  # which is not shown
            if isinstance(child, Element):
                yield from walk(child, around)
            elif HEBREW.search(child):
                yield child, around

    return walk(root.one("main"), root)


def turned(response) -> list[str]:
    """The sentences of the page that a Hebrew title or name in them turns around."""
    found = list(texts(read(response)))
    assert found
    plain = [ISOLATED.sub("", own_text(around)) for _, around in found]
    return [sentence for sentence in plain if HEBREW.search(sentence) and AROUND.search(sentence)]


def conflict(desk, root_desk, session):
    sent = filled(desk, address(session))
    change(root_desk, session, title=OTHER)
    return save(desk, session, sent, title=NAME, **{"appearances-0-position": "4"})


def double_booking(desk, root_desk, session):
    return change(desk, session, end_1="12:30")


def another_event(desk, root_desk, session):
    fields = {"room": str(session.room_id), "appearances-0-speaker": str(session.speakers.get().pk)}
    return send(desk, ADD, **fields, event=str(new_york().pk), _use_event="")


def wrong_event(desk, root_desk, session):
    return send(desk, ADD, room=str(session.room_id), event=str(new_york().pk), title="A", start_0="01/12/2019")


def past_changes(desk, root_desk, session):
    change(desk, session, room="", note=TITLE, reason=TITLE)
    return desk.get(address(session))


PAGES = {
    "two editors": conflict,
    "past changes": past_changes,
    "double booking": double_booking,
    "another event": another_event,
    "room of another event": wrong_event,
    "days of the event": lambda desk, _, session: change(desk, session, start_0="02/11/2019", end_0="02/11/2019"),
    "add form": lambda desk, *_: desk.get(ADD),
    "slug taken": lambda desk, _, session: change(desk, session, slug="nesting-testing"),
    "bulk": lambda desk, _, session: act(desk, "cancel", session, confirmed=""),
    "event asks": lambda desk, _, session: change(desk, session.event, starts_on="01/11/2019"),
    "event keeps": lambda desk, _, session: change(desk, session.event, starts_on="01/11/2019", its_sessions="keep"),
    "event not deleted": lambda desk, _, session: desk.get(address(session.event, "delete")),
    "starred": lambda desk, _, session: desk.get(address(session, "delete")),
    "starred among others": lambda desk, _, session: act(desk, "delete_selected", session),
    "room in use": lambda desk, _, session: desk.get(address(session.room, "delete")),
    "speaker": lambda desk, _, session: desk.get(address(session.speakers.get())),
    "speaker renamed": lambda desk, _, session: change(desk, session.speakers.get(), name=OTHER),
    "saved": lambda desk, _, session: change(desk, session, title=NAME),
}


@pytest.mark.parametrize("shown", PAGES)
def test_hebrew_title_keeps_the_signs_around_it_in_place_in_editing(desk, root_desk, hebrew, shown):
    assert turned(PAGES[shown](desk, root_desk, hebrew)) == []
