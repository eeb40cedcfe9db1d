"""Numbers of rows that are longer than any database compares are numbers of no row, wherever an editor sends them."""

from __future__ import annotations

import pytest

from tests.agenda.admin.editing import address, filled, save

LIST = "/admin/agenda/session/"
OFFERED = "/admin/autocomplete/?app_label=agenda&model_name=session&field_name=room&term=f&event="
LONG = ["9" * 19, "9" * 400, "9" * 5000]


@pytest.mark.parametrize("number", LONG)
@pytest.mark.parametrize("field", ["room", "track", "event", "appearances-0-speaker", "appearances-0-id"])
def test_field_is_refused(desk, opening, field, number):
    before = opening.updated

    response = save(desk, opening, filled(desk, address(opening)), **{field: number})

    opening.refresh_from_db()
    assert (response.status_code in (200, 302, 409), opening.updated) == (True, before)


@pytest.mark.parametrize("number", LONG)
@pytest.mark.parametrize("at", [f"{LIST}add/?event=", f"{LIST}?event__id__exact=", OFFERED])
def test_address_is_answered(desk, kvm_forum, at, number):
    assert desk.get(f"{at}{number}", follow=True).status_code in (200, 400)


@pytest.mark.parametrize("number", LONG)
def test_defaults_of_a_new_session_and_chosen_rows_are_dropped(desk, kvm_forum, number):
    made = desk.get(f"{LIST}add/?event={kvm_forum.pk}&room={number}&track={number}")
    chosen = desk.post(LIST, {"action": "publish", "_selected_action": number})

    assert (made.status_code, chosen.status_code) == (200, 400)
