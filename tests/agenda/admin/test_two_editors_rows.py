"""Two editors who have one session open: the speakers, materials and files that each adds."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.agenda.admin.editing import address, answer, change, filled, read, save
from tests.agenda.kvm_forum import BEFORE

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def clock(time_machine, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    time_machine.move_to(BEFORE, tick=False)


def pdf(name):
    return SimpleUploadedFile(name, f"%PDF {name}".encode())


def material(**fields):
    """The form's second material, which is new."""
    fields = {"kind": "paper", "title": "Paper", "id": ""} | fields
    return {"materials-TOTAL_FORMS": "2"} | {f"materials-1-{name}": value for name, value in fields.items()}


def materials(session):
    """The second material as it is saved: its address, and its file's text."""
    return [
        (each.title, each.url, Path(each.file.path).read_text().removeprefix("%PDF ") if each.file else "")
        for each in session.materials.all()[1:]
    ]


A, B = "https://a.example/", "https://b.example/"
BOTH_ADD = {
    "the same": ({"url": A}, {"url": A}, [("Paper", A, "")]),
    "one with an address": ({}, {"url": B}, [("Paper", B, "")]),
    "the other with an address": ({"url": A}, {}, [("Paper", A, "")]),
    "one with a file": ({}, {"file": "mine.pdf"}, [("Paper", "", "mine.pdf")]),
    "the other with a file": ({"file": "theirs.pdf"}, {}, [("Paper", "", "theirs.pdf")]),
    "a file and an address": ({"file": "theirs.pdf"}, {"url": B}, [("Paper", B, "theirs.pdf")]),
    "two titles": ({"url": A}, {"title": "Draft", "url": B}, [("Paper", A, ""), ("Draft", B, "")]),
    "two kinds": ({"url": A}, {"kind": "link", "url": B}, [("Paper", A, ""), ("Paper", B, "")]),
    "two titles with files": (
        {"file": "theirs.pdf"},
        {"title": "Draft", "file": "mine.pdf"},
        [("Paper", "", "theirs.pdf"), ("Draft", "", "mine.pdf")],
    ),
}


def opened(fields):
    return {name: pdf(value) if name == "file" else value for name, value in fields.items()}


@pytest.mark.parametrize("added", BOTH_ADD)
def test_materials_that_both_add_are_merged(desk, other_desk, opening, added):
    theirs, mine, kept = BOTH_ADD[added]
    sent = filled(desk, address(opening))
    change(other_desk, opening, **material(**opened(theirs)))

    assert save(desk, opening, sent, **material(**opened(mine))).status_code == 302
    assert materials(opening) == kept


@pytest.mark.parametrize(("choice", "url"), [("theirs", A), ("mine", B)])
def test_material_that_both_add_with_another_address_is_asked(desk, other_desk, opening, choice, url):
    sent = filled(desk, address(opening))
    change(other_desk, opening, **material(url=A))

    asked = save(desk, opening, sent, **material(url=B))

    assert asked.status_code == 409
    assert read(asked).texts("h2") == [f"Material 2 (Paper, Paper, {B}): Address"]
    assert answer(desk, opening, asked, **{"materials-1-url": choice}).status_code == 302
    assert materials(opening) == [("Paper", url, "")]


@pytest.mark.parametrize(("again", "kept"), [({}, "theirs.pdf"), ({"materials-1-file": "mine.pdf"}, "mine.pdf")])
def test_material_that_both_add_with_another_file_is_asked(desk, other_desk, opening, again, kept):
    sent = filled(desk, address(opening))
    change(other_desk, opening, **material(file=pdf("theirs.pdf")))

    asked = save(desk, opening, sent, **material(file=pdf("mine.pdf")))

    assert asked.status_code == 409
    assert "Theirs: materials/theirs.pdf. Yours: new file: mine.pdf." in read(asked).texts("p")
    files = {name: pdf(value) for name, value in again.items()}
    assert answer(desk, opening, asked, files=files).status_code == 302
    assert materials(opening) == [("Paper", "", kept)]


@pytest.mark.parametrize(("again", "kept"), [([], ""), (["mine.pdf"], "mine.pdf")])
def test_file_chosen_before_a_question_is_named_and_chosen_again(desk, other_desk, opening, again, kept):
    sent = filled(desk, address(opening))
    change(other_desk, opening, title="Theirs")

    asked = save(desk, opening, sent, title="Mine", **material(file=pdf("mine.pdf")))

    assert read(asked).texts("h2") == ["Title", "Material 2 (Paper, Paper): File"]
    assert read(asked).one("p.chosen-file").text.startswith("Browsers send a file only once. Choose “mine.pdf” again:")
    (name,) = [each["name"] for each in read(asked).all("input") if each.attributes["type"] == "file"]
    files = dict.fromkeys([name], pdf(again[0])) if again else {}
    assert answer(desk, opening, asked, files=files, title="mine").status_code == 302
    assert materials(opening) == [("Paper", "", kept)]


def test_file_that_replaces_another_is_named_and_the_old_one_stays_without_it(desk, other_desk, opening):
    change(desk, opening, **material(file=pdf("old.pdf")))
    sent = filled(desk, address(opening))
    change(other_desk, opening, title="Theirs")

    asked = save(desk, opening, sent, title="Mine", **{"materials-1-file": pdf("new.pdf")})

    assert "“new.pdf”" in read(asked).one("p.chosen-file").text
    assert answer(desk, opening, asked, title="theirs").status_code == 302
    assert materials(opening) == [("Paper", "", "old.pdf")]


@pytest.mark.parametrize(
    ("theirs", "mine", "position"), [("", "", 1), ("4", "4", 4), ("4", "", 4), ("", "4", None), ("4", "5", None)]
)
def test_speaker_that_both_add_is_there_once(desk, other_desk, opening, theirs, mine, position):
    speaker = opening.event.speakers.exclude(pk__in=opening.speakers.all())[0]
    sent = filled(desk, address(opening))
    fields = {"appearances-1-speaker": str(speaker.pk)}
    change(other_desk, opening, **fields, **{"appearances-1-position": theirs})

    response = save(desk, opening, sent, **fields, **{"appearances-1-position": mine})

    if position is None:
        assert response.status_code == 409
        response, position = answer(desk, opening, response, **{"appearances-1-position": "mine"}), int(mine)
    assert response.status_code == 302
    assert opening.appearances.get(speaker=speaker).position == position


def test_files_of_a_conflict_leave_nothing_behind(desk, other_desk, opening, tmp_path):
    sent = filled(desk, address(opening))
    change(other_desk, opening, title="Theirs")

    save(desk, opening, sent, title="Mine", **material(file=pdf("mine.pdf")))

    assert [path for path in Path(tmp_path).rglob("*") if path.is_file()] == []
