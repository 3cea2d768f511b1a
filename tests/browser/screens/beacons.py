"""The states of the fleet's pages; account ``bauhof`` cares for the lights, ``firma`` sets them up."""

from playwright.sync_api import Page

from tests.browser.screens.state import State

FLEET, CLERK, FIRM = "bauhof", "sachbearbeitung", "firma"


def _first_light(page: Page) -> None:
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    page.wait_for_load_state()


def _set_up_first(page: Page) -> None:
    device = page.locator("tr[data-id]").first.get_attribute("data-id")
    page.goto(page.url.split("/beacons/")[0] + f"/beacons/setup/{device}")


def _chosen(page: Page) -> None:
    page.locator('[data-map-state="ready"]').wait_for()
    page.locator("tr[data-id] td").first.click()
    page.wait_for_timeout(1_500)


def _legend(page: Page) -> None:
    page.locator(".fleet__legend summary").click()


def _note(page: Page) -> None:
    page.locator("tbody details summary").first.click()


def _empty_note(page: Page) -> None:
    _note(page)
    page.get_by_role("button", name="Alarm bestätigen").first.click()
    page.wait_for_load_state()


def _raw(page: Page) -> None:
    _first_light(page)
    page.locator("#meldungen ~ details summary").click()


def _no_map(page: Page) -> None:
    page.route("**/maplibre-worker*", lambda route: route.abort())
    page.route("**/city-map*", lambda route: route.abort())
    page.reload()
    page.wait_for_timeout(1_500)


STATES: list[State] = [
    State("fleet", "/beacons/", FLEET),
    State("fleet-chosen", "/beacons/", FLEET, _chosen),
    State("fleet-legend", "/beacons/?sortierung=stoerung", CLERK, _legend),
    State("fleet-troubles", "/beacons/?zustand=stoerung", FLEET),
    State("fleet-second-page", "/beacons/?seite=2", FLEET),
    State("fleet-nothing-found", "/beacons/?suche=gibtsnicht", FLEET),
    State("fleet-without-map", "/beacons/", FLEET, _no_map),
    State("light", "/beacons/", FLEET, _first_light),
    State("light-raw", "/beacons/", FLEET, _raw),
    State("light-unknown", "/beacons/lichter/GIBT-ES-NICHT", FLEET),
    State("alarms", "/beacons/alarme", FLEET),
    State("alarms-note", "/beacons/alarme", FLEET, _note),
    State("alarms-empty-note", "/beacons/alarme", FLEET, _empty_note),
    State("alarms-all", "/beacons/alarme?zeigen=alle", CLERK),
    State("alarms-none", "/beacons/alarme?suche=gibtsnicht", FLEET),
    State("setup", "/beacons/setup", FIRM),
    State("setup-several", "/beacons/setup?kennung=LT-00", FLEET),
    State("setup-unknown", "/beacons/setup?kennung=gibtsnicht", FIRM),
    State("setup-light", "/beacons/", FLEET, _set_up_first),
    State("codes", "/beacons/codes", FLEET),
    State("fleet-behind", "/beacons/", FLEET, fault="worker"),
    State("alarms-behind", "/beacons/alarme", FLEET, fault="worker"),
    State("database-away", "/beacons/", FLEET, fault="database"),
]
