"""The programme that most tests read: KVM Forum 2019, Track 2, as the fixture has it."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.models import CalendarKey, User
from agenda.models import Event, Session


@pytest.fixture
def kvm_forum(db: None) -> Event:
    call_command("loaddata", "kvm-forum-2019", verbosity=0)
    return Event.objects.get(slug="kvm-forum-2019")


@pytest.fixture
def opening(kvm_forum: Event) -> Session:
    """Its first session: Thursday 31 October 2019, 11:00 in Lyon, 10:00 UTC."""
    return Session.objects.get(slug="managing-matryoshkas-testing-nested-guests")


@pytest.fixture
def alice_feed(alice: User) -> str:
    """The address of Alice's calendar."""
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    return f"/calendar/{key}.ics"
