"""Undoing an unstarring brings the star back with its rank: on the page, without JavaScript, and after a calendar."""

from __future__ import annotations

import pytest

from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import keep_in_case, rank, star_again, unrank
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import BEFORE, add_session
from tests.pages import page

AGENDA = "/agenda/"
PAGE = StarLog.Through.PAGE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def keynote(opening) -> Session:
    return add_session(opening.event, "Keynote", "2019-10-31 11:00")


@pytest.fixture
def workshop(opening) -> Session:
    return add_session(opening.event, "Workshop", "2019-10-31 11:00")


@pytest.fixture
def ranked(opening, keynote, workshop, alice, bob) -> Session:
    """The opening, in case of the keynote for Alice; Bob starred all three and ranked none."""
    for user in (alice, bob):
        star(user, [opening.pk, keynote.pk, workshop.pk], through=PAGE)
    rank(alice, opening, in_case_of=keynote, through=PAGE)
    return opening


def ranks(user) -> dict[int, tuple[int | None, bool]]:
    return {star.session_id: (star.in_case_of_id, star.stays_in_case) for star in Star.objects.filter(user=user)}


def press(client, root, button) -> None:
    """The button, with JavaScript off."""
    fields = root.one("form", id="stars").fields()
    sent = {button["name"]: button["value"]} if "name" in button.attributes else {}
    client.post(button["formaction"], fields | sent)


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("label", ["Undo", "☆"])
def test_undo_brings_the_rank_back_however_often_it_is_sent(client, alice, bob, ranked, label, stays):
    if stays:
        keep_in_case(alice, ranked, through=PAGE)
    before, bobs = ranks(alice), ranks(bob)
    client.force_login(alice)
    root = page(client.get(AGENDA))
    press(client, root, root.one("button", id=f"star-{ranked.pk}"))
    assert ranked.pk not in ranks(alice)
    root = page(client.get(f"{AGENDA}?unstarred={ranked.guid}"))

    button = next(each for each in root.one("li", id=f"s-{ranked.slug}").all("button") if each.text.startswith(label))
    for _ in range(2):
        press(client, root, button)

    assert (ranks(alice), ranks(bob)) == (before, bobs)


def test_htmx_gets_a_star_that_undoes_with_the_rank(client, alice, ranked):
    client.force_login(alice)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{AGENDA}"}

    button = page(client.post(f"{ranked.get_absolute_url()}unstar", headers=headers)).one("button.star")

    assert (button["name"], button["value"]) == ("again", "yes")


def test_star_deleted_in_a_calendar_comes_back_with_its_rank(client, alice, ranked):
    before = ranks(alice)
    unstar(alice, ranked, through=StarLog.Through.CALDAV)
    client.force_login(alice)
    root = page(client.get(AGENDA))

    press(client, root, root.one("div.taken").one("button.star"))

    assert ranks(alice) == before


def test_starring_anew_in_the_programme_is_no_undo(client, alice, ranked):
    unstar(alice, ranked, through=PAGE)
    client.force_login(alice)
    root = page(client.get(ranked.event.get_absolute_url()))

    press(client, root, root.one("button", id=f"star-{ranked.pk}"))

    assert ranks(alice)[ranked.pk] == (None, False)


def test_undo_restores_the_latest_rank_and_changes_none_of_a_star_that_is_there(alice, ranked, keynote):
    unstar(alice, ranked, through=PAGE)
    star_again(alice, ranked, through=PAGE)
    unrank(alice, ranked, through=PAGE)
    star_again(alice, ranked, through=PAGE)
    assert ranks(alice)[ranked.pk] == (None, False)

    unstar(alice, ranked, through=PAGE)
    star_again(alice, ranked, through=PAGE)

    assert ranks(alice)[ranked.pk] == (None, False)


def test_undo_never_makes_two_stars_each_others_backup_choice(alice, ranked, keynote, workshop):
    rank(alice, workshop, in_case_of=ranked, through=PAGE)
    unstar(alice, ranked, through=PAGE)
    rank(alice, keynote, in_case_of=workshop, through=PAGE)

    star_again(alice, ranked, through=PAGE)

    assert ranks(alice) == {
        ranked.pk: (None, False),
        workshop.pk: (ranked.pk, False),
        keynote.pk: (workshop.pk, False),
    }
