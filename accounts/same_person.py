"""A mark in each form that tells for which person its page was made.

A page stays open while the person logs out, while their session ends elsewhere, and while another person logs in. What
is tapped on it then is not meant for the person who is there now.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

FIELD = "made_for"  # the name of the hidden field
LENGTH = 16  # characters; it tells two persons of one browser from each other, no more


def mark_of(request: HttpRequest) -> str:
    """The mark of the user who is logged in; empty for all visitors."""
    user = getattr(request, "user", None)  # there is none where a request is refused early
    if user is None or not user.is_authenticated:
        return ""
    return salted_hmac("accounts.same_person", str(user.pk), algorithm="sha256").hexdigest()[:LENGTH]


def is_of_another_person(request: HttpRequest) -> bool:
    """True if the form was made for another person than who sends it. A form without a mark may be sent by anybody."""
    return request.POST.get(FIELD, mark_of(request)) != mark_of(request)
