"""A session that is deleted while a client is being answered."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from agenda.caldav.authentication import caller
from agenda.caldav.own import OwnAgenda
from agenda.caldav.programmes import ProgrammeCalendar
from tests.agenda.caldav.dav import basic


@pytest.fixture
def who(phone):
    authorization = basic(phone.user.email, phone.password)
    return caller(RequestFactory(headers={"Authorization": authorization}).get("/dav/"))


@pytest.mark.parametrize("is_own", [True, False])
def test_bodies_leave_out_what_was_deleted(who, starred, kvm_forum, is_own):
    collection = OwnAgenda(who) if is_own else ProgrammeCalendar(who, kvm_forum.slug, kvm_forum, None)
    entries = [entry for entry in collection.entries if entry.pk in {session.pk for session in starred}]
    starred[1].delete()

    bodies = collection.bodies(entries)

    assert set(bodies) == {starred[0].pk, starred[2].pk}
    assert all(str(entry.guid).encode() in bodies[entry.pk] for entry in entries if entry.pk in bodies)


def test_removing_what_was_deleted_changes_nothing(who, starred):
    collection = OwnAgenda(who)
    entry = next(entry for entry in collection.entries if entry.pk == starred[1].pk)
    starred[1].delete()

    collection.remove(entry)

    assert {entry.pk for entry in OwnAgenda(who).entries} == {starred[0].pk, starred[2].pk}
