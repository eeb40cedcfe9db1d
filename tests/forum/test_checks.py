"""The site refuses to serve strangers until all it needs is configured, and says in a sentence each what is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from forum.checks import faults, refuse_to_start
from forum.shapes import SHAPES

STRONG = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
READY = {
    "SITE_URL": "https://agenda.example.org",
    "SECRET_KEY": STRONG,
    "CALENDAR_SECRETS": STRONG[::-1],
    "TRUSTED_PROXY_COUNT": "1",
    "EMAIL_URL": "smtp+tls://mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "agenda@example.org",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "www.agenda.example.org",
}
ALL_FAULTS = """\
The site is not ready for strangers:
DEBUG is on: it shows strangers the site's inside. Unset it.
SECRET_KEY can be guessed. Set it to at least 50 random characters, 20 of them different.
The first of CALENDAR_SECRETS can be guessed. Put one before it of at least 50 random characters, 20 of them different.
SITE_URL is http://agenda.example.org: passwords would travel in the open. Make it https.
TRUSTED_PROXY_COUNT is 0, but https needs a web server in front. Set it to how many of yours are there.
ALLOWED_HOSTS has a wildcard: mails could name a stranger's site. Write each name out.
EMAIL_URL names no mail server: nobody would get their code. See docs/operations.md.
DEFAULT_FROM_EMAIL is agenda@localhost: mail servers refuse that. Set one of your own.
"""


@pytest.fixture
def public(settings):
    """Settings as READY makes them."""
    settings.IS_PUBLIC, settings.HTTPS, settings.DEBUG = True, True, False
    settings.SITE_URL, settings.ALLOWED_HOSTS = READY["SITE_URL"], ["agenda.example.org"]
    settings.SECRET_KEY, settings.CALENDAR_SECRETS = STRONG, [STRONG[::-1]]
    settings.TRUSTED_PROXY_COUNT = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Forum agenda <agenda@example.org>"
    return settings


UNREADABLE = {
    "SITE_URL": [
        *("", "agenda.example.org", "ftp://x.example", "https://x.example/sub", "https://x.example?x", "http://a:b@x"),
        *("http://x.example:port", "http://", "http://[::1", "http://x y"),
    ],
    "SECRET_KEY": [" ", " \t"],
    "DATABASE_URL": ["", "garbage", "mysql://user:hunter2@host/name", "postgres:user@host"],
    "MEDIA_STORAGE": ["bucket", "https://bucket", "s3://", "/srv/media", "s3://Bucket?x", "a.b c"],
    "REDIS_URL": ["garbage", "http://host:6379"],
    "TRUSTED_PROXY_COUNT": ["", "one", "-1", "1.5"],
    "LOG_LEVEL": ["", "loud", "info"],
    "LOG_FORMAT": ["", "JSON", "text"],
    "METRICS_TOKEN": ["short", "a token with blanks in it"],
    "SENTRY_DSN": ["sentry.example.org", "https://sentry.example.org/1"],
    "SIGN_UP": ["", "no", "localhost", "example.org,", "@example.org", "Example.org"],
    "IMPRINT_URL": ["javascript:alert(1)", "example.org/imprint", 'https://example.org/">'],
    "PRIVACY_URL": ["data:text/html,x", "https://example.org/a b"],
    "CONTACT": ["nobody", "a@b@c", "Help <help@example.org>"],
    "HSTS_SECONDS": ["", "a year", "-1", "1" * 10],
}
READABLE = {
    "SITE_URL": ["https://x.example/", "http://[::1]:8001", "http://127.0.0.1:8000", "https://größe.example"],
    "SECRET_KEY": ["", STRONG],
    "DATABASE_URL": ["sqlite://:memory:", "sqlite:////srv/a b/db", "postgres://user@%2Ftmp%2Fx/name"],
    "MEDIA_STORAGE": ["", "s3://talks/a/b", "a.b.C", "a.b.C?x=1&y=2"],
    "REDIS_URL": ["", "redis://host", "rediss://:password@host:6379/1", "unix:///run/redis.sock"],
    "TRUSTED_PROXY_COUNT": ["0", "2"],
    "LOG_LEVEL": ["DEBUG"],
    "LOG_FORMAT": ["line"],
    "METRICS_TOKEN": [""],
    "SENTRY_DSN": [""],
    "SIGN_UP": ["open", "elsewhere", "example.org,sub.example.com"],
    "IMPRINT_URL": ["", "http://example.org/?a=1&b=2"],
    "PRIVACY_URL": [""],
    "CONTACT": ["", "help+agenda@sub.example.org"],
    "HSTS_SECONDS": ["0"],
}


@pytest.mark.parametrize("name", SHAPES)
def test_variable_is_like_what_can_be_read_alone(name):
    shape, example = SHAPES[name]

    assert [value for value in UNREADABLE[name] if re.fullmatch(shape, value)] == []
    assert [value for value in [*READABLE[name], example] if not re.fullmatch(shape, value)] == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"DATABASE_URL": "mysql://user:hunter2@host/name"}, "DATABASE_URL is not like postgres://user:password@host"),
        ({"SITE_URL": "https://agenda.example.org/sub"}, "SITE_URL is not like https://agenda.example.org, and"),
        ({"OIDC_CLIENT_ID": "agenda"}, "OIDC_SERVER_URL is missing"),
        ({"SECRET_KEY": "  "}, "SECRET_KEY is not like a long random text, and"),
    ],
)
def test_variable_that_cannot_be_used_stops_every_command_with_one_sentence(tmp_path, wrong, sentence):
    done = run(["manage.py", "check"], tmp_path, **{"SECRET_KEY": STRONG, **wrong})

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(sentence)
    assert "hunter2" not in done.stderr


def names() -> list[str]:
    return [name for name, _ in faults()]


def run(code: list[str], tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a shell that has these variables and no others of the site."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    command = [sys.executable, *code]
    return subprocess.run(
        command,
        env=kept | {"VAR_DIR": str(tmp_path)} | environment,
        cwd=site_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_site_that_has_everything_starts(public):
    assert names() == []
    assert refuse_to_start() is None


def test_site_on_this_machine_needs_nothing(settings):
    settings.SECRET_KEY, settings.DEBUG = "short", True

    assert (settings.IS_PUBLIC, names()) == (False, [])


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEBUG", True, "DEBUG"),
        ("SECRET_KEY", STRONG[:49], "SECRET_KEY"),
        ("SECRET_KEY", "0123456789abcdefghi" * 3, "SECRET_KEY"),
        ("SECRET_KEY", f"django-insecure-{STRONG}", "SECRET_KEY"),
        ("CALENDAR_SECRETS", ["short", STRONG], "CALENDAR_SECRETS"),
        ("HTTPS", False, "SITE_URL"),
        ("TRUSTED_PROXY_COUNT", 0, "TRUSTED_PROXY_COUNT"),
        ("ALLOWED_HOSTS", ["agenda.example.org", "*"], "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", [".example.org"], "ALLOWED_HOSTS"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "EMAIL_URL"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "EMAIL_URL"),
        ("DEFAULT_FROM_EMAIL", "agenda@localhost", "DEFAULT_FROM_EMAIL"),
        ("DEFAULT_FROM_EMAIL", "Agenda <agenda@localhost>", "DEFAULT_FROM_EMAIL"),
        ("DEFAULT_FROM_EMAIL", "agenda.example.org", "DEFAULT_FROM_EMAIL"),
    ],
)
def test_each_fault_is_found_alone(public, name, value, fault):
    setattr(public, name, value)

    assert names() == [fault]
    with pytest.raises(ImproperlyConfigured, match=dict(faults())[fault]):
        refuse_to_start()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", STRONG[:50]),
        ("SECRET_KEY", "0123456789abcdefghij" * 3),
        ("CALENDAR_SECRETS", [STRONG, "an old one"]),
        ("CALENDAR_SECRETS", [STRONG]),
        ("TRUSTED_PROXY_COUNT", 2),
    ],
)
def test_what_is_just_enough_is_no_fault(public, name, value):
    setattr(public, name, value)

    assert names() == []


def test_check_warns_of_calendars_that_hang_on_the_secret_key(public):
    public.CALENDAR_SECRETS = [STRONG]

    messages = [message for message in run_checks() if message.id.startswith("forum")]

    assert [message.id for message in messages] == ["forum.W001"]


@pytest.mark.parametrize("command", [["manage.py", "check"], ["manage.py", "migrate"]])
def test_every_command_says_what_is_missing(tmp_path, command):
    done = run(command, tmp_path, **READY | {"SITE_URL": "http://agenda.example.org", "EMAIL_URL": ""})

    lines = [line for line in done.stderr.splitlines() if line.startswith("?: (forum")]
    assert done.returncode == 1
    assert lines == [
        "?: (forum.EMAIL_URL) EMAIL_URL names no mail server: nobody would get their code. See docs/operations.md.",
        "?: (forum.SITE_URL) SITE_URL is http://agenda.example.org: passwords would travel in the open. Make it https.",
    ]


def test_server_refuses_to_start_with_a_sentence_for_each_fault(tmp_path):
    weak = {"SITE_URL": "http://agenda.example.org", "SECRET_KEY": "secret", "DEBUG": "1", "ALLOWED_HOSTS": "*"}
    weak["CALENDAR_SECRETS"] = "short"

    done = run(["-c", "import forum.wsgi"], tmp_path, **weak)

    assert done.returncode == 1
    assert done.stderr.partition("ImproperlyConfigured: ")[2] == ALL_FAULTS


def test_server_starts_with_all_that_it_needs(tmp_path):
    (tmp_path / "static").mkdir()

    done = run(["-c", "import forum.wsgi"], tmp_path, **READY)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("site_url", "hosts"),
    [
        ("http://[::1]:8000", "['[::1]', '127.0.0.1', 'localhost'] False"),
        ("http://127.0.0.1:8000", "['127.0.0.1', 'localhost', '[::1]'] False"),
        ("https://agenda.example.org", "['agenda.example.org'] True"),
    ],
)
def test_hosts_follow_the_sites_address(tmp_path, site_url, hosts):
    show = "from forum import settings; print(settings.ALLOWED_HOSTS, settings.IS_PUBLIC)"

    done = run(["-c", show], tmp_path, SITE_URL=site_url, SECRET_KEY=STRONG)

    assert done.stdout.strip() == hosts


@pytest.mark.parametrize(("count", "header"), [("0", "None"), ("1", "('HTTP_X_FORWARDED_PROTO', 'https')")])
def test_word_of_a_proxy_is_taken_only_if_there_is_one(tmp_path, count, header):
    show = "from forum import settings; print(settings.SECURE_PROXY_SSL_HEADER)"

    done = run(["-c", show], tmp_path, **READY | {"TRUSTED_PROXY_COUNT": count})

    assert done.stdout.strip() == header
