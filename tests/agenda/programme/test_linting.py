"""What the linter says of programmes: the seed, small ones with one thing wrong each, and large ones in time."""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord, SpeakerRecord
from agenda.models import Event
from agenda.programme.findings import Fault, Finding, Mend, counted
from agenda.programme.lint_texts import fault_of
from agenda.programme.linting import lint
from agenda.programme.one_letter import one_letter_apart
from agenda.programme.records import whole_record

pytestmark = pytest.mark.any_database

NINE = datetime(2023, 9, 14, 9, tzinfo=UTC)
TITLES = ["Key signing", "Salsa CI BoF", "Printing clinic", "DebianArt", "Isar", "Closing breakfast", "Welcome"]


def talk(title: str, start: float = 0, hours: float = 1, **fields: Any) -> SessionRecord:
    """A session that starts so many hours after 9:00 UTC on 14 September 2023."""
    begin = NINE + timedelta(hours=start)
    end = begin + timedelta(hours=hours)
    return SessionRecord(**{"external_id": title, "title": title, "start": begin, "end": end, **fields})


def programme(*sessions: SessionRecord, **fields: Any) -> ProgrammeRecord:
    days = date(2023, 9, 14), date(2023, 9, 15)
    return ProgrammeRecord(**{"format": "", "sessions": sessions, "zone": "UTC", "days": days, **fields})


def said(*sessions: SessionRecord, **fields: Any) -> list[tuple[Fault, str]]:
    return [(finding.fault, finding.text) for finding in lint(programme(*sessions, **fields))]


def findings_of(event: Event) -> list[Finding]:
    return lint(whole_record(event, event.sessions.with_details().in_order()))


def test_seed_has_one_speaker_who_is_named_and_not_listed(kvm_forum):
    findings = [each for each in findings_of(kvm_forum) if each.fault is not Fault.NO_SLIDES]

    session = kvm_forum.sessions.get(byline__startswith="Changpeng Liu")
    assert [each.text for each in findings] == [
        "Changpeng Liu is named in “SPDK Vhost FUSE Target to Accelerate File Access in VMs and Containers”, but not "
        "listed as a speaker.",
        "“Making the Most of NBD” is by “Richard Jones”, who is listed as “Richard W.M. Jones”.",
        "“Bring QEMU to Micro Service World” is by “Zhang Yulei”, who is listed as “Yulei Zhang”.",
    ]
    assert findings[0].mend == Mend(
        words="List Changpeng Liu", session=str(session.guid), field="speakers", value=("Xiaodong Liu", "Changpeng Liu")
    )


def test_seed_promises_slides_of_eighteen_sessions(kvm_forum):
    promised = [each for each in findings_of(kvm_forum) if each.fault is Fault.NO_SLIDES]

    assert counted(Fault.NO_SLIDES, len(promised)) == "18 sessions without their promised slides"


