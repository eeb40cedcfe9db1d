"""Which tests `make quick` runs for a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.changed import OTHERS, ROOT, chosen, covering

TESTS = """
tests/agenda/test_models.py tests/agenda/test_star_view.py tests/agenda/test_starring.py tests/agenda/steps.py
tests/agenda/caldav/test_programmes.py tests/agenda/caldav/test_sync.py tests/agenda/models/test_event.py
tests/browser/test_star.py
""".split()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in TESTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("agenda/views/stars.py", {"test_star_view.py", "test_starring.py"}),
        ("agenda/caldav/programmes.py", {"caldav/test_programmes.py"}),
        ("agenda/models/__init__.py", {"test_models.py"}),
        ("agenda/models/event.py", {"models/test_event.py"}),
        ("agenda/caldav/refusals.py", {"caldav/test_sync.py", "caldav/test_programmes.py"}),
        ("agenda/nothing/like_it.py", set()),
        ("agenda/migrations/0001_models.py", set()),
        ("tests/agenda/test_starring.py", {"test_starring.py"}),
        ("tests/agenda/steps.py", set()),
        ("templates/agenda/stars.html", set()),
        ("unknown/stars.py", set()),
    ],
)
def test_tests_of_a_file_are_those_that_mirror_it(tree, path, tests):
    assert covering(path, tree) == {f"tests/agenda/{test}" for test in tests}


def test_each_test_is_chosen_once_in_order(tree):
    paths = ["agenda/views/stars.py", "tests/browser/test_star.py", "agenda/starring.py", "tests/agenda/test_models.py"]

    assert chosen(paths, tree) == [
        "tests/agenda/test_models.py",
        "tests/agenda/test_star_view.py",
        "tests/agenda/test_starring.py",
        "tests/browser/test_star.py",
    ]
    assert chosen([], tree) == []


def test_files_that_are_no_modules_have_tests_that_exist():
    named = [*OTHERS, *OTHERS.values()]

    assert [name for name in named if not (ROOT / name).is_file()] == []
