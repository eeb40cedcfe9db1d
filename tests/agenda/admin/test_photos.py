"""A speaker's photo, uploaded in /admin/."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from agenda.models import Session
from tests.agenda.admin.editing import change, errors
from tests.agenda.kvm_forum import KVM
from tests.pages import page


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photo(width: int = 800, height: int = 600) -> SimpleUploadedFile:
    written = BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "PNG")
    return SimpleUploadedFile("me.png", written.getvalue(), "image/png")


def test_photo_is_on_pages_at_once_and_changes_no_calendar(client, desk, opening, tmp_path):
    speaker = opening.speakers.get()
    before = set(Session.objects.values_list("updated", "sequence"))
    paths = [opening.get_absolute_url(), f"{KVM}?view=full", f"{KVM}speakers/", speaker.get_absolute_url()]

    def shown() -> list[list[str]]:
        pages = [page(client.get(path)) for path in paths]
        return [[img["src"] for portrait in each.all("div.portrait") for img in portrait.all("img")] for each in pages]

    assert shown() == [[], [], [], []]  # from now on these pages are kept

    change(desk, speaker, photo=photo())

    speaker.refresh_from_db()
    assert shown() == [[speaker.photo.url]] * 4
    with Image.open(tmp_path / speaker.photo.name) as kept:
        assert kept.size == (512, 384)
    assert set(Session.objects.values_list("updated", "sequence")) == before


def test_photo_that_is_too_large_is_refused_in_words(desk, opening, tmp_path):
    answer = change(desk, opening.speakers.get(), photo=photo(6000, 4000))

    assert errors(answer)["photo"] == [
        "The photo has 6000 × 4000 pixels; 20 million are taken. Scale it down: 512 × 512 is enough."
    ]
    assert list(Path(tmp_path).rglob("*.*")) == []
