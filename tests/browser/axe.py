"""What axe finds wrong with a page that is open."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
# All that a dark page can do wrong where the same page in light is right.
COLOURS = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}

SCRIPT = Axe().axe_script
RUN = "options => axe.run(document, options).then(result => result.violations)"


def violations(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """The rule and the beginning of the element, for each that breaks one."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate(RUN, options)
    return [f"{broken['id']}: {node['html'][:200]}" for broken in found for node in broken["nodes"]]
