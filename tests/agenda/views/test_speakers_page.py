"""Everybody who speaks, and each speaker's own page."""

from __future__ import annotations

import pytest

from agenda.models import Appearance, Session, Speaker, Star
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

SPEAKERS = f"{KVM}speakers/"
CHAO_PENG = f"{SPEAKERS}chao-peng/"
HOSTILE = '<script>alert(1)</script> & "quotes"'


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def names(root: Element) -> list[str]:
    return root.texts("h2.name")


def test_speakers_are_27_people_in_order_of_name(client, kvm_forum):
    root = page(client.get(SPEAKERS))

    assert root.one("p.sub").text == "27 people"
    assert len(names(root)) == 27
    assert names(root)[:3] == ["Alex Bennée", "Andra Paraschiv", "Chao Peng"]
    assert names(root) == sorted(names(root), key=str.casefold)


def test_order_of_names_ignores_case_and_accents(client, kvm_forum):
    Speaker.objects.filter(name="Yulei Zhang").update(name="émile")

    shown = names(page(client.get(SPEAKERS)))

    assert shown.index("émile") == shown.index("Eric Blake") - 1


def test_speaker_is_shown_with_role_initials_and_talks(client, kvm_forum):
    (card,) = (card for card in page(client.get(SPEAKERS)).all("li.card") if card.one("h2.name").text == "Chao Peng")

    assert card.one("h2.name").link("Chao Peng") == CHAO_PENG
    assert card.one("div.portrait").text == "CP"
    assert card.texts("p.talk") == [
        "Hybird^2 Nested VM IO Performance Tuning",
        "A Lightweight Virtual Interrupt Controller for Container/Serverless",
    ]


def test_photo_takes_the_place_of_initials(client, kvm_forum):
    Speaker.objects.filter(slug="chao-peng").update(photo="speakers/chao.png")

    (image,) = page(client.get(CHAO_PENG)).one("div.portrait").all("img")

    assert (image["src"], image["alt"]) == ("/media/speakers/chao.png", "")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("bennee", ["Alex Bennée"]),
        ("BENNÉE", ["Alex Bennée"]),
        ("oracle ufimtseva", ["Elena Ufimtseva"]),
        ("teamlead", ["Hannes Reinecke"]),
        ("rowhammer", ["Niccolò Izzo"]),
        ("  suse \n linux ", ["Hannes Reinecke"]),
        ("NICCOLÒ rev.ng", ["Niccolò Izzo"]),
        ("kernel%00", []),
        ("xyzzy", []),
    ],
)
def test_search_finds_names_roles_and_biographies(client, kvm_forum, q, found):
    root = page(client.get(SPEAKERS, {"q": q}))

    assert names(root) == found


def test_search_says_how_many_of_all_and_marks_what_it_found(client, kvm_forum):
    Speaker.objects.filter(name="Chao Peng").update(name="Łódź Peng", job_title="R&D", organisation="O’Reilly")
    root = page(client.get(SPEAKERS, {"q": "lodz r&d o'reilly"}))

    assert root.one("p.found", role="status").text == "1 of 27 people found for “lodz r&d o'reilly”"
    assert root.one("li.card").texts("mark") == ["Łódź", "R&D", "O’Reilly"]


@pytest.mark.parametrize("query", ["?q=%00", "?q=" + "x" * 10_000, "?q=%FF", "?q=%20"])
def test_no_search_breaks_the_page(client, kvm_forum, query):
    assert page(client.get(SPEAKERS + query)).texts("h1") == ["Speakers"]


def test_search_can_be_cleared(client, kvm_forum):
    root = page(client.get(f"{SPEAKERS}?q=suse"))

    assert root.one("p.sub").text == "1 of 27 people found for “suse”"
    assert root.one("input", id="q")["value"] == "suse"
    assert root.one("a.chip")["href"] == SPEAKERS


def test_search_in_vain_says_so_and_offers_a_way_out(client, kvm_forum):
    empty = page(client.get(f"{SPEAKERS}?q=<b>xyzzy")).one("div.empty")

    assert empty.text.startswith("Nobody found No speaker’s name, company or biography has all of “<b>xyzzy”.")
    assert empty.link("Show all speakers") == SPEAKERS


def test_event_without_speakers_says_so(client, db):
    add_event("next-year", "Europe/Paris", "2020-10-31", "2020-11-01")

    assert page(client.get("/next-year/speakers/")).one("div.empty").texts("h2") == ["No speakers yet"]


