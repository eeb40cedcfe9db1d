"""Every form of the site that takes an e-mail address, as the pages themselves show them: all read it in one way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from agenda.models import EventEditor
from tests.accounts.addresses import REFUSED, SAME
from tests.forum.addresses import address, routes
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

CAROL = "carol@example.org"


class AddressField(NamedTuple):
    browser: str
    page: str
    name: str


EXPECTED = {
    AddressField("visitor", "/accounts/login/", "login"),
    AddressField("visitor", "/accounts/login/code/", "email"),
    AddressField("visitor", "/accounts/password/reset/", "email"),
    AddressField("visitor", "/accounts/signup/", "email"),
    AddressField("visitor", "/accounts/signup/passkey/", "email"),
    AddressField("bob", "/accounts/email/", "email"),
    AddressField("root", "/accounts/email/", "email"),
    AddressField("bob", "/accounts/password/reset/", "email"),
    AddressField("root", "/accounts/password/reset/", "email"),
    AddressField("root", "/admin/accounts/user/add/", "email"),
    AddressField("root", "/kvm-forum-2019/edit/", "email"),
}


def typed_fields(root: Element) -> Iterator[tuple[Element, Element]]:
    for form in root.all("form"):
        yield from ((form, field) for field in form.all("input", type="email"))


def send(client: Client, where: AddressField, email: str) -> HttpResponse:
    (form,) = {form for form, field in typed_fields(page(client.get(where.page))) if field["name"] == where.name}
    buttons = {button["name"]: "" for button in form.all("button") if "name" in button.attributes}
    password = {name: "correct-horse-battery" for name in form.fields() if name.startswith("password")}
    at = form.attributes.get("action") or where.page
    return client.post(at, form.fields() | buttons | password | {where.name: email})


def left() -> set[str]:
    """Every address that a mail went to, or that a row has."""
    mailed = {to for message in mail.outbox for to in message.to}
    return mailed | {
        *User.objects.values_list("email", flat=True),
        *EmailAddress.objects.values_list("email", flat=True),
        *EventEditor.objects.values_list("email", flat=True),
    }


def test_forms_that_take_an_address_are_those_below(browsers, things):
    found = {
        AddressField(name, at, field["name"])
        for name in ("visitor", "bob", "root")
        for at in {address(route, things) for route in routes() if not route.startswith("media/")}
        if b'type="email"' in (answer := browsers[name].get(at)).getvalue()
        for _, field in typed_fields(page(answer))
    }

    assert found == EXPECTED


@pytest.mark.parametrize("where", sorted(EXPECTED), ids="{0.browser} {0.page}".format)
def test_form_reads_the_same_address_however_it_is_written(browsers, things, where):
    before = left()

    for way in SAME.values():
        cache.clear()
        answer = send(browsers[where.browser], where, way(CAROL))
        assert answer.status_code in (302, 200)
        browsers["visitor"].cookies.clear()

    assert left() - before <= {CAROL}


@pytest.mark.parametrize("where", sorted(EXPECTED), ids="{0.browser} {0.page}".format)
def test_form_refuses_in_words_what_is_no_address(browsers, things, where):
    before = left()

    for way in REFUSED.values():
        cache.clear()
        answer = send(browsers[where.browser], where, way(CAROL))
        assert answer.status_code in (200, 422)
        assert page(answer).one("input", name=where.name).attributes.get("aria-invalid") == "true"

    assert left() == before
