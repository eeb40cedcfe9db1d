"""The version, in each place that tells it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from tests.pages import page

ROOT = Path(settings.BASE_DIR)
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_every_page_says_it_in_small(client, db):
    said = page(client.get("/events/")).one("footer").one("span.version")

    assert said.text == f"Forum agenda {settings.VERSION}" == f"Forum agenda {VERSION}"


@pytest.mark.parametrize("command", [[sys.executable, "manage.py"], ["deploy/agenda"]])
@pytest.mark.parametrize("word", ["version", "--version"])
def test_command_line_says_it_without_any_setting(command, word):
    done = subprocess.run([*command, word], cwd=ROOT, env={}, capture_output=True, text=True, check=True)

    assert done.stdout == f"{VERSION}\n"
