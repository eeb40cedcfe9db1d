"""The list of sessions in /admin/: columns, filters, search, and the rows that its forms offer."""

from __future__ import annotations

import pytest

from agenda.models import Session, Star
from tests.agenda.admin.editing import messages, page
from tests.agenda.kvm_forum import add_event, add_session, session_of

LIST = "/admin/agenda/session/"


def titles(client, query="", **params):
    """Of the sessions shown, in order."""
    return page(client.get(LIST + query, params, follow=True)).texts("th.field-title")


def offered(client, term="", *, model, of, **params):
    """What an autocompleted field offers."""
    asked = {"app_label": "agenda", "model_name": model, "field_name": of, "term": term} | params
    return [row["text"] for row in client.get("/admin/autocomplete/", asked).json()["results"]]


def test_row_says_when_where_who_and_how_many_starred(desk, opening, alice, bob):
    for user in (alice, bob):
        Star.objects.create(user=user, session=opening)

    row = page(desk.get(LIST)).one("table", id="result_list").all("tr")[1]

    assert row.one("th").text == "Managing Matryoshkas: Testing Nested Guests"
    assert row.texts("td")[1:5] == ["Thu 31 Oct 2019, 11:00–11:30 CET", "Forum 3", "KVM Forum Track 2", "Confirmed"]
    assert row.one("td.field-is_published").one("img")["alt"] == "True"
    assert row.texts("td")[6:] == ["Marc Hartmayer, IBM", "2", "Tue 1 Oct 2019, 02:00 CEST"]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_makes_as_many_queries_for_three_rows_as_for_one(desk, kvm_forum, alice, rows, django_assert_num_queries):
    kept = list(kvm_forum.sessions.in_order()[:rows])
    Session.objects.exclude(pk__in=[session.pk for session in kept]).delete()
    for session in kept:
        Star.objects.create(user=alice, session=session)

    with django_assert_num_queries(12):
        shown = titles(desk)

    assert len(shown) == rows


def test_day_filter_counts_the_night_to_the_evening_before(desk, kvm_forum):
    add_session(kvm_forum, "Late", "2019-11-01T03:30")
    Session.objects.exclude(title__in=["Late", "Nesting&testing", "KubeVirt Community Update"]).delete()

    assert titles(desk, day="2019-10-31") == ["Nesting&testing", "Late"]
    assert titles(desk, day="2019-11-01") == ["KubeVirt Community Update"]


def test_day_filter_offers_the_days_of_the_chosen_event(desk, kvm_forum):
    other = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-01")

    sidebar = page(desk.get(LIST, {"event__id__exact": other.pk})).one("nav", id="changelist-filter")

    days = [link.text for link in sidebar.all("a") if "day=" in link["href"]]
    assert days == ["Sunday 1 December 2019"]


def test_room_filter_offers_the_rooms_of_the_chosen_event(desk, kvm_forum):
    other = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-01")
    other.rooms.create(name="Hall", slug="hall")

    sidebar = page(desk.get(LIST, {"event__id__exact": other.pk})).one("nav", id="changelist-filter")

    assert [link.text for link in sidebar.all("a") if "room__id" in link["href"]] == ["Hall"]


def test_event_filter_shows_sessions_of_one_event(desk, kvm_forum):
    other = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-01")
    add_session(other, "Elsewhere", "2019-12-01T09:00")

    assert titles(desk, event__id__exact=other.pk) == ["Elsewhere"]


@pytest.mark.parametrize(
    ("lookup", "value"),
    [
        ("track__id__exact", ""),
        ("room__isnull", "True"),
        ("status__exact", "cancelled"),
        ("is_published__exact", "0"),
        ("slides_included__exact", "0"),
    ],
)
def test_filters_show_what_they_say(desk, opening, lookup, value):
    other = opening.event.tracks.create(name="Other", slug="other")
    Session.objects.update(slides_included=True)
    Session.objects.filter(pk=opening.pk).update(
        track=other, room=None, status="cancelled", is_published=False, slides_included=False
    )

    assert titles(desk, **{lookup: value or other.pk}) == [opening.title]


@pytest.mark.parametrize(
    "words", ["bennee", "BENNÉE total", "what's going linaro", "what’s going", "TCG´s total", "alex awareness"]
)
def test_search_finds_title_byline_and_speakers_whatever_case_and_accents(desk, kvm_forum, words):
    assert titles(desk, q=words) == [session_of("What's Going On?").title]


@pytest.mark.parametrize("words", ["\0", "x" * 60_000, '"', "%", "\\", "a " * 5_000])
def test_search_takes_whatever_is_typed(desk, kvm_forum, words):
    assert desk.get(LIST, {"q": words}).status_code == 200


@pytest.mark.parametrize("day", ["2019-99-99", "2018-01-01", "yesterday"])
def test_day_that_is_none_is_said_and_all_are_shown(desk, kvm_forum, day):
    response = desk.get(LIST, {"day": day})

    assert messages(response) == [f"“{day}” is not a day of a programme; showing all."]
    assert len(page(response).texts("th.field-title")) == 20


@pytest.mark.parametrize("query", ["?event__id__exact=abc", "?room__id__exact=abc", "?p=abcd99", "?p=99"])
def test_filter_that_makes_no_sense_is_said_and_all_are_shown(desk, kvm_forum, query):
    add_event("devconf", "America/New_York", "2019-12-01", "2019-12-01")

    response = desk.get(LIST + query, follow=True)

    assert len(page(response).texts("th.field-title")) == 20


def test_filter_that_makes_no_sense_is_said(desk, kvm_forum):
    response = desk.get(LIST, {"room__id__exact": "abc"}, follow=True)

    assert messages(response) == ["That filter makes no sense here; showing all."]


def test_forms_offer_the_rows_of_their_event(desk, kvm_forum):
    other = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-01")
    other.rooms.create(name="Forum 9", slug="forum-9")
    other.speakers.create(name="Peng Chao", slug="peng-chao")

    assert offered(desk, model="session", of="room", event=other.pk) == ["Forum 9"]
    assert offered(desk, "chao peng", model="appearance", of="speaker", event=kvm_forum.pk) == ["Chao Peng"]
    assert offered(desk, "forum", model="session", of="event") == ["KVM Forum 2019"]
    assert offered(desk, model="session", of="event") == [other.name, "KVM Forum 2019"]


@pytest.mark.parametrize("term", ["\0", "x" * 60_000, '"'])
def test_forms_take_whatever_is_typed_for_a_room(desk, kvm_forum, term):
    assert offered(desk, term.replace('"', '"""'), model="session", of="room", event="abc") in ([], ["Forum 3"])
