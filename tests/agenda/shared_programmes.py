"""Real programmes that others published; they are not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.one_writer import ROOT


def shared(name: str) -> Path:
    """The file of that name in $SHARED_PROGRAMMES, or else in ../shared/programs; without it, the test skips."""
    folders = [os.environ.get("SHARED_PROGRAMMES"), ROOT.parent / "shared" / "programs"]
    for folder in filter(None, folders):
        if (path := Path(folder) / name).is_file():
            return path
    pytest.skip("../shared/programs is missing")
