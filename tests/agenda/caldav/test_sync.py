"""REPORT sync-collection: what changed since a token, and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection

from agenda.editing.changes import recording
from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import rank
from agenda.stars.starring import star, unstar
from tests.agenda.caldav.dav import DECLARED, answers, refusal, statuses, token_in
from tests.agenda.kvm_forum import add_event, add_session, session_of

pytestmark = pytest.mark.any_database

PAGE = StarLog.Through.PAGE


@pytest.fixture
def token(phone, starred) -> str:
    """After the first sync."""
    return token_in(phone.sync())


def edit(session, **fields):
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def changed(phone, token, **more):
    """What a sync reports: the sessions' titles up to the first space, with the status of each."""
    titles = {phone.address_of(session): session.title.split()[0] for session in Session.objects.all()}
    return {titles.get(href, href): status for href, status in statuses(phone.sync(token, **more)).items()}


def test_first_sync_lists_all_that_is_there_and_nothing_that_was(phone, alice, starred):
    unstar(alice, starred[0], through=PAGE)

    response = phone.sync(prop="<D:getetag/><C:calendar-data/>")

    assert statuses(response) == dict.fromkeys(sorted(map(phone.address_of, starred[1:])), 200)
    member = phone("GET", phone.address_of(starred[1]))
    assert answers(response)[phone.address_of(starred[1])] == {
        "D:getetag": member["ETag"],
        "C:calendar-data": member.content.decode(),
    }


def test_token_is_that_of_the_collection(phone, token):
    assert answers(phone.propfind(phone.agenda, "<D:sync-token/>")) == {phone.agenda: {"D:sync-token": token}}


def test_nothing_new_is_an_empty_answer_with_the_same_token(phone, token):
    response = phone.sync(token)

    assert (statuses(response), token_in(response)) == ({}, token)


def test_star_is_reported_once(phone, alice, token):
    star(alice, [session_of("Managing").pk], through=PAGE)

    response = phone.sync(token)

    assert statuses(response) == {phone.address_of(session_of("Managing")): 200}
    assert statuses(phone.sync(token_in(response))) == {}


def test_unstar_is_reported_as_removed_once(phone, alice, starred, token):
    unstar(alice, starred[0], through=PAGE)

    response = phone.sync(token)

    assert statuses(response) == {phone.address_of(starred[0]): 404}
    assert statuses(phone.sync(token_in(response))) == {}


def test_deletion_by_another_client_is_reported_as_removed(phone, starred, token):
    phone("DELETE", phone.address_of(starred[0]))

    assert statuses(phone.sync(token)) == {phone.address_of(starred[0]): 404}


def test_star_taken_back_is_reported_as_there(phone, alice, starred, token):
    unstar(alice, starred[0], through=PAGE)
    star(alice, [starred[0].pk], through=PAGE)

    assert statuses(phone.sync(token)) == {phone.address_of(starred[0]): 200}


@pytest.mark.parametrize("fields", [{"title": "Other"}, {"status": "cancelled"}, {"abstract": "New."}])
def test_edit_is_reported(phone, starred, token, fields):
    edit(starred[1], **fields)

    response = phone.sync(token)

    assert statuses(response) == {phone.address_of(starred[1]): 200}
    assert statuses(phone.sync(token_in(response))) == {}


def test_edit_of_what_is_not_starred_is_no_news(phone, token):
    edit(session_of("Managing"), title="Other")

    response = phone.sync(token)

    assert (statuses(response), token_in(response)) == ({}, token)


def test_unpublished_session_is_removed_and_comes_back(phone, starred, token):
    edit(starred[0], is_published=False)
    gone = phone.sync(token)
    edit(starred[0], is_published=True)

    back = phone.sync(token_in(gone))

    assert statuses(gone) == {phone.address_of(starred[0]): 404}
    assert statuses(back) == {phone.address_of(starred[0]): 200}


def test_cancelled_session_is_removed_where_the_owner_wants_that(phone, starred):
    phone.change_key(options={"cancelled": "drop"})
    token = token_in(phone.sync())
    edit(starred[0], status="cancelled")

    assert statuses(phone.sync(token)) == {phone.address_of(starred[0]): 404}


def test_second_choice_is_reported_when_its_first_is_cancelled(phone, alice, kvm_forum):
    first = add_session(kvm_forum, "First", "2019-10-31T18:00")
    other = add_session(kvm_forum, "Other", "2019-10-31T18:15")
    star(alice, [first.pk, other.pk], through=PAGE)
    rank(alice, other, in_case_of=first, through=PAGE)
    token, before = token_in(phone.sync()), phone("GET", phone.address_of(other))
    edit(first, status="cancelled")

    after = phone.sync(token)

    assert statuses(after) == {phone.address_of(first): 200, phone.address_of(other): 200}
    assert answers(after)[phone.address_of(other)]["D:getetag"] != before["ETag"]
    assert b"STATUS:TENTATIVE" in before.content


