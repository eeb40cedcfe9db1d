"""The checks and measurements see their own settings, whatever somebody keeps in their shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from scripts import in_environment
from scripts.in_environment import COMPILED_EACH_TIME, ENVIRONMENTS, variables


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_settings_are_those_of_the_environment_and_all_else_is_the_shell_s(name):
    shell = {"PATH": os.environ["PATH"], "PORT": "8001"}
    printed = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]

    done = subprocess.run(
        [sys.executable, in_environment.__file__, name, *printed],
        env=shell | dict.fromkeys(variables() | COMPILED_EACH_TIME, "from the shell"),
        capture_output=True,
        text=True,
        check=True,
    )

    seen = json.loads(done.stdout)
    assert {key: value for key, value in seen.items() if key in variables() | set(shell)} == shell | ENVIRONMENTS[name]
    assert "from the shell" not in seen.values()


def test_variables_are_many_and_each_environment_names_no_other():
    assert {"SECRET_KEY", "VAR_DIR", "OIDC_CLIENT_SECRET"} < variables()
    assert {key for settings in ENVIRONMENTS.values() for key in settings} < variables()
