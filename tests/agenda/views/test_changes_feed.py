"""What changed as an Atom feed: read by a parser that is not ours, and not sent twice."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from agenda.models import Announcement, Event, Room
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import BEFORE, KVM, add_session, session_of
from tests.agenda.programme_edits import edit, later

pytestmark = pytest.mark.any_database

FEED = f"{KVM}changes.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "http://testserver"
HOURS = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def read(client) -> ElementTree.Element:
    response = client.get(FEED)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 (written by ourselves)


def entries(client) -> list[tuple[str, str, str]]:
    """Title, address and summary of each."""
    return [
        (entry.findtext(f"{ATOM}title"), entry.find(f"{ATOM}link").get("href"), entry.findtext(f"{ATOM}summary"))
        for entry in read(client).iter(f"{ATOM}entry")
    ]


def test_entry_says_what_changed_and_where_the_talk_is_now(client, opening):
    edit(opening, note="The projector\n is broken.", **later(opening))
    edit(opening, abstract="Other words.")

    assert entries(client) == [
        (
            "Managing Matryoshkas: Testing Nested Guests: moved from 11:00",
            f"{SITE}{KVM}sessions/managing-matryoshkas-testing-nested-guests/",
            "Thursday 31 October, 11:15 CET, UTC+1, Forum 3. The projector is broken.",
        )
    ]


def test_feed_is_one_of_atom(client, opening):
    edit(opening, status="cancelled")

    feed = read(client)

    entry = feed.find(f"{ATOM}entry")
    assert feed.findtext(f"{ATOM}title") == "KVM Forum 2019: what changed"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "KVM Forum 2019"
    assert [link.attrib for link in feed.findall(f"{ATOM}link")] == [
        {"href": f"{SITE}{KVM}changes/", "rel": "alternate"},
        {"href": f"{SITE}{FEED}", "rel": "self"},
    ]
    assert [each.findtext(f"{ATOM}updated") for each in (feed, entry)] == [BEFORE.isoformat()] * 2
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{opening.guid}#1572422400000000"


def test_unchanged_feed_is_not_sent_again_and_asks_little(client, opening, django_assert_num_queries):
    edit(opening, status="cancelled")
    first = client.get(FEED)

    with django_assert_num_queries(2):  # event, versions
        again = client.get(FEED, headers={"If-None-Match": first["ETag"]})
    edit(opening, note="The speaker is ill.")
    changed = client.get(FEED, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, changed.status_code) == (304, 200)
    assert first["Cache-Control"] == "public, max-age=60"


def test_same_rows_are_the_same_bytes_whatever_the_clock(client, opening, time_machine):
    first = client.get(FEED).content
    time_machine.shift(3600)
    VersionCache.clear_all()

    assert client.get(FEED).content == first


def test_announcement_begins_and_ends_by_the_clock(client, kvm_forum, time_machine):
    room = Room.objects.first()
    Announcement.objects.create(
        event=kvm_forum, room=room, text="No coffee inside.", start=BEFORE + HOURS, end=BEFORE + 2 * HOURS
    )
    tags, titles = [], []
    for _ in range(3):
        tags.append(client.get(FEED)["ETag"])
        titles.append(entries(client))
        time_machine.shift(HOURS)

    summary = "No coffee inside. (until Wednesday 30 October, 11:00 CET, UTC+1)"
    assert titles == [[], [("Announcement: Forum 3: No coffee inside.", f"{SITE}{KVM}changes/", summary)], []]
    assert tags[0] == tags[2] != tags[1]


def test_edited_announcement_is_sent_again(client, kvm_forum):
    running = Announcement.objects.create(event=kvm_forum, text="Lunch.", start=BEFORE, end=BEFORE + HOURS)
    first = client.get(FEED)["ETag"]
    Announcement.objects.filter(pk=running.pk).update(text="Lunch is in hall B.")

    assert client.get(FEED, headers={"If-None-Match": first}).status_code == 200


def test_what_xml_forbids_is_left_out_and_the_rest_is_escaped(client, opening):
    edit(opening, title='A <b> & "c"\x08', note="<script>alert(1)</script>")

    ((title, _, summary),) = entries(client)

    assert title.startswith('A <b> & "c": was called “Managing')
    assert summary.endswith("Forum 3. &lt;script&gt;alert(1)&lt;/script&gt;")  # the summary is HTML


def test_hidden_talks_and_events_are_not_in_it(client, editor, opening):
    edit(opening, status="cancelled")
    edit(session_of("Nesting"), status="cancelled", is_published=False)
    add_session(opening.event, "Draft", "2019-10-31 18:00", is_published=False)
    shown = [title for title, *_ in entries(client)]
    Event.objects.update(state="announced")
    announced = entries(client)
    Event.objects.update(state="hidden")
    statuses = [client.get(FEED).status_code]
    client.force_login(editor)
    hidden = client.get(FEED)

    assert (shown, announced) == (["Managing Matryoshkas: Testing Nested Guests: cancelled"], [])
    assert (*statuses, hidden.status_code, hidden["Cache-Control"]) == (404, 200, "private, no-cache")


def test_other_methods_are_refused(client, kvm_forum):
    assert client.post(FEED).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_feed_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    edit(*kvm_forum.sessions.order_by("start")[:count], status="cancelled")
    VersionCache.clear_all()

    with django_assert_num_queries(5):  # event, versions twice, revisions, sessions
        client.get(FEED)
