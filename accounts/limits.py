"""Limits on requests, counted in fixed windows of time for an account or for an IP address."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_network
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
MINUTE, HOUR = 60, 60 * 60  # seconds
MAILS_PER_HOUR = 20  # to one address, of those that anybody can ask for: more than anyone needs, and no flood
IPV6_PREFIX = 64  # bits; a household has at least so many addresses, and must not count as that many


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of requests in each window of `seconds`. If `per_account` is 0, only addresses count."""

    seconds: int
    per_address: int
    per_account: int = 0


# A conference's Wi-Fi is one address, a calendar service's robot, too: generous there. What allauth limits is in
# settings.ACCOUNT_RATE_LIMITS.
LIMITS = {
    "search": Limit(MINUTE, per_address=1200, per_account=120),
    "search in a file": Limit(MINUTE, per_address=1200),
    "new calendar": Limit(HOUR, per_address=600, per_account=20),
    "wrong calendar key": Limit(MINUTE, per_address=300),
}


class TooOften(Exception):
    """Raised beyond a limit; the site answers 429."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds = seconds


def count(request: HttpRequest, action: str) -> None:
    """Counts one more such action of the account, else of the IP address; raises TooOften beyond the limit.

    Reads and writes the cache without a lock: of two requests at the same moment, one may go uncounted.
    """
    limit = LIMITS[action]
    if limit.per_account and request.user.is_authenticated:
        who, most = f"account {request.user.pk}", limit.per_account
    else:
        who, most = network_of(request), limit.per_address
    _count(action, who, most, limit.seconds)


def count_mail(email: str) -> None:
    """Counts one more mail to this address that anybody could ask for; raises TooOften beyond MAILS_PER_HOUR."""
    _count("mail", hashlib.sha256(email.lower().encode()).hexdigest(), MAILS_PER_HOUR, HOUR)


def _count(action: str, who: str, most: int, seconds: int) -> None:
    window, passed = divmod(int(time.time()), seconds)
    key = f"limit:{action}:{who}:{window}".replace(" ", "-")
    used: int = cache.get(key, 0)
    if used >= most:
        raise TooOften(seconds - passed)
    cache.set(key, used + 1, seconds)


def network_of(request: HttpRequest) -> str:
    """The client's IPv4 address, or its IPv6 network. Only what TRUSTED_PROXY_COUNT proxies report is trusted."""
    address = get_adapter().get_client_ip(request)
    return str(ip_network(f"{address}/{IPV6_PREFIX}", strict=False)) if ":" in address else address


def limited(
    action: str, *, asked_by: str = ""
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """A decorator that counts requests to the view, or only those with `asked_by` in their query."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not asked_by or request.GET.get(asked_by):
                count(request, action)
            return view(request, *args, **kwargs)

        return counted

    return decorate