def test_second_choice_is_reported_when_its_first_is_unstarred(phone, alice, kvm_forum):
    first = add_session(kvm_forum, "First", "2019-10-31T18:00")
    other = add_session(kvm_forum, "Other", "2019-10-31T18:15")
    star(alice, [first.pk, other.pk], through=PAGE)
    rank(alice, other, in_case_of=first, through=PAGE)
    token = token_in(phone.sync())
    unstar(alice, first, through=PAGE)

    assert statuses(phone.sync(token)) == {phone.address_of(first): 404, phone.address_of(other): 200}


def test_ranking_is_reported(phone, alice, kvm_forum):
    first = add_session(kvm_forum, "First", "2019-10-31T18:00")
    other = add_session(kvm_forum, "Other", "2019-10-31T18:15")
    star(alice, [first.pk, other.pk], through=PAGE)
    token = token_in(phone.sync())
    rank(alice, other, in_case_of=first, through=PAGE)

    assert changed(phone, token)["Other"] == 200


def test_stars_of_events_that_the_calendar_does_not_show_are_no_news(phone, alice, kvm_forum, starred):
    phone.change_key(options={"events": [kvm_forum.pk]})
    token = token_in(phone.sync())
    elsewhere = add_session(add_event("other", "Asia/Tokyo", "2020-01-01", "2020-01-02"), "Other", "2020-01-01T10:00")
    star(alice, [elsewhere.pk], through=PAGE)

    response = phone.sync(token)

    assert statuses(response) == {}
    edit(starred[0], title="New")
    assert statuses(phone.sync(token_in(response))) == {phone.address_of(starred[0]): 200}


def test_two_clients_hear_of_everything_each_in_its_own_time(phone, alice, starred, token):
    from_first = token_in(phone.sync())
    unstar(alice, starred[0], through=PAGE)
    from_second = token_in(phone.sync(from_first))
    edit(starred[1], title="New")

    assert changed(phone, from_first) == {"Nesting&testing": 404, "New": 200}
    assert changed(phone, from_second) == {"New": 200}


INVALID = {
    "another server's": "http://sabre.io/ns/sync/12",
    "none at all": "nonsense",
    "only our prefix": "data:,",
    "broken": "data:,1-2.3.4",
    "too many parts": "{token}.1.2",
    "words for numbers": "data:,a-b-c.{rest}",
    "a number too large": "data:,{long}-1-1.{rest}",
    "no page": "{token}.{state}.x",
    "signs of other scripts": "data:,١-١-١.{rest}",
}


@pytest.mark.on_postgresql
@pytest.mark.parametrize("case", INVALID)
def test_token_that_is_not_ours_is_refused(phone, token, case):
    state, rest = token.removeprefix("data:,").split(".", 1)

    response = phone.sync(INVALID[case].format(token=token, state=f"{state}.{rest[:12]}", rest=rest, long="9" * 30))

    assert refusal(response) == (403, "D:valid-sync-token")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_token_from_the_future_is_refused(phone, token, place):
    state, _, rest = token.removeprefix("data:,").partition(".")
    numbers = [int(number) for number in state.split("-")]
    numbers[place] += 10_000_000

    assert refusal(phone.sync(f"data:,{'-'.join(map(str, numbers))}.{rest}")) == (403, "D:valid-sync-token")


@pytest.mark.parametrize("options", [{"alarm": 5}, {"times": "zone"}, {"cancelled": "drop"}, {"events": []}])
def test_token_of_other_choices_is_refused(phone, token, options):
    phone.change_key(options=options)

    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")


def test_token_of_a_former_address_of_the_site_is_refused(phone, token, settings):
    settings.SITE_URL = "https://agenda.example.org"  # it stands in every VEVENT

    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")


def test_token_holds_at_each_host_of_the_site(phone, token, settings):
    settings.ALLOWED_HOSTS = ["agenda.example.org", "testserver"]

    response = phone("REPORT", phone.agenda, sync_body(token), headers={"Host": "agenda.example.org"})

    assert (answers(response), token_in(response)) == ({}, token)


def test_token_of_another_person_is_refused(phone, bobs_phone, bob, starred, token):
    star(bob, [starred[0].pk], through=PAGE)

    assert refusal(bobs_phone.sync(token)) == (403, "D:valid-sync-token")


def test_token_is_refused_after_a_starred_session_was_deleted(phone, alice, starred, token):
    starred[0].delete()

    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")
    star(alice, [session_of("Managing").pk], through=PAGE)
    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")


def test_token_is_refused_after_the_log_was_put_back_and_written_anew(phone, alice, starred, token):
    StarLog.objects.filter(user=alice).order_by("-pk").first().delete()
    Star.objects.filter(user=alice, session=starred[-1]).delete()
    StarLog.objects.create(user=alice, session=starred[-1], starred=True, through=PAGE)

    assert refusal(phone.sync(token)) == (403, "D:valid-sync-token")


