"""Signing up again with an address that was not confirmed: decides which of the passwords counts."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.models import User

CHOSEN = "sign_up_choice"  # in the cookie session: the pk of the account, and the hash of the password chosen for it


def unproven_user(email: str) -> User | None:
    """The account that signed up with this address, if nobody has entered the mailed code yet."""
    users = User.objects.filter(email__iexact=email, is_active=True)
    return users.filter(emailaddress__in=EmailAddress.objects.filter(email=email, verified=False)).first()


def keep_choice(request: HttpRequest, email: str, password: str | None) -> User | None:
    """The unproven account of this address, whose password is kept in the cookie session until the code is entered.

    Hashes the password even if there is no such account, so that the time taken tells nothing.
    """
    hashed = make_password(password or None)
    user = unproven_user(email)
    if user:
        request.session[CHOSEN] = [user.pk, hashed]
    return user


def take_chosen_password(request: HttpRequest, user: User) -> None:
    """Sets the password that was chosen in this browser, in place of one from an earlier sign-up.

    Only at the first log-in: the person who enters the mailed code is the owner of the address.
    """
    pk, hashed = request.session.pop(CHOSEN, (None, ""))
    if pk == user.pk and user.last_login is None:
        user.password = hashed
        user.save(update_fields=["password"])
