"""Signing up: begun again where it was left off, and the same to see whether or not the address has an account."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage, LoginStageController
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User

CHOSEN = "sign_up_choice"  # in the cookie session: whose account it is for, and its hash


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    def try_save(self, request: HttpRequest) -> Any:
        """Saves the user, goes on with one whose address nobody has proven yet, or mails the address's owner.

        Each takes as long: hashing a password is nearly all of the time.
        """
        if not self.account_already_exists:
            return super().try_save(request)
        hashed = make_password(self.cleaned_data.get("password1") or None)
        user = unproven_user(self.cleaned_data["email"])
        if user is None:
            return super().try_save(request)
        request.session[CHOSEN] = [user.pk, hashed]
        return user, None


def unproven_user(email: str) -> User | None:
    """Whom somebody, maybe a stranger, signed up with this address and without ever entering the code."""
    users = User.objects.filter(email__iexact=email, is_active=True)
    return users.filter(emailaddress__in=EmailAddress.objects.filter(email=email, verified=False)).first()


def take_chosen_password(request: HttpRequest, user: User) -> None:
    """Whoever proves the address first has the password that they chose, not one from a sign-up before."""
    pk, hashed = request.session.pop(CHOSEN, (None, ""))
    if pk == user.pk and user.last_login is None:
        user.password = hashed
        user.save(update_fields=["password"])


def confirm_email(request: HttpRequest) -> HttpResponse:
    """allauth's page for the mailed code, without what would tell whether the address had an account before.

    For one that had, allauth still shows the page to who cancelled, and mails nothing when asked for another code.
    """
    if request.user.is_anonymous and not LoginStageController.enter(request, EmailVerificationStage.key):
        return redirect("account_login")
    process = EmailVerificationProcess.resume(request)
    owner_hears_again = process and not process.user and process.can_resend and request.POST.get("action") == "resend"
    response: HttpResponse = allauth_views.email_verification_sent(request)
    if owner_hears_again:
        get_adapter().send_account_already_exists_mail(process.email)
    return response
