"""Makes somebody an editor of all programmes, and mails them how to log in."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.addresses import normal_address
from accounts.mail import REFUSED
from accounts.models import User
from agenda.editing.editors import EDITORS_GROUP

LOG_IN = "They can log in at {address} with a code that is mailed to them."


class Command(BaseCommand):
    help = "Makes somebody an editor of all programmes, with an account if they have none. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="their email address; a mail says how to log in, without any password")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        try:
            address = normal_address(address)
        except ValidationError as error:
            raise CommandError(error.message) from error
        make_editor(address)
        words = render_to_string("agenda/editor_mail.txt")
        page = f"{settings.SITE_URL}{reverse('account_request_login_code')}"
        self.stdout.write(f"{address} is an editor now. {LOG_IN.format(address=page)}")
        try:
            send_mail(f"You are an editor of {settings.SITE_NAME}", words, None, [address])
        except REFUSED as error:
            raise CommandError(f"The mail to them could not be sent ({type(error).__name__}): tell them.") from error


@transaction.atomic
def make_editor(address: str) -> User:
    """The user of this address, made if there is none. Nobody gets in who has not entered a code mailed to it."""
    user = User.objects.filter(email=address).first() or User.objects.create_user(address)
    if not user.is_active:
        raise CommandError(f"The account of {address} is switched off. A superuser can switch it on in /admin/.")
    if not EmailAddress.objects.filter(user=user).exists():
        EmailAddress.objects.create(user=user, email=address, primary=True)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get(name=EDITORS_GROUP))
    return user
