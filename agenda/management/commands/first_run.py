"""Fills an empty installation with a programme and an editor who can change it."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from agenda.editing.editors import EDITORS_GROUP
from agenda.models import Event

FIXTURE = "kvm-forum-2019"
EDITOR = "editor@example.org"
LETTERS = "abcdefghjkmnpqrstuvwxyz"  # without i, l and o, which look like 1 and 0


def new_password() -> str:
    """A random password of four groups of five letters: 90 bits that are easy to read and type."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


class Command(BaseCommand):
    help = "On this machine alone: loads KVM Forum 2019 and makes an editor's account, if there is neither."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        # The editor is made last. Once one exists, a programme that was deleted is not loaded again.
        if User.objects.filter(Q(is_staff=True) | Q(email__iexact=EDITOR)).exists():
            return
        if settings.IS_PUBLIC:
            self.stdout.write("The site has no editor yet. Make the first: manage.py make_editor ADDRESS")
            return
        if not Event.objects.exists():
            call_command("loaddata", FIXTURE, verbosity=0)
            self.stdout.write(f"Loaded the programme of {Event.objects.get()}.")
        password = self.make_editor()
        self.stdout.write(
            "Made an editor's account. Log in, open the programme and choose Edit:\n"
            f"  {settings.SITE_URL}{reverse('account_login')}\n"
            f"  email:    {EDITOR}\n"
            f"  password: {password}  (shown this once)"
        )

    def make_editor(self) -> str:
        """Creates the account and returns its password, which is stored only as a hash."""
        password = new_password()
        editor = User.objects.create_user(EDITOR, password, is_staff=True)
        editor.groups.add(Group.objects.get(name=EDITORS_GROUP))
        EmailAddress.objects.create(user=editor, email=editor.email, verified=True, primary=True)
        return password
