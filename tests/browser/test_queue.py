"""The works queue by mouse: own districts first, filters that are kept under a name, a density that stays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from shared.clock import WallClock
from shared.db.pool import Database
from shared.web.accounts import Accounts
from tests.browser.desk import PASSWORD, Desk, Suite, enter
from tests.support import crowd

CASES = 120


@pytest.fixture
def desk(page: Page, suite: Suite) -> Iterator[Desk]:
    """Of a clerk for one Ortsteil, in a city of ``CASES`` cases."""
    crowd.fill(suite.clerk, CASES)
    web = Database(suite.services.permits.database.url, "web")
    scope = f"district:{crowd.DISTRICTS[0]}"
    Accounts(web, WallClock(), session_hours=1).create("altstadt", PASSWORD, "clerk", "Jan Beispiel", [scope])
    enter(page, suite, "altstadt")
    entered = Desk(suite, page)
    entered.open("/permits/")
    yield entered
    web.close()


def test_the_queue_begins_with_ones_own_and_keeps_what_one_looks_at_often(desk: Desk) -> None:
    page, count = desk.page, desk.page.locator("#queue-count")
    expect(count).to_have_text("11 Vorgänge, was drängt zuerst; der Grund ist hervorgehoben")
    page.get_by_label("Ortsteil").select_option("alle")
    page.get_by_role("button", name="Anzeigen").click()
    expect(count).to_have_text("120 Vorgänge, was drängt zuerst; der Grund ist hervorgehoben")
    page.get_by_role("link", name="Nächste Seite").click()
    expect(page.get_by_text("Seite 2 von 3")).to_be_visible()
    page.get_by_label("Aktenzeichen, Straße, Bezeichnung").fill("binger")
    page.get_by_role("button", name="Anzeigen").click()
    expect(page.locator("tbody tr")).to_have_count(7)
    page.get_by_role("link", name="Kompakte Ansicht").click()
    page.get_by_text("Ansicht speichern", exact=True).click()
    page.get_by_label("Name der Ansicht").fill("Binger Straße")
    page.get_by_role("button", name="Speichern").click()
    desk.open("/permits/")
    expect(count).to_have_text("11 Vorgänge, was drängt zuerst; der Grund ist hervorgehoben")
    page.get_by_role("link", name="Binger Straße", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(7)
    expect(page.locator(".queue__table--compact")).to_be_visible()
    page.get_by_text("Ansicht speichern", exact=True).click()
    page.get_by_role("button", name="„Binger Straße“ entfernen").click()
    expect(page.get_by_role("link", name="Binger Straße", exact=True)).to_have_count(0)


def test_j_and_k_move_in_the_table_and_nowhere_else(desk: Desk) -> None:
    page, press = desk.page, desk.page.keyboard.press
    rows = page.locator("tbody a")
    page.get_by_label("Aktenzeichen, Straße, Bezeichnung").focus()
    press("j")
    expect(page.locator("#q")).to_have_value("j")
    desk.tab_to(page.get_by_role("region", name="Vorgänge, was drängt zuerst"))
    for key, row in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        press(key)
        expect(rows.nth(row)).to_be_focused()
    wanted = rows.nth(0).get_attribute("href")
    press("Enter")
    page.wait_for_url(f"**{wanted}")
