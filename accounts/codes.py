"""The forms that take a code: compared by its letters and digits alone, in whichever script the digits were typed."""

from __future__ import annotations

import unicodedata

from allauth.account import app_settings
from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.manage_email import email_already_exists
from allauth.core import context
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import encrypt
from django.core.exceptions import ValidationError

from accounts import limits, unfinished
from accounts.erasing import erase_unfinished
from accounts.models import User

# The same for every mailed code: forum/settings.py.
MOST_TRIES: int = app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS
CODE_LASTS: int = app_settings.LOGIN_BY_CODE_TIMEOUT  # seconds
MOST_RECOVERY_CODES = 5  # tries for each account in RECOVERY_WINDOW, as settings allow for the app's codes
RECOVERY_WINDOW = 5 * limits.MINUTE
LONGEST = 100  # characters, however a code is typed; what is longer is none


def letters_and_digits(code: str) -> str:
    """The code without blanks, dashes and marks, with its digits as 0 to 9: "１２３–٤٥٦" is "123456"."""
    if len(code) > LONGEST:
        return code
    kept = (sign for sign in unicodedata.normalize("NFKC", code) if sign.isalnum())
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in kept)


class CodeForm:
    """Reads the field `code` with letters_and_digits(). Must come first among the bases of a form."""

    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = letters_and_digits(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # allauth's
        return code


class MailedCodeForm(CodeForm):
    """Counts each try before the code is compared. allauth counts in the cookie session, where tries at once overlap.

    A try too many is answered like a wrong code, and so is the right code that is sent again at the same moment.
    The right code of an account that has changed since is refused.
    """

    expected_code: str
    kind: str  # of unfinished.KINDS

    def clean_code(self) -> str:
        what = f"code {context.request.session.session_key} {self.expected_code}"
        if not limits.may_be_tried(what, MOST_TRIES, CODE_LASTS):
            raise get_adapter().validation_error("incorrect_code")
        code = super().clean_code()
        if not limits.may_be_tried(f"used {what}", 1, CODE_LASTS):
            raise get_adapter().validation_error("incorrect_code")
        unfinished.refuse_code(context.request, self.kind)
        return code


class ConfirmLoginCodeForm(MailedCodeForm, account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]  # it has no types
    kind = unfinished.LOGIN


class ConfirmEmailVerificationCodeForm(MailedCodeForm, account_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    kind = unfinished.NEW_ADDRESS

    def clean_code(self) -> str:
        """The code. A sign-up with the same address that another person left unfinished makes room for its owner."""
        try:
            return super().clean_code()
        except ValidationError as error:
            if error.code != "email_taken" or self.user is None:  # allauth says so only after the right code
                raise
            unfinished.refuse_code(context.request, self.kind)
            erase_unfinished(self.email, keep=self.user)
            email_already_exists(user=self.user, email=self.email, always_raise=True)
            return self.cleaned_data["code"]


class ConfirmPasswordResetCodeForm(MailedCodeForm, account_forms.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    kind = unfinished.NEW_PASSWORD


class SecondFactorForm(CodeForm):
    """Counts tries at recovery codes by themselves: failures with the app's codes must not lock them."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        code = letters_and_digits(self.cleaned_data["code"])
        if len(code) != mfa_settings.RECOVERY_CODE_DIGITS:  # they are longer than the app's
            return super().clean_code()
        if not limits.may_be_tried(f"recovery code {self.user.pk}", MOST_RECOVERY_CODES, RECOVERY_WINDOW):
            raise get_adapter().validation_error("too_many_login_attempts")
        kept = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.RECOVERY_CODES).first()
        if kept is None or not kept.wrap().validate_code(code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        self.authenticator = kept
        return code


class AuthenticateForm(SecondFactorForm, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(SecondFactorForm, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateTOTPForm(CodeForm, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        """The code, which is used up by this, and which shows the second factor for the next minutes."""
        code = super().clean_code()
        app = Authenticator(user=self.user, type=Authenticator.Type.TOTP, data={"secret": encrypt(self.secret)})
        if not TOTP(app).validate_code(code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        record_authentication(context.request, self.user, "mfa", type=app.type, reauthenticated=True)
        return code
