"""People at the site, and what the site has acknowledged to each: that must be in the database afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from secrets import token_urlsafe
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session as CookieSession
from django.db import connection
from django.utils.crypto import get_random_string

from accounts.browsers import RANDOM_BYTES
from accounts.models import User
from agenda.editing.editors import EDITORS_GROUP
from agenda.models import Session, Star
from agenda.stars.starred import VISITOR_STARS
from tests.agenda.admin.editing import address, change
from tests.bench import crowd
from tests.chaos.site import HOST

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UNANSWERED = (OSError, HTTPException)


class Tally:
    """What came of all requests so far. Several threads count."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1


class Reply(NamedTuple):
    status_code: int
    content: bytes
    etag: str


class Browser:
    """The browser and the calendar programs of one person. Each request has a connection of its own."""

    def __init__(self, port: int, tally: Tally, cookies: str) -> None:
        self.port, self.tally = port, tally
        self.cookies = dict(each.split("=", 1) for each in cookies.split("; "))
        self.headers: dict[str, str] = {}

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        """Raises one of UNANSWERED if no whole answer comes."""
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        connection = HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body or None, cookies | self.headers | (headers or {}))
            response = connection.getresponse()
            content = response.read()
        except UNANSWERED:
            self.tally.add("unanswered")
            raise
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: cookie.coded_value for name, cookie in SimpleCookie(line).items()}
        if response.status >= 500:
            self.tally.add("503" if response.status == 503 else "other 5xx")
        return Reply(response.status, content, response.headers.get("ETag", ""))

    def get(self, path: str) -> Reply:
        """Raises ConnectionError if there is no such page at the moment."""
        reply = self.send("GET", path)
        if reply.status_code != 200:
            raise ConnectionError(f"{path}: {reply.status_code}")
        return reply

    def post(self, path: str, fields: dict[str, Any], **_: object) -> Reply:
        """The answer to a form. No redirect is followed."""
        fields = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}
        return self.send("POST", path, urlencode(fields, doseq=True).encode(), FORM)


def cookies_of_a_page() -> str:
    """What a visitor's browser has after the first page."""
    return f"csrftoken={get_random_string(32)}; {settings.BROWSER_COOKIE_NAME}={token_urlsafe(RANDOM_BYTES)}"


class Visitor:
    """A person without an account. Several threads are several tabs, if they tap different sessions."""

    def __init__(self, port: int, tally: Tally, cookies: str = "") -> None:
        self.browser, self.tally = Browser(port, tally, cookies or cookies_of_a_page()), tally
        self.kept: dict[int, bool | None] = {}  # starred, by session; None if the last tap was not answered
        self.tapped: set[int] = set()  # sessions

    def tap(self, session: Session) -> None:
        """Stars the session, or unstars it."""
        before = self.kept.get(session.pk)
        self.kept[session.pk] = None
        self.tapped.add(session.pk)
        try:
            status = self._set(session, starred=not before).status_code
        except UNANSWERED:
            return
        if status < 400:
            self.kept[session.pk] = not before
            self.tally.add("acknowledged")
        elif status < 500:
            self.kept[session.pk] = before

    def _set(self, session: Session, *, starred: bool) -> Reply:
        return self.browser.post(f"{session.get_absolute_url()}{'star' if starred else 'unstar'}", {})

    def saved(self, database: str) -> set[int]:
        row = CookieSession.objects.using(database).filter(pk=self.browser.cookies.get("sessionid", "")).first()
        return set(row.get_decoded().get(VISITOR_STARS, [])) if row else set()

    def check(self, database: str = "default", *, without: Iterable[int] = ()) -> None:
        """Counts what of the acknowledged was lost, and what was unstarred and is there."""
        saved = self.saved(database)
        for pk, kept in self.kept.items():
            if kept is not None and kept != (pk in saved) and pk not in without:
                self.tally.add("lost" if kept else "resurrected")
                self.kept[pk] = not kept  # not counted again


class Attendee(Visitor):
    """A person who is logged in. Every other session is unstarred by CalDAV."""

    def __init__(self, port: int, tally: Tally, attendee: crowd.Attendee, user: User) -> None:
        super().__init__(port, tally, attendee.cookie)
        self.feed, self.sync, self.user = attendee.feed, attendee.first_sync, user
        self.kept = dict.fromkeys(self.saved("default"), True)

    def _set(self, session: Session, *, starred: bool) -> Reply:
        if starred or session.pk % 2:
            return super()._set(session, starred=starred)
        credentials = {"Authorization": self.sync.headers["Authorization"]}
        return self.browser.send("DELETE", f"{self.sync.path}{session.guid}.ics", headers=credentials)

    def saved(self, database: str) -> set[int]:
        return set(Star.objects.using(database).filter(user=self.user).values_list("session", flat=True))


class Editor:
    """A person who changes the title of one session again and again."""

    def __init__(self, port: int, tally: Tally, session: Session) -> None:
        (attendee,) = crowd.gather(users=1, name="editor")
        user = User.objects.get(email="editor-0@example.org")
        user.is_staff = True
        user.save()
        user.groups.add(Group.objects.get(name=EDITORS_GROUP))
        self.browser, self.tally, self.session = Browser(port, tally, attendee.cookie), tally, session
        self.titles = {session.title}  # what it may be now: more than one if an edit was not answered

    def edit(self, title: str) -> None:
        before, self.titles = self.titles, self.titles | {title}
        try:
            status = change(self.browser, self.session, title=title).status_code
        except UNANSWERED:
            return
        if status == 302:
            self.titles = {title}
            self.tally.add("acknowledged")
        elif status < 500:
            self.titles = before

    def delete(self, session: Session, *, by_list: bool) -> Reply:
        if not by_list:
            return self.browser.post(address(session, "delete"), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [session.pk], "post": "yes"}
        return self.browser.post("/admin/agenda/session/", chosen)

    def check(self) -> None:
        title = Session.objects.get(pk=self.session.pk).title
        if title not in self.titles:
            self.tally.add("lost")
            self.titles = {title}


def gather(port: int, tally: Tally, count: int) -> list[Attendee]:
    """That many new people, with a few stars each."""
    return [Attendee(port, tally, *pair) for pair in gathered(count)]


def gathered(count: int) -> Iterator[tuple[crowd.Attendee, User]]:
    """That many new people, with a few stars each, and their rows."""
    attendees = crowd.gather(users=count, stars=5, name="attendee")
    return zip(attendees, User.objects.filter(email__startswith="attendee-").order_by("pk"), strict=True)


def check(people: Iterable[Visitor], editor: Editor) -> None:
    """Counts what was lost and what came back, by what the database has; nobody may be at work meanwhile."""
    connection.close()  # one that was open before PostgreSQL stopped is dead
    for person in people:
        person.check()
    editor.check()
    connection.close()  # nothing of this process may hold SQLite's file
