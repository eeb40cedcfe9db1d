"""The file of the secret key: what is in it, or a sentence about what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from forum.secret_key import key_in

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789abcdefghijkl"


@pytest.mark.parametrize("written", [KEY, f"{KEY}\n", f"  {KEY}\r\n"])
def test_key_is_read_without_blanks_around_it(tmp_path: Path, written: str) -> None:
    (tmp_path / "secret-key").write_text(written)

    assert key_in(tmp_path / "secret-key") == KEY


def test_no_file_is_no_key(tmp_path: Path) -> None:
    assert key_in(tmp_path / "secret-key") == ""


@pytest.mark.parametrize("damaged", [b"", b" \n", KEY[:43].encode(), b"\0" * 86, b"\xff\xfe" + KEY.encode()])
def test_damaged_key_is_refused_in_words(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "secret-key").write_bytes(damaged)

    with pytest.raises(ImproperlyConfigured, match="Put it back from a backup"):
        key_in(tmp_path / "secret-key")


def test_folder_in_its_place_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="IsADirectoryError"):
        key_in(tmp_path)
