"""The forms behind the log-in page's buttons, which share one address field."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms


class AddressInput(forms.EmailInput):
    """Also takes what was typed on the log-in page, where the field has another name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or data.get("login")


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "webauthn": browsers offer passkeys among the addresses they suggest (WebAuthn, section 5.1.4).
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class RequestLoginCodeForm(allauth_forms.RequestLoginCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = AddressInput(self.fields["email"].widget.attrs)
