"""Runs a command (pytest) on the tests of what changed since main, and says which they are.

Tests mirror the source: agenda/views/stars.py has tests/agenda/…/test_star*.py. A module without tests of its own name
has those of the folder that mirrors its own. A changed test runs itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Files that are no modules, and the tests that hold them against the tree.
OTHERS = {
    "README.md": "tests/forum/test_docs.py",
    "docs/architecture.md": "tests/forum/test_docs.py",
    "docs/operations.md": "tests/forum/test_docs.py",
    "docs/security.md": "tests/forum/test_docs.py",
    "Makefile": "tests/scripts/test_prepare.py",
    "pyproject.toml": "tests/scripts/test_locks.py",
    "requirements.lock": "tests/scripts/test_locks.py",
    "requirements-dev.lock": "tests/scripts/test_locks.py",
}


def git(*command: str) -> list[str]:
    """The lines that git answers; none if it refuses."""
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def changed() -> list[str]:
    """Paths of the files that differ from where this branch left main, uncommitted and new ones included.

    On main itself they are those that origin/main lacks, or the uncommitted ones if there is no origin.
    """
    on_main = git("branch", "--show-current") == ["main"]
    bases = [git("merge-base", "HEAD", name) for name in ("main", "origin/main") if not (on_main and name == "main")]
    base = next((lines[0] for lines in bases if lines), "HEAD")
    return git("diff", "--name-only", "--diff-filter=d", base) + git("ls-files", "--others", "--exclude-standard")


def covering(path: str, root: Path = ROOT) -> set[str]:
    """Paths of the tests of the file at this path; none if it is no module."""
    file = Path(path)
    if file.parts[0] == "tests":
        return {path} if file.match("test_*.py") else set()
    mirror = root / "tests" / file.parts[0]
    if file.suffix != ".py" or "migrations" in file.parts or not mirror.is_dir():
        return {OTHERS[path]} if path in OTHERS else set()
    name = file.parent.name if file.stem == "__init__" else file.stem
    found = set(mirror.rglob(f"test_{name.removesuffix('s')}*.py")) or set(
        (root / "tests" / file.parent).glob("test_*.py")
    )
    return {str(test.relative_to(root)) for test in found}


def chosen(paths: Iterable[str], root: Path = ROOT) -> list[str]:
    """Paths of the tests of all these files, each once, in order."""
    return sorted(set().union(*(covering(path, root) for path in paths)))


def main(command: list[str]) -> None:
    tests = chosen(changed())
    if not tests:
        print("None: no module or test that has one differs from main.")
        return
    print("\n".join(tests), flush=True)
    os.execvp(command[0], [*command, *tests])  # noqa: S606 (the Makefile's own command)


if __name__ == "__main__":
    main(sys.argv[1:])