def sync_body(token, level="1", more=""):
    return (
        f"<D:sync-collection {DECLARED}><D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>"
        f"{more}<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 207), ({"Depth": "0"}, 207), ({"Depth": "1"}, 207), ({"Depth": "infinity"}, 400)]
)
def test_depth_is_none_or_what_older_clients_send(phone, token, headers, status):
    assert phone("REPORT", phone.agenda, sync_body(token), headers=headers).status_code == status


def test_infinite_level_is_refused(phone, token):
    assert refusal(phone("REPORT", phone.agenda, sync_body(token, "infinite"))) == (403, "D:sync-traversal-supported")


def test_level_that_does_not_exist_is_refused(phone, token):
    assert phone("REPORT", phone.agenda, sync_body(token, "2")).status_code == 400


def limit(number):
    return f"<D:limit><D:nresults>{number}</D:nresults></D:limit>"


@pytest.mark.parametrize("number", ["0", "-1", "many", "", "1.5", "٣"])
def test_limit_that_is_no_number_is_refused(phone, token, number):
    assert phone.sync(token, more=limit(number)).status_code == 400


@pytest.mark.parametrize("number", [3, 4, 10**30])
def test_limit_that_suffices_changes_nothing(phone, starred, number):
    assert phone.sync(more=limit(number)).content == phone.sync().content


def test_page_says_that_there_is_more(phone, starred):
    response = phone.sync(more=limit(2))

    found = statuses(response)
    assert (len(found), found[phone.agenda]) == (3, 507)
    assert b"<D:error><D:number-of-matches-within-limits/></D:error>" in response.content
    phone.key.refresh_from_db()
    assert phone.key.served == ""


def pages(phone, token, number, between=lambda page: None):
    """What a client knows after it has turned all pages, and its last token."""
    known, turned = {}, 0
    while True:
        response = phone.sync(token, more=limit(number))
        found, token = statuses(response), token_in(response)
        more = found.pop(phone.agenda, None)
        known |= found
        if more is None:
            return known, token
        turned += 1
        assert turned < 30
        between(turned)


@pytest.mark.parametrize("number", [1, 2])
def test_pages_together_are_the_whole(phone, starred, number):
    known, token = pages(phone, "", number)

    assert known == dict.fromkeys(map(phone.address_of, starred), 200)
    assert token == token_in(phone.sync())


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize("from_the_beginning", [True, False])
def test_what_changes_between_pages_is_not_missed(phone, alice, starred, number, from_the_beginning):
    others = list(Session.objects.exclude(pk__in=[session.pk for session in starred]).order_by("pk")[:8])
    begin = "" if from_the_beginning else token_in(phone.sync())
    known = {} if from_the_beginning else dict.fromkeys(map(phone.address_of, starred), 200)
    star(alice, [session.pk for session in others], through=PAGE)
    changes = [
        lambda: unstar(alice, others[0], through=PAGE),
        lambda: unstar(alice, others[-1], through=PAGE),
        lambda: edit(others[1], is_published=False),
        lambda: edit(starred[0], title="Late"),
        lambda: star(alice, [session_of("Managing").pk], through=PAGE),
        lambda: unstar(alice, others[2], through=PAGE),
    ]

    found, token = pages(phone, begin, number, lambda page: changes.pop(0)() if changes else None)

    there = {href for href, status in (known | found).items() if status == 200}
    assert there == set(statuses(phone.sync()))
    assert statuses(phone.sync(token)) == {}


def test_star_made_in_the_middle_of_a_sync_is_in_it_and_its_token_stands(phone, alice, token):
    session, come = session_of("Managing"), []

    def star_before_the_stars_are_read(execute, sql, parameters, many, context):
        if 'FROM "agenda_star" INNER JOIN' in sql and not come:
            come.append(star(alice, [session.pk], through=PAGE))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(star_before_the_stars_are_read):
        response = phone.sync(token)

    assert (come, statuses(response)) == ([1], {phone.address_of(session): 200})
    assert statuses(phone.sync(token_in(response))) == {}


def test_sync_is_what_the_calendar_knows_from_then_on(phone, token):
    phone.key.refresh_from_db()

    assert f"data:,{phone.key.served}" == token


@pytest.mark.parametrize("count", [1, 3])
def test_sync_takes_as_many_queries_for_1_and_3(phone, alice, starred, django_assert_num_queries, count):
    for session in starred[count:]:
        unstar(alice, session, through=PAGE)
    data = "<D:getetag/><C:calendar-data/>"
    token = token_in(phone.sync(prop=data))

    with django_assert_num_queries(4):  # key, owner, stars, log
        phone.sync(prop=data)
    with django_assert_num_queries(4):
        phone.sync(token, prop=data)
    unstar(alice, starred[0], through=PAGE)
    with django_assert_num_queries(6):  # the log, too, and what is noted
        phone.sync(token, prop=data)
