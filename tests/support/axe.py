"""axe-core in a page that Chromium has open: `assert violations(page) == []`."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.support.machine import AXE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async (tags) => {
  const only = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
  const {violations} = await axe.run(document, only);
  return violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => [n.html, n.failureSummary])}));
}"""


@cache
def _source() -> str:
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """One sentence for each element that breaks a rule; empty for a good page.

    The script is put in by the debugger's protocol, so the page's content policy holds as it is.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(_RUN, TAGS)
    return [
        f"{rule['id']} ({rule['help']}): {html[:160]}: {' '.join((summary or '').split())[:240]}"
        for rule in found
        for html, summary in rule["nodes"]
    ]