def test_speaker_has_biography_and_sessions(client, kvm_forum):
    root = page(client.get(CHAO_PENG))

    assert root.texts("h1") == ["Chao Peng"]
    assert root.texts("h2.day") == ["Friday, 1 November"]
    assert root.texts("h3.title") == [
        "Hybird^2 Nested VM IO Performance Tuning",
        "A Lightweight Virtual Interrupt Controller for Container/Serverless",
    ]
    assert root.texts("time.from") == ["11:00", "12:00"]
    assert root.one("p.crumb").link("Speakers") == SPEAKERS


def test_cut_biography_says_that_it_is_cut(client, kvm_forum):
    root = page(client.get(f"{SPEAKERS}stefan-hajnoczi/"))

    assert root.one("div.prose").text.endswith("in the Google Summer...")
    assert root.one("p.cut").text == "The organisers’ text ends here. More about KVM Forum 2019"
    assert page(client.get(f"{SPEAKERS}marc-hartmayer/")).all("p.cut") == []


def test_speaker_of_whom_nothing_is_known_has_a_page(client, opening):
    nobody = Speaker.objects.create(event=opening.event, name="Zoë", slug="zoe")
    Appearance.objects.create(session=opening, speaker=nobody)

    root = page(client.get(nobody.get_absolute_url()))

    assert (root.one("h1").text, root.all("div.prose"), len(root.all("h3.title"))) == ("Zoë", [], 1)


def test_stars_are_pressed_for_whom_they_are(client, kvm_forum, alice, bob):
    Star.objects.create(user=alice, session=session_of("Hybird"))
    pressed = []
    for user in (alice, bob):
        client.force_login(user)
        pressed.append([star["aria-pressed"] for star in page(client.get(CHAO_PENG)).all("button.star")])

    assert pressed == [["true", "false"], ["false", "false"]]


@pytest.mark.on_postgresql
@pytest.mark.parametrize(("who", "status", "count"), [("visitor", 404, 26), ("alice", 404, 26), ("editor", 200, 27)])
def test_speaker_of_unpublished_sessions_is_for_editors_alone(client, request, opening, who, status, count):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    if who != "visitor":
        client.force_login(request.getfixturevalue(who))

    assert client.get(f"{SPEAKERS}marc-hartmayer/").status_code == status
    assert len(names(page(client.get(SPEAKERS)))) == count


def test_unpublished_talk_of_a_speaker_is_not_told(client, kvm_forum):
    Session.objects.filter(title__startswith="Hybird").update(is_published=False)

    titles = page(client.get(CHAO_PENG)).texts("h3.title") + page(client.get(SPEAKERS)).texts("p.talk")

    assert [title for title in titles if title.startswith("Hybird")] == []


def test_speaker_without_sessions_is_for_editors_alone(client, kvm_forum, editor):
    idle = Speaker.objects.create(event=kvm_forum, name="Idle", slug="idle")
    statuses = [client.get(idle.get_absolute_url()).status_code]
    client.force_login(editor)
    statuses.append(client.get(idle.get_absolute_url()).status_code)

    assert statuses == [404, 200]


@pytest.mark.parametrize("path", [f"{SPEAKERS}nobody/", "/nothing/speakers/", "/nothing/speakers/chao-peng/"])
def test_unknown_speaker_or_event_is_not_found(client, kvm_forum, path):
    assert client.get(path).status_code == 404


def test_speaker_of_another_event_is_not_found(client, kvm_forum):
    add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31")

    assert client.get("/other/speakers/chao-peng/").status_code == 404


@pytest.mark.parametrize("path", [SPEAKERS, CHAO_PENG])
def test_other_methods_are_refused(client, kvm_forum, path):
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", [SPEAKERS, CHAO_PENG])
def test_everything_from_the_database_is_escaped(client, kvm_forum, path):
    Speaker.objects.update(name=HOSTILE, job_title=HOSTILE, organisation=HOSTILE, biography=HOSTILE)
    Session.objects.update(title=HOSTILE)

    root = page(client.get(path))

    assert len(root.all("script")) == 3
    assert root.texts("script") == [""] * 3
    assert HOSTILE in root.one("main").text


@pytest.mark.parametrize("count", [1, 3])
def test_speakers_take_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    Session.objects.exclude(
        pk__in=list(Session.objects.order_by("start").values_list("pk", flat=True)[:count])
    ).delete()

    with django_assert_num_queries(3):  # event, speakers, their sessions
        client.get(SPEAKERS)


@pytest.mark.parametrize("count", [1, 3])
def test_speaker_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count):
    marc = Speaker.objects.get(name="Marc Hartmayer")
    for session in Session.objects.order_by("start")[1:count]:
        Appearance.objects.create(session=session, speaker=marc)
    address = marc.get_absolute_url()

    with django_assert_num_queries(7):  # event, speaker, sessions; and four for rows that are not kept yet
        client.get(address)
    with django_assert_num_queries(3):
        client.get(address)
