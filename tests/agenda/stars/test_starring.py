"""Starring: once is as good as twice, the log tells the truth, and two at a time do no harm."""

from __future__ import annotations

import pytest

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import CannotRank, keep_in_case, rank, unrank
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import BEFORE, add_session, session_of
from tests.threads import at_once

PAGE, MERGE = StarLog.Through.PAGE, StarLog.Through.MERGE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def stars_of(user: User) -> list[int]:
    return list(Star.objects.filter(user=user).order_by("pk").values_list("session_id", flat=True))


def log_of(user: User) -> list[tuple[int, bool, str]]:
    return list(StarLog.objects.filter(user=user).order_by("pk").values_list("session_id", "starred", "through"))


def test_star_is_kept_and_logged(opening, alice):
    assert star(alice, [opening.pk], through=PAGE) == 1

    assert stars_of(alice) == [opening.pk]
    assert log_of(alice) == [(opening.pk, True, "page")]
    assert set(StarLog.objects.values_list("at", flat=True)) == {BEFORE}


def test_star_repeated_changes_nothing(opening, alice):
    star(alice, [opening.pk], through=PAGE)

    assert star(alice, [opening.pk], through=MERGE) == 0
    assert stars_of(alice) == [opening.pk]
    assert log_of(alice) == [(opening.pk, True, "page")]


def test_several_stars_are_counted_without_those_there(opening, alice):
    other = session_of("Nesting&testing")
    star(alice, [opening.pk], through=PAGE)

    assert star(alice, [opening.pk, other.pk], through=MERGE) == 1
    assert log_of(alice) == [(opening.pk, True, "page"), (other.pk, True, "merge")]


def test_two_people_star_the_same_session(opening, alice, bob):
    star(bob, [opening.pk], through=PAGE)

    assert star(alice, [opening.pk], through=PAGE) == 1
    assert stars_of(alice) == stars_of(bob) == [opening.pk]


def test_unstar_takes_the_star_and_logs_it(opening, alice):
    star(alice, [opening.pk], through=PAGE)

    unstar(alice, opening, through=PAGE)

    assert stars_of(alice) == []
    assert log_of(alice) == [(opening.pk, True, "page"), (opening.pk, False, "page")]


def test_unstar_of_what_is_not_starred_changes_nothing(opening, alice):
    unstar(alice, opening, through=PAGE)

    assert log_of(alice) == []


def test_log_only_grows(opening, alice):
    for _ in range(2):
        star(alice, [opening.pk], through=PAGE)
        unstar(alice, opening, through=PAGE)

    assert [starred for _, starred, _ in log_of(alice)] == [True, False, True, False]


def test_bob_keeps_his_stars_when_alice_unstars(opening, alice, bob):
    star(bob, [opening.pk], through=PAGE)

    star(alice, [opening.pk], through=PAGE)
    unstar(alice, opening, through=PAGE)

    assert (stars_of(alice), stars_of(bob)) == ([], [opening.pk])


def test_starring_takes_as_many_queries_for_1_and_3(kvm_forum, alice, django_assert_num_queries):
    one, *three = Session.objects.values_list("pk", flat=True)[:4]

    for pks in ([one], three):
        with django_assert_num_queries(6):  # savepoint, lock, what is there, stars, log, release
            star(alice, pks, through=PAGE)


@pytest.fixture
def three(opening, alice) -> list[Session]:
    """All at the same time, starred by Alice, unranked; her log is empty again."""
    others = [add_session(opening.event, title, "2019-10-31 11:15") for title in ("Keynote", "Workshop")]
    sessions = [opening, *others]
    star(alice, [session.pk for session in sessions], through=PAGE)
    StarLog.objects.all().delete()
    return sessions


def ranks_of(user: User) -> dict[int, int | None]:
    """The first choices, by the second."""
    ranked = Star.objects.filter(user=user, in_case_of__isnull=False)
    return dict(ranked.values_list("session_id", "in_case_of_id"))


def test_rank_is_kept_and_logged_as_one_more_starring(three, alice):
    first, second, _ = three

    rank(alice, second, in_case_of=first, through=PAGE)

    assert ranks_of(alice) == {second.pk: first.pk}
    assert log_of(alice) == [(second.pk, True, "page")]


def test_rank_repeated_changes_nothing(three, alice):
    first, second, _ = three
    for _ in range(2):
        rank(alice, second, in_case_of=first, through=PAGE)

    assert len(log_of(alice)) == 1


def test_rank_turned_round_is_no_circle(three, alice):
    first, second, _ = three
    rank(alice, second, in_case_of=first, through=PAGE)

    rank(alice, first, in_case_of=second, through=PAGE)

    assert ranks_of(alice) == {first.pk: second.pk}
    assert sorted(pk for pk, _, _ in log_of(alice)) == sorted([second.pk, first.pk, second.pk])


def test_rank_by_way_of_a_third_is_no_circle_either(three, alice):
    one, two, three_ = three
    rank(alice, two, in_case_of=one, through=PAGE)
    rank(alice, three_, in_case_of=two, through=PAGE)

    rank(alice, one, in_case_of=three_, through=PAGE)

    assert ranks_of(alice) == {two.pk: one.pk, one.pk: three_.pk}


