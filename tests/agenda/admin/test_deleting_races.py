"""Deleting in /admin/ while people star: a star that was answered is never deleted, and no answer is an error."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.stars.starring import star
from tests.agenda.admin.conftest import BACKEND
from tests.agenda.admin.editing import address, page
from tests.conftest import signed_up
from tests.threads import all_at_once

STARRERS = 4
JUST = "Nothing was deleted: it was just starred."


def delete_one(desk: Client, session: Session):
    return desk.post(address(session, "delete"), {"post": "yes"}, follow=True)


def delete_selected(desk: Client, session: Session):
    chosen = {"action": "delete_selected", "_selected_action": [session.pk], "post": "yes"}
    return desk.post(reverse("admin:agenda_session_changelist"), chosen, follow=True)


WAYS = [delete_one, delete_selected]


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize("delete", WAYS)
def test_editor_is_told_what_was_just_starred(desk, opening, alice, delete):
    star(alice, [opening.pk], through=StarLog.Through.PAGE)

    response = delete(desk, opening)

    assert [str(message) for message in response.context["messages"]] == [JUST]
    assert page(response).one("ul", id="deleted-objects").texts("li") == [
        f"“{opening}” was starred. Cancel or unpublish it instead."
    ]
    assert Star.objects.count() == 1


@pytest.mark.parametrize("delete", WAYS)
def test_star_that_was_answered_is_not_deleted(shared_database, desk, kvm_forum, delete):
    people = [browser_of(signed_up(f"{number}@example.org")) for number in range(STARRERS)]
    visitor = Client(raise_request_exception=False)
    for session in Session.objects.select_related("event")[:6]:
        stars = [partial(person.post, f"{session.get_absolute_url()}star") for person in (*people, visitor)]

        deletion, *answers = (response.status_code for response in all_at_once(partial(delete, desk, session), *stars))

        of_people = answers[:STARRERS]
        assert deletion == 200
        assert set(answers) <= {302, 404}
        assert Star.objects.filter(session=session).count() == of_people.count(302)
        assert Session.objects.filter(pk=session.pk).exists() == (302 in of_people)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("word", ["star", "unstar"])
def test_session_that_is_deleted_after_it_was_found_is_a_404(opening, alice, word):
    browser, gone = browser_of(alice), []

    def delete_first(execute, sql, params, many, context):
        if "agenda_star" in sql and not gone:
            gone.append(opening.pk)
            Session.objects.filter(pk=opening.pk).delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        response = browser.post(f"{opening.get_absolute_url()}{word}")

    assert response.status_code == (404 if word == "star" else 302)
    assert not Star.objects.exists()
