"""The site as people use it beside their calendar programs: who stars there, and who edits the programme."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from django.test import Client

from accounts.keys import LOOKUP_LENGTH
from accounts.models import CalendarKey, User
from agenda.models import Session
from tests.accounts.steps import be_logged_in
from tests.agenda.calendar_keys import add, address_of, sent
from tests.agenda.kvm_forum import session_of
from tests.pages import page


class SignIn(NamedTuple):
    """What the page "My calendars" shows once, for a program to sign in with."""

    address: str
    username: str
    password: str


def _key(sign_in: SignIn) -> CalendarKey:
    return CalendarKey.objects.get(lookup=sign_in.password[:LOOKUP_LENGTH])


class Visitor:
    """Somebody in a browser that is signed in; sessions are named by how their titles begin."""

    def __init__(self, server: str, user: User) -> None:
        self.user = user
        # The server's own name, as its addresses are shown on the pages.
        self.browser = Client(headers={"host": urlsplit(server).netloc})
        be_logged_in(self.browser, user)

    def add_calendar(self) -> SignIn:
        """A new key for one program, read off the page."""
        root = add(self.browser, "caldav")
        return SignIn(*(root.one("code", id=f"caldav-{part}").text for part in SignIn._fields))

    def choose(self, sign_in: SignIn, **choices: str) -> None:
        """What that program is to show, by the form on the page."""
        at = address_of(_key(sign_in), "choose")
        form = page(self.browser.get(address_of(_key(sign_in), ""))).one("form", action=at)
        assert self.browser.post(at, {**sent(form), **choices}).status_code == 302

    def revoke(self, sign_in: SignIn) -> None:
        """The key of that one program, by the button on the page."""
        assert self.browser.post(address_of(_key(sign_in), "revoke")).status_code == 302

    def star(self, *titles: str) -> None:
        for title in titles:
            self._press("star", session_of(title))

    def unstar(self, title: str) -> None:
        self._press("unstar", session_of(title))

    def _press(self, button: str, session: Session) -> None:
        assert self.browser.post(f"{session.get_absolute_url()}{button}").status_code == 302

    def agenda(self) -> list[str]:
        """The titles on their page /agenda/, in order."""
        return page(self.browser.get("/agenda/")).texts("h3.title")
