"""The desk's pages are usable for all: axe-core in both themes, every width, and where something went wrong."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import Desk, Suite, enter
from tests.browser.test_live_map import violations, violations_here

WIDTHS = {"phone": (390, 844), "narrow": (320, 640), "zoom 200 %": (720, 450)}


@pytest.fixture
def checker(browser: Browser, suite: Suite) -> Iterator[Desk]:
    """A clerk whose browser lets axe-core lay its styles into the page, which ours forbid."""
    context = browser.new_context(bypass_csp=True, locale="de-DE")
    page = context.new_page()
    enter(page, suite)
    yield Desk(suite, page)
    context.close()


def too_wide(page: Page) -> int:
    """Pixels beyond the window, once the page has come to rest."""
    wider = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
    for _ in range(20):
        page.wait_for_timeout(100)
        if not page.evaluate(wider):
            break
    return int(page.evaluate(wider))


@pytest.mark.long
def test_every_page_is_usable_for_all_and_at_every_width(checker: Desk) -> None:
    case = checker.case("61-5")
    checker.post(f"{case.removeprefix('/permits')}/approve", {})
    page, found = checker.page, dict[str, Any]()
    pages = ["/permits/", "/permits/?dichte=kompakt&status=open", case, "/permits/neu", f"{case}/aendern"]
    for path in pages:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": 1440, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found[f"{path} {scheme}"] = violations(page, checker.suite.origin + path)
        for name, (width, height) in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            found[f"{path} {name}"] = too_wide(page)
    assert {name: fault for name, fault in found.items() if fault} == {}


def map_is_there(page: Page) -> None:
    """A page that is left while it loads the map would leave the server's file open."""
    expect(page.locator("[data-basemap]:not([data-map-state])")).to_have_count(0)


def faults(page: Page) -> list[str]:
    """What axe finds in both themes on the page as it stands, and the widths at which it is wider than its window."""
    map_is_there(page)
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += violations_here(page)
    for name, (width, height) in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{name}: wider than the window"] if too_wide(page) else []
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


@pytest.mark.long
def test_pages_that_say_what_is_wrong_are_usable_for_all(checker: Desk) -> None:
    """Errors of the form and of a command, and the page for the later one of two people."""
    page, found = checker.page, dict[str, list[str]]()
    checker.open("/permits/neu")
    map_is_there(page)
    checker.field("measures-0-street").fill("Rheinalee")
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(page.get_by_role("alert")).to_contain_text("Meinten Sie Rheinallee")
    found["form"] = faults(page)

    case = checker.case("61-6")
    api = case.removeprefix("/permits")
    checker.post(f"{api}/approve", {})
    checker.open(case)
    map_is_there(page)
    page.locator("#extend-command > summary").click()
    page.locator("#extend-command").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("Bitte geben Sie das neue Ende an.")
    found["command"] = faults(page)

    checker.open(f"{case}/aendern")
    map_is_there(page)
    checker.field("title").fill("Fernwärme, zweiter Abschnitt")
    checker.post(f"{api}/extend", {"end": "2030-03-15T17:00:00+01:00"})
    page.get_by_role("button", name="Änderung anordnen").click()
    expect(page.get_by_role("heading", name="Der Vorgang wurde inzwischen geändert")).to_be_visible()
    found["conflict"] = faults(page)
    assert {name: said for name, said in found.items() if said} == {}
