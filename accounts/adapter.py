"""The one seam where the site overrides django-allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.devices import device_name
from accounts.limits import MINUTE, TooOften, count_mail
from accounts.models import User
from accounts.reauthentication import just_logged_in
from accounts.signup import take_chosen_password

LOCKED_FOR = 5 * MINUTE  # the longest window in settings.ACCOUNT_RATE_LIMITS
# Mails that anybody can have sent to any address, by writing it into a form.
ASKED_FOR = {
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/login_code",
    "account/email/password_reset_code",
    "account/email/unknown_account",
}


class AccountAdapter(DefaultAccountAdapter):
    """Errors that say what to do next, and my account as the place to return to from changing it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "No account has this email address and password. Check both, or have a code mailed.",
        "incorrect_code": "That is not the code in our latest mail. Check it, or ask for a new one.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your present password.",
        "same_as_current": "That is the address you have already.",
    }

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:overview")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Asked only of somebody logged in, who thus changed their address; sign-up returns to where it began."""
        return reverse("accounts:overview")

    def validation_error(self, code: str, *args: Any) -> Any:
        """As allauth's; but too many tries are an answer of the whole site, with the time to wait, on every form."""
        if code == "too_many_login_attempts":
            raise TooOften(LOCKED_FOR)
        return super().validation_error(code, *args)

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """Whoever first proves the address by a mailed code alone is its owner; the password may be a stranger's.

        Somebody can sign up with another's address and wait. Where another site proved the address, allauth has
        seen to the password already (wipe_password), and no code of ours needs to prove it again.
        """
        methods = {record["method"] for record in get_authentication_records(request, user)}
        if user.last_login is None and "code" in methods and "password" not in methods and user.has_usable_password():
            user.set_unusable_password()
            user.save(update_fields=["password"])
        if elsewhere := (how["signal_kwargs"] or {}).get("sociallogin"):
            proven = [address.email.lower() for address in elsewhere.email_addresses if address.verified]
            EmailAddress.objects.filter(user=user, email__in=proven).update(verified=True)
        return super().pre_login(request, user, **how)  # type: ignore[no-any-return]

    def login(self, request: HttpRequest, user: User) -> None:
        """Logs in. Signing up with a mailed code is a proof of who is there, too, though allauth notes none."""
        take_chosen_password(request, user)
        super().login(request, user)
        if not get_authentication_records(request, user):
            record_authentication(request, user, method="code")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Asked wherever a way in is added, changed or removed; not again of who logged in a minute ago.

        allauth lets those pass who have neither password nor passkey nor second step, as they log in by mailed code
        or through another site: they are asked to log in anew.
        """
        request: HttpRequest = context.request
        if just_logged_in(request):
            return False
        if not self.get_reauthentication_methods(request.user):
            # The other site's answer cannot be asked for again at its own address.
            place = reverse("socialaccount_connections") if app == "allauth.socialaccount" else request.path
            page = {"nav": "account", "redirect_field_value": place}
            raise ImmediateHttpResponse(render(request, "account/base_reauthenticate.html", page, status=403))
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails a page of text; only so many an hour of those that anybody can ask for."""
        if template_prefix in ASKED_FOR:
            count_mail(email)
        super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):
    """Passkeys are a way in; the second step is asked of those who have an authenticator app."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That did not match. Try once more, or another way.",
        "cannot_generate_recovery_codes": "Recovery codes need an authenticator app or a passkey first.",
        "unverified_email": "Confirm your email address first.",
    }

    def is_mfa_enabled(self, user: User, types: list[str] | None = None) -> bool:
        """Asked about several types, allauth means a second step: a passkey alone must not make it one.

        Otherwise who lost the passkey could no longer log in by mailed code.
        """
        one_type = types is not None and len(types) == 1
        return bool(super().is_mfa_enabled(user, types if one_type else [Authenticator.Type.TOTP]))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """The device that a new passkey is made on, like "Firefox on Linux"."""
        return device_name(context.request.headers.get("User-Agent", ""))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sites whose keys are not set do not exist."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": "Set a password first; without one, this is how you log in.",
    }

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as missing:
            raise Http404 from missing
