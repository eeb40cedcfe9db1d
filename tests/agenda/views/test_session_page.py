"""A session's own page: what it is, what comes before and after, and what else is on then."""

from __future__ import annotations

import pytest

from agenda.editing.changes import recording
from agenda.models import Appearance, Session, SessionRevision, Speaker, Star
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of
from tests.agenda.pages import spans
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

HOSTILE = '<script>alert(1)</script> & "quotes"'


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def read(client, session: Session) -> Element:
    return page(client.get(session.get_absolute_url()))


def meanwhile(root: Element) -> list[str]:
    return root.one("ol.meanwhile").texts("a")


def test_session_says_what_when_where_and_by_whom(client, opening):
    root = read(client, opening)

    head = root.one("div.page-head")
    assert head.texts("h1") == [opening.title]
    assert head.one("p.byline").text == "Marc Hartmayer, IBM"
    assert head.one("div.sub").text.startswith(
        "Thursday, 31 October 2019, 11:00–11:30 · Forum 3, Lyon Convention Centre, Lyon · times in CET"
    )
    assert [time["datetime"] for time in head.all("time")] == ["2019-10-31T11:00:00+01:00", "2019-10-31T11:30:00+01:00"]
    assert head.one("p.meta").text == "KVM Forum Track 2 Forum 3 Slides included"


def test_session_has_its_text_speakers_and_materials(client, opening):
    root = read(client, opening)

    assert root.texts("h2") == ["Speakers", "Materials", "In your calendar", "On at the same time"]
    assert root.all("div.prose")[0].texts("p")[0].startswith("The nested virtualization functionality")
    assert root.one("p.name").link("Marc Hartmayer") == "/kvm-forum-2019/speakers/marc-hartmayer/"
    assert root.one("ul.materials").text == "slides pdf (address not known)"


def test_bare_session_leaves_out_what_is_not_known(client, kvm_forum):
    root = read(client, add_session(kvm_forum, "BoF", "2019-10-31 17:30"))

    assert root.texts("h2") == ["In your calendar", "On at the same time"]
    assert (root.all("p.byline"), root.all("div.prose")) == ([], [])


def test_crumb_leads_back_to_its_place_in_the_programme(client, opening):
    assert read(client, opening).one("p.crumb").link("Programme") == f"/kvm-forum-2019/#s-{opening.slug}"


def test_pager_leads_to_what_is_before_and_after_in_the_room(client, kvm_forum):
    pager = read(client, session_of("Nesting&testing")).one("nav.pager")

    assert pager.one("a", rel="prev")["href"] == session_of("Managing").get_absolute_url()
    assert pager.one("a", rel="next")["href"] == session_of("Moving s390").get_absolute_url()
    assert pager.one("a", rel="next").text == "After this in Forum 3, Thu 12:00 Moving s390 Kvm-unit-tests up the Stack"


def test_pager_goes_on_to_the_next_day(client, kvm_forum):
    pager = read(client, session_of("Making the Most")).one("nav.pager")

    assert pager.one("a", rel="next").text.startswith("After this in Forum 3, Fri 09:00 What's Going On?")


def test_pager_has_one_end_at_the_first_and_the_last(client, opening):
    first, last = (read(client, session).one("nav.pager").all("a") for session in (opening, session_of("Bring QEMU")))

    assert [[link["rel"] for link in links] for links in (first, last)] == [["next"], ["prev"]]


def test_pager_of_another_room_is_not_mixed_in(client, opening):
    hall = opening.event.rooms.create(name="Hall", slug="hall")
    alone = add_session(opening.event, "Keynote", "2019-10-31 12:00", room=hall)
    roomless = add_session(opening.event, "Walk", "2019-10-31 18:00")

    assert read(client, alone).all("nav.pager") == read(client, roomless).all("nav.pager") == []


def test_meanwhile_lists_what_overlaps(client, opening):
    hall = opening.event.rooms.create(name="Hall", slug="hall")
    add_session(opening.event, "Keynote", "2019-10-31 10:30", minutes=60, room=hall)
    add_session(opening.event, "Walk", "2019-10-31 11:15")
    add_session(opening.event, "Breakfast", "2019-10-31 10:00", minutes=60)

    root = read(client, opening)

    assert meanwhile(root) == ["Keynote", "Walk"]
    assert spans(root.one("ol.meanwhile")) == ["10:30 to 11:30", "11:15 to 11:45"]
    assert root.one("ol.meanwhile").texts("span.room") == ["Hall"]
    assert root.one("ol.meanwhile").texts("button.star") == ["☆", "☆"]


def test_meanwhile_may_be_nothing(client, opening):
    assert read(client, opening).all("section.card")[1].text == "On at the same time Nothing else."


@pytest.mark.parametrize(("who", "seen"), [("visitor", False), ("alice", False), ("editor", True)])
def test_unpublished_neighbours_are_for_editors_alone(client, request, opening, who, seen):
    Session.objects.filter(title="Nesting&testing").update(is_published=False)
    add_session(opening.event, "Secret", "2019-10-31 11:00", is_published=False)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    root = read(client, opening)

    assert (root.all("ol.meanwhile") != []) is seen
    assert root.one("a", rel="next").text.endswith("Nesting&testing" if seen else "up the Stack")


