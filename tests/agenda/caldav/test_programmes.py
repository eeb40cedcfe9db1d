"""The read-only calendars of those who asked: a whole programme, one of its tracks."""

from __future__ import annotations

import pytest

from agenda.editing.changes import recording
from agenda.models import Session, Star, Track
from tests.agenda.caldav.dav import Dav, answers, refusal, statuses, token_in
from tests.agenda.kvm_forum import add_event, add_session, session_of

pytestmark = pytest.mark.any_database

WHOLE, TRACK = "kvm-forum-2019", "kvm-forum-2019--hardware"


@pytest.fixture
def track(kvm_forum) -> Track:
    """With the first three sessions."""
    made = Track.objects.create(event=kvm_forum, name="Hardware", slug="hardware", colour="#aa3300")
    Session.objects.filter(pk__in=Session.objects.order_by("pk")[:3].values("pk")).update(track=made)
    return made


@pytest.fixture
def phone(alice, clock, track) -> Dav:
    return Dav(alice, collections=[WHOLE, TRACK, "gone", "no--track", "collections"])


@pytest.fixture
def whole(phone) -> str:
    return f"{phone.home}{WHOLE}/"


@pytest.fixture
def of_track(phone) -> str:
    return f"{phone.home}{TRACK}/"


def edit(session, **fields):
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def test_home_holds_those_asked_for_that_are_there(phone, whole, of_track):
    inside = "<D:displayname/><A:calendar-color/><C:calendar-description/>"

    found = answers(phone.propfind(phone.home, inside, depth="1"))

    assert list(found) == [phone.home, phone.agenda, whole, of_track]
    assert found[whole]["D:displayname"] == "KVM Forum 2019"
    assert found[of_track]["D:displayname"] == "KVM Forum 2019: Hardware"
    assert found[of_track]["A:calendar-color"] == "#aa3300ff"


def test_programme_that_was_not_asked_for_is_not_there(alice, kvm_forum, clock):
    phone = Dav(alice)

    assert phone.propfind(f"{phone.home}{WHOLE}/").status_code == 404


def test_slugs_may_have_two_hyphens_themselves(alice, clock):
    event = add_event("a--b", "Europe/Paris", "2019-10-30", "2019-11-01")
    Track.objects.create(event=event, name="C", slug="c--d")
    phone = Dav(alice, collections=["a--b", "a--b--c--d"])

    found = answers(phone.propfind(phone.home, "<D:displayname/>", depth="1"))

    assert [found[href]["D:displayname"] for href in found][2:] == ["A  B", "A  B: C"]


def test_members_are_the_published_sessions(phone, whole, of_track):
    hidden = session_of("Nesting&testing")
    edit(hidden, is_published=False)

    listed = answers(phone.propfind(whole, "<D:getetag/>", depth="1"))

    assert len(listed) == Session.objects.count()  # all but one, and the calendar itself
    assert f"{whole}{hidden.guid}.ics" not in listed
    assert len(answers(phone.propfind(of_track, "<D:getetag/>", depth="1"))) == 3


def test_cancelled_sessions_are_no_members_if_they_are_dropped(phone, whole, of_track):
    cancelled = Session.objects.order_by("pk")[0]  # in the track, too
    edit(cancelled, status="cancelled")
    collections = (whole, of_track)

    marked = [phone("GET", f"{path}{cancelled.guid}.ics").status_code for path in collections]
    phone.change_key(options={"cancelled": "drop"})

    assert marked == [200, 200]
    assert [phone("GET", f"{path}{cancelled.guid}.ics").status_code for path in collections] == [404, 404]
    assert [len(answers(phone.propfind(path, "<D:getetag/>", depth="1"))) for path in collections] == [20, 3]


def test_cancelled_session_that_is_dropped_is_reported_as_removed(phone, whole):
    phone.change_key(options={"cancelled": "drop"})
    token, cancelled = token_in(phone.sync(path=whole)), session_of("Nesting&testing")

    edit(cancelled, status="cancelled")

    assert statuses(phone.sync(token, path=whole)) == {f"{whole}{cancelled.guid}.ics": 404}


def test_alarms_are_for_ones_own_talks_alone(phone, whole):
    phone.change_key(options={"alarm": 10, "times": "zone"})

    text = phone("GET", f"{whole}{session_of('Nesting').guid}.ics").content

    assert (b"BEGIN:VALARM" in text, b"TZID=Europe/Paris" in text) == (False, True)


