"""What a browser has begun and not finished: a mailed code, a second step, a first passkey.

The account may change meanwhile. What was begun before the change then opens nothing any more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.constants import LoginStageKey
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.login import clear_authentication_records
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.account.utils import passthrough_next_redirect_url, url_str_to_user_pk
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.backends import SessionStore
from accounts.models import User
from accounts.owners import UNFINISHED, unfinished_sessions_of

# Where allauth keeps each kind in the cookie session.
LOGIN, NEW_ADDRESS = LOGIN_SESSION_KEY, EMAIL_VERIFICATION_CODE_SESSION_KEY
NEW_PASSWORD = PASSWORD_RESET_VERIFICATION_SESSION_KEY
KINDS = (LOGIN, NEW_ADDRESS, NEW_PASSWORD)
ELSEWHERE = "socialaccount_sociallogin"  # a sign-up with another site's account, which still needs an address here
CODE_STAGES = {LoginStageKey.LOGIN_BY_CODE, LoginStageKey.VERIFY_EMAIL}  # nothing is proven before the code
CHANGED = (
    "The account has changed since you began here, or was logged out everywhere. "
    "Log in again, or have a new code mailed."
)


def state_of(pk: str) -> str:
    """A fingerprint of all that opens this account, and of whether it was ever logged in; empty if there is none."""
    user = User.objects.filter(pk=pk).first() if pk else None
    if user is None:
        return ""
    rows = {
        "email": EmailAddress.objects.filter(user=user, verified=True),
        "pk": Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES),
        "uid": SocialAccount.objects.filter(user=user),
    }
    state = [user.password, user.email, user.is_active, user.last_login is not None]
    state += [list(found.order_by("pk").values_list(name, flat=True)) for name, found in rows.items()]
    return salted_hmac("accounts.unfinished", json.dumps(state), algorithm="sha256").hexdigest()


def account_in(session: SessionBase, kind: str) -> str:
    """The pk of the account that this kind is about; empty if nothing is begun, or for an address without account."""
    begun = session.get(kind) or {}
    pk = url_str_to_user_pk(begun["user_pk"]) if begun.get("user_pk") else begun.get("user_id")
    return str(pk or "")


def which(session: SessionBase, kind: str) -> list[Any]:
    """What tells this log-in or code from the one before: its account, and when it was begun, in seconds."""
    begun = session.get(kind) or {}
    return [account_in(session, kind), begun.get("initiated_at", begun.get("at", 0))]


def is_proven(session: SessionBase, kind: str) -> bool:
    """True if a password, a mailed code or another site has already been accepted, and something is still asked."""
    begun = session.get(kind) or {}
    if kind == LOGIN:
        return bool(begun) and begun["state"].get("stages", {}).get("current") not in CODE_STAGES
    return bool(begun.get("code_confirmed"))


def has_changed(session: SessionBase, kind: str) -> bool:
    """True if the account is another than when this was begun."""
    now, was = state_of(account_in(session, kind)), session.get(UNFINISHED, {}).get(kind, [])
    return not now or (was[:2] == which(session, kind) and was[2] != now)


def may_open(pk: str, email: str) -> bool:
    """True if a code that is mailed to this address may open the account: once it has a proven one, no other may."""
    proven = EmailAddress.objects.filter(user=pk, verified=True)
    return not proven.exists() or proven.filter(email__iexact=email).exists()


def forget_state(request: HttpRequest, user: User) -> None:
    """To be called when this browser itself changes the account: what it has begun goes on with the new state."""
    noted = request.session.get(UNFINISHED, {})
    if noted:
        request.session[UNFINISHED] = {kind: was for kind, was in noted.items() if was[0] != str(user.pk)}


def end(session: SessionBase, pk: str) -> None:
    """Ends all that the session has begun with this account."""
    for kind in KINDS:
        if account_in(session, kind) == pk:
            del session[kind]


def end_elsewhere(user: User, here: str | None) -> None:
    """Ends what other browsers have begun with this account, as a change of it would."""
    for key in set(unfinished_sessions_of(user)) - {here}:
        held = SessionStore(key)
        if noted := held.get(UNFINISHED):
            mine = {kind: [*was[:2], ""] for kind, was in noted.items() if was[0] == str(user.pk)}
            held[UNFINISHED] = noted | mine
            with suppress(UpdateError):  # that session has just ended, or got another key by a log-in
                held.save()


def refuse_code(request: HttpRequest, kind: str) -> None:
    """To be called after a mailed code was right. Raises a redirect with a sentence if it must open nothing.

    Only then: the code page must not tell a stranger that an address has an account, and that it has changed.
    """
    pk = account_in(request.session, kind)
    is_change = kind == NEW_ADDRESS and request.user.is_authenticated and str(request.user.pk) == pk
    email = address_in(request.session[kind])
    if not has_changed(request.session, kind) and (is_change or may_open(pk, email)):
        return
    end(request.session, pk)
    messages.error(request, CHANGED)
    page = reverse("account_email" if request.user.is_authenticated else "account_login")
    raise ImmediateHttpResponse(redirect(passthrough_next_redirect_url(request, page, REDIRECT_FIELD_NAME)))


def address_in(begun: dict[str, Any]) -> str:
    """The address to which the code was mailed."""
    stages = begun.get("state", {}).get("stages", {})
    data = stages.get(LoginStageKey.LOGIN_BY_CODE, {}).get("data", begun)
    return str(data.get("email") or "")


class UnfinishedMiddleware:
    """Ends what was begun before its account changed; gives the session another key once something is proven.

    Otherwise a person who left this browser to its owner could go on elsewhere with the cookie they both know.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("accounts:overview")):
            return self.get_response(request)
        end_changed(request)
        end_sign_up_elsewhere(request.session)
        before = proven_in(request.session)
        response = self.get_response(request)
        note_states(request.session)
        if any(proven not in before for proven in proven_in(request.session)):
            request.session.cycle_key()
        return response


