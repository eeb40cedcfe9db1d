"""Looks for people who are named but not listed, and for people whose name is written in two ways."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from agenda.formats.records import ProgrammeRecord, UntimedRecord
from agenda.programme.findings import Fault, Finding, Mend, found
from agenda.programme.lint_times import quoted
from agenda.programme.one_letter import one_letter_apart
from agenda.programme.prose import fold

LONGEST_NAME = 5  # words, of a name that is looked for in titles
AND = re.compile(r"(?<=\s)(?:&|and|und|et|y)(?=\s)|;")
DASH = re.compile(r"(?<=\s)[-–—/|](?=\s)")
PARTICLES = frozenset("al bin da de del den der di dos du el la le ten ter van von y".split())
# Words of names that are not a person's.
NOBODYS = frozenset(
    "association committee community company foundation gmbh group inc initiative llc ltd members organisers "
    "organizers panel panellists project research sig society staff team technologies university volunteers various "
    "speakers everyone".split()
)


def not_listed(programme: ProgrammeRecord) -> Iterator[Finding]:
    """People in a byline or title who are not listed as speakers, where the programme lists speakers at all."""
    listed = {name for session in programme.listed for name in session.speakers or ()}
    known = {words_of(name): name for name in sorted(listed | {each.name for each in programme.speakers})}
    known = {words: name for words, name in known.items() if 1 < len(words) <= LONGEST_NAME}
    whole = _with_an_and(programme)
    for session in programme.listed if listed else ():
        for name in dict.fromkeys([*_credited(session, known, whole), *_in_title(session, known)]):
            if any(is_alike(name, other) for other in session.speakers or ()):
                continue
            name = known.get(words_of(name), name)
            mend = Mend(
                words=f"List {name}",
                session=session.external_id,
                field="speakers",
                value=(*(session.speakers or ()), name),
            )
            text = f"{name} is named in {quoted(session)}, but not listed as a speaker."
            yield found(Fault.NOT_LISTED, text, [session], (name,), mend)


def written_in_two_ways(programme: ProgrammeRecord) -> Iterator[Finding]:
    """Names that may be one person's: of two speakers, or of a speaker and a byline."""
    sessions_of: dict[str, list[UntimedRecord]] = {each.name: [] for each in programme.speakers}
    for session in programme.listed:
        for name in session.speakers or ():
            sessions_of.setdefault(name, []).append(session)
    for one, other in _likely_pairs(sessions_of):
        if {id(each) for each in sessions_of[one]}.isdisjoint(id(each) for each in sessions_of[other]):
            both = [*sessions_of[one], *sessions_of[other]]
            yield found(Fault.TWO_WAYS, f"“{one}” and “{other}” may be one person.", both, (one, other))
    whole = _with_an_and(programme)
    for session in programme.listed:
        for name in _people_of(session.byline or "", whole):
            for listed in session.speakers or ():
                if words_of(name) != words_of(listed) and is_alike(name, listed):
                    text = f"{quoted(session)} is by “{name}”, who is listed as “{listed}”."
                    yield found(Fault.TWO_WAYS, text, [session], (name, listed))


@lru_cache(maxsize=10_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and punctuation: "Richard W.M. Jones" is richard, w, m, jones."""
    return tuple(re.findall(r"\w+", fold(name)))


def is_alike(one: str, other: str) -> bool:
    """True if both may name one person: the words in another order, or some between the first and last left out."""
    a, b = sorted((words_of(one), words_of(other)), key=len)
    if sorted(a) == sorted(b):
        return True
    return len(a) > 1 and (a[0], a[-1]) == (b[0], b[-1]) and all(_fits(word, b[1:-1]) for word in a[1:-1])


def _fits(word: str, words: Iterable[str]) -> bool:
    """True if the word, or what it is the initial of, is one of the words."""
    return any(word == each or (1 in (len(word), len(each)) and word[0] == each[0]) for each in words)


def _likely_pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of names that may be one person's, each beside the next that is like it; in about linear time."""
    buckets: dict[tuple[str, ...], list[str]] = defaultdict(list)
    spelled: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        words = words_of(name)
        if len(words) < 2:
            continue
        spelled[" ".join(words)].append(name)
        buckets["", *sorted(words)].append(name)
        buckets[words[0], words[-1]].append(name)
        buckets[words[0][0], words[-1], ""].append(name)
    pairs = {pair for alike in buckets.values() for pair in pairwise(alike) if is_alike(*pair) or _is_initial(*pair)}
    pairs |= {(spelled[one][0], spelled[other][0]) for one, other in one_letter_apart(spelled)}
    return sorted({(min(pair), max(pair)) for pair in pairs})


def _is_initial(one: str, other: str) -> bool:
    """True for "R. Jones" and "Richard Jones"."""
    a, b = sorted((words_of(one), words_of(other)), key=lambda words: len(words[0]))
    return len(a) == len(b) == 2 and len(a[0]) == 1 < len(b[0]) and a[0] == b[0][0] and a[1] == b[1]


def _with_an_and(programme: ProgrammeRecord) -> list[str]:
    """The names of people and organisations that have an "and" or "&" inside, like "Tern & Tide"; the longest first."""
    names = (name for each in programme.speakers for name in (each.name, each.organisation or "") if AND.search(name))
    return sorted(names, key=len, reverse=True)  # one may begin another: "Tern & Tide & Sons"


def _credited(session: UntimedRecord, known: dict[tuple[str, ...], str], whole: Iterable[str]) -> list[str]:
    """The people of its byline, and of a title that ends like one: "Bees - Ann Lee & Bo Ek, Intel"."""
    people = _people_of(session.byline or "", whole)
    ends = _people_of(DASH.split(session.title)[-1], whole) if DASH.search(session.title) else []
    is_byline = any(words_of(name) in known for name in ends)
    return [*people, *(ends if is_byline else [])]


def _people_of(byline: str, whole: Iterable[str]) -> list[str]:
    """The names in "Ann Lee & Bo Ek, Intel": what looks like a person's, but no organisation and none of `whole`."""
    for name in whole:
        byline = byline.replace(name, "")
    names = (part.split(",")[0].split("(")[0].strip() for part in AND.split(byline))
    return [name for name in names if _is_a_persons(name)]


def _is_a_persons(name: str) -> bool:
    words = name.split()
    capital = [word for word in words if word[0].isupper()]
    return (
        2 <= len(words) <= LONGEST_NAME
        and len(capital) >= 2
        and all(word in capital or word.lower() in PARTICLES for word in words)
        and not any(character.isdigit() for character in name)
        and NOBODYS.isdisjoint(words_of(name))
    )


def _in_title(session: UntimedRecord, known: dict[tuple[str, ...], str]) -> Iterator[str]:
    """The speakers of the programme whose whole name stands in the title."""
    words = words_of(session.title)
    for length in range(2, LONGEST_NAME + 1):
        for at in range(len(words) - length + 1):
            if (name := known.get(words[at : at + length])) is not None:
                yield name