def test_only_reading_is_offered(phone, whole):
    member = f"{whole}{session_of('Nesting').guid}.ics"

    for path in (whole, member):
        (found,) = answers(phone.propfind(path, "<D:current-user-privilege-set/>")).values()
        assert found["D:current-user-privilege-set"].replace("D:privilege=D:", "").split() == [
            "read",
            "read-current-user-privilege-set",
            "write-properties",
        ]
    assert phone("OPTIONS", member)["Allow"] == "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT"


def test_nothing_is_deleted_or_written(phone, alice, whole, starred):
    member = f"{whole}{starred[0].guid}.ics"
    own = phone("GET", member).content.decode()

    assert refusal(phone("DELETE", member)) == (403, "D:need-privileges")
    assert refusal(phone("DELETE", whole)) == (403, "D:need-privileges")
    assert refusal(phone.put(member, own)) == (403, "D:need-privileges")
    assert refusal(phone.put(f"{whole}new.ics", own)) == (403, "D:need-privileges")
    assert Star.objects.filter(user=alice).count() == 3


def test_colour_is_kept_for_each(phone, whole, of_track):
    phone.proppatch(whole, set_="<A:calendar-color>#123456</A:calendar-color>")

    found = answers(phone.propfind(phone.home, "<A:calendar-color/>", depth="1"))
    assert [found[path]["A:calendar-color"] for path in (phone.agenda, whole, of_track)] == [
        "#0b6e66ff",
        "#123456",
        "#aa3300ff",
    ]


def test_sync_with_nothing_new_is_empty(phone, whole):
    token = token_in(phone.sync(path=whole))

    response = phone.sync(token, path=whole)

    assert (statuses(response), token_in(response)) == ({}, token)


@pytest.mark.parametrize(
    ("fields", "status"), [({"title": "Other"}, 200), ({"status": "cancelled"}, 200), ({"is_published": False}, 404)]
)
def test_edit_is_reported_once(phone, whole, fields, status):
    token, session = token_in(phone.sync(path=whole)), session_of("Nesting")
    edit(session, **fields)

    response = phone.sync(token, path=whole)

    assert statuses(response) == {f"{whole}{session.guid}.ics": status}
    assert statuses(phone.sync(token_in(response), path=whole)) == {}


def test_new_session_is_reported(phone, whole, kvm_forum):
    token = token_in(phone.sync(path=whole))
    with recording(by=None) as recorded:
        session = add_session(kvm_forum, "New", "2019-10-31T18:00")
        recorded.add(session)

    assert statuses(phone.sync(token, path=whole)) == {f"{whole}{session.guid}.ics": 200}


@pytest.fixture
def draft(kvm_forum) -> Session:
    """Never published; older than a session that is."""
    with recording(by=None) as recorded:
        draft = add_session(kvm_forum, "Draft", "2019-10-31T18:00", is_published=False)
        recorded.add(draft)
        recorded.add(add_session(kvm_forum, "After it", "2019-10-31T18:00"))
    return draft


def test_draft_is_no_news(phone, whole, of_track, draft, track):
    tokens = {path: token_in(phone.sync(path=path)) for path in (whole, of_track)}
    edit(draft, title="Better draft", track=track)

    for path, token in tokens.items():
        response = phone.sync(token, path=path)
        assert (statuses(response), token_in(response)) == ({}, token)
        assert f"{path}{draft.guid}.ics" not in statuses(phone.sync(path=path))


@pytest.mark.parametrize("has_other_news", [False, True])
def test_deleted_draft_is_no_news(phone, whole, draft, has_other_news):
    token = token_in(phone.sync(path=whole))
    draft.delete()
    other = session_of("Nesting")
    if has_other_news:
        edit(other, title="Other")

    news = statuses(phone.sync(token, path=whole))

    assert news == ({f"{whole}{other.guid}.ics": 200} if has_other_news else {})


@pytest.mark.parametrize(
    "steps",
    [
        [{"is_published": True}],
        [{"title": "Better", "is_published": True}, {"title": "Best"}],
        [{"is_published": True}, {"is_published": False}, {"is_published": True}],
    ],
)
def test_published_draft_is_news_and_all_else_stays(phone, whole, draft, steps):
    token = token_in(phone.sync(path=whole))
    for fields in steps:
        edit(draft, **fields)

    response = phone.sync(token, path=whole)

    assert statuses(response) == {f"{whole}{draft.guid}.ics": 200}
    assert statuses(phone.sync(token_in(response), path=whole)) == {}


