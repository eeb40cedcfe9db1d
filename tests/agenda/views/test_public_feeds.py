"""The whole programme, and one session of it, as calendar files for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
import vobject

from agenda.editing.changes import recording, touch
from agenda.models import Session, Star
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import AFTER, BEFORE, KVM, add_event, add_session, session_of
from tests.calendars import content_lines, values

pytestmark = pytest.mark.any_database

SCHEDULE = f"{KVM}schedule.ics"
OPENING = f"{KVM}sessions/managing-matryoshkas-testing-nested-guests.ics"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_schedule_has_every_session_in_order(client, kvm_forum):
    response = client.get(SCHEDULE)

    calendar = vobject.readOne(response.content.decode())
    assert calendar.validate(raiseException=True)
    assert [vevent.summary.value for vevent in calendar.vevent_list] == list(
        Session.objects.order_by("start").values_list("title", flat=True)
    )
    assert values(response, "X-WR-CALNAME") == ["KVM Forum 2019"]
    assert values(response, "SOURCE") == ["http://testserver/kvm-forum-2019/schedule.ics"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?day=2019-10-31", 9),
        ("?day=all", 20),
        ("?track=kvm-forum-track-2", 20),
        ("?room=forum-3", 20),
        ("?slides=1", 18),
        ("?q=Benn%C3%A9e", 1),
        ("?day=2019-11-01&slides=1&q=intel", 5),
        ("?q=xyzzy", 0),
        ("?view=full", 20),
    ],
)
def test_schedule_has_the_pages_filters(client, kvm_forum, query, count):
    response = client.get(SCHEDULE + query)

    assert len(values(response, "UID")) == count


@pytest.mark.parametrize("query", ["?view=x", "?q=%00", "?q=" + "x" * 9000, "?day=all", "?starred=x"])
def test_schedule_leaves_out_what_it_cannot_follow(client, kvm_forum, query):
    assert client.get(SCHEDULE + query).status_code == 200


@pytest.mark.parametrize(
    "query", ["?day=never", "?day=9999-12-31", "?track=x", "?room=x", "?room=%00", "?slides=1&track=x"]
)
def test_schedule_of_a_day_track_or_room_that_is_not_there_is_not_the_whole(client, kvm_forum, query):
    response = client.get(SCHEDULE + query)

    assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert response.content.decode().startswith("The programme of KVM Forum 2019 has no such day, track or room")


def test_schedule_takes_no_notice_of_anybodys_stars(client, kvm_forum, alice):
    Star.objects.create(user=alice, session=session_of("KubeVirt"))
    visitor = client.get(f"{SCHEDULE}?starred=1").content
    client.force_login(alice)

    assert client.get(f"{SCHEDULE}?starred=1").content == visitor
    assert visitor.count(b"BEGIN:VEVENT") == 20


def test_schedule_has_cancelled_sessions_and_no_unpublished_ones(client, kvm_forum, editor):
    Session.objects.filter(title__startswith="KubeVirt").update(status="cancelled")
    Session.objects.filter(title__startswith="Nesting").update(is_published=False)
    client.force_login(editor)

    response = client.get(SCHEDULE)

    assert len(values(response, "UID")) == 19
    assert values(response, "STATUS").count("CANCELLED") == 1


def test_schedule_of_another_event_is_its_own(client, opening):
    other = add_event("other-forum", "Europe/Paris", "2019-10-31", "2019-10-31")
    add_session(other, "Elsewhere", "2019-10-31 11:00")

    assert values(client.get("/other-forum/schedule.ics"), "SUMMARY") == ["Elsewhere"]


def test_schedule_without_sessions_is_an_empty_calendar(client, db):
    add_event("next-year", "Europe/Paris", "2020-10-31", "2020-11-01")

    response = client.get("/next-year/schedule.ics")

    assert (response.status_code, values(response, "UID")) == (200, [])
    assert response["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
def test_file_is_public_and_can_be_kept_for_a_while(client, kvm_forum, path):
    response = client.get(path)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Last-Modified"] == "Tue, 01 Oct 2019 00:00:00 GMT"
    assert response.cookies == {}


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_client_that_has_this_version_gets_304(client, kvm_forum, path, form):
    tag = client.get(path)["ETag"]

    response = client.get(path, headers={"If-None-Match": form.format(tag)})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)


def test_date_alone_proves_a_session_unchanged(client, kvm_forum):
    date = client.get(OPENING)["Last-Modified"]

    assert client.get(OPENING, headers={"If-Modified-Since": date}).status_code == 304


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", ""])
def test_older_date_or_none_at_all_proves_nothing(client, kvm_forum, path, date):
    assert client.get(path, headers={"If-Modified-Since": date}).status_code == 200


def test_date_proves_nothing_about_the_second_of_a_change(client, opening, time_machine):
    def edited(at: float, title: str) -> str:
        time_machine.move_to(BEFORE + timedelta(seconds=at), tick=False)
        with recording([opening.pk], by=None):
            Session.objects.filter(pk=opening.pk).update(title=title)
        return client.get(OPENING)["Last-Modified"]

    first, second = edited(0.2, "Once"), edited(0.6, "Twice")
    told = {date: client.get(OPENING, headers={"If-Modified-Since": date}).status_code for date in (first, second)}
    time_machine.move_to(BEFORE + timedelta(seconds=9), tick=False)
    later = client.get(OPENING, headers={"If-Modified-Since": second})

    assert (first, second, told) == ("Wed, 30 Oct 2019 08:00:00 GMT",) * 2 + ({first: 200},)
    assert (later.status_code, later["Last-Modified"]) == (200, "Wed, 30 Oct 2019 08:00:01 GMT")
    assert client.get(OPENING, headers={"If-Modified-Since": later["Last-Modified"]}).status_code == 304


def test_date_alone_does_not_prove_that_no_session_is_gone(client, opening):
    date = client.get(SCHEDULE)["Last-Modified"]
    opening.delete()

    response = client.get(SCHEDULE, headers={"If-Modified-Since": date})

    assert (response.status_code, len(values(response, "UID"))) == (200, 19)


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
@pytest.mark.parametrize(("year", "status"), [(2018, 412), (2035, 200)])
def test_calendar_only_if_unmodified_since(client, kvm_forum, path, year, status):
    date = f"Mon, 01 Jan {year} 00:00:00 GMT"

    assert client.get(path, headers={"If-Unmodified-Since": date}).status_code == status


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
def test_change_is_another_version(client, opening, path):
    before = client.get(path)
    with recording([opening.pk], by=None):
        Session.objects.filter(pk=opening.pk).update(title="Managing Babushkas")

    after = client.get(path, headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert values(after, "SUMMARY")[0] == "Managing Babushkas"
    assert after["Last-Modified"] == "Wed, 30 Oct 2019 08:00:00 GMT"


@pytest.mark.on_postgresql
def test_filters_are_versions_of_their_own(client, kvm_forum):
    tags = {client.get(SCHEDULE + query)["ETag"] for query in ("", "?day=2019-10-31", "?day=2019-11-01", "?slides=1")}

    assert len(tags) == 4


def test_deleted_session_is_another_version(client, opening):
    before = client.get(SCHEDULE)
    opening.delete()

    assert client.get(SCHEDULE, headers={"If-None-Match": before["ETag"]}).status_code == 200


def test_renamed_event_is_another_version(client, kvm_forum):
    before = client.get(SCHEDULE)
    kvm_forum.name = "KVM Forum XIII"
    kvm_forum.save()
    touch(kvm_forum)

    after = client.get(SCHEDULE)

    assert after["ETag"] != before["ETag"]
    assert values(after, "NAME") == ["KVM Forum XIII"]


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
def test_same_rows_are_the_same_bytes(client, kvm_forum, time_machine, path):
    first = client.get(path)
    VersionCache.clear_all()
    time_machine.move_to(AFTER, tick=False)

    second = client.get(path)

    assert (first.content, first["ETag"]) == (second.content, second["ETag"])


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
def test_head_has_the_headers_alone(client, kvm_forum, path):
    head = client.head(path)

    assert head.content == b""
    assert head.headers == client.get(path).headers


@pytest.mark.parametrize("path", [SCHEDULE, OPENING])
def test_other_methods_are_refused(client, kvm_forum, path):
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/nothing/schedule.ics", f"{KVM}sessions/nothing.ics", "/nothing/sessions/nothing.ics"]
)
def test_unknown_event_or_session_is_not_found(client, kvm_forum, path):
    assert client.get(path).status_code == 404


def test_session_is_one_vevent_named_after_it(client, opening):
    response = client.get(OPENING)

    assert values(response, "UID") == [str(opening.guid)]
    assert values(response, "NAME") == ["KVM Forum 2019"]
    assert response["Content-Disposition"] == 'inline; filename="managing-matryoshkas-testing-nested-guests.ics"'
    assert [line for line in content_lines(response) if line.startswith("METHOD")] == []


def test_session_is_the_same_vevent_in_every_file(client, alice, alice_feed, opening):
    Star.objects.create(user=alice, session=opening)

    vevents = [
        client.get(path).content.partition(b"BEGIN:VEVENT")[2].partition(b"END:VEVENT")[0]
        for path in (OPENING, SCHEDULE, alice_feed)
    ]

    assert vevents[0] == vevents[1] == vevents[2]


@pytest.mark.parametrize(
    ("who", "status", "kept"),
    [("visitor", 404, "private"), ("alice", 404, "private, no-store"), ("editor", 200, "private, no-cache")],
)
def test_unpublished_session_is_for_editors_alone(client, request, opening, who, status, kept):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    response = client.get(OPENING)

    assert (response.status_code, response["Cache-Control"]) == (status, kept)


@pytest.mark.parametrize("count", [1, 3])
def test_schedule_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    keep = list(Session.objects.order_by("start").values_list("pk", flat=True)[:count])
    Session.objects.exclude(pk__in=keep).delete()

    with django_assert_num_queries(4):  # event, versions, latest change; and the sessions
        client.get(SCHEDULE)
    with django_assert_num_queries(3):
        client.get(SCHEDULE)


def test_session_file_takes_three_queries(client, opening, django_assert_num_queries):
    with django_assert_num_queries(3):  # event, session; and its VEVENT, once
        client.get(OPENING)
    with django_assert_num_queries(2):
        client.get(OPENING)