def end_changed(request: HttpRequest) -> None:
    """Ends what was proven before its account changed, with a sentence unless it is long over."""
    session = request.session
    for kind in KINDS:
        pk, began = which(session, kind)
        if not pk or not is_proven(session, kind) or not has_changed(session, kind):
            continue
        end(session, pk)
        if kind == LOGIN and request.user.is_anonymous:
            clear_authentication_records(request)
        if time.time() - began < app_settings.LOGIN_TIMEOUT:
            messages.error(request, CHANGED)


def end_sign_up_elsewhere(session: SessionBase) -> None:
    """Ends a sign-up that was left for minutes, or whose account at another site was connected here meanwhile."""
    if ELSEWHERE not in session:
        return
    _, began, _ = session.get(UNFINISHED, {}).get(ELSEWHERE, ["", time.time(), ""])
    account = session[ELSEWHERE]["account"]
    connected = SocialAccount.objects.filter(provider=account["provider"], uid=account["uid"])
    if time.time() - began > app_settings.LOGIN_TIMEOUT or connected.exists():
        del session[ELSEWHERE]


def proven_in(session: SessionBase) -> list[Any]:
    proven = [[kind, *which(session, kind)] for kind in KINDS if is_proven(session, kind)]
    return [*proven, session[ELSEWHERE]] if ELSEWHERE in session else proven


def note_states(session: SessionBase) -> None:
    """Notes the state of each account with which something was just begun. What was noted before stays."""
    noted, states = session.get(UNFINISHED, {}), {}
    for kind in KINDS:
        if (this := which(session, kind))[0]:
            was = noted.get(kind, [])
            states[kind] = was if was[:2] == this else [*this, state_of(this[0])]
    if ELSEWHERE in session:
        was, uid = noted.get(ELSEWHERE, []), session[ELSEWHERE]["account"]["uid"]
        states[ELSEWHERE] = was if was[2:] == [uid] else ["", time.time(), uid]
    if states != noted:
        session[UNFINISHED] = states
