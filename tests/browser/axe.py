"""What axe finds wrong with a page that is open."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Style sheets would be fetched for one rule alone, which axe itself leaves out.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
# All that a dark page can do wrong where the same page in light is right.
COLOURS = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}

# axe reads the colours of each element anew, which is half of a look. A page has few colours.
READ_ONCE = """(() => {
  const { Color } = axe.commons.color, known = new Map(), read = Color.prototype.parseString;
  Color.prototype.parseString = function (text) {
    if (!known.has(text)) known.set(text, read.call(new Color(), text));
    const { r, g, b, alpha } = known.get(text);
    return Object.assign(this, { r, g, b, alpha });
  };
})()"""
SCRIPT = f"{Axe().axe_script};\n{READ_ONCE}"
RUN = "options => axe.run(document, options).then(result => result.violations)"


def violations(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """The rule and the beginning of the element, for each that breaks one."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate(RUN, options)
    return [f"{broken['id']}: {node['html'][:200]}" for broken in found for node in broken["nodes"]]
