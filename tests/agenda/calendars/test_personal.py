"""A personal calendar: what is in it, what is only in case, and a version that is another whenever it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import CalendarKey
from agenda.calendars.opened_key import opened_by
from agenda.calendars.options import Options
from agenda.calendars.personal import PersonalCalendar, personal_calendar
from agenda.calendars.served import CalendarVersion
from agenda.editing.changes import recording
from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import keep_in_case, rank, unrank
from agenda.stars.starring import star, unstar
from agenda.version_cache import EPOCH
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of

pytestmark = pytest.mark.any_database

SITE = "https://agenda.example.org"
PAGE = StarLog.Through.PAGE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def calendar(alice):
    """Alice's, as it is at each call, with these options."""
    key, text = CalendarKey.objects.issue(alice, name="Phone", once="alice's form")

    def read(site: str = SITE, **options: object) -> PersonalCalendar:
        CalendarKey.objects.filter(pk=key.pk).update(options=Options(**options).stored())
        opened = opened_by(text, CalendarKey.Kind.FEED)
        assert opened is not None
        return personal_calendar(opened, site)

    return read


@pytest.fixture
def pair(opening, alice) -> tuple[Session, Session]:
    """The keynote, and in case of it the opening that it overlaps."""
    keynote = add_session(opening.event, "Keynote", "2019-10-31 10:00", minutes=75)
    star(alice, [opening.pk, keynote.pk], through=PAGE)
    rank(alice, opening, in_case_of=keynote, through=PAGE)
    return keynote, opening


