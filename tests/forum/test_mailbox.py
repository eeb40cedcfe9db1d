"""The development mailbox: there while mail goes to files and DEBUG is on, and never else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection

FILES = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.DEBUG, settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = True, FILES, tmp_path / "mail"
    return tmp_path / "mail"


@pytest.fixture
def send(folder: Path) -> Callable[..., None]:
    def send(*subjects: str, text: str = "KDRT-WXYZ") -> None:
        """All in one connection, that is into one file."""
        mails = [EmailMessage(subject, text, to=["alice@example.org"]) for subject in subjects]
        get_connection(FILES, file_path=folder).send_messages(mails)

    return send


def subjects(page: bytes) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page.decode())


@pytest.mark.django_db
def test_mailbox_without_mail_says_how_to_get_some(client, folder):
    page = client.get("/dev/mailbox/").content

    assert subjects(page) == ["No mail yet"]


@pytest.mark.django_db
def test_mailbox_shows_the_newest_first(client, send):
    send("first", "second")
    send("third")

    response = client.get("/dev/mailbox/")

    assert subjects(response.content) == ["third", "second", "first"]
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_mailbox_shows_text_and_escapes_it(client, send):
    send("Grüße & <b>", text="KDRT-WXYZ\n\n<script>é…")

    page = client.get("/dev/mailbox/").content.decode()

    assert subjects(page.encode()) == ["Grüße &amp; &lt;b&gt;"]
    assert re.findall(r"<pre>(.*?)</pre>", page, re.S) == ["KDRT-WXYZ\n\n&lt;script&gt;é…"]
    assert "To alice@example.org" in page


@pytest.mark.django_db
def test_mailbox_shows_twenty_at_most(client, send):
    send(*(f"mail {number}" for number in range(25)))

    page = client.get("/dev/mailbox/").content

    assert subjects(page) == [f"mail {number}" for number in range(24, 4, -1)]


@pytest.mark.django_db
def test_mailbox_is_closed_without_debug(client, send, settings):
    send("secret")
    settings.DEBUG = False

    assert client.get("/dev/mailbox/").status_code == 404


@pytest.mark.django_db
def test_mailbox_is_closed_with_a_mail_server(client, send, settings):
    send("secret")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    assert client.get("/dev/mailbox/").status_code == 404


@pytest.mark.django_db
def test_mailbox_refuses_other_methods(client, folder):
    assert client.post("/dev/mailbox/").status_code == 405