WRONG: list[tuple[list[SessionRecord], Fault, str]] = [
    (
        [talk("Isar", room="Kuthiran"), talk("Salsa", 0.5, room="Kuthiran")],
        Fault.ROOM_TWICE,
        "“Isar” and “Salsa” take place in Kuthiran at the same time, Thu 14 Sep 2023, 09:30 UTC.",
    ),
    (
        [talk("Isar", speakers=("Ann Lee",)), talk("Salsa", speakers=("Bo Ek", "Ann Lee"))],
        Fault.PERSON_TWICE,
        "“Isar” and “Salsa” both need Ann Lee at the same time, Thu 14 Sep 2023, 09:00 UTC.",
    ),
    ([talk("Isar", hours=-1)], Fault.BACKWARDS, "“Isar” ends before it starts."),
    ([talk("Isar", hours=24)], Fault.TOO_LONG, "“Isar” lasts 24 h. Giggity refuses a programme that has it."),
    (
        [talk("Isar", 44)],
        Fault.OUTSIDE,
        "“Isar”, Sat 16 Sep 2023, 05:00 UTC, is after the last day, Friday 15 September 2023.",
    ),
    (
        [talk("Isar", -5.5)],
        Fault.OUTSIDE,
        "“Isar”, Thu 14 Sep 2023, 03:30 UTC, is before the first day, Thursday 14 September 2023.",
    ),
    (
        [talk("Isar", room="Kuthiran"), talk("Salsa", 1)],
        Fault.NO_ROOM,
        "“Salsa”, Thu 14 Sep 2023, 10:00 UTC, has no room.",
    ),
    ([talk(" \t")], Fault.NO_TITLE, "A session has no title."),
    ([talk("(TBA)")], Fault.NO_TITLE, "The title of a session is only “(TBA)”."),
    (
        [talk("QEMU Status Report"), talk("QEMU Statsu Report", 1)],
        Fault.TYPED_TWICE,
        "“QEMU Status Report” and “QEMU Statsu Report” differ by a letter. Are they one session?",
    ),
    ([talk("Isar", slides_included=True)], Fault.NO_SLIDES, "“Isar” promises slides, and has no address of any."),
    (
        [talk("Isar", materials=(MaterialRecord(kind="link", title="Notes", url="/isar.txt"),))],
        Fault.LINK,
        "The link “Notes” of “Isar” is relative: it leads nowhere from here: /isar.txt",
    ),
    (
        [talk("Isar", abstract="Read [more](more.html).")],
        Fault.LINK,
        "A link in “Isar” is relative: it leads nowhere from here: more.html",
    ),
    (
        [talk("Clinic with Till Kamppeter", speakers=("Ann Lee",)), talk("Isar", 1, speakers=("Till Kamppeter",))],
        Fault.NOT_LISTED,
        "Till Kamppeter is named in “Clinic with Till Kamppeter”, but not listed as a speaker.",
    ),
    (
        [talk("Bees - Ann Lee and Bo Ek, Intel", speakers=("Ann Lee",))],
        Fault.NOT_LISTED,
        "Bo Ek is named in “Bees - Ann Lee and Bo Ek, Intel”, but not listed as a speaker.",
    ),
]


@pytest.mark.parametrize(("sessions", "fault", "text"), WRONG)
def test_one_thing_wrong_is_said_in_one_sentence(sessions, fault, text):
    assert said(*sessions) == [(fault, text)]


RIGHT: list[list[SessionRecord]] = [
    [talk("Isar", room="Kuthiran"), talk("Salsa", 1, room="Kuthiran")],
    [talk("Isar", room="Kuthiran"), talk("Salsa", room="Kuthiran", status="cancelled")],
    [talk("Isar"), talk("Salsa")],
    [talk("Party", 17.5, 2)],  # at 02:30 in the night after the first day
    [talk("Lightning talks, day 1"), talk("Lightning talks, day 2"), talk("Lightning talks, day 11")],
    [talk("Packaging, part I"), talk("Packaging, part II"), talk("Packaging, part IV")],
    [talk("Libre Software (I)"), talk("Libre Software (II)")],
    [talk("Isar", abstract="Made by the institute (https://spritely.institute)'s people, see https://a.org/b(c).")],
    [talk("Registration", 0), talk("Registration", 2, external_id="2")],
    [talk("Isar", byline="Ann Lee & The Xen Project, Intel", speakers=("Ann Lee",))],
    [talk("Fun with Visual Studio", speakers=("Ann Lee",))],
    [talk("Isar", byline="Ann Lee & Bo Ek, Intel")],  # no session lists speakers
    [talk("Isar", slides_included=True, materials=(MaterialRecord(kind="slides", title="", url="https://a.org/"),))],
]


@pytest.mark.parametrize("sessions", RIGHT)
def test_nothing_is_said_where_nothing_is_wrong(sessions):
    assert said(*sessions) == []


def test_name_with_an_and_of_its_own_is_not_two():
    cy, works = SpeakerRecord(name="Cy Low", organisation="Smith & Wesson Arms"), SpeakerRecord(name="Bo and Co Works")
    byline = "Cy Low, Smith & Wesson Arms & Bo and Co Works"

    assert said(talk("Isar", byline=byline, speakers=("Cy Low", "Bo and Co Works")), speakers=(cy, works)) == []


