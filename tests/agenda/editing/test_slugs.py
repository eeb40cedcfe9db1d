"""Former addresses of tracks, rooms, speakers and sessions: they lead to the renamed row until another one has them."""

from __future__ import annotations

import pytest

from accounts.models import CalendarKey
from agenda.editing.slugs import keep_former_slug
from agenda.models import FormerSlug, Room, Session, Speaker, Track
from tests.agenda.caldav.dav import Dav
from tests.agenda.kvm_forum import BEFORE, KVM
from tests.pages import page

SCHEDULE = f"{KVM}schedule.ics"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def rename(row, slug: str) -> None:
    row.slug = slug
    keep_former_slug(row)
    type(row).objects.filter(pk=row.pk).update(slug=slug)


@pytest.mark.parametrize("model", [Session, Speaker])
def test_page_at_a_former_address_leads_to_the_present_one(client, kvm_forum, model):
    row = model.objects.first()
    before = row.get_absolute_url()
    rename(row, "second")
    rename(row, "third")

    answers = [client.get(before), client.get(before.replace(before.split("/")[-2], "second") + "?q=x")]

    found = [(answer.status_code, answer["Location"]) for answer in answers]
    assert found == [(301, row.get_absolute_url()), (301, row.get_absolute_url() + "?q=x")]


def test_former_address_of_a_session_still_stars_it_and_gives_its_file(client, opening):
    before = opening.get_absolute_url()
    rename(opening, "second")

    assert client.post(f"{before}star").status_code == 302
    assert client.get(f"{before[:-1]}.ics").status_code == 200
    assert page(client.get(opening.get_absolute_url())).one("button", aria_pressed="true")


def test_former_address_of_an_unpublished_session_is_not_there(client, opening):
    before = opening.get_absolute_url()
    rename(opening, "second")
    Session.objects.filter(pk=opening.pk).update(is_published=False)

    assert client.get(before).status_code == 404


@pytest.mark.parametrize("model", [Track, Room])
def test_filter_by_a_former_slug_is_the_renamed_ones(client, kvm_forum, model):
    row, name = model.objects.get(), model.__name__.lower()
    query = f"?{name}={row.slug}"
    uids = client.get(SCHEDULE + query).content.count(b"UID:")
    rename(row, "another")

    assert client.get(SCHEDULE + query).content.count(b"UID:") == uids == 20
    assert page(client.get(KVM + query)).all("p.error") == []


def test_slug_that_another_row_takes_is_its_own(client, kvm_forum):
    first, second, *_ = Session.objects.order_by("pk")
    before = first.get_absolute_url()
    own = first.slug
    rename(first, "elsewhere")

    rename(second, own)
    rename(second, "and-on")

    assert client.get(before)["Location"] == second.get_absolute_url()


def test_row_that_takes_its_slug_back_has_it(client, opening):
    before, own = opening.get_absolute_url(), opening.slug
    rename(opening, "second")
    rename(opening, own)

    assert client.get(before).status_code == 200
    assert FormerSlug.objects.values_list("slug", flat=True).get() == "second"


def test_former_address_of_a_deleted_row_is_not_there(client, kvm_forum):
    speaker = Speaker.objects.first()
    before = speaker.get_absolute_url()
    rename(speaker, "second")
    speaker.appearances.all().delete()
    speaker.delete()

    assert client.get(before).status_code == 404


def test_track_over_caldav_keeps_its_address_and_its_choice(client, alice, kvm_forum):
    name = f"kvm-forum-2019--{Track.objects.get().slug}"
    phone = Dav(alice, collections=[name])
    rename(Track.objects.get(), "another")

    client.force_login(alice)
    boxes = page(client.get(f"/agenda/calendars/{CalendarKey.objects.get().pk}/")).all("input", name="collections")

    assert phone.propfind(f"{phone.home}{name}/").status_code == 207
    assert [box["value"] for box in boxes if "checked" in box.attributes] == [name]
