"""Slugs from titles in any script."""

from __future__ import annotations

import pytest

from agenda.editing.naming import slug_for


@pytest.mark.parametrize(
    ("text", "taken", "slug"),
    [
        ("Opening", (), "opening"),
        ("Café à Lyon", (), "cafe-a-lyon"),
        ("Opening", ("opening",), "opening-2"),
        ("Opening", ("opening", "opening-2"), "opening-3"),
        ("x" * 300, (), "x" * 115),
    ],
)
def test_slug_is_made_from_the_text_and_not_taken(text, taken, slug):
    assert slug_for(text, taken, 120) == slug


def test_slug_of_a_script_without_ascii_is_random():
    assert slug_for("日本語の発表", (), 120).isalnum()
