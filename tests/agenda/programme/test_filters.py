"""The programme's filters: read from an address, written back to one, and what passes them."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict

from agenda.models import Room, Session, Track
from agenda.programme.filters import Filters, matching, read
from agenda.version_cache import Version

THURSDAY, FRIDAY = date(2019, 10, 31), date(2019, 11, 1)
TRACK, ROOM = Track(slug="kvm", name="KVM"), Room(slug="forum-3", name="Forum 3")


@pytest.fixture
def filters_of(kvm_forum):
    """The filters of a query, and the problems said."""
    tracks, rooms = list(kvm_forum.tracks.all()), list(kvm_forum.rooms.all())
    return lambda query: read(QueryDict(query), kvm_forum, tracks, rooms)


def versions() -> list[Version]:
    return [Version(*values) for values in Session.objects.values_list("pk", "updated")]


def titles_matching(q: str) -> list[str]:
    found = matching(versions(), q)
    return list(Session.objects.filter(pk__in=found).in_order().values_list("title", flat=True))


def test_empty_query_is_the_whole_programme(filters_of):
    assert filters_of("") == (Filters(), [])


def test_every_filter_is_read(filters_of, kvm_forum):
    query = "day=2019-11-01&track=kvm-forum-track-2&room=forum-3&q=nested+vm&starred=1&slides=1&view=full"

    filters, problems = filters_of(query)

    assert filters == Filters(
        day=FRIDAY,
        tracks=(kvm_forum.tracks.get(),),
        rooms=(kvm_forum.rooms.get(),),
        q="nested vm",
        starred=True,
        slides=True,
        view="full",
    )
    assert problems == []


def test_all_days_are_asked_for_by_name(filters_of):
    assert filters_of("day=all") == (Filters(every_day=True), [])


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("day=friday", "“friday” is not a day of this programme; showing all."),
        ("day=2019-11-02", "“2019-11-02” is not a day of this programme; showing all."),
        ("day=20191101", "“20191101” is not a day of this programme; showing all."),
        ("day=9999-12-31", "“9999-12-31” is not a day of this programme; showing all."),
        ("day=0001-01-01", "“0001-01-01” is not a day of this programme; showing all."),
        ("track=no", "There is no track “no” here; showing all."),
        ("room=%00", "There is no room “\0” here; showing all."),
        ("room=" + "x" * 500, f"There is no room “{'x' * 80}” here; showing all."),
    ],
)
def test_unknown_value_is_left_out_and_said(filters_of, query, problem):
    assert filters_of(query) == (Filters(), [problem])


def test_unknown_view_is_the_list(filters_of):
    assert filters_of("view=3d") == (Filters(view="list"), ["There is no view “3d”; showing the list."])


def test_each_unknown_value_has_its_sentence(filters_of):
    _, problems = filters_of("day=1&track=2&room=3&view=4")

    assert len(problems) == 4


@pytest.mark.parametrize(
    ("query", "q"),
    [
        ("q=+++two%0A%0Dwords%09", "two words"),
        ("q=%00nu%00l", "nul"),
        ("q=" + "x" * 10_000, "x" * 200),
        ("q=%FF", "\ufffd"),
    ],
)
def test_search_words_are_tidied(filters_of, query, q):
    assert filters_of(query) == (Filters(q=q), [])


@pytest.mark.parametrize("query", ["starred=0", "starred=yes", "slides=", "slides=true"])
def test_switches_are_on_at_1_alone(filters_of, query):
    assert filters_of(query) == (Filters(), [])


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        (Filters(), "?"),
        (Filters(day=THURSDAY), "?day=2019-10-31"),
        (Filters(every_day=True), "?day=all"),
        (Filters(tracks=(TRACK,), rooms=(ROOM,)), "?track=kvm&room=forum-3"),
        (Filters(q="a & b=ü"), "?q=a+%26+b%3D%C3%BC"),
        (Filters(starred=True, slides=True, view="full"), "?starred=1&slides=1&view=full"),
    ],
)
def test_filters_are_written_as_a_query(filters, query):
    assert filters.query() == query


def test_query_with_something_changed_keeps_the_rest():
    filters = Filters(day=THURSDAY, q="nested", slides=True)

    assert filters.query(day=None) == "?q=nested&slides=1"
    assert filters.query(starred=True) == "?day=2019-10-31&q=nested&starred=1&slides=1"
    assert filters == Filters(day=THURSDAY, q="nested", slides=True)


def test_written_query_reads_back(filters_of, kvm_forum):
    filters = Filters(
        day=FRIDAY,
        tracks=(kvm_forum.tracks.get(),),
        rooms=(kvm_forum.rooms.get(),),
        q="50% & “ü”",
        slides=True,
        view="full",
    )

    assert filters_of(filters.query()[1:]) == (filters, [])


def test_search_form_carries_the_other_filters():
    filters = Filters(day=THURSDAY, tracks=(TRACK,), q="nested & more", starred=True, view="full")

    others = (("day", "2019-10-31"), ("track", "kvm"), ("starred", "1"), ("view", "full"))
    assert filters.hidden_fields("q") == others
    assert Filters(q="alone").hidden_fields("q") == ()


@pytest.mark.parametrize(
    ("filters", "any_", "narrow"),
    [
        (Filters(), False, False),
        (Filters(view="full", every_day=True), False, False),
        (Filters(day=THURSDAY), True, False),
        (Filters(tracks=(TRACK,)), True, False),
        (Filters(rooms=(ROOM,)), True, False),
        (Filters(q="x"), True, True),
        (Filters(starred=True), True, True),
        (Filters(slides=True), True, True),
    ],
)
def test_filters_know_whether_they_leave_holes(filters, any_, narrow):
    assert (filters.any, filters.narrow) == (any_, narrow)


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (Filters(), 20),
        (Filters(day=THURSDAY), 9),
        (Filters(day=FRIDAY), 11),
        (Filters(slides=True), 18),
        (Filters(day=FRIDAY, slides=True), 10),
        (Filters(q="matching() looks at words"), 20),
        (Filters(starred=True), 2),
        (Filters(starred=True, day=FRIDAY), 1),
    ],
)
def test_sessions_pass_all_filters_together(kvm_forum, filters, count):
    pks = {Session.objects.in_order().first().pk, Session.objects.in_order().last().pk}

    assert filters.apply(Session.objects.all(), kvm_forum, pks).count() == count


def test_sessions_pass_track_and_room(kvm_forum, opening):
    elsewhere = kvm_forum.rooms.create(name="Forum 1", slug="forum-1")
    other = kvm_forum.tracks.create(name="Track 1", slug="track-1")
    Session.objects.filter(pk=opening.pk).update(room=elsewhere, track=other)
    everything = Session.objects.all()

    assert list(Filters(rooms=(elsewhere,)).apply(everything, kvm_forum, None)) == [opening]
    assert list(Filters(tracks=(other,)).apply(everything, kvm_forum, None)) == [opening]
    assert Filters(tracks=(other,), day=FRIDAY).apply(everything, kvm_forum, None).count() == 0


def test_stars_of_nobody_filter_nothing(kvm_forum):
    assert Filters(starred=True).apply(Session.objects.all(), kvm_forum, None).count() == 20


ALEX = ["What's Going On? Taking Advantage of TCG's Total System Awareness"]
CHAO_PENG = [
    "Hybird^2 Nested VM IO Performance Tuning",
    "A Lightweight Virtual Interrupt Controller for Container/Serverless",
]


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        ("Bennee", ALEX),
        ("BENNÉE", ALEX),
        ("benne\u0301e", ALEX),
        ("linaro alex", ALEX),
        ("chao peng", CHAO_PENG),
        ("hybird", CHAO_PENG[:1]),
        ("^2", CHAO_PENG[:1]),
        ("l0->l1", CHAO_PENG[:1]),
        ("rowhammer", ["QEMU-Hexagon: Automatic Translation of the ISA Manual Pseudcode to Tiny Code Instructions"]),
        ("Teamlead Networking", ["Virtualized Fibre-channel - Some Years Later"]),
        ("siemens", ["Reworking the Inter-VM Shared Memory Device"]),
        ("Changpeng", ["SPDK Vhost FUSE Target to Accelerate File Access in VMs and Containers"]),
        ("firecrack tencent", ["Bring QEMU to Micro Service World"]),
        ("bennée kubevirt", []),
        ("100%_", []),
    ],
)
def test_search_finds_words_in_title_byline_abstract_speakers_and_biographies(kvm_forum, q, titles):
    found = titles_matching(q)

    assert [title[: len(words)] for title, words in zip(found, titles, strict=True)] == titles


def test_search_looks_among_the_sessions_given(kvm_forum):
    assert matching(versions()[:1], "qemu kvm nested") == {versions()[0].pk}
    assert matching([], "kvm") == set()


def test_search_sees_a_new_title_once_its_version_moved(kvm_forum, opening):
    assert titles_matching("babushkas") == []
    opening.title, opening.updated = "Managing Babushkas", opening.updated.replace(microsecond=1)
    opening.save()

    assert titles_matching("babushkas") == ["Managing Babushkas"]


def test_search_needs_no_query_once_the_words_are_kept(kvm_forum, django_assert_num_queries):
    few, all_ = versions()[:1], versions()

    with django_assert_num_queries(4):  # sessions, appearances with their speakers, materials, revisions
        matching(few, "kvm")
    with django_assert_num_queries(4):
        matching(all_, "kvm")
    with django_assert_num_queries(0):
        matching(all_, "nested")
