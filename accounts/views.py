"""My account, its devices, and the page for the code that confirms an address."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.internal.stagekit import stash_login
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as allauth_passkeys
from allauth.mfa.webauthn.stages import PasskeySignupStage
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session as CookieSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.devices import device_name, devices_of
from accounts.forms import ProfileForm, time_zones_by_place
from accounts.models import CalendarKey, User
from accounts.owners import logged_in_sessions_of
from accounts.requests import SignedInRequest
from accounts.still_open import say_what_goes_on
from accounts.unfinished import end_elsewhere


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def overview(request: SignedInRequest) -> HttpResponse:
    """My account on one page: ways to log in, devices, calendars, name, time zone, data; a POST saves the profile."""
    # A row of its own: a refused form must not change the name that the page greets with.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:overview")
    context = {
        "form": form,
        "time_zones": time_zones_by_place(),
        "nav": "account",
        **ways_in(request.user),
        "devices": devices_of(request.user, request.session.session_key),
        "calendar_count": CalendarKey.objects.filter(user=request.user).active().count(),
    }
    return render(request, "accounts/overview.html", context, status=422 if form.errors else 200)


def ways_in(user: User) -> dict[str, Any]:
    """The ways to log in that the user has, as values for the page."""
    authenticators = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    context = {
        "addresses": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        "passkeys": [each for each in authenticators if each.type == Authenticator.Type.WEBAUTHN],
        "second_factors": {each.type for each in authenticators},
    }
    if settings.SOCIALACCOUNT_PROVIDERS:
        names = provider_names()
        accounts = SocialAccount.objects.filter(user=user).order_by("date_joined", "pk")
        context["connected"] = [names.get(account.provider, account.provider) for account in accounts]
    return context


def provider_names() -> dict[str, str]:
    """The names of the other sites by the provider in SocialAccount rows: {"github": "GitHub"}."""
    return {
        app.get("provider_id") or provider: app.get("name") or registry.get_class(provider).name
        for provider, options in settings.SOCIALACCOUNT_PROVIDERS.items()
        for app in options["APPS"]
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end_others(request: SignedInRequest) -> HttpResponse:
    """Logs me out on all other devices; a GET only redirects to the list of devices."""
    if request.method == "POST":
        others = set(logged_in_sessions_of(request.user)) - {request.session.session_key}
        CookieSession.objects.filter(pk__in=others).delete()
        UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key).delete()
        end_elsewhere(request.user, here=request.session.session_key)
        messages.success(request, "You are logged out everywhere else.")
        say_what_goes_on(request, request.user)
    return redirect(reverse("accounts:overview") + "#devices")


@require_POST
@login_required
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Logs me out on one other device, from its next request on."""
    others = UserSession.objects.exclude(session_key=request.session.session_key)
    session = get_object_or_404(others, pk=pk, user=request.user)
    session.end()
    messages.success(request, f"{device_name(session.user_agent)} is logged out.")
    return redirect(reverse("accounts:overview") + "#devices")


@require_POST
@login_required
def close_calendars(request: SignedInRequest) -> HttpResponse:
    """Closes the addresses of all my calendars at once."""
    closed = CalendarKey.objects.filter(user=request.user).active().update(revoked=timezone.now())
    if closed:
        messages.success(request, f"{closed} calendar{'s get' if closed > 1 else ' gets'} nothing any more.")
    return redirect("agenda:calendars")


def confirm_email(request: HttpRequest) -> HttpResponse:
    """allauth's page for the mailed code, which looks the same whether or not the address had an account before.

    For an address that had one, allauth alone would show the page even after Cancel, and mail nothing when asked for
    another code.
    """
    if request.user.is_anonymous and not LoginStageController.enter(request, EmailVerificationStage.key):
        return redirect("account_login")
    process = EmailVerificationProcess.resume(request)
    mail_owner_again = process and not process.user and process.can_resend and request.POST.get("action") == "resend"
    response: HttpResponse = allauth_views.email_verification_sent(request)
    if mail_owner_again:
        get_adapter().send_account_already_exists_mail(process.email)
    return response


LEFT_FOR = 10 * 60  # seconds that a sign-up waits for its passkey, after which it ends
ENDED = "A sign-up on this browser had waited too long for its passkey. If it is yours, have a code mailed to log in."


def first_passkey(request: HttpRequest) -> HttpResponse:
    """allauth's page for the passkey that ends a sign-up. Only the first time does it ask the device at once.

    From the second time on, it asks the person first: the owner may have left, and all pages to log in lead here.
    """
    stage = LoginStageController.enter(request, PasskeySignupStage.key)
    if not stage:
        return allauth_passkeys.signup_webauthn(request)  # type: ignore[no-any-return]  # it redirects
    is_left = "shown" in stage.state
    if time.time() - stage.state.setdefault("shown", time.time()) > LEFT_FOR:
        messages.info(request, ENDED)
        return stage.abort()  # type: ignore[no-any-return]
    if not is_left:
        stash_login(request, stage.login)
    response: HttpResponse = allauth_passkeys.SignupWebAuthnView.as_view(
        extra_context={"email": stage.login.user.email, "is_left": is_left}
    )(request)
    return response
