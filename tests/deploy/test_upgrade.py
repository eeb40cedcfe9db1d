"""While a site is upgraded, the release before goes on upon the new tables: calendars are answered, no star is lost."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from threading import Event as Signal
from urllib.parse import urlsplit

import pytest

from tests.chaos.people import UNANSWERED, Browser, Tally, cookies_of_a_page
from tests.conftest import PASSWORD
from tests.deploy.behind import ROOT
from tests.deploy.releases import Release, unpack
from tests.forum.places import new_database

VERSION_0_1 = "69a534c49716eb14b5d6c3fa56a3afedc27f06a9"
FILL = """
import json
from django.core.management import call_command
from agenda.models import Session
from tests.bench.crowd import gather
call_command("migrate", verbosity=0)
call_command("loaddata", "kvm-forum-2019", verbosity=0)
people = [(each.cookie, each.feed) for each in gather(users=2)]
talks = [session.get_absolute_url() for session in Session.objects.select_related("event")]
print(json.dumps([people, talks]))
"""
EVERY = 0.1  # seconds

pytestmark = pytest.mark.django_db(transaction=True)


class Person:
    """Polls a calendar, stars and unstars one talk after the other, and knows what was saved."""

    def __init__(self, port: int, cookies: str, calendar: str, talks: list[str]) -> None:
        self.browser, self.calendar, self.talks = Browser(port, Tally(), cookies), calendar, talks
        self.browser.headers["Host"] = "127.0.0.1:8000"  # whichever release answers
        self.answers: Counter[tuple[int, str, int]] = Counter()  # port, what was asked, status
        self.starred = dict.fromkeys(self.on_the_site(), True)

    def on_the_site(self) -> set[str]:
        table = self.browser.get("/agenda/stars.csv").content.decode("utf-8-sig")
        return {urlsplit(row["URL"]).path for row in csv.DictReader(table.splitlines())}

    def ask(self, what: str, method: str, path: str, **fields: str) -> bool:
        """Counts the answer; True if it is none of an error."""
        port, status = self.browser.port, 0
        try:
            reply = self.browser.send("GET", path) if method == "GET" else self.browser.post(path, fields)
            status = reply.status_code
        except UNANSWERED:
            pass
        self.answers[port, what, status] += 1
        return 200 <= status < 400

    def go_on(self, end: Signal) -> None:
        for talk in cycle(self.talks):
            if end.wait(EVERY):
                return
            word = "unstar" if self.starred.get(talk) else "star"
            if self.ask("star", "POST", f"{talk}{word}"):
                self.starred[talk] = word == "star"
            self.ask("poll", "GET", self.calendar)


@contextmanager
def going_on(people: list[Person]) -> Iterator[None]:
    end = Signal()
    with ThreadPoolExecutor(len(people)) as pool:
        running = [pool.submit(person.go_on, end) for person in people]
        try:
            yield
        finally:
            end.set()
    for each in running:
        each.result()


def wait_for_more(people: list[Person]) -> None:
    """Until each has starred and polled six times more."""
    wanted, deadline = [person.answers.total() + 12 for person in people], time.monotonic() + 60
    while any(person.answers.total() < count for person, count in zip(people, wanted, strict=True)):
        assert time.monotonic() < deadline, [person.answers for person in people]
        time.sleep(EVERY)


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[Release, Release]]:
    """Version 0.1 and this one, with one database."""
    if not unpack(VERSION_0_1, tmp_path / "before"):
        pytest.skip("this copy of the source does not go back to version 0.1: git fetch --unshallow")
    with new_database(tmp_path) as database:
        yield Release(tmp_path / "before", database, tmp_path), Release(ROOT, database, tmp_path)


def test_the_release_before_goes_on_while_the_site_is_upgraded(releases):
    before, after = releases
    signed_in, talks = json.loads(before.run("shell", "-v", "0", "-c", FILL))
    with ExitStack() as servers:
        old = servers.enter_context(before.serving())
        people = [Person(old, cookies, feed, talks) for cookies, feed in signed_in]
        people.append(Person(old, cookies_of_a_page(), "/kvm-forum-2019/", talks))

        with going_on(people):
            wait_for_more(people)
            after.run("migrate", "--verbosity", "0", "--check-secrets")
            wait_for_more(people)
            people[0].ask("new calendar", "POST", "/agenda/calendars/add", place="other")
            people[-1].ask("new account", "POST", "/accounts/signup/", email="ann@example.org", password1=PASSWORD)
            new = servers.enter_context(after.serving())
            for person in people:
                person.browser.port = new
            wait_for_more(people)

        kinds = {answer for person in people for answer in person.answers}
        polls_and_stars = {(port, *how) for port in (old, new) for how in (("poll", 200), ("star", 302))}
        assert kinds == polls_and_stars | {(old, "new calendar", 200), (old, "new account", 302)}
        for person in people:
            assert person.on_the_site() == {talk for talk, starred in person.starred.items() if starred}
