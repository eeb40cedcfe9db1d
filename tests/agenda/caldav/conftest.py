"""Alice's phone, and one of Bob's."""

from __future__ import annotations

import pytest

from tests.agenda.caldav.dav import Dav
from tests.agenda.kvm_forum import BEFORE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def phone(alice, clock) -> Dav:
    return Dav(alice)


@pytest.fixture
def bobs_phone(bob, clock) -> Dav:
    return Dav(bob)