def change(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def titles(calendar: PersonalCalendar) -> list[str]:
    by_pk = Session.objects.in_bulk([member.pk for member in calendar.members])
    return [by_pk[member.pk].title for member in calendar.members]


def in_case_in(calendar: PersonalCalendar) -> list[int]:
    return [member.pk for member in calendar.members if member.in_case]


def summaries(vevents: list[bytes]) -> list[str]:
    return [line[8:] for vevent in vevents for line in vevent.decode().splitlines() if line.startswith("SUMMARY:")]


def test_version_before_the_first_star_is_that_of_the_key(calendar, alice):
    assert calendar().version == CalendarVersion(0, CalendarKey.objects.get().created, EPOCH)


def test_version_names_the_newest_line_and_the_newest_version(calendar, alice, starred):
    change(starred[1], abstract="New")

    newest = StarLog.objects.latest("pk")
    assert calendar().version == CalendarVersion(newest.pk, newest.at, Session.objects.get(pk=starred[1].pk).updated)


def test_state_is_not_moved_by_other_people_or_other_talks(calendar, alice, bob, starred):
    before = calendar().etag
    star(bob, [session_of("Managing").pk], through=PAGE)
    change(session_of("Managing"), title="Renamed")

    assert calendar().etag == before


def test_members_are_the_stars_in_order_of_start(calendar, starred):
    assert titles(calendar()) == [session.title for session in sorted(starred, key=lambda session: session.start)]


def test_members_are_never_unpublished(calendar, starred):
    change(starred[0], is_published=False)

    assert starred[0].title not in titles(calendar())
    assert len(calendar().starred) == 3


def test_cancelled_members_stay_unless_their_owner_wants_them_gone(calendar, starred):
    change(starred[0], status="cancelled")

    assert len(calendar().members) == 3
    assert starred[0].title not in titles(calendar(drops_cancelled=True))


def test_members_are_of_the_events_chosen(calendar, alice, starred):
    other = add_event("other", "Asia/Tokyo", "2019-11-05", "2019-11-05")
    star(alice, [add_session(other, "Elsewhere", "2019-11-05 09:00").pk], through=PAGE)

    assert titles(calendar(events=frozenset([other.pk]))) == ["Elsewhere"]
    assert len(calendar(events=frozenset()).members) == 0
    assert len(calendar().members) == 4


def test_calendar_takes_one_query_however_much_is_starred(alice, kvm_forum, django_assert_num_queries):
    _, text = CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    for sessions in (Session.objects.all()[:1], Session.objects.all()):
        star(alice, [session.pk for session in sessions], through=PAGE)
        opened = opened_by(text, CalendarKey.Kind.FEED)

        with django_assert_num_queries(1):
            calendar = personal_calendar(opened, SITE)
            assert (len(calendar.members), calendar.etag[0]) == (len(sessions), '"')


NINE, TEN = (datetime(2019, 10, 31, hour, tzinfo=UTC) for hour in (9, 10))  # the opening: 10:00 to 10:30
HALF_AN_HOUR = timedelta(minutes=30)
FIRST_BECOMES = {
    "as it was": ({}, True),
    "tentative": ({"status": "tentative"}, True),
    "unpublished": ({"is_published": False}, False),
    "cancelled": ({"status": "cancelled"}, False),
    "until it begins": ({"start": NINE, "end": TEN}, False),
    "from its end": ({"start": TEN + HALF_AN_HOUR, "end": TEN + 2 * HALF_AN_HOUR}, False),
    "in the midst of it": ({"start": TEN + HALF_AN_HOUR / 3, "end": TEN + HALF_AN_HOUR / 2}, True),
}


@pytest.mark.parametrize(("fields", "expected"), FIRST_BECOMES.values(), ids=FIRST_BECOMES)
def test_second_is_in_case_as_long_as_the_first_is_a_plan(calendar, alice, pair, fields, expected):
    keynote, opening = pair
    change(keynote, **fields)

    assert in_case_in(calendar()) == ([opening.pk] if expected else [])
    keep_in_case(alice, opening, through=PAGE)
    assert in_case_in(calendar()) == [opening.pk]


def test_second_that_moved_away_is_the_plan(calendar, pair):
    change(pair[1], start=TEN + timedelta(hours=3), end=TEN + timedelta(hours=4))

    assert in_case_in(calendar()) == []


def test_second_of_a_first_that_is_no_longer_starred_is_the_plan_until_it_is_again(calendar, alice, pair):
    keynote, opening = pair

    unstar(alice, keynote, through=PAGE)
    assert in_case_in(calendar()) == []
    star(alice, [keynote.pk], through=PAGE)
    assert in_case_in(calendar()) == [opening.pk]


def test_second_of_a_first_that_was_deleted_is_the_plan_whatever_was_chosen(calendar, alice, pair):
    keep_in_case(alice, pair[1], through=PAGE)
    pair[0].delete()

    assert in_case_in(calendar()) == []


def test_in_case_of_one_that_is_itself_in_case(calendar, alice, pair):
    keynote, opening = pair
    workshop = add_session(opening.event, "Workshop", "2019-10-31 11:15")
    star(alice, [workshop.pk], through=PAGE)
    rank(alice, workshop, in_case_of=opening, through=PAGE)

    assert in_case_in(calendar()) == [opening.pk, workshop.pk]
    change(keynote, status="cancelled")
    assert in_case_in(calendar()) == [workshop.pk]


def test_rank_counts_only_where_the_calendar_has_the_first(calendar, alice, opening):
    other = add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31")
    elsewhere = add_session(other, "Elsewhere", "2019-10-31 11:00")
    star(alice, [opening.pk, elsewhere.pk], through=PAGE)
    rank(alice, opening, in_case_of=elsewhere, through=PAGE)

    assert in_case_in(calendar()) == [opening.pk]
    assert in_case_in(calendar(events=frozenset([opening.event_id]))) == []


def test_cancelled_first_that_the_calendar_drops_makes_the_second_the_plan(calendar, pair):
    change(pair[0], status="cancelled")

    assert [in_case_in(calendar(drops_cancelled=drops)) for drops in (True, False)] == [[], []]


def test_vevents_come_in_the_order_asked_each_by_its_rank(calendar, pair):
    keynote, opening = calendar().members

    assert summaries(calendar().vevents([opening, keynote])) == [
        "Backup choice: Managing Matryoshkas: Testing Nested Guests",
        "Keynote",
    ]


def test_vevents_leave_out_what_was_deleted_a_moment_ago(calendar, pair):
    before = calendar()
    pair[0].delete()

    assert summaries(before.vevents(before.members)) == ["Backup choice: Managing Matryoshkas: Testing Nested Guests"]


def test_zones_are_named_only_where_times_are_in_them(calendar, alice, starred):
    other = add_event("other", "Asia/Tokyo", "2019-11-05", "2019-11-05")
    star(alice, [add_session(other, "Elsewhere", "2019-11-05 09:00").pk], through=PAGE)

    assert calendar().zones == []
    assert calendar(in_event_zone=True).zones == ["Asia/Tokyo", "Europe/Paris"]


def steps(alice, keynote: Session, opening: Session):
    """What changes a calendar's bytes, one thing after the other."""
    yield "unranked", unrank(alice, opening, through=PAGE)
    yield "ranked", rank(alice, keynote, in_case_of=opening, through=PAGE)
    yield "cancelled", change(opening, status="cancelled")
    yield "kept in case", keep_in_case(alice, keynote, through=PAGE)
    yield "said", change(opening, abstract="New")
    yield "reinstated", change(opening, status="confirmed")
    yield "hidden", change(opening, is_published=False)
    yield "shown", change(opening, is_published=True)
    yield "unstarred", unstar(alice, opening, through=PAGE)
    yield "starred", star(alice, [opening.pk], through=PAGE)


def test_etag_is_another_after_each_change_and_begins_with_the_state(calendar, alice, pair):
    etags = [calendar().etag]
    for _ in steps(alice, *pair):
        assert calendar().etag == calendar().etag
        etags.append(calendar().etag)

    assert len(set(etags)) == len(etags) == 11
    assert CalendarVersion.read(etags[-1]) == calendar().version


def test_etag_is_another_with_each_option_and_site(calendar, pair):
    variants = [{}, {"alarm": 5}, {"alarm": 10}, {"drops_cancelled": True}, {"in_event_zone": True}]
    variants += [{"events": frozenset([pair[0].event_id])}, {"site": "https://other.example.org"}]

    assert len({calendar(**variant).etag for variant in variants}) == len(variants)


def test_resource_etag_follows_its_own_session_and_rank_alone(calendar, alice, pair):
    def etags() -> list[str]:
        now = calendar()
        return [now.resource_etag(member) for member in now.members]

    keynote, opening = etags()
    change(pair[0], title="The keynote")
    moved, same = etags()
    change(pair[0], status="cancelled")
    _, promoted = etags()

    assert (moved != keynote, same == opening, promoted != opening) == (True, True, True)
    assert calendar(alarm=5).resource_etag(calendar().members[1]) != promoted


def test_bobs_ranks_are_not_in_alices_calendar(calendar, alice, bob, pair):
    keynote, opening = pair
    before = calendar().etag
    star(bob, [keynote.pk, opening.pk], through=PAGE)
    rank(bob, keynote, in_case_of=opening, through=PAGE)

    assert (in_case_in(calendar()), calendar().etag) == ([opening.pk], before)
    assert Star.objects.filter(in_case_of__isnull=False).count() == 2


def test_etag_changes_when_a_hidden_first_choice_is_deleted(calendar, alice, pair):
    keynote, opening = pair
    keep_in_case(alice, opening, through=PAGE)
    change(keynote, is_published=False)
    change(opening, abstract="The newest version of all")
    before, was_in_case = calendar().etag, in_case_in(calendar())

    keynote.delete()

    assert (was_in_case, in_case_in(calendar())) == ([opening.pk], [])
    assert calendar().etag != before
