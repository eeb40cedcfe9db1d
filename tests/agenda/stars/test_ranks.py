"""Of two overlapping stars, one first: asked on my agenda, shown there, and undone when the first falls away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from agenda.editing.changes import recording
from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import keep_in_case, rank
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of
from tests.pages import Element, page

AGENDA = "/agenda/"
PAGE = StarLog.Through.PAGE
HTMX = {"HX-Request": "true"}
ALL = "Plan all of them"
OPENING = "Managing Matryoshkas: Testing Nested Guests"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def keynote(opening, alice) -> Session:
    """Overlaps the opening by a quarter of an hour; Alice starred both."""
    made = add_session(opening.event, "Keynote", "2019-10-31 10:00", minutes=75)
    star(alice, [opening.pk, made.pk], through=PAGE)
    return made


@pytest.fixture
def ranked(keynote, opening, alice) -> Session:
    """The opening, in case of the keynote."""
    rank(alice, opening, in_case_of=keynote, through=PAGE)
    return opening


@pytest.fixture
def agenda(client, alice):
    client.force_login(alice)
    return lambda: page(client.get(AGENDA))


def address(first: Session, other: Session) -> str:
    return f"/agenda/rank/{first.guid}/{other.guid}"


def change(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def row(root: Element, title: str) -> Element:
    (found,) = (each for each in root.all("li.session") if each.one("h3.title").one("a").text == title)
    return found


def said(root: Element) -> dict[str, list[str]]:
    """What stands under each title about its others, and the buttons."""
    rows = root.all("li.session")
    return {
        each.one("h3.title").text: each.texts("p.clash") + [button.text for button in each.all("button.button")]
        for each in rows
    }


def picks(root: Element) -> dict[str, str]:
    """What the box of a clash says of each talk: what it is, when and where."""
    return {each.one("h3.title").text: each.one("p.sub").text for each in root.all("li.choice")}


def pick(client: Client, root: Element, title: str) -> Element:
    """The page after this talk was picked, with JavaScript off; after "Plan all of them" for an empty title."""
    (box,) = (each for each in root.all("li.clash-box") if not title or title in each.text)
    (button,) = (each for each in box.all("button") if each.text == ("Save my first choice" if title else ALL))
    fields = root.one("form", id=button["form"]).fields() | {"all": "yes"} if not title else {}
    among = [field["value"] for field in box.all("input", type="hidden")]
    chosen = {
        radio["name"]: radio["value"]
        for row in box.all("li.choice")
        for radio in row.all("input", type="radio")
        if title and row.one("h3.title").one("a").text == title
    }
    fields |= {f"among-{box.all('input', type='radio')[0]['name'].partition('-')[2]}": among} | chosen
    return page(client.post(button["formaction"], fields, follow=True))


def press(client: Client, root: Element, label: str) -> Element:
    """The page after the button whose name begins so, with JavaScript off."""
    (button,) = (each for each in root.all("button.button") if each.attributes.get("aria-label", "").startswith(label))
    form = root.one("form", id=button["form"])
    return page(client.post(button["formaction"], form.fields(), follow=True))


def test_overlap_in_the_plan_is_one_box_that_asks_which_comes_first(agenda, keynote):
    root = agenda()

    assert picks(root) == {"Keynote": "10:00–11:15", OPENING: "11:00–11:30 · Forum 3"}
    assert root.texts("legend") == ["11:00–11:15 · 2 talks at once Pick your first choice. The others stay as backup."]
    assert [radio for radio in root.all("input", type="radio") if "checked" in radio.attributes] == []


def test_choice_is_shown_in_the_box_and_can_be_changed_and_undone(client, agenda, keynote):
    before = picks(agenda())
    root = pick(client, agenda(), "Keynote")

    assert picks(root) == {
        "Keynote": "First choice · 10:00–11:15",
        f"Backup choice: {OPENING}": "Backup · 11:00–11:30 · Forum 3",
    }

    root = pick(client, root, OPENING)
    assert list(picks(root)) == ["Backup choice: Keynote", OPENING]
    (checked,) = (radio for radio in root.all("input", type="radio") if "checked" in radio.attributes)
    assert checked["value"] == str(session_of(OPENING).guid)

    assert picks(pick(client, root, "")) == before


def test_what_overlaps_only_a_backup_comes_into_the_plan_again(client, agenda, keynote, alice, opening):
    workshop = add_session(opening.event, "Workshop", "2019-10-31 11:20")
    star(alice, [workshop.pk], through=PAGE)

    root = pick(client, agenda(), OPENING)
    assert [words.partition(" ·")[0] for words in picks(root).values()] == ["Backup", "First choice", "Backup"]
    assert root.one("legend").one("b").text == "10:00–11:50 · 3 talks that overlap"

    root = pick(client, root, "Keynote")
    assert {title: words.partition(" ·")[0] for title, words in picks(root).items()} == {
        "Keynote": "First choice",
        f"Backup choice: {OPENING}": "Backup",
        "Workshop": "In your plan",
    }


@pytest.mark.parametrize("form", [{}, {"first-1": "none", "among-1": "none"}])
def test_nothing_picked_is_said(client, alice, keynote, form):
    client.force_login(alice)

    response = client.post("/agenda/choose/1", form)

    assert response.status_code == 422
    assert page(response).texts("p.notice", role="alert") == ["Pick your first choice, then save it."]


def test_first_choice_that_is_starred_no_more_is_said(client, alice, keynote, opening):
    client.force_login(alice)
    unstar(alice, opening, through=PAGE)

    response = client.post("/agenda/choose/1", {"first-1": opening.guid, "among-1": [opening.guid, keynote.guid]})

    assert (response.status_code, Star.objects.exclude(in_case_of=None).count()) == (422, 0)


def test_form_lands_on_the_row_of_the_first(client, alice, keynote, opening):
    client.force_login(alice)

    response = client.post(address(keynote, opening))

    assert (response.status_code, response["Location"]) == (302, "/agenda/#s-keynote")


def test_summary_counts_the_plan_alone(agenda, keynote, opening, alice, time_machine):
    rank(alice, keynote, in_case_of=opening, through=PAGE)

    assert agenda().one("div.page-head").one("p.sub").text == (
        f"2 talks, 1 of them a backup choice · 30 min · next: {OPENING}, Thursday 11:00, Forum 3"
    )


def test_summary_of_a_second_choice_alone_counts_no_part_of_it(client, agenda, keynote, ranked, alice):
    take_away(keynote, "unstarred", alice)

    root = press(client, agenda(), f"Keep it as a backup choice: {OPENING}")

    assert root.one("div.page-head").one("p.sub").text == "1 talk, a backup choice · 0 min · next: none"


def test_free_time_is_what_the_plan_leaves(agenda, ranked, alice):
    star(alice, [session_of("Moving").pk], through=PAGE)

    assert agenda().texts("li.break") == ["Free 11:15–12:00 · 2 talks In the programme"]


GONE = {
    "cancelled": "“Keynote” was cancelled",
    "unpublished": "your first choice is no longer in the programme",
    "unstarred": "“Keynote” is no longer starred",
    "moved": "“Keynote” no longer overlaps",
}


def take_away(keynote: Session, how: str, alice) -> None:
    if how == "cancelled":
        change(keynote, status="cancelled")
    elif how == "unpublished":
        change(keynote, is_published=False)
    elif how == "unstarred":
        unstar(alice, keynote, through=PAGE)
    else:
        change(keynote, start=keynote.start - timedelta(hours=1), end=keynote.end - timedelta(hours=1))


@pytest.mark.parametrize("how", GONE)
def test_second_becomes_the_plan_when_the_first_is(agenda, keynote, ranked, alice, how):
    take_away(keynote, how, alice)

    root = agenda()

    reason = GONE[how][0].upper() + GONE[how][1:]
    assert said(root)[OPENING] == [
        f"plan changed {reason}, so this is your plan now.",
        "Fine",
        "Keep it as a backup choice",
    ]
    assert row(root, OPENING).classes == ["session"]
    assert "backup choice ·" not in root.one("div.page-head").text


@pytest.mark.parametrize("how", GONE)
def test_promotion_is_undone_and_made_again(client, agenda, keynote, ranked, alice, how):
    take_away(keynote, how, alice)

    root = press(client, agenda(), f"Keep it as a backup choice: {OPENING}")

    assert said(root)[f"Backup choice: {OPENING}"] == [
        f"backup choice You keep it as a backup choice, though {GONE[how]}.",
        "Make it my plan",
    ]
    assert row(root, OPENING).classes == ["session", "in-case"]
    assert said(press(client, root, f"Make it my plan: {OPENING}"))[OPENING] == []


def test_promotion_that_is_fine_is_said_no_more(client, agenda, keynote, ranked, alice):
    change(keynote, status="cancelled")

    root = press(client, agenda(), f"Fine: {OPENING}")

    assert said(root)[OPENING] == []
    change(keynote, status="confirmed")
    assert picks(agenda())[OPENING] == "11:00–11:30 · Forum 3"


def test_first_choice_that_comes_back_is_first_again(agenda, keynote, ranked):
    before = picks(agenda())
    change(keynote, status="cancelled")
    change(keynote, status="confirmed")

    assert picks(agenda()) == before


def test_editor_is_told_too_that_the_first_is_unpublished(client, editor, opening):
    keynote = add_session(opening.event, "Keynote", "2019-10-31 11:00")
    star(editor, [opening.pk, keynote.pk], through=PAGE)
    rank(editor, opening, in_case_of=keynote, through=PAGE)
    change(keynote, is_published=False)
    client.force_login(editor)

    assert page(client.get(AGENDA)).texts("p.clash") == ["Your first choice is no longer in the programme."]
    assert client.post(f"/agenda/unrank/{opening.guid}").status_code == 302
    assert not Star.objects.filter(in_case_of=keynote).exists()


def test_cancelled_second_has_no_rank(agenda, ranked):
    change(ranked, status="cancelled")

    assert said(agenda()) == {"Keynote": [], OPENING: []}


def test_talks_of_two_events_are_ranked_too(client, agenda, alice, opening):
    elsewhere = add_session(add_event("other", "Asia/Tokyo", "2019-10-31", "2019-10-31"), "Else", "2019-10-31 19:15")
    star(alice, [opening.pk, elsewhere.pk], through=PAGE)

    root = pick(client, agenda(), "Else")

    assert picks(root) == {
        f"Backup choice: {OPENING}": "Backup · 11:00–11:30 · Forum 3",
        "Else": "First choice · 19:15–19:45",
    }


def test_rank_may_be_repeated(client, alice, keynote, opening):
    client.force_login(alice)

    statuses = [client.post(address(keynote, opening)).status_code for _ in range(2)]

    assert statuses == [302, 302]
    assert StarLog.objects.filter(user=alice).count() == 3


def test_htmx_gets_the_part_that_follows_the_stars(client, alice, keynote, opening):
    client.force_login(alice)

    response = client.post(address(keynote, opening), headers=HTMX)

    assert response.status_code == 200
    assert f"Backup choice: {OPENING}" in picks(page(response).one("div", id="agenda"))
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_no_longer_overlaps_is_said_on_the_agenda(client, alice, keynote, opening, headers):
    take_away(keynote, "moved", alice)
    client.force_login(alice)

    response = client.post(address(keynote, opening), headers=headers)

    assert response.status_code == 422
    problem = page(response).one("div", id="agenda").one("p.notice", role="alert")
    assert problem.text == f"“{OPENING}” and “Keynote” no longer overlap: you can attend both."
    assert Star.objects.filter(in_case_of__isnull=False).count() == 0


def test_bob_cannot_rank_alices_stars(client, bob, ranked, keynote):
    client.force_login(bob)

    assert client.post(address(ranked, keynote)).status_code == 422
    assert client.post(f"/agenda/keep-in-case/{ranked.guid}").status_code == 422
    assert client.post(f"/agenda/unrank/{ranked.guid}").status_code == 302
    assert list(Star.objects.filter(in_case_of=keynote).values_list("session", flat=True)) == [ranked.pk]


@pytest.mark.parametrize("place", [0, 1])
def test_unpublished_and_unknown_are_not_found(client, alice, keynote, opening, place):
    client.force_login(alice)
    change((keynote, opening)[place], is_published=False)

    assert client.post(address(keynote, opening)).status_code == 404
    opening.delete()
    assert client.post(f"/agenda/unrank/{opening.guid}").status_code == 404
    assert client.post(f"/agenda/keep-in-case/{opening.guid}").status_code == 404


def test_visitors_are_asked_to_sign_up_for_it(client, keynote, opening):
    for session in (opening, keynote):
        client.post(f"{session.get_absolute_url()}star")

    root = page(client.get(AGENDA))

    assert picks(root) == {"Keynote": "10:00–11:15", OPENING: "11:00–11:30 · Forum 3"}
    assert root.one("legend").one("span").text == "With an account, you can say which comes first."
    assert [button.text for button in root.one("li.clash-box").all("button") if "star" not in button.classes] == []
    assert root.one("p.notice").text == (
        "Sign up or log in to keep these stars and sync them to your phone or calendar, "
        "and to say which of two that overlap comes first."
    )


def test_who_was_logged_out_meanwhile_is_asked_to_log_in(client, keynote, opening):
    response = client.post(address(keynote, opening))
    part = client.post(address(keynote, opening), headers=HTMX)

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/agenda/")
    assert (part.status_code, part["HX-Redirect"]) == (200, "/accounts/login/?next=/agenda/")


@pytest.mark.parametrize("word", ["rank", "unrank", "keep-in-case", "choose"])
def test_other_methods_are_refused(client, alice, keynote, opening, word):
    client.force_login(alice)
    what = {"rank": f"{keynote.guid}/{opening.guid}", "choose": "1"}.get(word, keynote.guid)
    path = f"/agenda/{word}/{what}"

    assert [client.get(path).status_code, client.put(path).status_code] == [405, 405]


def test_titles_are_escaped(client, agenda, alice, opening):
    title = '<script>alert(1)</script> & "quotes"'
    hostile = add_session(opening.event, title, "2019-10-31 11:00", slug="hostile")
    star(alice, [opening.pk, hostile.pk], through=PAGE)
    root = pick(client, agenda(), title)
    assert list(picks(root)) == [f"Backup choice: {OPENING}", title]

    change(hostile, status="cancelled")

    assert said(agenda())[OPENING][0] == f"plan changed “{title}” was cancelled, so this is your plan now."


@pytest.mark.parametrize("count", [1, 3])
def test_ranks_take_no_query_more(client, alice, opening, django_assert_num_queries, count):
    for number in range(count):
        other = add_session(opening.event, f"Other {number}", "2019-10-31 11:00")
        star(alice, [opening.pk, other.pk], through=PAGE)
        rank(alice, other, in_case_of=opening, through=PAGE)
    keep_in_case(alice, other, through=PAGE)
    unstar(alice, opening, through=PAGE)
    client.force_login(alice)

    # Cookie session, user, stars, first choices; version, changes; what was deleted, keys, events.
    client.get(AGENDA)
    with django_assert_num_queries(8):
        client.get(AGENDA)
