"""What attendees read: the site's pages, a feed through vobject, CalDAV through python-caldav, and mail."""

from __future__ import annotations

from io import StringIO
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, build_opener
from zoneinfo import ZoneInfo

import vobject
from caldav import DAVClient
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page

from accounts.models import CalendarKey, User
from tests.browser.steps import row_of
from tests.clients.site import Visitor


class Entry(NamedTuple):
    """A talk as a calendar program has it; the start is the time of day in the event's zone."""

    title: str
    start: str
    room: str
    begins: str  # the first line of its description


def fetched(address: str) -> str:
    """What is at the address, without the machine's proxies."""
    answer: bytes = build_opener(ProxyHandler({})).open(address).read()
    return answer.decode()


def feed_of(user: User, server: str) -> str:
    """The address of a new calendar of that person."""
    _, text = CalendarKey.objects.issue(user, name="Phone", once=f"form of {user}")
    return f"{server}/calendar/{text}.ics"


class Attendee:
    """A person with a browser, a calendar program that reads a feed, and one that speaks CalDAV."""

    def __init__(self, page: Page, user: User, server: str, zone: ZoneInfo) -> None:
        self.page, self.zone, self.feed = page, zone, feed_of(user, server)
        sign_in = Visitor(server, user).add_calendar()
        self.client = DAVClient(sign_in.address, username=sign_in.username, password=sign_in.password)
        (calendar,) = self.client.principal().calendars()
        self.copy = calendar.objects(load_objects=True)

    def row(self, path: str, title: str) -> str:
        """The row of that talk on a page with stars."""
        self.page.goto(path)
        return " ".join(row_of(self.page, title).inner_text().split())

    def text_of(self, path: str) -> str:
        self.page.goto(path)
        return " ".join(self.page.get_by_role("main").inner_text().split())

    def entries(self, title: str) -> set[Entry]:
        """The talk as each calendar program has it, once both have looked."""
        self.copy.sync()
        by_caldav = [event.vobject_instance.vevent for event in self.copy]
        by_feed = vobject.readOne(fetched(self.feed)).vevent_list
        every = [self._entry(vevent) for vevent in (*by_feed, *by_caldav)]
        return {entry for entry in every if title in entry.title}

    def _entry(self, vevent: Any) -> Entry:
        start = vevent.dtstart.value.astimezone(self.zone)
        begins = vevent.description.value.splitlines()[0]
        return Entry(vevent.summary.value, f"{start:%H:%M}", vevent.location.value, begins)


def mails() -> dict[str, str]:
    """The mails that are due now, by the address that each goes to."""
    mail.outbox.clear()
    call_command("send_notices", stdout=StringIO())
    return {message.to[0]: f"{message.subject}\n{message.body}" for message in mail.outbox}
