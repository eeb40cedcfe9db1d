"""The mail that invites a person to edit an event."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.mail import REFUSED
from agenda.models import EventEditor


def send_invitation(invited: EventEditor) -> bool:
    """True if the mail was sent; False if the mail server refused it, or did not answer."""
    path = reverse("agenda:edit", args=[invited.event.slug])
    context = {"invited": invited, "event": invited.event, "site": settings.SITE_URL, "path": path}
    text = render_to_string("agenda/invitation_mail.txt", context)
    subject = " ".join(f"You may edit the programme of {invited.event.name}".split())
    try:
        EmailMessage(subject, text, to=[invited.email], headers={"Auto-Submitted": "auto-generated"}).send()
    except REFUSED:
        return False
    return True