@pytest.mark.parametrize(("who", "status"), [("visitor", 404), ("alice", 404), ("editor", 200), ("root", 200)])
def test_unpublished_session_is_for_editors_alone(client, request, opening, who, status):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    response = client.get(opening.get_absolute_url())

    assert response.status_code == status
    assert (opening.title in response.content.decode()) is (status == 200)


def test_session_of_another_event_is_not_found(client, opening):
    add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31")

    assert client.get(f"/other/sessions/{opening.slug}/").status_code == 404


@pytest.mark.parametrize("path", ["kvm-forum-2019/sessions/nothing/", "nothing/sessions/nothing/"])
def test_unknown_session_is_not_found(client, kvm_forum, path):
    assert client.get(f"/{path}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(client, opening, method):
    assert getattr(client, method)(opening.get_absolute_url()).status_code == 405


def test_star_is_pressed_for_whom_it_is(client, opening, alice, bob):
    Star.objects.create(user=alice, session=opening)
    pressed = []
    for user in (alice, bob):
        client.force_login(user)
        pressed.append(read(client, opening).one("button.star")["aria-pressed"])

    assert pressed == ["true", "false"]


def test_star_without_javascript_comes_back_here(client, opening):
    root = read(client, opening)
    form = root.one("form", id=root.one("button.star")["form"])

    response = client.post(root.one("button.star")["formaction"], form.fields())

    assert response["Location"] == f"{opening.get_absolute_url()}#s-{opening.slug}"
    assert read(client, opening).one("article")["id"] == f"s-{opening.slug}"


def test_calendar_links_lead_to_file_and_sync(client, opening):
    card = read(client, opening).all("section.card")[0]

    address = card.link("Add this one to my calendar")
    assert client.get(address)["Content-Type"] == "text/calendar; charset=utf-8"
    assert card.link("Sync your agenda") == "/agenda/calendars/"


def test_cancelled_session_says_so(client, opening):
    Session.objects.filter(pk=opening.pk).update(status="cancelled")

    root = read(client, opening)

    assert root.texts("span.badge") == ["cancelled"]
    assert "cancelled" in root.one("article").classes


def test_note_is_shown_and_the_reason_of_a_change_is_not(client, opening):
    with recording([opening.pk], by=None, note="The editor's reason."):
        Session.objects.filter(pk=opening.pk).update(status="cancelled", note=HOSTILE)

    assert read(client, opening).one("p.notice").text == HOSTILE


def test_move_is_shown_in_the_readers_zone(client, opening, alice):
    changes = {"start": ["2019-10-31T09:00:00+00:00", "2019-10-31T10:00:00+00:00"]}
    SessionRevision.objects.create(session=opening, sequence=1, changes=changes)
    badges = [read(client, opening).texts("span.badge")]
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    client.force_login(alice)
    badges.append(read(client, opening).texts("span.badge"))

    assert badges == [["moved from 10:00"], ["moved from 18:00"]]


def test_cancelled_session_does_not_say_that_it_moved(client, opening):
    changes = {"start": ["2019-10-31T09:00:00+00:00", "2019-10-31T10:00:00+00:00"]}
    SessionRevision.objects.create(session=opening, sequence=1, changes=changes)
    Session.objects.filter(pk=opening.pk).update(status="cancelled")

    assert read(client, opening).texts("span.badge") == ["cancelled"]


def test_everything_from_the_database_is_escaped(client, opening):
    Speaker.objects.update(name=HOSTILE, biography=HOSTILE)
    opening.materials.update(title=HOSTILE, url="https://a.example/?a=%22&b")
    Session.objects.update(title=HOSTILE, byline=HOSTILE, abstract=HOSTILE)

    root = read(client, opening)

    assert [script.text for script in root.all("script")] == [""] * 3
    assert root.one("h1").text == root.one("p.byline").text == root.one("p.name").text == HOSTILE
    assert root.texts("div.prose") == [HOSTILE, HOSTILE]
    assert root.one("ul.materials").link(HOSTILE) == "https://a.example/?a=%22&b"
    assert root.one("meta", property="og:title")["content"] == HOSTILE
    assert root.one("title").text.startswith(HOSTILE)


def test_head_describes_the_session_for_previews(client, opening):
    root = read(client, opening)

    description = root.one("meta", property="og:description")["content"]
    assert root.one("title").text == f"{opening.title} · KVM Forum 2019"
    assert root.one("link", rel="canonical")["href"] == f"http://testserver{opening.get_absolute_url()}"
    assert description == root.one("meta", name="description")["content"]
    assert description.startswith("The nested virtualization functionality is one of the key")
    assert len(description) <= 200


@pytest.mark.parametrize("count", [1, 3])
def test_session_takes_as_many_queries_for_1_and_3_of_everything(client, opening, django_assert_num_queries, count):
    for number, speaker in enumerate(Speaker.objects.exclude(sessions=opening)[: count - 1]):
        Appearance.objects.create(session=opening, speaker=speaker)
        opening.materials.create(title=f"Paper {number}")
        SessionRevision.objects.create(session=opening, sequence=0, changes={"title": ["A", "B"]})
    for number in range(count):
        add_session(opening.event, f"Meanwhile {number}", "2019-10-31 11:00", room=opening.room)

    address = opening.get_absolute_url()

    # Event, session, state of the programme; its four details, those beside it, and four details of these.
    with django_assert_num_queries(12):
        client.get(address)
    with django_assert_num_queries(3):
        client.get(address)
