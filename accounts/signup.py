"""The first proof of an address: only what the prover brought in this browser opens the account from then on.

Anybody can sign up with any address and leave the code page open, hoping that its owner comes later.
"""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session as CookieSession
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.owners import logged_in_sessions_of
from accounts.unfinished import forget_state

# In the cookie session: the pk of the account, and the hash of the password chosen for it (an unusable one for none).
CHOSEN = "sign_up_choice"


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


@receiver(email_confirmed, dispatch_uid="first proof of an address")
def address_was_confirmed(request: HttpRequest, email_address: EmailAddress, **kwargs: Any) -> None:
    """Lets in only the person who entered the mailed code. A later change of address changes no way in.

    The code of a sign-up keeps what this browser brought to it: a password, or another site's account. The codes that
    log in or set a new password keep nothing, as another person may have begun a sign-up in the same browser.
    """
    user = email_address.user
    if EmailAddress.objects.filter(user=user, verified=True).exclude(pk=email_address.pk).exists():
        return
    if not getattr(email_address, "is_of_sign_up", False):
        _let_in_only(request, user)
        return
    begun = unstash_login(request, peek=True)
    login = (begun.signal_kwargs or {}).get("sociallogin") if begun and begun.user == user else None
    methods = {record["method"] for record in get_authentication_records(request, user)}
    pk, chosen = request.session.get(CHOSEN, (None, ""))
    kept = chosen if pk == user.pk else user.password if "password" in methods else None
    _let_in_only(request, user, login, password=kept)


def confirm_elsewhere(request: HttpRequest, user: User, login: SocialLogin) -> None:
    """Takes the addresses that another site has verified for confirmed here, if they are the user's."""
    proven = [address.email for address in login.email_addresses if address.verified]
    addresses = EmailAddress.objects.filter(user=user)
    with transaction.atomic():
        newly = addresses.filter(email__in=proven, verified=False)
        if newly.exists() and not addresses.filter(verified=True).exists():
            _let_in_only(request, user, login)
        newly.update(verified=True)


def _let_in_only(
    request: HttpRequest, user: User, login: SocialLogin | None = None, password: str | None = None
) -> None:
    """Removes an account's sessions and ways to log in, except the request's, `login`'s and this hashed password."""
    accounts = SocialAccount.objects.filter(user=user)
    if login:
        accounts = accounts.exclude(provider=login.account.provider, uid=login.account.uid)
    others = set(logged_in_sessions_of(user)) - {request.session.session_key}
    with transaction.atomic():
        accounts.delete()
        Authenticator.objects.filter(user=user).delete()
        CookieSession.objects.filter(pk__in=others).delete()
        user.password = password or make_password(None)
        user.save(update_fields=["password"])
    forget_state(request, user)
