"""What operators see, by day and in a terrible night."""

from playwright.sync_api import Page

from tests.browser.screens.state import State

OPS = "leitstelle"


def opened(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")


STATES: list[State] = [
    State("overview", "/ops/", OPS),
    State("overview-open", "/ops/", OPS, opened),
    State("parked", "/ops/geparkt", OPS),
    State("settled", "/ops/geparkt/navfeed/publisher/site:unknown", OPS),
    State("log", "/ops/log/leitbake.devices.v1", OPS, opened),
    State("log-pings", "/ops/log/leitbake.pings.v1", OPS),
    State("store", "/ops/log/permits", OPS),
    State("door", "/ops/tuer/unknown%20device", OPS, opened),
    State("quarantine", "/ops/quarantaene/beacons/lights/inaccurate", OPS),
    State("overview-behind", "/ops/", OPS, fault="worker"),
    State("database-away", "/ops/", OPS, fault="database"),
]
