"""What goes wrong in a browser though the page may look right: errors, blocked and failed requests, other hosts."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


class Trouble:
    """Notes of all pages of a test. What a test brings about on purpose it says beforehand, by foresee()."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.notes: list[str] = []
        self.foreseen: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)  # where a breach of the Content-Security-Policy is told, too
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def foresee(self, *patterns: str) -> None:
        """Regular expressions, each to be found in at least one note."""
        self.foreseen += patterns

    def unforeseen(self) -> list[str]:
        return [note for note in self.notes if not any(re.search(pattern, note) for pattern in self.foreseen)]

    def missing(self) -> list[str]:
        return [pattern for pattern in self.foreseen if not any(re.search(pattern, note) for note in self.notes)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.notes.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _error(self, error: WebError) -> None:
        self.notes.append(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.notes.append(f"other host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # given up by the page itself, as when the next one is opened
            self.notes.append(f"failed: {request.method} {request.url} {request.failure}")
