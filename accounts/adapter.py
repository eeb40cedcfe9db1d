"""The one seam where the site overrides django-allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    """Errors that say what to do next, and my account as the place to return to from changing it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "No account has this email address and password. Check both, or have a code mailed.",
        "incorrect_code": "That is not the code in our latest mail. Check it, or ask for a new one.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your present password.",
        "too_many_login_attempts": "Too many tries. Wait a few minutes, then try again.",
        "same_as_current": "That is the address you have already.",
    }

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:overview")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Asked only of somebody logged in, who thus changed their address; sign-up returns to where it began."""
        return reverse("accounts:overview")
