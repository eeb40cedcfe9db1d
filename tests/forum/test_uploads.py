"""Uploaded files that are kept elsewhere than on the site's disk: they are saved, shown, checked and deleted alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage

from agenda.editing.deleting import delete_event
from agenda.editing.photos import kept_photo
from agenda.models import Event, Speaker
from forum import shapes
from forum.backups import MEDIA
from forum.management.commands.doctor import findings
from forum.shapes import media_storage
from forum.uploads import PATIENCE, UploadsElsewhere
from tests.agenda.admin.editing import filled
from tests.agenda.admin.test_photos import photo
from tests.forum.places import empty_place, keep_in, run
from tests.pages import page

pytestmark = pytest.mark.any_database

MEMORY = "django.core.files.storage.InMemoryStorage"


class FullStorage(InMemoryStorage):
    """One that takes nothing."""

    def _save(self, name, content):
        raise PermissionError(name)


class SilentStorage(InMemoryStorage):
    """One at another server, which does not answer; its library says so in a class of its own."""

    def _no_answer(self, *args):
        raise RuntimeError("no answer")

    _open = _save = exists = get_modified_time = delete = _no_answer


class ForgetfulStorage(InMemoryStorage):
    """One that keeps something else."""

    def _save(self, name, content):
        return super()._save(name, ContentFile(b"other"))


class Configured(dict[str, object]):
    """Limits of a connection, in the way of botocore."""

    def merge(self, others: Configured) -> Configured:
        return Configured(self | others)


class FarStorage(InMemoryStorage):
    """One at another server, asked with the limits of its library."""

    client_config = Configured(connect_timeout=60, signature="v4")


def keep_uploads_in(settings, backend: str) -> None:
    settings.MEDIA_STORAGE = f"{backend}?base_url=https://elsewhere.example/"
    settings.STORAGES = settings.STORAGES | {"default": media_storage(settings.MEDIA_STORAGE)}


@pytest.fixture
def elsewhere(settings, tmp_path) -> None:
    keep_in(settings, tmp_path)
    keep_uploads_in(settings, MEMORY)


@pytest.fixture
def speaker(elsewhere, kvm_forum) -> Speaker:
    found = Speaker.objects.get(name="Stefan Hajnoczi")
    kept = kept_photo(photo())
    found.photo.save(str(kept.name), kept)
    return found


def test_photo_is_saved_there_and_shown_at_an_address_of_the_site(client, speaker, tmp_path):
    shown = page(client.get(speaker.get_absolute_url())).one("div.portrait").one("img")["src"]

    response = client.get(shown)
    again = client.get(shown, headers={"if-modified-since": response["Last-Modified"]})

    assert shown == f"/media/{speaker.photo.name}"
    assert (response["Content-Type"], b"".join(response.streaming_content)[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert int(response["Content-Length"]) == default_storage.size(speaker.photo.name) == speaker.photo.size
    assert (again.status_code, again["Cache-Control"]) == (304, "public, max-age=3600")
    assert list(tmp_path.rglob("*.jpg")) == []
    assert client.get("/media/speakers/other.png").status_code == 404
    Event.objects.update(state="hidden")
    assert client.get(shown).status_code == 404


def test_server_of_theirs_that_does_not_answer_holds_up_nobody_for_long():
    far = UploadsElsewhere(f"{__name__}.FarStorage", {})

    assert far._storage.client_config == {**PATIENCE, "signature": "v4"}  # type: ignore[attr-defined]


def test_server_of_theirs_that_is_gone_is_an_outage_in_words(speaker, client, editor, settings):
    keep_uploads_in(settings, f"{__name__}.SilentStorage")
    client.raise_request_exception = False
    client.force_login(editor)
    change = f"/admin/agenda/speaker/{speaker.pk}/change/"

    answers = [
        client.get(f"/media/{speaker.photo.name}"),
        client.post(change, filled(client, change) | {"photo": photo()}),
    ]

    assert [each.status_code for each in answers] == [503, 503]
    assert all("That is not possible at the moment" in each.content.decode() for each in answers)
    assert Speaker.objects.get(pk=speaker.pk).photo.name == speaker.photo.name


def test_two_files_of_one_name_are_both_kept(elsewhere):
    names = [default_storage.save("materials/slides.pdf", ContentFile(text)) for text in (b"one", b"two")]

    assert [default_storage.open(name).read() for name in names] == [b"one", b"two"]


def test_photo_goes_with_its_event(speaker, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        delete_event(speaker.event, datetime(2020, 1, 1, tzinfo=UTC))

    assert not default_storage.exists(speaker.photo.name)


@pytest.mark.parametrize(
    ("backend", "found"),
    [
        (MEMORY, (True, f"Uploaded files: {MEMORY} keeps them.")),
        (f"{__name__}.ForgetfulStorage", (False, f"Uploaded files: {__name__}.ForgetfulStorage alters them.")),
        (
            f"{__name__}.FullStorage",
            (
                False,
                f"Uploaded files: {__name__}.FullStorage takes none (PermissionError). "
                "See MEDIA_STORAGE and who may write.",
            ),
        ),
    ],
)
def test_doctor_tries_to_keep_one(db, settings, tmp_path, backend, found):
    settings.VAR_DIR, settings.SITE_URL = tmp_path, "http://127.0.0.1:1"
    keep_uploads_in(settings, backend)

    assert found in list(findings(None))
    assert not default_storage.exists("doctor/trial") or not found[0]


@pytest.mark.on_postgresql
def test_backup_says_that_they_are_not_in_it_and_restore_where_its_own_are(
    shared_database, speaker, settings, tmp_path
):
    file, old = tmp_path / "backup.tar.gz", tmp_path / "media" / "old.png"
    without = run("backup", file)
    old.parent.mkdir()
    old.write_bytes(b"from before")
    run("backup", file)

    with empty_place(settings, tmp_path / "new"):
        said = run("restore", file)

    assert "Uploaded files are in MEDIA_STORAGE, and are not in it" in without
    assert "0 uploaded files" in without
    assert f"Its uploaded files are in {tmp_path}/new/{MEDIA.strip('/')}: copy them to MEDIA_STORAGE." in said


def test_variable_names_a_folder_a_bucket_or_a_class(monkeypatch):
    monkeypatch.setattr(shapes, "find_spec", lambda name: name)
    s3 = {"bucket_name": "talks", "location": "a/b", "file_overwrite": False, "region_name": "eu"}

    assert media_storage("") == {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    assert media_storage("s3://talks/a/b?region_name=eu")["OPTIONS"] == {
        "backend": "storages.backends.s3.S3Storage",
        "options": s3,
    }
    assert media_storage("a.b.C?x=1")["OPTIONS"] == {"backend": "a.b.C", "options": {"x": "1"}}


def test_library_that_is_missing_is_named_at_start():
    with pytest.raises(ImproperlyConfigured, match=r"needs a library that is not installed: storages\.$"):
        media_storage("s3://talks")
