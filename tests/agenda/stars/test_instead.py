"""A cancelled talk's replacement is offered on the agenda of those who had starred it, and of nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from agenda.editing.changes import recording
from agenda.models import Session
from agenda.stars.starring import star
from tests.agenda.kvm_forum import session_of
from tests.pages import page


@pytest.fixture
def replaced(opening: Session, alice: User) -> Session:
    """The first session, starred by Alice: cancelled, and replaced by the last."""
    star(alice, [opening.pk], through="page")
    last = session_of("Bring QEMU")
    with recording([opening.pk], by=None) as edit:
        edit.change_all(status="cancelled", replaced_by=last)
    return last


def offered(client: Client) -> list[str]:
    return [each.text for each in page(client.get("/agenda/")).all("p.instead")]


def test_replacement_is_offered_to_those_who_had_starred_the_cancelled_talk(client, replaced, alice, bob):
    client.force_login(alice)
    assert offered(client) == [f"Instead: {replaced.title} ☆"]

    client.post(f"/kvm-forum-2019/sessions/{replaced.slug}/star")
    assert [text.partition(":")[0].partition(" of ")[0] for text in offered(client)] == ["Instead", "In place"]

    client.force_login(bob)
    assert offered(client) == []


def test_replacement_is_offered_while_it_is_public(client, replaced, alice):
    with recording([replaced.pk], by=None) as edit:
        edit.change_all(is_published=False)
    client.force_login(alice)

    assert offered(client) == []


def test_replaced_talks_take_no_query_each(client, replaced, alice, django_assert_num_queries):
    client.force_login(alice)
    with django_assert_num_queries(11):
        client.get("/agenda/")

    others = list(Session.objects.exclude(status="cancelled").exclude(pk=replaced.pk)[:3])
    star(alice, [each.pk for each in others], through="page")
    with recording([each.pk for each in others], by=None) as edit:
        edit.change_all(status="cancelled", replaced_by=replaced)

    with django_assert_num_queries(11):
        client.get("/agenda/")
