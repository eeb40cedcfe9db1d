from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from agenda.formats.cleaning import absolute, bare_title, cleaned
from agenda.formats.records import (
    MOST_SESSIONS,
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)

NINE = datetime(2024, 5, 1, 9, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
SESSION = SessionRecord(external_id="1", title="Owls", start=NINE, end=NINE + HALF_AN_HOUR, where="line 1")
NOT_WHOLE = "The address of the page, /a, is incomplete, and the file does not say what it belongs to; it was left out."
BACKWARDS = "“Owls” ends before it starts; 30 minutes were assumed."
TOO_LONG = "A speaker name has more than 120 characters; it was shortened."
GUID = UUID("8079583e-8321-506c-95af-fd2903a5f075")


def programme(*sessions, **fields):
    return ProgrammeRecord(format="test", sessions=sessions, **fields)


def clean(**fields):
    """The one session with these fields, cleaned, and the texts of the problems."""
    made = cleaned(programme(replace(SESSION, **fields)))
    return made.sessions[0], [problem.text for problem in made.problems]


def test_clean_programme_stays_as_it_is():
    whole = programme(
        replace(SESSION, guid=GUID, room="Hall", track="Code", speakers=("Ada",), language="pt-BR", abstract="A\n\nB"),
        title="Days",
        zone="Europe/Paris",
        days=(NINE.date(), NINE.date()),
        rooms=(RoomRecord(name="Hall", guid=GUID, capacity=9), RoomRecord(name="Unused")),
        tracks=(TrackRecord(name="Code", colour="#123456"),),
        speakers=(SpeakerRecord(name="Ada", guid=GUID, biography="Writes."),),
        url="https://days.example/",
        problems=(Problem("line 1", "Said before."),),
    )

    assert cleaned(whole) == whole


@pytest.mark.parametrize(
    ("field", "given", "expected", "problem"),
    [
        ("title", "Two\r\nlines\0 \ud800", "Two lines", None),
        ("title", " \n", "Untitled", "The session has no title; it is called “Untitled”."),
        ("title", "x" * 251, "x" * 249 + "…", "The title has more than 250 characters; it was shortened."),
        ("byline", "x" * 251, "x" * 249 + "…", "The byline has more than 250 characters; it was shortened."),
        ("subtitle", "x\ny", "x y", None),
        ("abstract", "a\r\n\0b\n\n\n\nc \n", "a\nb\n\nc", None),
        ("language", "de-informal", "de", None),
        ("language", "EN_us", "en-us", None),
        ("language", "", "", None),
        ("language", "Klingonisch", None, "“Klingonisch” is not a language code like en or fr; it was left out."),
        ("room", "x" * 81, "x" * 79 + "…", "A room name has more than 80 characters; it was shortened."),
        ("track", "x" * 81, "x" * 79 + "…", "A track name has more than 80 characters; it was shortened."),
        ("speakers", ("Ada ", "", "Ada", "Bo\n"), ("Ada", "Bo"), None),
        ("speakers", ("x" * 121,), ("x" * 119 + "…",), TOO_LONG),
        ("slug", "not a slug", None, None),
        ("url", "owl.example/a", "https://owl.example/a", None),
        ("url", "/a", "", NOT_WHOLE),
        ("url", "gopher://a", "", "The address of the page, gopher://a, is not a web address; it was left out."),
        ("end", NINE, NINE + HALF_AN_HOUR, "“Owls” has no end; 30 minutes were assumed."),
        ("end", NINE - HALF_AN_HOUR, NINE + HALF_AN_HOUR, BACKWARDS),
        ("end", NINE.replace(year=9999), NINE + HALF_AN_HOUR, BACKWARDS),
    ],
)  # fmt: skip
def test_field_is_what_its_row_can_hold(field, given, expected, problem):
    session, problems = clean(**{field: given})

    assert getattr(session, field) == expected
    assert problems == ([problem] if problem else [])


@pytest.mark.parametrize("year", [1, 1969, 2101, 9999])
def test_session_of_an_impossible_year_is_left_out(year):
    made = cleaned(programme(SESSION, replace(SESSION, external_id="2", start=NINE.replace(year=year))))

    assert [session.external_id for session in made.sessions] == ["1"]
    assert made.problems == (Problem("line 1", f"It starts in the year {year}; the session was left out."),)


@pytest.mark.parametrize(
    ("title", "bare", "is_cancelled"),
    [
        ("CANCELLED: Owls", "Owls", True),
        ("Canceled: Owls", "Owls", True),
        ("[CANCELED] Owls", "Owls", True),
        ("(cancelled): Owls", "Owls", True),
        ("*CANCELLED* Owls", "Owls", True),
        ("CANCELLED Owls", "Owls", True),
        ("Abgesagt – Owls", "Owls", True),
        ("Owls [cancelled]", "Owls", True),
        ("Cancelling POSIX syscalls in Managarm", "Cancelling POSIX syscalls in Managarm", False),
        ("Cancelled flights and owls", "Cancelled flights and owls", False),
        ("CANCELLED", "CANCELLED", False),
        ("[cancelled]", "[cancelled]", True),
        ("Owls cancelled: why", "Owls cancelled: why", False),
    ],
)
def test_title_says_that_a_session_is_cancelled(title, bare, is_cancelled):
    assert bare_title(title) == (bare, is_cancelled)
    assert clean(title=title)[0].status == ("cancelled" if is_cancelled else None)


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("https://a.example/b", "", "https://a.example/b"),
        ("//a.example/b", "", "https://a.example/b"),
        ("www.a.example", "https://b.example/", "https://www.a.example"),
        ("a.example:8080/c", "", "https://a.example:8080/c"),
        ("slides.pdf", "https://b.example/c/", "https://b.example/c/slides.pdf"),
        ("../d", "https://b.example/c/e", "https://b.example/d"),
        ("slides.pdf", "", ""),
        ("javascript:alert(1)", "https://b.example/", ""),
        ("ftp://a.example/", "https://b.example/", ""),
        ("http://", "", ""),
        ("http://[", "", ""),
    ],
)
def test_address_is_whole_or_none(text, base, expected):
    assert absolute(text, base) == expected


