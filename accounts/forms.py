"""The forms of an account: log-in, sign-up, passwords and profile."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from allauth.account import forms as allauth_forms
from allauth.socialaccount import forms as social_forms
from django import forms
from django.http import HttpRequest

from accounts import signup
from accounts.addresses import AddressForm, SignupAddressForm
from accounts.models import User

NEW_PASSWORD = {"password1": "New password", "password2": "New password again"}
# The zones named after places; the others are aliases and offsets.
CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


class AddressInput(forms.EmailInput):
    """An email field that also reads `login`, its name on the log-in page."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or data.get("login")


class LoginForm(AddressForm, allauth_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "webauthn": browsers offer passkeys among the addresses they suggest (WebAuthn, section 5.1.4).
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class RequestLoginCodeForm(AddressForm, allauth_forms.RequestLoginCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = AddressInput(self.fields["email"].widget.attrs)


class SignupForm(SignupAddressForm, allauth_forms.SignupForm):  # type: ignore[misc]
    def try_save(self, request: HttpRequest) -> Any:
        """Saves a new user; or goes on with the user of an unconfirmed address; or mails the address's owner.

        All three take the same time, because hashing the password is nearly all of the work.
        """
        if not self.account_already_exists:
            user, response = super().try_save(request)
            request.session[signup.CHOSEN] = [user.pk, user.password]
            return user, response
        user = signup.keep_choice(request, self.cleaned_data["email"], self.cleaned_data.get("password1"))
        return (user, None) if user else super().try_save(request)


class SocialSignupForm(SignupAddressForm, social_forms.SignupForm):  # type: ignore[misc]
    pass


class AddEmailForm(AddressForm, allauth_forms.AddEmailForm):  # type: ignore[misc]
    pass


class ChangeEmailForm(AddressForm, allauth_forms.ChangeEmailForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(AddressForm, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"oldpassword": "Current password", **NEW_PASSWORD})


class SetPasswordForm(allauth_forms.SetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, {"password1": "Password", "password2": "Password again"})


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, NEW_PASSWORD)


def _label(form: Any, labels: dict[str, str]) -> None:
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


@cache
def time_zones_by_place() -> list[str]:
    """IANA names to choose from, like Europe/Paris, in order; kept, as finding them reads hundreds of files."""
    return sorted(zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic while running
    class Meta:
        model = User
        fields = ["display_name", "time_zone"]
        labels: ClassVar = {"display_name": "Name", "time_zone": "Time zone"}
        help_texts: ClassVar = {
            "display_name": "Shown here, and beside your email address to those who run this site.",
            "time_zone": "Like Europe/Paris. If empty, times are shown in each event's own zone.",
        }
        widgets: ClassVar = {
            "display_name": forms.TextInput({"autocomplete": "name"}),
            "time_zone": forms.TextInput({"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        }
