"""Whatever happens, in whatever order: my agenda, feed and CalDAV agree, and versions only grow, each with a cause."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from accounts import limits
from accounts.models import CalendarKey
from agenda.calendars import shortening
from agenda.calendars.options import Options
from agenda.editing.changes import recording, touch
from agenda.models import Session, StarLog
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.conftest import PASSWORD, signed_up
from tests.pages import page

DAV = "{DAV:}"
# Starts in minutes after nine: the first two overlap, the last is of another event.
STARTS = (0, 15, 240)
SYNC = (
    '<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>'
    "<prop><getetag/></prop></sync-collection>"
)

which = st.integers(0, len(STARTS) - 1)
steps = st.one_of(
    st.tuples(st.sampled_from(["star", "unstar", "edit", "cancel", "reinstate", "hide", "show", "delete"]), which),
    st.tuples(st.just("merge"), st.lists(which, max_size=3)),
    st.tuples(st.just("move"), which, st.sampled_from(STARTS)),
    st.tuples(st.just("rank"), which, which),
    st.tuples(st.sampled_from(["unrank", "keep_in_case"]), which),
    st.tuples(st.just("choose"), st.sampled_from([0, 15]), st.booleans(), st.booleans(), st.booleans()),
    st.tuples(st.sampled_from(["rename_event", "renew", "look", "clock_back", "prune"])),
)


class Shown(NamedTuple):
    """A session in a calendar, and its version."""

    vevent: bytes
    sequence: int
    modified: str


class Seen(NamedTuple):
    """The calendars after a step, and what they were made of."""

    cause: object
    body: bytes
    etag: str
    token: str
    vevents: dict[str, bytes]
    etags: dict[str, str]


class History:
    """Alice with her page, a feed and a calendar program that synchronises; the steps are its methods."""

    def __init__(self, time_machine: Any) -> None:
        self.clock = time_machine
        self.alice = signed_up("alice@example.org")
        self.browser, self.calendar = Client(), Client()
        self.browser.force_login(self.alice)
        events = [add_event(slug, "Europe/Paris", "2019-10-31", "2019-10-31") for slug in ("one", "two")]
        nine = datetime(2019, 10, 31, 9)  # noqa: DTZ001 (local)
        self.sessions = [
            add_session(events[start > 200], f"Talk {start}", (nine + timedelta(minutes=start)).isoformat(), minutes=30)
            for start in STARTS
        ]
        self.options = Options()
        self.versions: dict[str, tuple[int, str]] = {}
        self.seen: Seen | None = None
        self.make_keys()
        for index in range(len(STARTS)):
            self.star(index)
        self.rank(1, 0)

    def make_keys(self) -> None:
        self.keys = {}
        for kind in ("feed", "caldav"):
            once = f"{CalendarKey.objects.count()}"
            _, self.keys[kind] = CalendarKey.objects.issue(self.alice, name=kind, once=once, kind=kind)
        CalendarKey.objects.active().update(options=self.options.stored())
        self.mirror: dict[str, str] = {}
        self.token = ""

    # Steps

    def star(self, index: int) -> None:
        self.browser.post(self.sessions[index].get_absolute_url() + "star")

    def unstar(self, index: int) -> None:
        self.browser.post(self.sessions[index].get_absolute_url() + "unstar")

    def merge(self, indexes: list[int]) -> None:
        visitor = Client()
        for index in indexes:
            visitor.post(self.sessions[index].get_absolute_url() + "star")
        visitor.post("/accounts/login/", {"login": self.alice.email, "password": PASSWORD})

    def edit(self, index: int) -> None:
        self._change(index, abstract=f"As of {Session.objects.get(pk=self.sessions[index].pk).updated}.")

    def cancel(self, index: int) -> None:
        self._change(index, status="cancelled")

    def reinstate(self, index: int) -> None:
        self._change(index, status="confirmed")

    def hide(self, index: int) -> None:
        self._change(index, is_published=False)

    def show(self, index: int) -> None:
        self._change(index, is_published=True)

    def move(self, index: int, start: int) -> None:
        begin = datetime(2019, 10, 31, 8, tzinfo=UTC) + timedelta(minutes=start)
        self._change(index, start=begin, end=begin + timedelta(minutes=30))

    def _change(self, index: int, **fields: Any) -> None:
        pk = self.sessions[index].pk
        with recording([pk], by=None):
            Session.objects.filter(pk=pk).update(**fields)

    def delete(self, index: int) -> None:
        """In the calendar program."""
        self.dav("DELETE", f"{self.collection}{self.sessions[index].guid}.ics")

    def rank(self, index: int, first: int) -> None:
        """The one in case of the other; refused where they do not overlap."""
        self.browser.post(f"/agenda/rank/{self.sessions[first].guid}/{self.sessions[index].guid}")

    def unrank(self, index: int) -> None:
        self.browser.post(f"/agenda/unrank/{self.sessions[index].guid}")

    def keep_in_case(self, index: int) -> None:
        self.browser.post(f"/agenda/keep-in-case/{self.sessions[index].guid}")

    def choose(self, alarm: int, drops: bool, local: bool, one_event: bool) -> None:
        events = frozenset([self.sessions[0].event_id]) if one_event else None
        self.options = Options(alarm=alarm, drops_cancelled=drops, in_event_zone=local, events=events)
        CalendarKey.objects.active().update(options=self.options.stored())

    def rename_event(self) -> None:
        touch(self.sessions[0].event)

    def renew(self) -> None:
        for key in CalendarKey.objects.active():
            self.browser.post(f"/agenda/calendars/{key.pk}/revoke")
        assert self.calendar.get(self.feed_address).status_code == 404
        assert self.dav("PROPFIND", self.collection).status_code == 401
        self.make_keys()

    def look(self) -> None:
        self.browser.get("/agenda/")

    def prune(self) -> None:
        call_command("prune")

    def clock_back(self) -> None:
        self.clock.shift(-timedelta(minutes=5))

    # What is seen from outside

    @property
    def feed_address(self) -> str:
        return f"/calendar/{self.keys['feed']}.ics"

    @property
    def collection(self) -> str:
        return f"/dav/calendars/{self.alice.pk}/agenda/"

    def dav(self, method: str, path: str, body: str = "") -> Any:
        secret = base64.b64encode(f"alice@example.org:{self.keys['caldav']}".encode()).decode()
        return self.calendar.generic(
            method, path, body, content_type="text/xml", headers={"authorization": f"Basic {secret}", "depth": "1"}
        )

    def sync(self, token: str) -> tuple[dict[str, str | None], str]:
        """(ETag of each changed UID, None for a removed one; the new token)."""
        answer = self.dav("REPORT", self.collection, SYNC.format(token=token))
        if answer.status_code == 403 and token:
            self.mirror = {}
            return self.sync("")
        tree = etree.fromstring(answer.content)
        changed = {}
        for response in tree.iter(f"{DAV}response"):
            uid = response.findtext(f"{DAV}href").rpartition("/")[2].removesuffix(".ics")
            changed[uid] = response.findtext(f".//{DAV}getetag")
        return changed, tree.findtext(f"{DAV}sync-token")

    def feed(self) -> tuple[dict[str, Shown], str, bytes]:
        answer = self.calendar.get(self.feed_address)
        shown = {}
        for vevent in re.findall(rb"BEGIN:VEVENT.*?END:VEVENT\r\n", answer.content, re.DOTALL):
            (uid,), (sequence,), (modified,) = (
                re.findall(rf"^{name}:(.*)\r$".encode(), vevent, re.MULTILINE)
                for name in ("UID", "SEQUENCE", "LAST-MODIFIED")
            )
            shown[uid.decode()] = Shown(vevent, int(sequence), modified.decode())
        return shown, answer["ETag"], answer.content

    def on_page(self) -> set[str]:
        """UIDs of what my agenda shows, but for what this calendar leaves out by its owner's choice."""
        days = page(self.browser.get("/agenda/")).all("ol.programme")
        shown = {link["href"] for day in days for link in day.all("a") if "href" in link.attributes}
        guids = set()
        for session in Session.objects.filter(pk__in=[each.pk for each in self.sessions]):
            dropped = self.options.drops_cancelled and session.is_cancelled
            if session.get_absolute_url() in shown and not dropped and self.options.shows(session.event_id):
                guids.add(str(session.guid))
        return guids

    # What must be true after every step

    def cause(self) -> object:
        """All that the calendars are made of: the keys, what their owner chose, and rows."""
        starred = Session.objects.filter(stars__user=self.alice).in_order()
        return (
            list(starred.values_list("pk", "updated")),
            list(StarLog.objects.filter(user=self.alice).values_list("pk", flat=True)),
            self.options,
            tuple(self.keys.values()),
        )

    def check(self) -> None:
        shown, etag, body = self.feed()
        full, token = self.sync("")
        changed, self.token = self.sync(self.token)
        self.mirror = {uid: tag for uid, tag in (self.mirror | changed).items() if tag is not None}
        assert shown.keys() == self.on_page() == full.keys()
        assert (self.mirror, self.token) == (full, token)
        assert self.sync(token) == ({}, token)
        self._check_resources(shown, full)
        self._check_versions(shown)
        self._check_causes(Seen(self.cause(), body, etag, token, {uid: one.vevent for uid, one in shown.items()}, full))

    def _check_resources(self, shown: dict[str, Shown], etags: dict[str, str]) -> None:
        for uid, session in shown.items():
            answer = self.dav("GET", f"{self.collection}{uid}.ics")
            assert session.vevent in answer.content
            assert answer["ETag"] == etags[uid]

    def _check_versions(self, shown: dict[str, Shown]) -> None:
        for uid, session in shown.items():
            assert (session.sequence, session.modified) >= self.versions.get(uid, (0, ""))
            assert session.modified >= self.versions.get(uid, (0, ""))[1]
            self.versions[uid] = session.sequence, session.modified

    def _check_causes(self, now: Seen) -> None:
        before, self.seen = self.seen, now
        if before is None:
            return
        if before.cause == now.cause:
            assert before == now
        if before.body != now.body:
            assert before.etag != now.etag
            assert before.token != now.token
        for uid in before.vevents.keys() & now.vevents.keys():
            # Two edits within a second write the same LAST-MODIFIED: another ETag, though maybe no other byte.
            assert before.vevents[uid] == now.vevents[uid] or before.etags[uid] != now.etags[uid]


@settings(
    max_examples=25 if connection.vendor == "sqlite" else 10,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, min_size=12, max_size=20))
def test_page_feed_and_caldav_agree_after_any_history(db, time_machine, monkeypatch, history):
    monkeypatch.setattr(shortening, "KEPT_WHOLE", 2)
    time_machine.move_to(BEFORE, tick=False)
    VersionCache.clear_all()  # the rows of the history before had the same pks
    cache.clear()
    limits.full.clear()
    with transaction.atomic():
        told = History(time_machine)
        told.check()
        for name, *values in history:
            getattr(told, name)(*values)
            time_machine.shift(timedelta(seconds=1))
            told.check()
        transaction.set_rollback(True)
