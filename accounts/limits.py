"""Limits on requests, counted in fixed windows of time for an account or for an IP address."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import wraps
from ipaddress import IPv6Address, ip_network
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from accounts.addresses import normal_address
from accounts.counters import DatabaseCache, RedisCounters
from database.outages import going_on

# Counters that this process has seen at their limit: a flood that is refused costs neither a query nor a write.
full = LocMemCache("full", {"OPTIONS": {"MAX_ENTRIES": 20_000}})

P = ParamSpec("P")
MINUTE, HOUR = 60, 60 * 60  # seconds
MAILS_PER_HOUR = 20  # to one address, of those that anybody can ask for: more than anyone needs, and no flood
IPV6_PREFIX = 64  # bits; a household has at least so many addresses, and must not count as that many
IPV6_SITE = 48  # bits; an organisation or a rented machine has up to 65,536 of those networks
IPV6_SITE_TIMES = 4  # an organisation may do so many times what a household may


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of requests in each window of `seconds`. If `per_account` is 0, only addresses count."""

    seconds: int
    per_address: int
    per_account: int = 0


# A conference's Wi-Fi is one address, a calendar service's robot, too: generous there. What allauth limits is in
# settings.ACCOUNT_RATE_LIMITS; it counts IPv6 by household alone.
LIMITS = {
    "search": Limit(MINUTE, per_address=1200, per_account=120),
    "search in a file": Limit(MINUTE, per_address=1200),
    "star": Limit(HOUR, per_address=60_000, per_account=1000),  # ranks, too; each adds a line to the log of stars
    "new visitor": Limit(MINUTE, per_address=600),  # each adds a cookie session, which stays for half a year
    "new calendar": Limit(HOUR, per_address=600, per_account=20),
    "invitation": Limit(HOUR, per_address=600, per_account=20),  # each is a mail
    "download": Limit(HOUR, per_address=600, per_account=20),
    "wrong calendar key": Limit(MINUTE, per_address=300),
    "password": Limit(MINUTE, per_address=600),
    "mail": Limit(MINUTE, per_address=600),  # of those that anybody can ask for
}


NEVER_UNCOUNTED = ("password", "mail")


class TooOften(Exception):
    """Raised beyond a limit; the site answers 429."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds = seconds


def count(request: HttpRequest, action: str) -> None:
    """Counts one more such action of the account, else of the network; raises TooOften beyond the limit.

    While nothing can be counted, all goes on uncounted but for what guesses and what mails.
    """
    with nullcontext() if action in NEVER_UNCOUNTED else going_on(without="a limit"):
        limit = LIMITS[action]
        if limit.per_account and request.user.is_authenticated:
            _count(action, f"account {request.user.pk}", limit.per_account, limit.seconds)
            return
        for network, times in networks_of(request):
            _count(action, network, limit.per_address * times, limit.seconds)


def count_new_visitor(request: HttpRequest) -> None:
    """Counts a visitor whose cookie session is about to begin; raises TooOften beyond the limit of their network."""
    if not request.user.is_authenticated and request.session.session_key is None:
        count(request, "new visitor")


def count_mail(email: str) -> None:
    """Counts one more mail to this address that anybody could ask for; raises TooOften beyond MAILS_PER_HOUR."""
    with suppress(ValidationError):  # an old row's that no form would take now
        email = normal_address(email)
    _count("mail", hashlib.sha256(email.lower().encode()).hexdigest(), MAILS_PER_HOUR, HOUR)


def may_be_tried(what: str, most: int, seconds: int) -> bool:
    """Counts one more try at `what`; False after `most` of them in the `seconds` since the first."""
    return _nth(f"try:{what}", seconds) <= most


def _count(action: str, who: str, most: int, seconds: int) -> None:
    window, passed = divmod(int(time.time()), seconds)
    key, remaining = f"limit:{action}:{who}:{window}".replace(" ", "-"), seconds - passed
    used = most + 1 if key in full else _nth(key, seconds)
    if used >= most:
        full.set(key, True, remaining)
    if used > most:
        raise TooOften(remaining)


def _nth(key: str, seconds: int) -> int:
    """Counts one more under that key, and returns how many there are. Exact, whatever else counts meanwhile."""
    counters: DatabaseCache | RedisCounters = caches["default"]  # type: ignore[assignment]
    return counters.count_up(key, seconds)


def networks_of(request: HttpRequest) -> Iterator[tuple[str, int]]:
    """The client's IPv4 address, or its two IPv6 networks; with each, how many times `per_address` it may do.

    Only what TRUSTED_PROXY_COUNT proxies report is trusted.
    """
    address = get_adapter().get_client_ip(request)
    mapped = IPv6Address(address).ipv4_mapped if ":" in address else None
    if ":" not in address or mapped:
        yield str(mapped or address), 1
        return
    for prefix, times in ((IPV6_PREFIX, 1), (IPV6_SITE, IPV6_SITE_TIMES)):
        yield str(ip_network(f"{address}/{prefix}", strict=False)), times


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
