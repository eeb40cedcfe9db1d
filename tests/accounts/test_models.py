"""People, whose address is their name, and the keys that open their calendar."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import keys
from accounts.models import CalendarKey, User, validate_time_zone

pytestmark = pytest.mark.django_db


def test_user_signs_in_with_their_address():
    user = User.objects.create_user("carol@EXAMPLE.org", "correct-horse-battery")

    assert user.email == "carol@example.org"
    assert user.check_password("correct-horse-battery")
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_user_without_a_password_has_none_that_opens():
    user = User.objects.create_user("carol@example.org")

    assert not user.has_usable_password()


def test_superuser_may_edit_and_more():
    user = User.objects.create_superuser("carol@example.org", "correct-horse-battery")

    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.org", "Alice@Example.Org"])
def test_user_is_found_whatever_the_case(alice, email):
    assert User.objects.get_by_natural_key(email) == alice


def test_database_refuses_the_same_address_in_another_case(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALICE@example.org")


def test_same_address_in_another_case_is_refused_in_words(alice):
    with pytest.raises(ValidationError, match="There is an account with this e-mail address"):
        User(email="ALICE@example.org", password="x").full_clean()


@pytest.mark.parametrize("display_name", ["", "Alice", "editor@example.org"])
def test_user_is_called_by_address_whatever_the_name(display_name):
    assert str(User(email="alice@example.org", display_name=display_name)) == "alice@example.org"


def test_known_time_zone_is_taken():
    assert validate_time_zone("Australia/Lord_Howe") is None


@pytest.mark.parametrize("name", ["Mars/Base", "europe/paris", "CEST", "../etc/passwd"])
def test_unknown_time_zone_is_refused_in_words(name):
    with pytest.raises(ValidationError, match=f"“{name}” is not a time zone. Write it like Europe/Paris."):
        validate_time_zone(name)


def test_key_is_issued_with_its_text_and_keeps_no_secret(alice, settings):
    key, text = CalendarKey.objects.issue(alice, name="Phone", once="once")

    lookup, secret = keys.split(text)
    assert (key.user, key.name, key.kind, key.lookup) == (alice, "Phone", "feed", lookup)
    assert keys.matches(secret, key.digest, settings.CALENDAR_SECRETS)
    assert secret not in str(CalendarKey.objects.values())
    assert (key.last_used_at, key.last_client, key.served, key.revoked) == (None, "", "", None)


def test_key_issued_twice_from_one_form_is_one_key(alice):
    first = CalendarKey.objects.issue(alice, name="Phone", once="once")
    second = CalendarKey.objects.issue(alice, name="Phone", once="once")

    assert first == second
    assert CalendarKey.objects.get().name == "Phone"


def test_key_of_a_taken_name_is_numbered(alice, bob):
    CalendarKey.objects.issue(bob, name="Phone", once="bob")

    names = [CalendarKey.objects.issue(alice, name="Phone", once=str(number))[0].name for number in range(3)]

    assert names == ["Phone", "Phone 2", "Phone 3"]


def test_name_of_a_revoked_key_is_free(alice):
    key, _ = CalendarKey.objects.issue(alice, name="Phone", once="1")
    key.revoked = key.created
    key.save()

    assert CalendarKey.objects.issue(alice, name="Phone", once="2")[0].name == "Phone"


def test_number_in_between_is_used_again(alice):
    for name in ("Phone", "Phone 3"):
        CalendarKey.objects.issue(alice, name=name, once=name)

    assert CalendarKey.objects.issue(alice, name="Phone", once="new")[0].name == "Phone 2"


def test_active_keys_are_those_that_open(alice):
    feed, _ = CalendarKey.objects.issue(alice, name="Phone", once="1")
    laptop, _ = CalendarKey.objects.issue(alice, name="Laptop", once="2", kind="caldav")
    revoked, _ = CalendarKey.objects.issue(alice, name="Lost", once="3")
    CalendarKey.objects.filter(pk=revoked.pk).update(revoked=revoked.created)

    assert list(CalendarKey.objects.active()) == [feed, laptop]


def test_key_is_called_by_name_and_first_letters(alice):
    key, text = CalendarKey.objects.issue(alice, name="Phone", once="once")

    assert str(key) == f"Phone ({text[:8]}…)"


def test_keys_go_with_their_owner(alice):
    CalendarKey.objects.issue(alice, name="Phone", once="once")

    alice.delete()

    assert CalendarKey.objects.count() == 0
