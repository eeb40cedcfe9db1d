"""The one way in which an address is written: for allauth's forms, for limits, and in what other sites say."""

from __future__ import annotations

import inspect

import pytest
from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.socialaccount import forms as social_forms
from django import forms as django_forms
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import forms, limits
from accounts.addresses import AddressForm, normal_address
from accounts.limits import TooOften, count_mail
from tests.accounts.addresses import REFUSED, SAME
from tests.conftest import PASSWORD

ALICE = "alice@example.org"


@pytest.mark.parametrize("way", SAME)
def test_same_address_is_written_in_one_way(way):
    assert normal_address(SAME[way](ALICE)) == ALICE


@pytest.mark.parametrize("way", REFUSED)
def test_address_with_what_nobody_sees_or_mail_cannot_carry_is_refused(way):
    with pytest.raises(ValidationError):
        normal_address(REFUSED[way](ALICE))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("x@München.de", "x@münchen.de"),
        ("x@mu\u0308nchen.de", "x@münchen.de"),
        ("x@xn--mnchen-3ya.de", "x@münchen.de"),
        ("x@例え.jp", "x@例え.jp"),
        ("x@[127.0.0.1]", "x@[127.0.0.1]"),
        ("x+y@localhost", "x+y@localhost"),
        ("o'neil_1@a-b.example", "o'neil_1@a-b.example"),
        ("\u212aelvin@example.org", "kelvin@example.org"),
    ],
)
def test_written_address_stays_as_it_is(typed, written):
    assert (normal_address(typed), normal_address(written)) == (written, written)


def test_every_form_of_allauths_that_takes_an_address_is_replaced_by_one_of_ours():
    ours = [form for _, form in inspect.getmembers(forms, inspect.isclass) if issubclass(form, AddressForm)]
    theirs = {
        form
        for module in (allauth_forms, social_forms, mfa_forms)
        for _, form in inspect.getmembers(module, inspect.isclass)
        if any(isinstance(field, django_forms.EmailField) for field in getattr(form, "base_fields", {}).values())
    }

    assert len(theirs) >= 7
    assert [form for form in theirs if not any(issubclass(each, form) for each in ours)] == []


@pytest.mark.parametrize("way", SAME)
@pytest.mark.django_db
def test_mails_to_one_address_are_counted_together(monkeypatch, way):
    monkeypatch.setattr(limits, "MAILS_PER_HOUR", 1)
    count_mail(ALICE)

    with pytest.raises(TooOften):
        count_mail(SAME[way](ALICE))


@pytest.mark.parametrize("page", ["login/code", "password/reset", "signup"])
def test_no_way_of_writing_gets_round_the_limit(client, alice, monkeypatch, page):
    monkeypatch.setattr(limits, "MAILS_PER_HOUR", 2)

    answers = [
        Client().post(f"/accounts/{page}/", {"email": way(ALICE)}).status_code
        for way in (*SAME.values(), *REFUSED.values())
    ]

    assert answers.count(302) == 2
    assert [message.to for message in mail.outbox] == [[ALICE]] * 2


@pytest.mark.parametrize("way", SAME)
def test_owner_logs_in_however_the_address_is_written(client, alice, way):
    client.post("/accounts/login/", {"login": SAME[way](ALICE), "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(alice.pk)