def test_rank_anew_is_no_longer_kept_whatever_happens(three, alice):
    first, second, third = three
    rank(alice, second, in_case_of=first, through=PAGE)
    keep_in_case(alice, second, through=PAGE)

    rank(alice, second, in_case_of=third, through=PAGE)

    assert Star.objects.values_list("in_case_of", "stays_in_case").get(session=second) == (third.pk, False)


@pytest.mark.parametrize("place", [0, 1])
def test_rank_of_what_is_not_starred_is_refused(three, alice, place):
    unstar(alice, three[place], through=PAGE)

    with pytest.raises(CannotRank, match=f"“{three[place].title}” is not among your stars any more."):
        rank(alice, three[1], in_case_of=three[0], through=PAGE)

    assert ranks_of(alice) == {}


def test_rank_of_what_only_bob_starred_is_refused(three, alice, bob):
    other = add_session(three[0].event, "Other", "2019-10-31 11:00")
    star(bob, [other.pk, three[0].pk], through=PAGE)

    with pytest.raises(CannotRank):
        rank(alice, other, in_case_of=three[0], through=PAGE)

    assert ranks_of(bob) == {}


@pytest.mark.parametrize("place", [0, 1])
def test_rank_of_what_was_cancelled_is_refused(three, alice, place):
    three[place].status = Session.Status.CANCELLED

    with pytest.raises(CannotRank, match="was cancelled"):
        rank(alice, three[1], in_case_of=three[0], through=PAGE)


def test_rank_of_what_only_touches_or_is_the_same_is_refused(three, alice):
    after = add_session(three[0].event, "After", "2019-10-31 11:30")
    star(alice, [after.pk], through=PAGE)

    for other in (after, three[0]):
        with pytest.raises(CannotRank, match="no longer overlap"):
            rank(alice, other, in_case_of=three[0], through=PAGE)


def test_unrank_makes_both_the_plan_once(three, alice):
    rank(alice, three[1], in_case_of=three[0], through=PAGE)
    keep_in_case(alice, three[1], through=PAGE)

    for _ in range(2):
        unrank(alice, three[1], through=PAGE)

    assert Star.objects.values_list("in_case_of", "stays_in_case").get(session=three[1]) == (None, False)
    assert [pk for pk, _, _ in log_of(alice)] == [three[1].pk] * 3


def test_unrank_of_what_is_not_starred_changes_nothing(opening, alice):
    unrank(alice, opening, through=PAGE)

    assert log_of(alice) == []


def test_keep_in_case_is_logged_once(three, alice):
    rank(alice, three[1], in_case_of=three[0], through=PAGE)

    for _ in range(2):
        keep_in_case(alice, three[1], through=PAGE)

    assert Star.objects.values_list("in_case_of", "stays_in_case").get(session=three[1]) == (three[0].pk, True)
    assert len(log_of(alice)) == 2


def test_keep_in_case_of_nothing_is_refused(three, alice):
    with pytest.raises(CannotRank, match="is in your plan"):
        keep_in_case(alice, three[1], through=PAGE)
    unstar(alice, three[1], through=PAGE)
    with pytest.raises(CannotRank, match="is not among your stars any more"):
        keep_in_case(alice, three[1], through=PAGE)


def test_star_from_two_devices_at_once_is_one_star(shared_database, kvm_forum, alice):
    def work():
        alice, opening = User.objects.get(), Session.objects.earliest("start")
        return star(alice, [opening.pk], through=PAGE), stars_of(alice), log_of(alice)

    new, stars, logs = zip(*at_once(2, work), strict=True)

    assert sorted(new) == [0, 1]
    assert len(set(map(tuple, stars))) == len(stars[0]) == 1
    assert len(set(map(tuple, logs))) == len(logs[0]) == 1


def test_star_and_unstar_at_once_leave_a_log_that_ends_as_it_is(shared_database, kvm_forum, alice):
    def work():
        alice, opening = User.objects.get(), Session.objects.earliest("start")
        for _ in range(5):
            star(alice, [opening.pk], through=PAGE)
            unstar(alice, opening, through=PAGE)

    def look():
        alice = User.objects.get()
        return stars_of(alice), [starred for _, starred, _ in log_of(alice)]

    at_once(2, work)

    stars, log = at_once(2, look)[0]
    assert stars == []
    assert log == [True, False] * (len(log) // 2)


def test_each_ranked_first_at_once_is_no_circle(shared_database, kvm_forum, alice):
    order = [("Managing", "Nesting"), ("Nesting", "Managing")]

    def work():
        first, second = map(session_of, order.pop())
        second.start, second.end = first.start, first.end
        star(User.objects.get(), [first.pk, second.pk], through=PAGE)
        rank(User.objects.get(), second, in_case_of=first, through=PAGE)

    at_once(2, work)

    ranks = at_once(2, lambda: ranks_of(User.objects.get()))[0]
    assert len(ranks) == 1
