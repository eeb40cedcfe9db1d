"""The forms that take a code: compared by its letters and digits alone, in whichever script the digits were typed."""

from __future__ import annotations

import unicodedata

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms

LONGEST = 100  # characters, however a code is typed; what is longer is none


def letters_and_digits(code: str) -> str:
    """The code without blanks, dashes and marks, with its digits as 0 to 9: "１２３–٤٥٦" is "123456"."""
    if len(code) > LONGEST:
        return code
    kept = (sign for sign in unicodedata.normalize("NFKC", code) if sign.isalnum())
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in kept)


class CodeForm:
    """Comes first among the bases of a form with a field `code`."""

    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = letters_and_digits(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # allauth's
        return code


class ConfirmLoginCodeForm(CodeForm, account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    pass


class ConfirmEmailVerificationCodeForm(CodeForm, account_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class ConfirmPasswordResetCodeForm(CodeForm, account_forms.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    pass


class AuthenticateForm(CodeForm, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(CodeForm, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateTOTPForm(CodeForm, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    pass
