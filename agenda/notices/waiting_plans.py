"""The mail that tells editors of a plan that waits for them."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from agenda.models import Plan


def editors() -> list[str]:
    """The verified addresses of all who may edit programmes, superusers included. One query."""
    users = ModelBackend().with_perm("agenda.change_session").filter(is_staff=True)
    found = EmailAddress.objects.filter(user__in=users, verified=True, primary=True)
    return sorted(found.values_list("email", flat=True))


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
    return [EmailMessage(subject, text, to=[address], headers=headers) for address in editors()]
