"""The one seam where the site overrides django-allauth."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import requests
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.addresses import may_sign_up, normal_address
from accounts.devices import device_name
from accounts.elsewhere import BoundedSession, session_for
from accounts.limits import MINUTE, TooOften, count, count_mail
from accounts.mail import REFUSED, MailNotSent
from accounts.models import User
from accounts.reauthentication import has_app, just_logged_in, leads_to_second_step, owes_second_factor
from accounts.signup import CHOSEN, confirm_elsewhere

logger = logging.getLogger(__name__)
LOCKED_FOR = 5 * MINUTE  # the longest window in settings.ACCOUNT_RATE_LIMITS
# To the owner of an account that was switched off, either would contradict the other.
FOR_WANT_OF_AN_ACCOUNT = {"account/email/account_already_exists", "account/email/unknown_account"}
SWITCHED_OFF = "account/email/account_switched_off"
# Mails that anybody can have sent to any address, by writing it into a form.
ASKED_FOR = {
    SWITCHED_OFF,
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/login_code",
    "account/email/password_reset_code",
    "account/email/unknown_account",
}


@cache
def warn_of_proxies(reported: int, expected: int) -> None:
    """Logs once that requests come with fewer addresses than there are proxies."""
    logger.error(
        "X-Forwarded-For came with %d addresses, and TRUSTED_PROXY_COUNT is %d: all people are one network. "
        "Let each web server of yours add one, or set the number of them.",
        reported,
        expected,
    )


class AccountAdapter(DefaultAccountAdapter):
    """Error messages that say what to do next; changes of an account lead back to My account."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "No account has this email address and password. Check both, or have a code mailed.",
        "incorrect_code": "That is not the code in our latest mail. Check it, or ask for a new one.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your current password.",
        # Raised, this is another page: see validation_error(). It is only said where a code has ended.
        "too_many_login_attempts": "The code ended after too many wrong tries. Begin again to have a new one mailed.",
        "same_as_current": "That is your address already.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP not in ("closed", "elsewhere")

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the first of our proxies saw; that of the last proxy itself if fewer reported than are set.

        All people are one network then, which limits count generously: it is logged once, and nobody meets it.
        """
        reported = [each for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
        if len(reported) >= settings.ALLAUTH_TRUSTED_PROXY_COUNT:
            return str(super().get_client_ip(request))
        warn_of_proxies(len(reported), settings.ALLAUTH_TRUSTED_PROXY_COUNT)
        return str(request.META["REMOTE_ADDR"])

    def clean_email(self, email: str) -> str:
        """The address as the forms read it; allauth asks for this, too, where another site tells an address."""
        return normal_address(email)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:overview")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """My account. allauth uses this only after a change of address; after signing up, a person goes to `next`."""
        return reverse("accounts:overview")

    def validation_error(self, code: str, *args: Any) -> Any:
        """allauth's error, except that too many tries raise TooOften: a 429 page with the time to wait."""
        if code == "too_many_login_attempts":
            raise TooOften(LOCKED_FOR)
        return super().validation_error(code, *args)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the try, by wider networks too than allauth does; raises TooOften beyond the limit."""
        count(request, "password")
        super().pre_authenticate(request, **credentials)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Marks an address that is confirmed by the code of a sign-up for accounts/signup.py; no other code does.

        All changes are made, or none if another account confirms the address at the same moment. Mails come after.
        """
        email_address.is_of_sign_up = True
        notices: list[tuple[str, str, dict[str, Any]]] = []
        request.notices = notices  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                confirmed = bool(super().confirm_email(request, email_address))
        except IntegrityError:
            about = {"email": email_address.email}
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt", about)
            return False
        finally:
            del request.notices  # type: ignore[attr-defined]
        for notice in notices:
            self.send_mail(*notice)
        return confirmed

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """Takes an address that another site has verified for confirmed: our own code need not verify it again."""
        if elsewhere := (how["signal_kwargs"] or {}).get("sociallogin"):
            confirm_elsewhere(request, user, elsewhere)
        return super().pre_login(request, user, **how)  # type: ignore[no-any-return]

    @transaction.atomic  # with what is taken over from the visitor's session, which ends here
    def login(self, request: HttpRequest, user: User) -> None:
        """Logs the user in. Records the mailed code of a sign-up as a recent log-in, which allauth does not."""
        request.session.pop(CHOSEN, None)
        user.refresh_from_db(fields=["password"])  # the first proof of the address may have changed it
        super().login(request, user)
        if not get_authentication_records(request, user):
            record_authentication(request, user, method="code")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """True if the user must confirm who they are before a way to log in is added, changed or removed.

        Users without a password, passkey or second step log in by mailed code or through another site. allauth would
        ask nothing of them; here they get a page that asks them to log in again.

        Pages of the second step ask users who have one for that step, and take nothing else for it.
        """
        request: HttpRequest = context.request
        if app == "allauth.mfa" and owes_second_factor(request):
            asking = redirect_to_login(request.get_full_path(), reverse("mfa_reauthenticate"))
            raise ImmediateHttpResponse(asking)
        if just_logged_in(request):
            return False
        if not self.get_reauthentication_methods(request.user):
            # The other site's answer cannot be asked for again at its own address.
            place = reverse("socialaccount_connections") if app == "allauth.socialaccount" else request.path
            page = {"nav": "account", "redirect_field_value": place}
            raise ImmediateHttpResponse(render(request, "account/base_reauthenticate.html", page, status=403))
        return True

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """allauth's; for users with a second step, only that step leads to the pages that can take it away."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if leads_to_second_step(context.request) and has_app(user):
            return [method for method in methods if method["id"] == "mfa_reauthenticate"]
        return methods

    def is_safe_url(self, url: str | None) -> bool:
        """True if `next` may lead there. An address that cannot be parsed leads nowhere."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends a mail of plain text. Mails that anybody can ask for are limited, by sender and by receiver.

        Raises MailNotSent if a mail that a person waits for cannot be sent. If it is only a notice of a change that is
        made already, the failure is logged. Notices wait for the end of confirm_email().
        """
        if template_prefix not in ASKED_FOR and hasattr(self.request, "notices"):
            self.request.notices.append((template_prefix, email, context))
            return
        if (
            template_prefix in FOR_WANT_OF_AN_ACCOUNT
            and User.objects.filter(email__iexact=email, is_active=False).exists()
        ):
            template_prefix = SWITCHED_OFF
        if template_prefix in ASKED_FOR:
            count(self.request, "mail")
            count_mail(email)
        try:
            super().send_mail(template_prefix, email, context)
        except REFUSED as error:
            # Its class alone: what a mail server says may repeat the address.
            logger.error("Mail %s could not be sent: %s", template_prefix, type(error).__name__)
            if template_prefix in ASKED_FOR:
                raise MailNotSent from error


class MFAAdapter(DefaultMFAAdapter):
    """Passkeys log a user in; a second step is asked only of users with an authenticator app."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That did not match. Try again, or another way.",
        "cannot_generate_recovery_codes": "Recovery codes need an authenticator app or a passkey first.",
        "unverified_email": "Confirm your email address first.",
    }

    def is_mfa_enabled(self, user: User, types: list[str] | None = None) -> bool:
        """True if the user has one of these authenticators; asked about several types, only an app counts.

        allauth asks about several types to know whether there is a second step. If a passkey alone made one, a user
        who lost it could no longer log in by mailed code.
        """
        one_type = types is not None and len(types) == 1
        return bool(super().is_mfa_enabled(user, types if one_type else [Authenticator.Type.TOTP]))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """The name of the device on which a passkey is made, like "Firefox on Linux"."""
        return device_name(context.request.headers.get("User-Agent", ""))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Answers 404 for other sites whose keys are not set."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": "Set a password first; without one, this is how you log in.",
    }

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as missing:
            raise Http404 from missing

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return settings.SIGN_UP != "closed" and may_sign_up(sociallogin.user.email)

    def get_requests_session(self) -> BoundedSession:
        return session_for(context.request)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, exception: Exception | None = None, **more: Any
    ) -> None:
        """Logs what allauth answers with "That did not work". Another site that does not answer is raised: a 503."""
        if isinstance(exception, (requests.ConnectionError, requests.Timeout)):
            raise exception
        if exception:
            # Its class alone: what another site says may repeat a code or an address.
            logger.warning("Log-in with %s failed: %s", provider, type(exception.__cause__ or exception).__name__)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Gives a new account the addresses that the other site has verified alone, or one to be confirmed here.

        Otherwise it would have those of other people, whose mailed code would then open it.
        """
        addresses = sociallogin.email_addresses
        sociallogin.email_addresses = [address for address in addresses if address.verified] or addresses[:1]
        if addresses and not sociallogin.is_existing:
            sociallogin.user.email = sociallogin.email_addresses[0].email
