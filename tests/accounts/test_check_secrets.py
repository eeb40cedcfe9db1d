"""The command that compares the server's secrets with those that the calendars were made with."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.calendar_secrets import missing
from accounts.models import CalendarKey, CalendarSecret
from tests.agenda.calendar_keys import key_of

OLD, NEW, NEWER = ("-".join([word] * 12) for word in ("old", "new", "newer"))


@pytest.fixture(autouse=True)
def calendar(alice, settings) -> CalendarKey:
    """One made under the old secret, which the site was started with."""
    settings.CALENDAR_SECRETS = [OLD]
    check()
    return key_of(alice)


def check(*options: str) -> str:
    """What the command complains of, without failing."""
    said = StringIO()
    call_command("check_secrets", *options, stdout=StringIO(), stderr=said, no_color=True)
    return said.getvalue()


def test_same_secret_is_nothing_to_speak_of():
    assert [check(), check()] == ["", ""]
    assert CalendarSecret.objects.count() == 1


def test_another_secret_is_said_before_the_site_starts(settings):
    settings.CALENDAR_SECRETS = [NEW]

    with pytest.raises(CommandError, match=r"not the one that your calendars were made with: none of the 1 would open"):
        check()

    assert len(missing()) == CalendarSecret.objects.count() == 1


def test_another_secret_can_be_accepted(settings):
    settings.CALENDAR_SECRETS = [NEW]

    assert [check("--accept"), check()] == ["", ""]
    assert (missing(), CalendarSecret.objects.count()) == ([], 1)


def test_old_secret_may_come_back(settings):
    settings.CALENDAR_SECRETS = [NEW]
    with pytest.raises(CommandError):
        check()

    settings.CALENDAR_SECRETS = [OLD]

    assert check() == ""


def test_renewal_as_the_documents_say_is_nothing_to_speak_of(settings):
    said = []
    for secrets in ([NEW, OLD], [NEWER, NEW, OLD]):
        settings.CALENDAR_SECRETS = secrets
        said.append(check())

    assert said == ["", ""]
    assert CalendarSecret.objects.count() == 3


def test_secret_that_is_struck_off_is_said_and_the_site_starts(settings):
    settings.CALENDAR_SECRETS = [NEW, OLD]
    check()

    settings.CALENDAR_SECRETS = [NEW]

    assert check().startswith("Calendars that were made with a former secret do not open")
    assert [check("--accept"), check()] == ["", ""]


def test_another_secret_matters_to_no_site_without_calendars(calendar, settings):
    calendar.delete()
    settings.CALENDAR_SECRETS = [NEW]

    assert check() == ""
    assert missing() == []


def test_database_tells_no_secret_and_no_two_marks_are_alike(settings):
    CalendarSecret.objects.all().delete()
    check()
    first = CalendarSecret.objects.values_list("salt", "fingerprint").get()
    CalendarSecret.objects.all().delete()
    check()
    second = CalendarSecret.objects.values_list("salt", "fingerprint").get()

    assert set(first).isdisjoint(second)
    assert all(OLD not in text for text in (*first, *second))
