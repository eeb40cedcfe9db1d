"""The image: built with what is here, and run read-only as a user that no image knows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import closing, suppress
from http.client import HTTPConnection

import pytest

from tests.deploy.behind import ROOT, free_port

BASE = os.environ.get("TRY_IMAGE", "")


def works(engine: str) -> bool:
    """True for an engine that is installed, and whose daemon runs if it needs one."""
    return bool(shutil.which(engine)) and not subprocess.run([engine, "info"], capture_output=True).returncode


ENGINE = next(filter(works, ("podman", "docker", "buildah")), "") if BASE else ""

LARGEST = 250  # MB, with a base of 130
ENVIRONMENT = {
    "SITE_URL": "http://127.0.0.1:8000",
    "SECRET_KEY": "for-an-image-" + "0123456789abcdef" * 4,
    "WORKERS": "1",
}


@pytest.fixture(scope="module")
def image() -> str:
    if not BASE:
        pytest.skip("it takes minutes: make try-image BASE=docker.io/library/python:3.12-slim runs it")
    if not ENGINE:
        pytest.skip("there is no podman, docker or buildah that works")
    build = [ENGINE, "bud" if ENGINE == "buildah" else "build", "--build-arg", f"BASE={BASE}"]
    file = ["--file", ROOT / "deploy" / "Containerfile", "--tag", "forum-agenda-tried"]
    subprocess.run([*build, *os.environ.get("TRY_IMAGE_OPTIONS", "").split(), *file, ROOT], check=True)
    return "forum-agenda-tried"


def test_image_serves_as_any_user(image):
    if ENGINE == "buildah":
        made = subprocess.run([ENGINE, "from", image], capture_output=True, text=True, check=True).stdout.strip()
        run = [ENGINE, "run", "--user", "23456:0"]
        entry = [made, "--", "deploy/agenda"]
    else:
        volume = ["--volume", "forum-agenda-tried:/var/lib/agenda", "--network", "host", "--read-only", "--rm"]
        run, entry = [ENGINE, "run", "--user", "23456:0", *volume], [image]
    port = free_port()
    told = [
        word for name, value in (ENVIRONMENT | {"PORT": str(port)}).items() for word in ("--env", f"{name}={value}")
    ]

    subprocess.run([*run, *told, *entry, "migrate"], check=True)
    server = subprocess.Popen([*run, *told, *entry, "web"])
    try:
        assert answer(port) == b"ok\n"
    finally:
        server.terminate()
        server.wait()


def test_image_is_small(image):
    listed = subprocess.run(
        [ENGINE, "images", "--format", "{{.Size}}", image], capture_output=True, text=True, check=True
    )
    number, unit = re.fullmatch(r"([0-9.]+) ?([kMG]B)", listed.stdout.strip()).groups()

    assert unit == "MB"
    assert float(number) <= LARGEST


def answer(port: int) -> bytes:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("GET", "/health/ready")
            return connection.getresponse().read()
        time.sleep(0.2)
    raise TimeoutError("The image does not answer.")
