"""Whether a page is usable for all: axe-core in both themes, every width, and controls that nothing hides."""

from collections.abc import Iterable
from typing import Any, Literal

from playwright.sync_api import Page

from services.suite.frontend import FOLDER
from tests.browser.conftest import Suite

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
OUT_OF_REACH = """[...document.querySelectorAll("main :is(a, button, input, select, summary)")].filter((it) => {
  it.scrollIntoView({ behavior: "instant", block: "center" });
  const [box] = it.getClientRects();
  if (!box || box.width < 2 || !it.checkVisibility({ visibilityProperty: true })) return false;
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !it.contains(hit) && hit?.closest("label")?.control !== it;
}).map((it) => it.outerHTML.slice(0, 160))"""


def faults(page: Page, suite: Suite, paths: Iterable[str]) -> dict[str, list[str]]:
    """By page, what ``faults_here`` finds."""
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(suite.origin + path)
        said = faults_here(page)
        found |= {path: said} if said else {}
    return found


def faults_here(page: Page) -> list[str]:
    """With all open: what axe finds in both themes; where the page is wider than its window, or hides what works it."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    said = violations(page)
    for width, height in ((390, 844), (320, 640), (720, 450), (1440, 900)):  # the third: the last at 200 %
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            said.append(f"wider than {width}")
        said += [f"out of reach at {width}: {it}" for it in page.evaluate(OUT_OF_REACH)]
    return said


def violations(page: Page) -> list[str]:
    """What axe finds in both themes on the page as it stands."""
    said: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        said += [f"{scheme}: {it}" for it in axe(page)]
    return said


def axe(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(AXE.read_text())
    result: Any = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{it['id']}: {it['nodes'][0]['html'][:160]}" for it in result["violations"]]
