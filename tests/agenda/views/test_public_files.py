"""The whole programme as files for other programs: schedule.xml, schedule.json, xCal, and tables."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import datetime
from xml.etree import ElementTree

import pytest
import python_calamine
from django.test import Client

from agenda.editing.changes import recording, touch
from agenda.formats.xcal import NAMESPACE
from agenda.models import Event, Room, Session, Star
from agenda.programme import exports
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, add_session, session_of

pytestmark = pytest.mark.any_database

CANCELLED, UNPUBLISHED = "KubeVirt", "Nesting&testing"
TYPES = {
    "xml": "application/vnd.c3voc.schedule+xml",
    "json": "application/json",
    "xcal": "application/calendar+xml",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
KINDS = list(TYPES)
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def address(kind: str, query: str = "") -> str:
    return f"{KVM}schedule.{kind}{query}"


def titles(content: bytes, kind: str) -> list[str]:
    """The titles in the file, sorted, as a library reads it that is not ours."""
    if kind == "csv":
        return sorted(row["Title"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if kind == "xlsx":
        rows = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        return sorted(str(row[1]) for row in rows[1:])
    if kind == "json":
        days = json.loads(content)["schedule"]["conference"]["days"]
        return sorted(each["title"] for day in days for there in day["rooms"].values() for each in there)
    root = ElementTree.fromstring(content)  # noqa: S314 (our own file)
    found = root.iter("event") if kind == "xml" else root.iter(f"{{{NAMESPACE}}}summary")
    return sorted((each.findtext("title") if kind == "xml" else each[0].text) or "" for each in found)


def version(client: Client) -> str:
    root = ElementTree.fromstring(client.get(address("xml")).content)  # noqa: S314 (our own file)
    return root.findtext("version") or ""


@each_kind
def test_file_has_every_session(client, kvm_forum, kind):
    response = client.get(address(kind))

    assert titles(response.content, kind) == sorted(Session.objects.values_list("title", flat=True))


@pytest.mark.on_postgresql
@each_kind
def test_file_has_the_pages_filters(client, kvm_forum, kind):
    for query, count in {
        "?day=2019-10-31": 9,
        "?slides=1": 18,
        "?q=Benn%C3%A9e": 1,
        "?q=xyzzy": 0,
        "?day=2019-11-01&slides=1&q=intel": 5,
        "?view=full&starred=1": 20,
        "?from=2019-10-31T11:00&to=2019-10-31T11:30": 1,
    }.items():
        assert len(titles(client.get(address(kind, query)).content, kind)) == count, query


@each_kind
def test_file_of_a_part_that_is_not_there_is_not_the_whole(client, kvm_forum, kind):
    for query in ("?day=never", "?track=x", "?room=%00", "?slides=1&track=x"):
        response = client.get(address(kind, query))

        assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")


@each_kind
def test_unpublished_session_is_in_no_file_and_a_cancelled_one_only_where_it_has_a_place(
    client, kvm_forum, editor, kind
):
    cancelled, hidden = session_of(CANCELLED), session_of(UNPUBLISHED)
    with recording([cancelled.pk, hidden.pk], by=None):
        Session.objects.filter(pk=cancelled.pk).update(status="cancelled")
        Session.objects.filter(pk=hidden.pk).update(is_published=False)
    client.force_login(editor)

    found = " ".join(titles(client.get(address(kind)).content, kind))

    assert hidden.title not in found
    assert (cancelled.title in found) is (kind not in ("xml", "json"))


def test_file_takes_no_notice_of_anybodys_stars(client, kvm_forum, alice):
    visitor = client.get(address("xml", "?starred=1")).content
    Star.objects.create(user=alice, session=session_of("KubeVirt"))
    client.force_login(alice)

    assert client.get(address("xml", "?starred=1")).content == visitor


@each_kind
def test_file_is_public_and_may_be_read_by_other_sites(client, kvm_forum, kind):
    response = client.get(address(kind))

    assert {name: response[name] for name in ("Content-Type", "Cache-Control", "Last-Modified")} == {
        "Content-Type": TYPES[kind],
        "Cache-Control": "public, max-age=300",
        "Last-Modified": "Tue, 01 Oct 2019 00:00:00 GMT",
    }
    assert response["Access-Control-Allow-Origin"] == client.get(address("ics"))["Access-Control-Allow-Origin"] == "*"
    assert response["Content-Disposition"].endswith(f'; filename="kvm-forum-2019.{kind}"')
    assert (response.cookies, response["X-Robots-Tag"]) == ({}, "noindex")


@each_kind
def test_client_that_has_this_version_gets_304(client, kvm_forum, kind):
    tag = client.get(address(kind))["ETag"]

    for form in ("{}", "W/{}", '"other", {}', "*"):
        response = client.get(address(kind), headers={"If-None-Match": form.format(tag)})
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
        assert response["Access-Control-Allow-Origin"] == "*"
    assert not tag.startswith("W/")


@each_kind
def test_compressed_file_is_the_same_under_an_etag_of_its_own(client, kvm_forum, kind):
    plain, asked = client.get(address(kind)), {"Accept-Encoding": "gzip, br"}

    zipped = client.get(address(kind), headers=asked)

    if kind == "xlsx":  # is compressed by itself
        assert (zipped.content, zipped["ETag"], "Content-Encoding" in zipped) == (plain.content, plain["ETag"], False)
        return
    assert (gzip.decompress(zipped.content), zipped["Content-Encoding"]) == (plain.content, "gzip")
    assert zipped["ETag"] == plain["ETag"][:-1] + '-gzip"'
    assert ["Accept-Encoding" in each["Vary"] for each in (plain, zipped)] == [True, True]
    same = client.get(address(kind), headers={**asked, "If-None-Match": zipped["ETag"]})
    assert (same.status_code, "Content-Encoding" in same) == (304, False)


@each_kind
def test_head_is_answered_like_get_and_nothing_else_is(client, kvm_forum, kind):
    answers = [client.get(address(kind)), client.head(address(kind))]

    assert answers[0].headers == answers[1].headers
    assert client.post(address(kind)).status_code == 405


@each_kind
def test_same_rows_give_the_same_bytes_in_another_process_and_at_another_time(client, kvm_forum, kind, time_machine):
    before = client.get(address(kind))
    VersionCache.clear_all()
    time_machine.shift(100_000)

    after = client.get(address(kind))

    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


@each_kind
def test_repeated_request_makes_three_queries_and_no_file(client, kvm_forum, kind, django_assert_num_queries):
    first = client.get(address(kind)).content

    with django_assert_num_queries(3):
        again = client.get(address(kind)).content

    assert again == first


@each_kind
def test_file_is_made_with_as_many_queries_for_one_session_as_for_twenty(
    client, kvm_forum, kind, django_assert_num_queries
):
    add_session(add_event("small", "Europe/Paris", "2019-10-31", "2019-10-31"), "Alone", "2019-10-31 11:00")
    for path in (f"/small/schedule.{kind}", address(kind)):
        with django_assert_num_queries(5 if kind == "xcal" else 6):
            client.get(path)


def change_title(session: Session) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(title="Another title")


def unpublish(session: Session) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(is_published=False)


def rename_the_room(session: Session) -> None:
    Room.objects.filter(pk=session.room_id).update(name="Great hall")
    touch(Room.objects.get(pk=session.room_id))


@pytest.mark.parametrize("edit", [change_title, unpublish, rename_the_room, Session.delete])
def test_every_published_change_moves_version_and_etags(client, opening, edit):
    before = [version(client), *(client.get(address(kind))["ETag"] for kind in KINDS)]
    edit(opening)

    after = [version(client), *(client.get(address(kind))["ETag"] for kind in KINDS)]

    assert not set(before) & set(after)


def test_new_name_of_the_event_moves_the_version_of_its_programme(client, kvm_forum):
    before = version(client)
    Event.objects.update(name="Another name")

    assert version(client) != before


def test_edit_of_a_hidden_session_moves_nothing(client, opening):
    unpublish(opening)
    before = [version(client), client.get(address("xml")).headers]
    change_title(opening)

    assert [version(client), client.get(address("xml")).headers] == before


def test_version_begins_with_the_time_of_the_last_change(client, opening):
    change_title(opening)

    assert datetime.fromisoformat(version(client)[:16]) == BEFORE.replace(tzinfo=None)


def test_files_are_kept_in_a_bounded_number(client, kvm_forum):
    for number in range(exports.file_cache.size + 5):
        client.get(address("csv", f"?q={number}"))

    assert len(exports.file_cache._made) == exports.file_cache.size


@each_kind
def test_event_without_sessions_has_a_file_without_sessions(client, db, kind):
    add_event("next-year", "Europe/Paris", "2020-10-31", "2020-11-01")

    response = client.get(f"/next-year/schedule.{kind}")

    assert (response.status_code, titles(response.content, kind)) == (200, [])
    assert response["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_rows_keep_their_numbers_and_addresses_are_the_sites_own(client, opening):
    root = ElementTree.fromstring(client.get(address("xml", "?q=matryoshkas&view=full")).content)  # noqa: S314

    (xml_event,) = root.iter("event")
    assert (xml_event.attrib["id"], xml_event.attrib["guid"]) == (str(opening.pk), str(opening.guid))
    assert root.findtext("url") == "http://testserver/kvm-forum-2019/schedule.xml?q=matryoshkas"
    assert xml_event.findtext("url") == f"http://testserver{opening.get_absolute_url()}"
