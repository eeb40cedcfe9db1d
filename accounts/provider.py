"""The log-in that another site's answers make: by OpenID Connect Core 1.0, and as GitHub and Google answer.

allauth looks for a module of this name, with `provider_classes`, in each app.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from requests.exceptions import InvalidJSONError

from accounts.addresses import normal_address

Claims = dict[str, Any]
# What reading an answer raises that is not of the shape that allauth takes for granted.
MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@contextmanager
def reading(answer: str) -> Iterator[None]:
    """Raises OAuth2Error, which allauth answers with a page in words, where an answer cannot be read."""
    try:
        yield
    except MALFORMED as error:
        raise OAuth2Error(f"{answer} is malformed") from error


class AnswersInWords(OAuth2Adapter):
    """Makes an adapter of allauth's read the answers of its site whatever they are like."""

    expires_in_key = ""  # tokens are not kept, so it does not matter when they end

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: OAuth2Client, pkce_code_verifier: str | None = None
    ) -> Any:
        with reading("The token"):
            return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def parse_token(self, data: Any) -> SocialToken:
        if not isinstance(data, dict) or not _is_text(data["access_token"]):
            raise OAuth2Error("access_token is odd")
        return super().parse_token(data)

    def complete_login(self, *args: Any, **kwargs: Any) -> SocialLogin:
        with reading("What the site says of the person"):
            return super().complete_login(*args, **kwargs)


class GitHubAnswers(AnswersInWords, GitHubOAuth2Adapter):
    pass


class GoogleAnswers(AnswersInWords, GoogleOAuth2Adapter):
    pass


class OpenIDAnswers(AnswersInWords, OpenIDConnectOAuth2Adapter):
    @property
    def openid_config(self) -> Claims:
        """The site's description of itself (OpenID Connect Discovery 1.0, section 3).

        Raises InvalidJSONError, which the site answers with 503, if it leads nowhere.
        """
        try:
            config: Claims = super().openid_config
            addresses = [urlsplit(config[f"{name}_endpoint"]) for name in ("authorization", "token")]
            can_be_used = isinstance(config.get("token_endpoint_auth_methods_supported", []), list)
        except MALFORMED as error:
            raise InvalidJSONError("The configuration is malformed") from error
        if not can_be_used or any(each.scheme not in ("https", "http") or not each.hostname for each in addresses):
            raise InvalidJSONError("The configuration is malformed")
        return config


class GitHub(GitHubProvider):
    package = GitHubProvider.get_package()  # where allauth finds the addresses and views
    oauth2_adapter_class = GitHubAnswers

    def sociallogin_from_response(self, request: HttpRequest, response: Claims) -> SocialLogin:
        """The log-in of the person with this number. Raises OAuth2Error if there is none."""
        if type(response["id"]) is not int or response["id"] <= 0:
            raise OAuth2Error("id is odd")
        emails = [
            {"email": address, "primary": each["primary"], "verified": each["verified"]}
            for each in response.get("emails", [])
            if (address := _address(each["email"]))
        ]
        if any(type(each[name]) is not bool for each in emails for name in ("primary", "verified")):
            raise OAuth2Error("An address is odd")
        known = {**_texts(response, "login", "email", "name"), "id": response["id"], "emails": emails}
        return super().sociallogin_from_response(request, known)


class Google(GoogleProvider):
    package = GoogleProvider.get_package()
    oauth2_adapter_class = GoogleAnswers

    def sociallogin_from_response(self, request: HttpRequest, response: Claims) -> SocialLogin:
        """The log-in of the person with this `sub`. Raises OAuth2Error if there is none."""
        if not _is_identifier(response.get("sub")):
            raise OAuth2Error("sub is missing or odd")
        return super().sociallogin_from_response(request, _known_claims(response))

    def verify_token(self, request: HttpRequest, token: Claims) -> SocialLogin:
        """Refuses what Google's own button would send. We have no such button, only links that go there and back."""
        raise get_adapter().validation_error("invalid_token")


class OpenIDProvider(OpenIDConnectProvider):
    package = OpenIDConnectProvider.get_package()
    oauth2_adapter_class = OpenIDAnswers

    def sociallogin_from_response(self, request: HttpRequest, response: Claims) -> SocialLogin:
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


def _known_claims(userinfo: Claims) -> Claims:
    """The claims that are used here (section 5.1): those of text, and True or False for `email_verified`.

    Only True counts, and "true", which some providers send.
    """
    verified = userinfo.get("email_verified")
    return _texts(userinfo, "sub", "email", "name") | {"email_verified": verified is True or verified == "true"}


def _texts(answer: Claims, *names: str) -> Claims:
    """Those of these members of the answer that are texts."""
    found = {name: answer[name] for name in names if _is_text(answer.get(name))}
    if "email" in found:
        found["email"] = _address(found["email"])
    return found


def _address(value: object) -> str:
    """The address in the way it is written here; empty for what is none."""
    try:
        return normal_address(value) if isinstance(value, str) else ""
    except ValidationError:
        return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


provider_classes = [GitHub, Google, OpenIDProvider]

# In place of allauth's own views at the same addresses: accounts/urls.py.
github_callback = OAuth2CallbackView.adapter_view(GitHubAnswers)
google_callback = OAuth2CallbackView.adapter_view(GoogleAnswers)


@login_not_required  # type: ignore[untyped-decorator]
def openid_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    answer: HttpResponse = OAuth2CallbackView.adapter_view(OpenIDAnswers(request, provider_id))(request)
    return answer
