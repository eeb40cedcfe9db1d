"""The calendars that go on after a change meant to shut others out: they are named, and can be closed at once."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_changed, password_reset
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import CalendarKey, User

CLOSE = "close-calendars"  # the tag of a message beside which the page offers to close them
MOST_NAMED = 5


@receiver([email_changed, password_reset], dispatch_uid="calendars still open")
def say_what_goes_on(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Adds a message with the user's calendars, if there are any: neither passwords nor log-ins open them."""
    names = list(CalendarKey.objects.filter(user=user).active().values_list("name", flat=True))
    if not names:
        return
    named = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    go_on = "goes on being updated" if len(names) == 1 else "go on being updated"
    whose = "Your calendar" if len(names) == 1 else "Your calendars"
    messages.warning(request, f"{whose} {named}{more} {go_on}, also where somebody else has the address.", CLOSE)
