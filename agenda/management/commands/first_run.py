"""What an empty installation needs before its first page: a programme, and an editor to change it."""

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
LETTERS = "abcdefghjkmnpqrstuvwxyz"  # without i, l and o, which are misread as 1 and 0


def new_password() -> str:
    """Four groups of five letters: 90 bits that can be read and typed."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


class Command(BaseCommand):
    help = "Loads KVM Forum 2019 and makes an editor's account, if the installation has neither; safe to repeat."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        # The editor is made last and stays: an editor who deletes the programme does not find it back.
        if User.objects.filter(Q(is_staff=True) | Q(email__iexact=EDITOR)).exists():
            return
        if not Event.objects.exists():
            call_command("loaddata", FIXTURE, verbosity=0)
            self.stdout.write(f"Loaded the programme of {Event.objects.get()}.")
        password = self.make_editor()
        self.stdout.write(
            f"Made an editor's account, for {settings.SITE_URL}{reverse('admin:index')}\n"
            f"  e-mail:   {EDITOR}\n"
            f"  password: {password}  (shown this once)"
        )

    def make_editor(self) -> str:
        """The password of the new account, which is kept nowhere else in the clear."""
        password = new_password()
        editor = User.objects.create_user(EDITOR, password, is_staff=True)
        editor.groups.add(Group.objects.get(name=EDITORS_GROUP))
        EmailAddress.objects.create(user=editor, email=editor.email, verified=True, primary=True)
        return password
