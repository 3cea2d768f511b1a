"""What subscribers see: products with samples, the three API documents, keys."""

from playwright.sync_api import Page

from tests.browser.screens.state import State


def samples(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")


def future(page: Page) -> None:
    page.goto("/feed/zeitreise?produkt=roadworks.geojson&zeitpunkt=2999-01-01T00:00#zeitreise")


STATES: list[State] = [
    State("products", "/feed/"),
    State("samples", "/feed/", prepare=samples),
    State("time-travel-fault", "/feed/", prepare=future),
    State("api", "/feed/api"),
    State("api-permits", "/permits/api"),
    State("api-beacons", "/beacons/api"),
    State("products-behind", "/feed/", fault="worker"),
    State("database-away", "/feed/", fault="database"),
]