@pytest.mark.parametrize(
    ("names", "are_alike"),
    [
        (("Alex Bennée", "Alex Bennee"), True),
        (("Tassia Camoes Araujo", "Tássia Camões Araújo"), True),
        (("Zhang Yulei", "Yulei Zhang"), True),
        (("Richard Jones", "Richard W.M. Jones"), True),
        (("R. Jones", "Richard Jones"), True),
        (("Elena Ufimtseva", "Elena Ufimtsewa"), True),
        (("Li Wei", "Li Wen"), False),
        (("John Johnson", "John Peterson"), False),
        (("Ann B. Lee", "Ann C. Lee"), False),
    ],
)
def test_two_names_may_be_one_persons(names, are_alike):
    speakers = tuple(SpeakerRecord(name=name) for name in names)
    expected = [(Fault.TWO_WAYS, f"“{min(names)}” and “{max(names)}” may be one person.")]

    assert said(speakers=speakers) == (expected if are_alike else [])


def test_two_who_speak_together_are_not_one_person():
    assert said(talk("Isar", speakers=("Anna Schmidt", "Anne Schmidt"))) == []


def test_times_taken_for_utc_are_noticed():
    sessions = [talk(title, number * 0.5) for number, title in enumerate(TITLES)]

    days = date(2023, 9, 13), date(2023, 9, 14)

    assert said(*sessions, zone="America/Los_Angeles", days=days) == [
        (
            Fault.HOURS,
            "7 of 7 sessions start between 23:00 and 07:00 in America/Los_Angeles. If the hours were meant as local "
            "time but taken as UTC, it would be 0. Check the time zone of the event, or of the file.",
        )
    ]


def test_zone_that_was_left_at_utc_is_noticed():
    sessions = [talk(title, -4.5 + number * 0.5) for number, title in enumerate(TITLES)]

    ((fault, text),) = said(*sessions)
    assert fault is Fault.HOURS
    assert "5 of 7 sessions start between 23:00 and 07:00 in UTC. 3 h later, it would be 0." in text


def test_wrong_year_is_said_once():
    sessions = [talk(title, 24 * 365 + number) for number, title in enumerate(TITLES)]

    assert said(*sessions) == [
        (
            Fault.DAYS,
            "7 of 7 sessions are outside the event’s days, Thursday 14 September 2023 to Friday 15 September 2023. "
            "The first is on Friday 13 September 2024, the last on Friday 13 September 2024. Check the days and the "
            "year.",
        )
    ]


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://linux-kvm.org/a%20b?c=d#e", ""),
        ("http://[2a00:1450:4001:81b::200e]/", ""),
        ("https://bücher.de/", ""),
        ("mailto:a@linux-kvm.org", ""),
        ("www.linux-kvm.org/page", "does not begin with https://"),
        ("//linux-kvm.org/page", "does not begin with https://"),
        ("http//linux-kvm.org/page", "does not begin with https://"),
        ("slides.pdf", "is relative: it leads nowhere from here"),
        ("/system/slides.pdf", "is relative: it leads nowhere from here"),
        ("#slides", "is relative: it leads nowhere from here"),
        ("https:", "is relative: it leads nowhere from here"),
        ("https://a.org/ b", "cannot be an address"),
        ("https://[a.org/", "cannot be an address"),
        ("https://a.org:99999/", "cannot be an address"),
        ("https://127.0.0.1/", "leads into a private network"),
        ("http://localhost:8000/", "leads nowhere on the internet"),
        ("https://wiki.local/", "leads nowhere on the internet"),
        ("https://www.example.com/", "is only an example"),
        ("https://goo.gl/abc", "leads to a service that was shut down"),
        ("https://intranet/", "names no host on the internet"),
    ],
)
def test_fault_of_an_address(address, fault):
    assert fault_of(address) == fault


def test_link_without_scheme_is_mended():
    wrong = MaterialRecord(kind="link", title="Site", url="www.linux-kvm.org")

    (finding,) = lint(programme(talk("Isar", materials=(wrong,))))

    assert finding.mend == Mend(
        words="Change it to https://www.linux-kvm.org",
        session="Isar",
        field="materials",
        value=(replace(wrong, url="https://www.linux-kvm.org"),),
    )


