"""The log-in that another site's answers make, by OpenID Connect Core 1.0.

allauth looks for a module of this name, with `provider_classes`, in each app.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount import app_settings
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest


class OpenIDProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    package = OpenIDConnectProvider.get_package()  # where allauth finds the addresses and views

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        """The log-in of the person that both answers are about.

        Raises OAuth2Error, which allauth answers with a page in words, if they do not say so (section 5.3.2).
        """
        userinfo, id_token = response.get("userinfo"), response.get("id_token")
        if not isinstance(userinfo, dict) or not isinstance(id_token, dict):
            raise OAuth2Error("Userinfo or id_token is missing, or no object")
        if not {"exp", "iat"} <= id_token.keys():  # allauth requires the other claims of section 2
            raise OAuth2Error("exp or iat is missing")
        if not _is_identifier(userinfo.get("sub")) or userinfo["sub"] != id_token.get("sub"):
            raise OAuth2Error("sub is missing or odd, or another one in userinfo than in id_token")
        return super().sociallogin_from_response(request, {"userinfo": _known_claims(userinfo)})


def _is_identifier(sub: object) -> bool:
    """True for what section 2 calls a Subject Identifier, if it fits into its column."""
    if not isinstance(sub, str) or not sub.isascii() or not sub.isprintable():
        return False
    longest: int = app_settings.UID_MAX_LENGTH
    return 0 < len(sub) <= longest


def _known_claims(userinfo: dict[str, Any]) -> dict[str, Any]:
    """The claims that are used here (section 5.1): those of text, and True or False for `email_verified`.

    Only True counts, and "true", which some providers send.
    """
    texts = {name: userinfo.get(name) for name in ("sub", "email", "name")}
    verified = userinfo.get("email_verified")
    said = {name: text for name, text in texts.items() if isinstance(text, str) and text.isprintable()}
    return said | {"email_verified": verified is True or verified == "true"}


provider_classes = [OpenIDProvider]