def test_withdrawn_session_is_none_of_the_drafts(phone, whole, draft):
    edit(draft, is_published=True)
    shown = token_in(phone.sync(path=whole))
    edit(draft, is_published=False)
    hidden = token_in(phone.sync(path=whole))
    edit(draft, is_published=True)

    assert [statuses(phone.sync(token, path=whole)) for token in (shown, hidden)] == [
        {f"{whole}{draft.guid}.ics": 200}
    ] * 2
    draft.delete()
    assert refusal(phone.sync(hidden, path=whole)) == (403, "D:valid-sync-token")


def test_session_that_left_the_track_is_removed_there(phone, of_track, track):
    token, session = token_in(phone.sync(path=of_track)), track.sessions.first()
    edit(session, track=None)

    assert statuses(phone.sync(token, path=of_track)) == {f"{of_track}{session.guid}.ics": 404}


@pytest.mark.parametrize("others", [0, 1])
def test_token_is_refused_after_a_session_was_deleted(phone, whole, kvm_forum, others):
    token = token_in(phone.sync(path=whole))
    session_of("Nesting").delete()
    for _ in range(others):
        add_session(kvm_forum, "In its place", "2019-10-31T18:00")

    assert refusal(phone.sync(token, path=whole)) == (403, "D:valid-sync-token")


@pytest.mark.on_postgresql
@pytest.mark.parametrize("written", ["data:,1.2.3", "data:,x-1.{rest}", "data:,9999999999999999-1.{rest}", "{own}"])
def test_token_that_is_none_of_this_calendar_is_refused(phone, whole, starred, written):
    rest = token_in(phone.sync(path=whole)).partition(".")[2]
    own = token_in(phone.sync())

    response = phone.sync(written.format(rest=rest, own=own), path=whole)

    assert refusal(response) == (403, "D:valid-sync-token")


def test_token_of_a_track_is_none_of_the_whole_programme(phone, whole, of_track):
    token = token_in(phone.sync(path=of_track))

    assert statuses(phone.sync(token, path=of_track)) == {}
    assert refusal(phone.sync(token, path=whole)) == (403, "D:valid-sync-token")


def test_programmes_say_that_they_are_to_read(phone, whole):
    assert phone("OPTIONS", whole)["Allow"] == "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT"


def test_programme_is_no_news_of_ones_own_calendar(phone, whole, starred):
    phone.sync()
    phone.key.refresh_from_db()
    before = phone.key.served

    phone.sync(path=whole)

    phone.key.refresh_from_db()
    assert phone.key.served == before != ""


@pytest.mark.on_postgresql
def test_token_from_the_future_is_refused(phone, whole):
    state, dash, rest = token_in(phone.sync(path=whole)).removeprefix("data:,").partition("-")

    assert refusal(phone.sync(f"data:,{int(state) + 1}{dash}{rest}", path=whole)) == (403, "D:valid-sync-token")


@pytest.mark.parametrize("count", [1, 3])
def test_listing_takes_as_many_queries_for_1_and_3(phone, whole, django_assert_num_queries, count):
    Session.objects.exclude(pk__in=Session.objects.order_by("pk")[:count].values("pk")).update(is_published=False)
    phone.propfind(whole, "<D:getetag/><D:getcontentlength/>", depth="1")

    with django_assert_num_queries(4):  # key, owner, event, sessions
        found = answers(phone.propfind(whole, "<D:getetag/><D:getcontentlength/>", depth="1"))

    assert len(found) == count + 1


@pytest.mark.parametrize(("options", "count"), [({}, 0), ({"cancelled": "drop"}, 1)])
def test_cancelled_session_leaves_a_programme_where_those_are_dropped(phone, whole, options, count):
    phone.change_key(options=options)
    members = set(answers(phone.propfind(whole, depth="1")))
    cancelled = session_of("virtio-fs")
    edit(cancelled, status=Session.Status.CANCELLED)

    gone = members - set(answers(phone.propfind(whole, depth="1")))

    assert gone == {f"{whole}{cancelled.guid}.ics" for _ in range(count)}