def test_ids_used_twice_are_numbered_in_order_of_time_whatever_the_order_of_the_file():
    later = replace(SESSION, start=NINE + HALF_AN_HOUR, end=NINE + 2 * HALF_AN_HOUR, guid=GUID)
    elsewhere = replace(later, room="Attic", guid=None)
    first = replace(SESSION, guid=GUID)
    taken = replace(SESSION, external_id="1 (2)")
    for order in ([first, later, elsewhere, taken], [taken, elsewhere, later, first]):
        made = cleaned(programme(*order))

        ids = {(session.start, session.room): (session.external_id, session.guid) for session in made.sessions[:3]}
        ids |= {(session.start, session.room): (session.external_id, session.guid) for session in made.sessions[1:]}
        assert ids[later.start, None] == ("1 (3)", None)
        assert ids[later.start, "Attic"] == ("1 (4)", None)
        assert {(each.external_id, each.guid) for each in made.sessions} >= {("1", GUID), ("1 (2)", None)}
        assert [problem.text for problem in made.problems] == [
            "3 sessions have the id 1; they are told apart by their times.",
            f"2 sessions have the guid {GUID}; only the first keeps it.",
        ]


def test_long_ids_and_names_stay_different():
    sessions = [
        replace(SESSION, external_id="x" * 200 + end, room="y" * 80 + end, speakers=("z" * 120 + end,)) for end in "abb"
    ]

    made = cleaned(programme(*sessions))

    assert len({session.external_id for session in made.sessions}) == 3
    assert max(len(session.external_id) for session in made.sessions) <= 200
    assert [len(rows) for rows in (made.rooms, made.speakers)] == [2, 2]
    assert all(len(room.name) <= 80 for room in made.rooms)
    assert [session.room for session in made.sessions] == [made.rooms[0].name, made.rooms[1].name, made.rooms[1].name]


def test_rooms_tracks_and_speakers_are_complete_and_stand_once():
    made = cleaned(
        programme(
            replace(SESSION, room="Loft", track="Code", speakers=("Bo",)),
            rooms=(RoomRecord(name="Hall ", guid=GUID), RoomRecord(name="Hall"), RoomRecord(name="Attic", guid=GUID)),
            tracks=(TrackRecord(name="Code", colour="teal"), TrackRecord(name="")),
            speakers=(SpeakerRecord(name="Ada", job_title="x" * 161),),
        )
    )

    assert [(room.name, room.guid) for room in made.rooms] == [("Hall", GUID), ("Attic", None), ("Loft", None)]
    assert made.tracks == (TrackRecord(name="Code"),)
    assert [speaker.name for speaker in made.speakers] == ["Ada", "Bo"]
    assert [problem.text for problem in made.problems] == [
        "“Attic” has the guid of another; it was left out.",
        "“Ada”: the job title has more than 160 characters; it was shortened.",
    ]


def test_materials_have_words_of_their_own_and_stand_once():
    slides = MaterialRecord(kind="slides", title="Slides", url="a.pdf")
    given = (slides, replace(slides, url="b.pdf"), slides, MaterialRecord(kind="link", title="", url="www.a.example"))

    made = cleaned(programme(replace(SESSION, materials=given), url="https://days.example/"))

    assert made.sessions[0].materials == (
        MaterialRecord(kind="slides", title="Slides", url="https://days.example/a.pdf"),
        MaterialRecord(kind="slides", title="Slides (2)", url="https://days.example/b.pdf"),
        MaterialRecord(kind="link", title="Link", url="https://www.a.example"),
    )


def test_address_too_long_for_its_row_is_said_and_left_out():
    address = "https://a.example/" + "x" * 1000
    session, problems = clean(materials=(MaterialRecord(kind="link", title="A", url=address),))

    assert session.materials == (MaterialRecord(kind="link", title="A", url=""),)
    assert len(problems) == 1
    assert problems[0].endswith("has more than 1,000 characters; it was left out.")


def test_unknown_zone_is_said():
    made = cleaned(programme(SESSION, zone="../etc/passwd"))

    assert made.zone == ""
    assert made.problems == (Problem("", "“../etc/passwd” is not a known time zone."),)


def test_too_many_sessions_are_refused():
    with pytest.raises(RefusedFile, match="more than 20,000 sessions"):
        cleaned(programme(*[SESSION] * (MOST_SESSIONS + 1)))


def test_many_problems_are_counted():
    made = cleaned(programme(*(replace(SESSION, external_id=str(number), title="") for number in range(600))))

    assert len(made.problems) == 501
    assert made.problems[-1] == Problem("", "There are 100 more problems.")
