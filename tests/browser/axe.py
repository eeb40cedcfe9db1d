"""What axe finds wrong with a page that is open."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Style sheets would be fetched for one rule alone, which axe itself leaves out.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
# All that a dark page can do wrong where the same page in light is right.
COLOURS = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}

# axe keeps the fields of its thousands of colours in weak maps; as properties they take a fifth less of a look.
AS_PROPERTIES = """
class Properties {
  key = Symbol();
  has(object) { return this.key in object; }
  get(object) { return object[this.key]; }
  set(object, value) { object[this.key] = value; return this; }
  add(object) { return this.set(object, true); }
  delete(object) { return this.has(object) && delete object[this.key]; }
}
"""
SCRIPT = f"(() => {{ {AS_PROPERTIES} const WeakMap = Properties, WeakSet = Properties;\n{Axe().axe_script}\n}})()"
RUN = "options => axe.run(document, options).then(result => result.violations)"


def violations(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """The rule and the beginning of the element, for each that breaks one."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    found = page.evaluate(RUN, options)
    return [f"{broken['id']}: {node['html'][:200]}" for broken in found for node in broken["nodes"]]
