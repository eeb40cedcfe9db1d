"""The forms that take a code: compared by its letters and digits alone, in whichever script the digits were typed."""

from __future__ import annotations

import unicodedata

from allauth.account import app_settings
from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms

from accounts import limits

# The same for every mailed code: forum/settings.py.
MOST_TRIES: int = app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS
CODE_LASTS: int = app_settings.LOGIN_BY_CODE_TIMEOUT  # seconds
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

    A try too many is answered like a wrong code.
    """

    expected_code: str

    def clean_code(self) -> str:
        what = f"code {context.request.session.session_key} {self.expected_code}"
        if not limits.may_be_tried(what, MOST_TRIES, CODE_LASTS):
            raise get_adapter().validation_error("incorrect_code")
        return super().clean_code()


class ConfirmLoginCodeForm(MailedCodeForm, account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]  # it has no types
    pass


class ConfirmEmailVerificationCodeForm(MailedCodeForm, account_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class ConfirmPasswordResetCodeForm(MailedCodeForm, account_forms.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    pass


class AuthenticateForm(CodeForm, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(CodeForm, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateTOTPForm(CodeForm, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    pass
