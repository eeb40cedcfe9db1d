"""Errors of ours, reported to Sentry if SENTRY_DSN is set: where in the code they happened, nothing of the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "transaction", "release", "sdk", "exception")
OF_A_FRAME = ("filename", "function", "lineno", "module", "in_app")


def begin(**more: Any) -> None:
    """Starts to report, if there is anywhere to report to. `more` is for tests."""
    if settings.SENTRY_DSN:
        import sentry_sdk  # noqa: PLC0415 (it takes half a second)
        from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415

        sentry_sdk.init(
            settings.SENTRY_DSN,
            # The others would, among more, add headers to what is fetched from elsewhere.
            default_integrations=False,
            integrations=[DjangoIntegration()],
            before_send=discreet,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            **more,
        )


def discreet(event: Event, hint: Hint | None = None) -> Event:
    """The report without request, user, variables and texts: the text of an error may hold an address or a key."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in KEPT}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = ""
        frames = error.get("stacktrace", {}).get("frames", [])
        error["stacktrace"] = {"frames": [{name: frame.get(name) for name in OF_A_FRAME} for frame in frames]}
    return kept  # type: ignore[return-value]
