"""The choices of when mail about a changed talk comes, as the form shows and sends them."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from accounts.models import User

# How long before a changed session matters people may be told, in minutes and in words.
CHOICES = {15: "15 minutes", 30: "half an hour", 60: "an hour", 120: "two hours", 1440: "a day"}
NEVER = "never"


def choices_for(user: User) -> list[tuple[str, str, bool]]:
    """(value, words, True if the user chose it) for each choice; "never" comes first."""
    choices = [(NEVER, "no mail", user.notice_minutes is None)]
    return choices + [
        (str(minutes), f"{words} before", user.notice_minutes == minutes) for minutes, words in CHOICES.items()
    ]


def refusing_address(user: User) -> str:
    """The user's address, if its mail server refuses mail about changes for good and they want some; else empty."""
    refused = user.refused_address if user.notice_minutes is not None else ""
    is_theirs = refused and EmailAddress.objects.filter(user=user, primary=True, email=refused).exists()
    return refused if is_theirs else ""
