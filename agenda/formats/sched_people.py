"""Reads the parts of a session on a page of Sched, its title line, abstract, people and files, and the heading."""

from __future__ import annotations

import re
from typing import NamedTuple

from agenda.formats.assembly import folded
from agenda.formats.page_text import PageLine
from agenda.formats.plain_text import one_line, tidy
from agenda.formats.records import MaterialRecord, SpeakerRecord

ROLES = ("speakers", "speaker", "moderators", "moderator", "panelists", "artists")
PHOTO = "avatar for "
FILES = ("pdf", "ppt", "pptx", "odp", "key", "zip", "doc", "docx", "txt", "mp4")
RECORDINGS = ("mp4",)
LONGEST_NAME, LONGEST_JOB = 80, 160  # characters
MOST_WORDS = 14  # of a job title that ends with a full stop

_DATES = re.compile(r"[A-Z][a-z]{2,8} \d{1,2}(?:, \d{4})?(?: ?[-–] ?(?:[A-Z][a-z]{2,8} )?\d{1,2}(?:, \d{4})?)?")
_READ_MORE = re.compile(r"(?<!\s)\s?Read More(?: ?→)?$")
_LEGAL_FORM = re.compile(r"(?:Inc|Ltd|LLC|L\.L\.C|GmbH|Corp|S\.A|AG|Co|PLC)\.?", re.IGNORECASE)
_WORDS = re.compile(r"\w+")


class Heading(NamedTuple):
    """What a page says of its conference."""

    title: str = ""
    venue: str = ""
    city: str = ""
    country: str = ""
    url: str = ""


def heading_of(lines: list[PageLine]) -> Heading:
    """The conference, from the lines above its sessions: its name, its dates, and "Venue - City, Country"."""
    shown = [line for line in lines if line.text.strip() and not line.text.startswith("Loading")]
    title = url = ""
    for line in shown:
        if line.text.startswith("More information for "):
            title, url = line.text.removeprefix("More information for "), line.link
    place = next((at for at, line in enumerate(shown) if _DATES.fullmatch(line.text.strip())), len(shown))
    if not title and 0 < place < len(shown):
        title = shown[place - 1].text.removesuffix(" has ended")
    where = one_line(shown[place + 1].text) if place + 1 < len(shown) else ""
    venue, _, rest = where.rpartition(" - ")
    parts = [part.strip() for part in rest.split(",")]
    return Heading(one_line(title), venue, parts[0] if len(parts) > 1 else "", parts[-1], url if "://" in url else "")


def split_title(line: str, people: tuple[str, ...]) -> tuple[str, str]:
    """Title and byline. What follows the last " - " is the byline if it has a word of a listed speaker's name."""
    title, _, byline = line.rpartition(" - ")
    named = {word for person in people for word in _WORDS.findall(folded(person)) if len(word) > 2}
    if title and named & set(_WORDS.findall(folded(byline))):
        return title.strip(), byline.strip()
    return line, ""


def split_files(lines: list[PageLine]) -> tuple[list[PageLine], tuple[MaterialRecord, ...]]:
    """The lines without the files at their end, and the files: lines such as "slides pdf"."""
    rest, files = list(lines), list[MaterialRecord]()
    while rest:
        line = rest[-1]
        words = one_line(line.text.strip().removeprefix("•"))
        if words and not _is_file(words):
            break
        if words:
            kind = "recording" if words.casefold().endswith(RECORDINGS) else "slides"
            url = line.link if line.link.startswith(("https://", "http://")) else ""
            files.insert(0, MaterialRecord(kind=kind, title=words, url=url))
        rest.pop()
    return rest, tuple(files)


def _is_file(words: str) -> bool:
    last = words.casefold().replace(".", " ").split(" ")[-1]
    return last in FILES and last != words.casefold() and len(words) <= LONGEST_NAME


def split_people(lines: list[PageLine]) -> tuple[str, tuple[SpeakerRecord, ...]]:
    """The abstract, and the people listed below it."""
    for place, line in enumerate(lines):
        if line.text.strip().casefold() in ROLES and _person_begins(lines, _next(lines, place + 1)):
            return _abstract(lines[:place]), tuple(_people(lines[place + 1 :]))
    return _abstract(lines), ()


def _abstract(lines: list[PageLine]) -> str:
    texts = (f"- {line.text.removeprefix('• ')}" if line.text.startswith("• ") else line.text for line in lines)
    return tidy("\n".join(texts))


def _next(lines: list[PageLine], place: int) -> int:
    """The place of the next line that is not empty; the number of lines if there is none."""
    return next((at for at in range(place, len(lines)) if lines[at].text.strip()), len(lines))


def _person_begins(lines: list[PageLine], place: int) -> bool:
    """True for the line above a person's name: what a photo shows, or the initials drawn without one."""
    if place >= len(lines):
        return False
    text = lines[place].text.strip()
    if text.startswith(PHOTO):
        return True
    following = _next(lines, place + 1)
    return 0 < len(text) <= 3 and following < len(lines) and _initials(lines[following].text) == text.upper()


def _initials(name: str) -> str:
    """The first letters of the first two words: "RW" of "Richard W.M. Jones"."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def _people(lines: list[PageLine]) -> list[SpeakerRecord]:
    begins = [place for place in range(len(lines)) if _person_begins(lines, place)]
    people = [_person(lines[begin:end]) for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True)]
    return list({person.name: person for person in people if person.name}.values())


def _person(lines: list[PageLine]) -> SpeakerRecord:
    """A person: a photo or initials, the name, a line "Job, Organisation", and the biography."""
    place = _next(lines, 1)
    name = one_line(lines[place].text) if place < len(lines) else ""
    if (shown := one_line(lines[0].text)).startswith(PHOTO) and name != shown.removeprefix(PHOTO):
        name, place = shown.removeprefix(PHOTO), 0
    about = [line.text for line in lines[place + 1 :] if line.text.strip().casefold() not in ROLES]
    while about and not about[0].strip():
        about.pop(0)
    job, organisation = _job(one_line(about.pop(0))) if about and _is_job(about[0]) else ("", "")
    biography = tidy("\n".join(about))
    whole = _READ_MORE.sub("", biography)
    return SpeakerRecord(
        name=name,
        job_title=job,
        organisation=organisation,
        biography=whole,
        biography_is_cut=whole != biography,
    )


def _is_job(line: str) -> bool:
    ends = line.rstrip().endswith((".", "!", "?", "→")) and len(line.split()) > MOST_WORDS
    return len(line) <= LONGEST_JOB and not ends


def _job(line: str) -> tuple[str, str]:
    """Job title and organisation: what stands before and after the last comma, "Inc." aside."""
    parts = line.split(", ")
    legal = len(parts) > 2 and _LEGAL_FORM.fullmatch(parts[-1])
    before = parts[: -2 if legal else -1]
    return (", ".join(before), ", ".join(parts[len(before) :])) if before else (line, "")