def test_key_stays_when_the_session_moves_and_changes_with_its_room():
    def key(start: float, room: str) -> str:
        (finding,) = lint(programme(talk("Isar", start, room=room), talk("Salsa", start, room=room)))
        return finding.key

    assert key(0, "Kuthiran") == key(3, "Kuthiran") != key(0, "Anamudi")


def test_finding_names_its_place_in_the_file():
    (finding,) = lint(programme(talk("", where="line 12")))

    assert finding == Finding(fault=Fault.NO_TITLE, text="A session has no title.", sessions=("",), where="line 12")


def many(count: int, *, alike: bool) -> ProgrammeRecord:
    return programme(
        *(
            talk(
                f"A long title of an ordinary talk about virtual machines {'' if alike else number * 7919}{number:x}",
                0 if alike else number / 2,
                room="Kuthiran" if alike else f"Room {number % 20}",
                speakers=(f"Ann {chr(97 + number % 26) * 3} Lee{number}", "Bo Ek"),
                byline=f"Ann Lee{number} & Bo Ek & Cy Dee, Intel",
                abstract="See https://linux-kvm.org/page and [this](x.html). " * 20,
            )
            for number in range(count)
        )
    )


def linting_takes(of: ProgrammeRecord) -> float:
    """Seconds of this thread's processor, the best of five, without what collecting the garbage of others takes."""
    took = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            began = time.thread_time()
            lint(of)
            took.append(time.thread_time() - began)
    finally:
        gc.enable()
    return min(took)


@pytest.mark.parametrize("alike", [True, False], ids=["all at once and alike", "all different"])
def test_time_and_findings_do_not_grow_faster_than_the_programme(alike):
    few, more = many(250, alike=alike), many(1000, alike=alike)

    # Four times as many would take sixteen times as long if each session were held against all others.
    assert linting_takes(more) < 10 * linting_takes(few)
    assert len(lint(more)) < 12_000


TEXTS = st.one_of(
    st.text(max_size=40), st.sampled_from(["Ann Lee", "ann  lee", "A. Lee & Bo Ek, Intel", "x - Ann Lee"])
)
LINKS = st.one_of(TEXTS, st.from_regex(r"\A(https?:)?/?/?[a-z.\[\]:0-9 ]{0,20}\Z"))
MOMENTS = st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # until 2191
TALKS = st.builds(
    SessionRecord,
    external_id=st.text(max_size=3),
    title=TEXTS,
    byline=st.none() | TEXTS,
    abstract=st.none() | LINKS,
    start=MOMENTS,
    end=MOMENTS,
    room=st.none() | st.sampled_from(["", "Main"]),
    speakers=st.none() | st.lists(TEXTS, max_size=3).map(tuple),
    status=st.sampled_from([None, "confirmed", "cancelled"]),
    slides_included=st.booleans(),
    materials=st.none() | st.tuples(st.builds(MaterialRecord, kind=st.just("link"), title=TEXTS, url=LINKS)),
)


@given(st.lists(TALKS, max_size=8, unique_by=lambda each: each.external_id), st.sampled_from(["", "Asia/Kolkata"]))
def test_any_programme_is_linted_always_alike(talks, zone):
    findings = lint(programme(*talks, zone=zone))

    assert findings == lint(programme(*talks, zone=zone))
    assert len({finding.key for finding in findings}) == len(findings)
    assert all(len(finding.key) <= 64 and finding.text for finding in findings)
    assert {guid for finding in findings for guid in finding.sessions} <= {each.external_id for each in talks}


def test_slips_are_found_among_many_titles_that_share_their_beginning():
    titles = [
        f"The state of the virtual machine monitor {chr(97 + number // 26)}{chr(97 + number % 26)}x"
        for number in range(400)
    ]

    assert ("Bring up the boot loader", "Bring up the boot loadr") in [
        *one_letter_apart([*titles, "Bring up the boot loader", "Bring up the boot loadr"])
    ]


def test_queries_do_not_grow_with_sessions(kvm_forum: Event, django_assert_num_queries):
    with django_assert_num_queries(5):
        findings_of(kvm_forum)
