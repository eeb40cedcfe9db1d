"""The languages of an event: which is usual, what they are called, and where a page says them."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, QueryDict

from agenda.editing.changes import recording
from agenda.models import Session, Star
from agenda.programme.access import event_or_404
from agenda.programme.filters import read
from agenda.programme.languages import Language, language_name, languages_of
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def french(opening: Session) -> Session:
    """The first session, which is held in French as no other is."""
    Session.objects.filter(pk=opening.pk).update(language="fr")
    return opening


def row(root: Element, session: Session) -> Element:
    return root.one("li.session", id=f"s-{session.slug}")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("fr", "French"),
        ("de-CH", "German"),
        ("zh", "Chinese"),
        ("zh_Hant", "Traditional Chinese"),
        ("pt-br", "Brazilian Portuguese"),
        ("gsw", "Swiss German"),
        ("tlh", "tlh"),
        ("<b>", "<b>"),
    ],
)
def test_language_is_called_by_its_name_if_that_is_known(code, name):
    assert language_name(code) == name


def test_usual_language_is_the_most_frequent_of_what_is_published(db):
    event = add_event("summit", "Europe/Paris", "2019-10-31", "2019-10-31")
    for number, language in enumerate(("de", "en", "fr", "de", "", "", "", "en", "de", "en", "en")):
        session = add_session(event, f"Talk {number}", f"2019-10-31T{9 + number:02}:00", language=language)
        Session.objects.filter(pk=session.pk).update(is_published=number < 9)

    found = event_or_404(HttpRequest(), "summit")

    assert found.usual_language == "de"
    assert languages_of(found) == [Language("de"), Language("en"), Language("fr")]


@pytest.mark.parametrize("query", ["", "?view=full"])
def test_language_is_said_in_the_row_where_it_is_not_the_usual_one(client, french, query):
    root = page(client.get(KVM + query))

    assert root.texts("span.language") == row(root, french).texts("span.language") == ["in French"]
    assert {title["lang"] for title in root.all(".title") if "lang" in title.attributes} == {"fr"}
    assert row(root, french).one(".title")["lang"] == "fr"
    if query:
        assert row(root, french).one("div.details").all("div.prose")[0]["lang"] == "fr"


def test_language_is_said_on_the_sessions_page(client, french):
    root = page(client.get(french.get_absolute_url())).one("article")

    assert root.one("span.language").text == "in French"
    assert (root.one("h1")["lang"], root.all("div.prose")[0]["lang"]) == ("fr", "fr")


def test_language_is_said_in_my_agenda(client, alice, french):
    Star.objects.create(user=alice, session=french)
    client.force_login(alice)

    assert page(client.get("/agenda/")).texts("span.language") == ["in French"]


def test_usual_language_is_not_said_and_rows_follow_when_another_is_usual(client, french):
    page(client.get(KVM))
    Session.objects.exclude(pk=session_of("Nesting").pk).update(language="fr")

    root = page(client.get(KVM))

    assert root.texts("span.language") == ["in English"]
    assert row(root, session_of("Nesting")).texts("span.language") == ["in English"]
    assert len([title for title in root.all(".title") if title.attributes.get("lang") == "fr"]) == 19


@pytest.mark.on_postgresql
def test_language_is_a_filter_where_there_are_several(client, french):
    root = page(client.get(f"{KVM}?language=fr"))

    assert root.texts(".title") == [french.title]
    assert [(box["value"], "checked" in box.attributes) for box in root.all("input", name="language")] == [
        ("en", False),
        ("fr", True),
    ]
    assert root.link("French ✕: on, remove this filter") == "?"
    assert client.get(f"{KVM}schedule.ics?language=fr").content.count(b"BEGIN:VEVENT") == 1
    assert client.get(f"{KVM}schedule.ics?language=fr&language=en").content.count(b"BEGIN:VEVENT") == 20


@pytest.mark.parametrize(("query", "left"), [("language=fr", 0), ("language=fr&language=en", 19), ("language=en", 19)])
def test_calendar_of_a_language_gives_up_what_is_unpublished_and_nothing_else(client, french, query, left):
    at = f"{KVM}schedule.ics?{query}"
    before = client.get(at).content.count(b"BEGIN:VEVENT")

    with recording([french.pk], by=None):
        Session.objects.filter(pk=french.pk).update(is_published=False)

    after = client.get(at)
    assert (before - left, after.status_code) == (int("fr" in query), 200)
    assert after.content.count(b"BEGIN:VEVENT") == left
    assert client.get(f"{at}&language=klingonese").status_code == 404


def test_only_language_may_still_be_asked_for(client, kvm_forum):
    root = page(client.get(f"{KVM}?language=en"))

    assert (root.texts("p.error"), root.texts("p.found")) == ([], ["20 talks of 20"])


def test_language_is_no_filter_where_there_is_one(client, kvm_forum, django_assert_num_queries):
    root = page(client.get(f"{KVM}?language=fr"))

    assert root.texts("p.error") == ["There is no language “fr” here; showing all."]
    assert root.all("input", name="language") == []
    event = event_or_404(HttpRequest(), kvm_forum.slug)
    with django_assert_num_queries(0):
        assert languages_of(event) == []


def test_languages_are_read_from_an_address_once_each(kvm_forum):
    filters, problems = read(QueryDict("language=fr&language=xx&language=fr"), kvm_forum, [], [], [Language("fr")])

    assert filters.languages == (Language("fr"),)
    assert problems == ["There is no language “xx” here; showing the others."]
    assert filters.query() == "?language=fr"
