"""E-mail addresses in one way of writing each: as they are looked up, counted, stored and mailed to."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

UNSEEN = ("C", "Z")  # Unicode's categories of control and format characters, line separators and blanks
LONGEST = 254  # characters, as in the database; RFC 5321 section 4.5.3.1.3 has two more, which are < and >
NO_MAIL = "That is not an email address that mail can be sent to. Type it once more."


def normal_address(text: str) -> str:
    """The address in lower case, with the letters of its domain that a mail program makes of it (RFC 3490 section 4).

    "alice@ｅxample.org" is alice@example.org. Raises ValidationError for what is no address, and for one with
    characters that nobody sees: another program may leave them out.
    """
    typed = text.strip()
    try:
        if len(typed) > LONGEST:  # first, as a long text takes long to normalise
            raise ValueError
        found = unicodedata.normalize("NFKC", typed).lower()
        name, _, domain = found.rpartition("@")
        if not name.isascii() or any(unicodedata.category(sign)[0] in UNSEEN for sign in found):
            raise ValueError
        found = f"{name}@{domain.encode('idna').decode('idna').lower()}"
        if len(found) > LONGEST:
            raise ValueError
    except ValueError as odd:  # UnicodeError is one
        raise ValidationError(NO_MAIL, code="invalid") from odd
    validate_email(found)
    return found


def may_sign_up(address: str) -> bool:
    """True if SIGN_UP names no domains, or the one of this address. An empty address is for a form to ask for."""
    domains = settings.SIGN_UP.split(",")
    return not address or "." not in settings.SIGN_UP or address.lower().rpartition("@")[2] in domains


class AddressField(forms.EmailField):
    """An email field that gives the address as normal_address() writes it."""

    def to_python(self, value: Any) -> str:
        return read(value)


def read(value: Any) -> str:
    """What a form's field makes of what was typed; empty for nothing."""
    text = "" if value is None else str(value).strip()
    return normal_address(text) if text else ""


class AddressForm:
    """Reads each email field as an AddressField does. Must come first among the bases of a form of allauth's."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.EmailField):
                field.to_python = read  # type: ignore[method-assign]


class SignupAddressForm(AddressForm):
    """An AddressForm that refuses addresses of which no account is made here."""

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]  # type: ignore[attr-defined]
        if not may_sign_up(address):
            domains = settings.SIGN_UP.replace(",", ", ")
            raise ValidationError(f"Only addresses of {domains} can sign up here.", code="domain")
        return super().clean_email()  # type: ignore[misc,no-any-return]
