"""Looks for titles that say nothing, titles that differ by a letter, and links that lead nowhere. Fetches nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord, UntimedRecord
from agenda.programme.findings import Fault, Finding, Mend, found
from agenda.programme.lint_times import going_ahead, quoted
from agenda.programme.one_letter import one_letter_apart
from agenda.programme.prose import fold

NEVER = datetime.max.replace(tzinfo=UTC)
SAYS_NOTHING = re.compile(
    r"[\W_]*(?:tb[ad]|to be (?:announced|determined|defined|confirmed)|untitled|no title|n/a)?[\W_]*"
)
IN_TEXT = re.compile(r"https?:/[^\s<>\"“”]*|\]\(([^)\s]{1,300}+)\)")
HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)", re.IGNORECASE)
WITHOUT_SCHEME = re.compile(r"(?:https?:?//?|//|)(?P<rest>(?:[\w-]+\.)+[a-z]{2,}(?:[:/?#].*)?)", re.IGNORECASE)
FILE = re.compile(r"[\w-]+\.(?:pdf|odp|pptx?|html?|png|jpe?g|svg|zip|txt|md|mp4|webm)", re.IGNORECASE)
# Names that lead nowhere on the internet (RFC 2606, RFC 6761, RFC 8375), and services that have been shut down.
NOWHERE = ("example", "invalid", "localhost", "test", "local", "internal", "home.arpa", "lan")
SAMPLES = ("example.com", "example.net", "example.org")
SHUT_DOWN = ("goo.gl", "plus.google.com", "storify.com")


def without_title(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Sessions whose title is empty or only says that there is none yet."""
    for session in programme.listed:
        if SAYS_NOTHING.fullmatch(fold(session.title)):
            said = session.title.strip()
            text = f"The title of a session is only “{said}”." if said else "A session has no title."
            yield found(Fault.NO_TITLE, text, [session])


def typed_twice(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Pairs of sessions whose titles differ by a letter."""
    by_title = {fold(each.title): each for each in reversed(going_ahead(programme.listed))}
    for one, other in one_letter_apart(by_title):
        sessions = sorted((by_title[one], by_title[other]), key=_begins)
        text = f"{quoted(sessions[0])} and {quoted(sessions[1])} differ by a letter. Are they one session?"
        yield found(Fault.TYPED_TWICE, text, sessions)


def _begins(session: UntimedRecord) -> datetime:
    return session.start if isinstance(session, SessionRecord) else NEVER


def without_slides(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Sessions that promise slides of which no address is known."""
    for session in going_ahead(programme.listed):
        slides = [each for each in session.materials or () if each.kind == "slides"]
        if (session.slides_included or slides) and not any(each.url for each in slides):
            yield found(Fault.NO_SLIDES, f"{quoted(session)} promises slides, and has no address of any.", [session])


def bad_links(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Links that are relative, or whose address cannot lead anywhere."""
    for session in programme.listed:
        for material in session.materials or ():
            if material.url and not material.is_ours and (fault := fault_of(material.url)):
                text = f"The link “{material.title}” of {quoted(session)} {fault}: {material.url}"
                yield found(Fault.LINK, text, [session], (material.url,), _mended(session, material))
        for address in dict.fromkeys(map(_address, IN_TEXT.finditer(session.abstract or ""))):
            if fault := fault_of(address):
                yield found(Fault.LINK, f"A link in {quoted(session)} {fault}: {address}", [session], (address,))


def _address(match: re.Match[str]) -> str:
    """The address in a text, without the sentence and the brackets around it."""
    address = match[1] or match[0]
    return (address if "(" in address else address.partition(")")[0]).rstrip(".,;:!?)]’'")


def fault_of(address: str) -> str:
    """What is wrong with an address, as the end of a sentence; empty if nothing is seen."""
    try:
        parts = urlsplit(address)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "cannot be an address"
    if not parts.scheme or (not parts.netloc and parts.scheme in ("http", "https")) or "." in parts.scheme:
        has_host = WITHOUT_SCHEME.fullmatch(address) and not FILE.fullmatch(address)
        return "does not begin with https://" if has_host else "is relative: it leads nowhere from here"
    if parts.scheme not in ("http", "https"):
        return ""  # mailto:, matrix:, and what a program of the reader's may open
    if re.search(r"\s", address) or parts.path.startswith("//http"):
        return "cannot be an address"
    return _fault_of_host(host)


def _fault_of_host(host: str) -> str:
    try:
        return "" if ip_address(host).is_global else "leads into a private network"
    except ValueError:
        pass
    if host in SAMPLES or host.endswith(tuple(f".{name}" for name in SAMPLES)):
        return "is only an example"
    if host.rpartition(".")[2] in NOWHERE or host.endswith(".home.arpa"):
        return "leads nowhere on the internet"
    if host in SHUT_DOWN:
        return "leads to a service that was shut down"
    return "" if HOST.fullmatch(host) or (not host.isascii() and "." in host) else "names no host on the internet"


def _mended(session: UntimedRecord, wrong: MaterialRecord) -> Mend | None:
    """The link with https:// before it, if that is all that it lacks."""
    match = WITHOUT_SCHEME.fullmatch(wrong.url)
    if match is None or FILE.fullmatch(wrong.url):
        return None
    url = f"https://{match['rest']}"
    if fault_of(url):
        return None
    materials = tuple(replace(each, url=url) if each is wrong else each for each in session.materials or ())
    return Mend(words=f"Change it to {url}", session=session.external_id, field="materials", value=materials)
