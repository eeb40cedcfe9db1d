"""The way to the development mailbox, for the pages that say "we sent you a code"."""

from __future__ import annotations

from django import template
from django.urls import reverse

from forum.mailbox import is_open

register = template.Library()


@register.simple_tag
def dev_mailbox_address() -> str:
    """Where the mail can be read; empty where it really was sent."""
    return reverse("dev-mailbox") if is_open() else ""
