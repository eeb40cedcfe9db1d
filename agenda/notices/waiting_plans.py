"""The mail that tells editors of a plan that waits for them."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse

from agenda.models import Event, EventEditor, Plan


def editors(event: Event) -> list[str]:
    """The verified addresses of all who may edit the event, superusers included. One query."""
    users = ModelBackend().with_perm("agenda.change_session").filter(is_staff=True)
    invited = EventEditor.objects.filter(event=event, user=OuterRef("user"), email=OuterRef("email"))
    found = EmailAddress.objects.filter(Q(user__in=users) | Exists(invited), user__is_active=True)
    return sorted(found.filter(verified=True, primary=True).values_list("email", flat=True))


def mails_of(plan: Plan, said: str) -> list[EmailMessage]:
    """A mail to each editor. `said` is the sentence of what waits."""
    context = {
        "plan": plan,
        "said": said,
        "site": settings.SITE_URL,
        "path": reverse("agenda:plan", args=[plan.event.slug, plan.pk]),
    }
    text = render_to_string("agenda/waiting_plan_mail.txt", context)
    subject = " ".join(f"{plan.event.name}: a plan waits for you".split())
    headers = {"Auto-Submitted": "auto-generated"}
    return [EmailMessage(subject, text, to=[address], headers=headers) for address in editors(plan.event)]
