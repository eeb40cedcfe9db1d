"""The sign-up form, which takes as long for an address that has an account as for one that has none."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    def try_save(self, request: HttpRequest) -> Any:
        """Saves the user, or mails the owner of the address; hashing a password is nearly all the time it takes."""
        if self.account_already_exists:
            make_password(self.cleaned_data.get("password1") or None)
        return super().try_save(request)
