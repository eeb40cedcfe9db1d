"""The command that brings a programme in: shows the plan and changes nothing, or publishes it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from agenda.editing import incoming
from agenda.editing.fetching import Fetched
from agenda.management.commands import import_programme
from agenda.models import Event, Origin, Plan, Session, Source
from tests.agenda.kvm_forum import add_event

TABLE = "ID;Title;Date;Start;End;Room\n1;{title};2026-03-01;9:00;10:00;Main\n2;QEMU;2026-03-01;10:00;11:00;Main\n"
FIRST = """\
CSV table, 2 sessions, for Spring; times in Europe/Berlin
2 new

New
  KVM · Sun 1 Mar 09:00–10:00 · Main
  QEMU · Sun 1 Mar 10:00–11:00 · Main

Reaches 0 people who starred what moves; 0 gain a clash.
0 calendars will know within the hour, 0 people will be mailed.
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def event(db: None) -> Event:
    return add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workshops.csv"
    path.write_text(TABLE.format(title="KVM"))
    return path


def run(*arguments: object, stderr: io.StringIO | None = None) -> tuple[int, str, str]:
    """The exit code, and what the command said on both streams."""
    out, err = io.StringIO(), stderr or io.StringIO()
    try:
        call_command("import_programme", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def rows() -> list[int]:
    return [model.objects.count() for model in (Event, Session, Source, Plan, Origin)]


@pytest.mark.parametrize("day", ["Sun 1 March", "Sunday"])
def test_dates_without_a_year_are_those_of_the_event(event, file, day):
    file.write_text(TABLE.format(title="KVM").replace("2026-03-01", day))

    assert run(file, "--event", "spring")[0] == 1
    run(file, "--event", "spring", "--apply")
    assert {str(session.start.date()) for session in event.sessions.all()} == {"2026-03-01"}
    assert run(file, "--event", "spring")[0] == 0


@pytest.mark.parametrize("how", [[], ["--check"]])
def test_plan_is_shown_and_nothing_is_changed(event, file, how):
    assert run(file, "--event", "spring", *how) == (1, FIRST, "")
    assert rows() == [1, 0, 0, 0, 0]


def test_new_event_is_shown_and_not_made(db, file):
    code, out, _ = run(file, "--new", "--zone", "Europe/Paris")

    assert (code, out.splitlines()[:2]) == (
        1,
        ["CSV table, 2 sessions, for New programme; times in Europe/Paris", "2 new"],
    )
    assert rows() == [0, 0, 0, 0, 0]


def test_apply_publishes_and_the_same_file_is_nothing_to_do(event, file):
    applied = run(file, "--event", "spring", "--apply")
    again = run(file, "--event", "spring")

    assert (applied[0], applied[1].splitlines()[-1]) == (0, "Done: /spring/")
    assert again == (0, "CSV table, 2 sessions, for Spring; times in Europe/Berlin\nNothing to do.\n", "")
    assert (Session.objects.count(), Plan.objects.count()) == (2, 1)


def test_changes_are_old_and_new_and_carry_the_note(event, file):
    run(file, "--event", "spring", "--apply")
    file.write_text(TABLE.format(title="KVM").replace("10:00;11:00", "12:00;13:00"))

    _, out, _ = run(file, "--event", "spring", "--apply", "--note", "Lunch first.")

    assert "  QEMU · Sun 1 Mar 10:00–11:00 · Main\n    Time: Sun 1 Mar 10:00–11:00 → 12:00–13:00\n" in out
    assert Session.objects.get(title="QEMU").note == "Lunch first."


def test_several_files_are_one_programme_whose_problems_are_said(event, file):
    people = file.with_name("people.csv")
    people.write_text("Name;Company\nAda;IBM\n")
    other = file.with_name("other.csv")
    other.write_text("ID;Title;Date;Start;End;Room\n3;TBA;2026-03-01;12:00;13:00;Main\n")

    code, out, _ = run(file, people, other, "--event", "spring")

    assert (code, out.splitlines()[:2]) == (1, ["CSV table, 3 sessions, for Spring; times in Europe/Berlin", "3 new"])
    assert "Problems after this plan\n  The title of a session is only “TBA”.\n" in out


def test_address_is_read_as_the_format_that_was_said(event, file, monkeypatch):
    answer = Fetched(file.read_bytes(), "", "", "programme")
    monkeypatch.setattr(incoming, "fetch", lambda *_, **__: answer)  # the network is not ours

    assert run("https://a.example/x", "--event", "spring", "--format", "spreadsheet") == (1, FIRST, "")


def test_piped_file_is_read(event, file, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))

    assert run("-", "--event", "spring") == (1, FIRST, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{file}", "--event", "autumn"], "There is no event “autumn”; there are: spring."),
        (["{file}.not", "--event", "spring"], "{file}.not cannot be read: No such file or directory."),
        (
            ["{file}", "--event", "spring", "--zone", "Mars"],
            "“Mars” is not a time zone that is known; one is Europe/Berlin.",
        ),
        (["{file}", "--new"], "The file does not say in which time zone it is; choose one, such as Europe/Berlin."),
        (["http://a.example/x", "--event", "spring"], "Only addresses that begin with https:// are fetched."),
        (["https://127.0.0.1/x", "--event", "spring"], None),
        (
            ["{file}", "https://a.example/x", "--event", "spring"],
            "An address is read alone: download it, and give all files together.",
        ),
    ],
)
def test_refusal_is_one_sentence_and_the_exit_code_2(event, file, arguments, sentence):
    code, out, err = run(*(argument.format(file=file) for argument in arguments))

    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence is None or err == f"{sentence.format(file=file)}\n"
    assert rows() == [1, 0, 0, 0, 0]


def test_terminal_gets_a_bar_and_a_pipe_none(event, file):
    _, _, on_terminal = run(file, "--event", "spring", stderr=Terminal())

    assert [step in on_terminal for step in import_programme.STEPS] == [True, True, False]
    assert on_terminal.endswith("\r")
