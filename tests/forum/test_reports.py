"""What Sentry is told of an error: enough to find it in the code, and nothing that a person typed."""

from __future__ import annotations

import json

import pytest
import sentry_sdk
from django.test import Client
from sentry_sdk.transport import Transport

from forum import reports
from tests.accounts.steps import be_logged_in

SECRET = "abcdefghijkmnopqrstuvwxyz23456789ABCDEFG"


class Kept(Transport):
    """Keeps what would be sent."""

    sent: list[str] = []

    def capture_envelope(self, envelope) -> None:
        self.sent += [item.payload.get_bytes().decode() for item in envelope.items]


@pytest.fixture
def sent(settings):
    Kept.sent.clear()
    settings.SENTRY_DSN = "https://key@sentry.example.org/1"
    reports.begin(transport=Kept)
    yield Kept.sent
    sentry_sdk.get_client().close()
    sentry_sdk.init(default_integrations=False)


def test_report_says_where_and_nothing_of_the_person(alice, kvm_forum, sent, monkeypatch):
    def fail(*args, **kwargs):
        secret = SECRET
        raise RuntimeError(f"alice@example.org asked for /calendar/{secret}.ics")

    monkeypatch.setattr("agenda.context_processors.last_visited", fail)
    client = Client(raise_request_exception=False)
    be_logged_in(client, alice)

    assert client.get(f"/events/?q={SECRET}", headers={"cookie": f"x={SECRET}"}).status_code == 500

    said = "".join(sent)
    report = json.loads(next(each for each in sent if "RuntimeError" in each))
    frames = report["exception"]["values"][-1]["stacktrace"]["frames"]
    assert (report["transaction"], frames[-1]["function"]) == ("/events/", "fail")
    for word in (SECRET, "alice", "secret", "cookie"):
        assert word not in said, word


def test_nothing_is_reported_without_an_address(settings, monkeypatch):
    settings.SENTRY_DSN = ""
    monkeypatch.setattr(sentry_sdk, "init", None)

    assert reports.begin() is None
