"""Uploaded files: pictures open, everything else is downloaded, nothing runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from agenda.models import Event, Material, Session, Speaker


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_photo_opens_in_the_page(client: Client, media: Path) -> None:
    (media / "face.png").write_bytes(b"\x89PNG")

    response = client.get("/media/face.png")

    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == 'inline; filename="face.png"'
    assert body(response) == b"\x89PNG"


def test_photo_that_has_not_changed_is_not_sent_again(client: Client, media: Path) -> None:
    (media / "face.png").write_bytes(b"\x89PNG")
    first = client.get("/media/face.png")

    response = client.get("/media/face.png", headers={"if-modified-since": first["Last-Modified"]})

    assert (body(first), response.status_code, response.content) == (b"\x89PNG", 304, b"")
    assert response["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("name", ["slides.pdf", "page.html", "drawing.svg", "noending"])
def test_other_file_is_a_download_that_cannot_run(client: Client, media: Path, name: str) -> None:
    (media / name).write_bytes(b"<script>alert(1)</script>")

    response = client.get(f"/media/{name}")

    assert response["Content-Disposition"] == "attachment"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert body(response) == b"<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("path", "status"), [("missing.png", 404), ("", 404), ("../settings.py", 400), ("%2e%2e/settings.py", 400)]
)
def test_what_is_not_there_or_elsewhere_is_refused(
    db: None, client: Client, media: Path, path: str, status: int
) -> None:
    (media.parent / "settings.py").write_text("secret")

    response = client.get(f"/media/{path}")

    assert response.status_code == status
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    "path", ["speakers/face.png", "materials/face.png", "speakers//face.png", "./speakers/face.png"]
)
def test_file_of_a_hidden_event_is_the_editors_alone(
    client: Client, media: Path, kvm_forum: Event, editor: User, path: str
) -> None:
    Speaker.objects.filter(name="Chao Peng").update(photo="speakers/face.png")
    Material.objects.create(session=Session.objects.first(), title="Handout", file="materials/face.png")
    for folder in ("speakers", "materials"):
        (media / folder).mkdir()
        (media / folder / "face.png").write_bytes(b"\x89PNG")

    answers = [client.get(f"/media/{path}")]
    Event.objects.update(state="hidden")
    answers.append(client.get(f"/media/{path}"))
    client.force_login(editor)
    answers.append(client.get(f"/media/{path}"))

    assert [body(answers[0]), body(answers[2])] == [b"\x89PNG"] * 2
    assert [answer.status_code for answer in answers] == [200, 404, 200]
    assert answers[2]["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "hide",
    [
        lambda session: Session.objects.filter(pk=session.pk).update(is_published=False),
        lambda session: Event.objects.update(state="announced"),
        lambda session: (session.appearances.all().delete(), session.materials.all().delete()),
    ],
    ids=["unpublished", "announced", "taken out"],
)
def test_file_that_no_public_session_shows_is_the_editors_alone(
    client: Client, media: Path, kvm_forum: Event, editor: User, hide: Callable[[Session], object]
) -> None:
    session = Session.objects.get(title__startswith="Nesting")
    session.speakers.update(photo="speakers/face.png")
    Material.objects.create(session=session, title="Handout", file="materials/face.png")
    for folder in ("speakers", "materials"):
        (media / folder).mkdir()
        (media / folder / "face.png").write_bytes(b"\x89PNG")
    addresses = ["/media/speakers/face.png", "/media/materials/face.png"]

    before = [body(client.get(at)) for at in addresses]
    hide(session)
    after = [client.get(at).status_code for at in addresses]
    client.force_login(editor)
    editors = [client.get(at) for at in addresses]

    assert (before, after) == ([b"\x89PNG"] * 2, [404] * 2)
    assert [(body(answer), answer["Cache-Control"]) for answer in editors] == [(b"\x89PNG", "private, no-cache")] * 2


def test_photo_of_a_speaker_with_another_session_in_public_stays(client: Client, media: Path, kvm_forum: Event) -> None:
    hidden, shown = Session.objects.all()[:2]
    speaker = hidden.speakers.first()
    Speaker.objects.filter(pk=speaker.pk).update(photo="speakers/face.png")
    shown.appearances.create(speaker=speaker, position=9)
    Session.objects.filter(pk=hidden.pk).update(is_published=False)
    (media / "speakers").mkdir()
    (media / "speakers" / "face.png").write_bytes(b"\x89PNG")

    assert body(client.get("/media/speakers/face.png")) == b"\x89PNG"


def test_upload_through_the_address_is_refused(client: Client, media: Path) -> None:
    response = client.post("/media/face.png")

    assert response.status_code == 405
