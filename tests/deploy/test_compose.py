"""The composed sites, as an engine reads them: their parts, variables, folders and pictures of health are ours."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from forum.checks import is_weak
from scripts.in_environment import variables
from tests.deploy.behind import ROOT

DEPLOY = ROOT / "deploy"
EXAMPLE = (DEPLOY / ".env.example").read_text()
TOLD = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
ENTRY = (DEPLOY / "agenda").read_text()
IMAGE = (DEPLOY / "Containerfile").read_text()
COMPOSED = {path.name: path.read_text() for path in DEPLOY.glob("compose*.yaml")}
NOT_OURS = {"SITE", "POSTGRES_PASSWORD"}  # Caddy's, and PostgreSQL's
DATA = "data:/var/lib/agenda"

each_file = pytest.mark.parametrize("name", COMPOSED)


def services(name: str) -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSED[name])["services"]
    return read


def ours(name: str) -> dict[str, dict[str, Any]]:
    return {part: service for part, service in services(name).items() if service["image"] == "forum-agenda"}


def test_both_are_read():
    assert sorted(COMPOSED) == ["compose.sqlite.yaml", "compose.yaml"]


@each_file
def test_commands_are_parts_of_the_entry_script_and_their_options_exist(name):
    parts = dict(re.findall(r"^(\w+)\) manage (\w+)", ENTRY, re.MULTILINE))

    assert set(ours(name)) == {"migrate", "web", *parts}
    for part, service in ours(name).items():
        word, *options = service["command"].split()
        assert word == part
        if part in parts and part != "migrate":
            command = load_command_class(get_commands()[parts[part]], parts[part])
            assert vars(command.create_parser("manage.py", parts[part]).parse_args(options))["loop"] is True


@each_file
def test_variables_are_those_of_the_settings_and_the_example(name):
    known = variables() | {"ADDRESS", "PORT", "WORKERS"}

    for service in ours(name).values():
        assert service["env_file"] == ".env"
        assert set(service["environment"]) <= known
    assert set(TOLD) - known == NOT_OURS
    assert set(re.findall(r"\$\{(\w+)\}", COMPOSED[name])) <= set(TOLD)


def test_caddy_is_told_what_its_file_asks_for():
    asked = set(re.findall(r"\{\$(\w+):", (DEPLOY / "Caddyfile").read_text()))

    assert asked == set(services("compose.yaml")["caddy"]["environment"])


@each_file
def test_volumes_are_declared_and_hold_all_that_is_written(name):
    read = yaml.safe_load(COMPOSED[name])
    used = [volume.split(":")[0] for service in services(name).values() for volume in service.get("volumes", [])]

    assert {volume for volume in used if not volume.startswith(".")} == set(read["volumes"])
    assert [volume for volume in used if volume.startswith(".") and not (DEPLOY / volume).is_file()] == []
    assert f"VAR_DIR={DATA.partition(':')[2]}" in IMAGE
    for service in ours(name).values():
        assert (service["volumes"], service["read_only"], service["tmpfs"]) == ([DATA], True, "/tmp")  # noqa: S108 (in the container)
        build = service["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
        assert set(build.get("args", {})) <= set(re.findall(r"^ARG (\w+)", IMAGE, re.MULTILINE))


@each_file
def test_what_is_waited_for_says_when_it_is_ready(name):
    for part, service in services(name).items():
        waited = service.get("depends_on", {})
        for other, about in waited.items() if isinstance(waited, dict) else ():
            if about["condition"] == "service_healthy":
                assert "test" in services(name)[other]["healthcheck"]
            if about["condition"] == "service_completed_successfully":
                assert services(name)[other]["restart"] == "no"
        if part in ours(name) and part not in ("web", "migrate"):  # they answer no request: the image's probe is web's
            assert service["healthcheck"] == {"disable": True}


def test_postgresql_is_ready_when_it_can_be_reached():
    """PostgreSQL's image first starts a server that makes the database and ends; that one listens at no port."""
    assert "pg_isready --host 127.0.0.1" in str(services("compose.yaml")["postgres"]["healthcheck"]["test"])


@pytest.mark.parametrize("file", [".env.example", "environment.example"])
def test_secrets_made_as_the_example_says_are_strong_enough(file):
    said = re.findall(r"made with: (openssl rand .*)\n(?:# .*\n)*((?:[A-Z_]+=\n)+)", (DEPLOY / file).read_text())

    for command, named in said:
        made = subprocess.run(command.split(), capture_output=True, text=True, check=True).stdout.strip()
        if "SECRET" in named:
            assert not is_weak(made)
        else:  # it stands in DATABASE_URL
            assert made.isalnum()
    assert {"SECRET_KEY=", "CALENDAR_SECRETS="} <= set("".join(named for _, named in said).split())


def test_sender_is_an_address_once_the_site_s_name_is_put_in():
    """As docs/operations.md does it: to sed, the dots of a name are any character, an @ too."""
    put_in = re.sub("agenda.example.org", "conference.example.com", (DEPLOY / "environment.example").read_text())

    assert "\nDEFAULT_FROM_EMAIL=agenda@conference.example.com\n" in put_in
