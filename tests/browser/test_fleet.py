"""The fleet's people: find a light by mouse and by keyboard, acknowledge an alarm, set a light up on the street."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.clock import MINUTE_US, WallClock, from_micros
from tests.browser.conftest import PASSWORD, Suite
from tests.browser.usable import faults, faults_here
from tests.support.city import place

NUMBER = "61-2026-0815"
STANDING = "LT-0007"
LIGHTS = 60


def order(suite: Suite) -> None:
    """Works on a street, a fleet of sixty, and one light that stands there, fell over and once jumped away."""
    now = WallClock().now()
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [place(0), place(120)]},
        "properties": {
            "permit_number": NUMBER,
            "measure": "road_closed",
            "street": "Rheinallee",
            "start": (from_micros(now) - timedelta(hours=1)).isoformat(),
            "end": (from_micros(now) + timedelta(days=3)).isoformat(),
        },
    }
    collection = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    suite.clerk.post("/permits/api/v1/imports?format=geojson", collection, "application/geo+json")
    lines = ["device_id,kind,vendor"] + [f"LT-{n:04d},warning_light,Nissen" for n in range(LIGHTS)]
    suite.fleet.post("/beacons/api/v1/devices", "\n".join(lines).encode(), "text/csv")
    suite.fleet.pings(list(pings(now)))


def pings(now: int) -> Iterator[bytes]:
    for minute in range(24, -1, -3):
        lon, lat = place(80 if minute == 9 else 10 + minute % 2)
        moment = from_micros(now - minute * MINUTE_US).isoformat()
        said = {"device_id": STANDING, "event_time": moment, "fix_time": moment, "lon": lon, "lat": lat}
        yield json.dumps(said | {"accuracy_m": 3.0, "lamp": "on", "battery_pct": 80, "fallen": minute < 3}).encode()


@pytest.fixture
def fleet(page: Page, suite: Suite) -> Page:
    """Logged in, everything decided."""
    order(suite)
    without_map(page)
    page.goto(f"{suite.origin}/beacons/alarme")
    page.get_by_label("Benutzername").fill("amt61")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    for _ in range(40):
        if page.locator("tbody tr").count():
            return page
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError("no alarm came")


def without_map(page: Page) -> None:
    """A page that is left while it loads the map would leave the server's file open."""
    page.route("**/city-map*", lambda route: route.abort())


def test_a_light_is_found_by_mouse_on_the_map_and_in_the_table(fleet: Page, suite: Suite) -> None:
    fleet.goto(f"{suite.origin}/beacons/")
    expect(fleet.get_by_text(f"1–50 von {LIGHTS} Geräten")).to_be_visible()
    fleet.get_by_role("link", name="Nächste").click()
    expect(fleet.locator("tr[data-id]")).to_have_count(LIGHTS - 50)
    fleet.unroute("**/city-map*")
    fleet.get_by_label("Zustand").select_option("stoerung")
    fleet.get_by_role("button", name="Suchen").click()
    rows = fleet.locator("tr[data-id]")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("umgefallen")
    expect(rows).to_contain_text("1 offen")
    expect(fleet.locator('[data-map-state="ready"]')).to_be_visible(timeout=20_000)
    chosen = fleet.locator("[data-chosen-light]")
    expect(chosen).to_contain_text(f"{STANDING}, umgefallen")
    with fleet.expect_response(re.compile("/fixes$")):
        fleet.locator("[data-map] canvas").click(position={"x": 5, "y": 400})
        expect(chosen).to_be_hidden()
        rows.locator("td").first.click()
    fleet.wait_for_load_state("networkidle")
    chosen.get_by_role("link", name="Seite der Leuchte").click()
    expect(fleet.get_by_role("heading", level=1)).to_have_text(f"Warnleuchte {STANDING}")


def test_lights_are_found_by_the_street_of_their_order(fleet: Page, suite: Suite) -> None:
    bound = f"device_id,kind,vendor,permit_number\nLT-0001,warning_light,Nissen,{NUMBER}"
    suite.fleet.post("/beacons/api/v1/devices", bound.encode(), "text/csv")
    fleet.goto(f"{suite.origin}/beacons/")
    fleet.get_by_label("Vorgang, Straße oder Arbeitsstelle").fill("rheinall")
    fleet.get_by_role("button", name="Suchen").click()
    found = fleet.locator("tr[data-id]")
    for _ in range(40):
        if found.count():
            break
        fleet.wait_for_timeout(250)  # until the view knows it
        fleet.reload()
    expect(found).to_have_count(1)
    fleet.context.clear_cookies()
    expect(fleet.locator("[data-late]")).to_contain_text("Ihre Sitzung ist abgelaufen", timeout=30_000)


def test_a_light_is_found_by_keyboard_alone(fleet: Page, suite: Suite) -> None:
    fleet.goto(f"{suite.origin}/beacons/")
    for _ in range(30):
        fleet.keyboard.press("Tab")
        if fleet.evaluate("document.activeElement.name") == "suche":
            break
    fleet.keyboard.type("lt-0007")
    fleet.keyboard.press("Enter")
    expect(fleet).to_have_url(f"{suite.origin}/beacons/lichter/{STANDING}")
    expect(fleet.get_by_role("img", name=re.compile("Maßstäbliche Lage"))).to_be_visible()
    far = fleet.get_by_role("region", name="Tabelle der Positionen").get_by_text(re.compile("Ausreißer: [67]"))
    expect(far).to_be_visible()
    expect(fleet.get_by_text("Durch Nähe dem Vorgang")).to_be_visible()


def test_an_alarm_is_acknowledged_with_a_note_and_a_note_is_needed(fleet: Page, suite: Suite) -> None:
    fleet.locator("tbody summary").first.click()
    button = fleet.get_by_role("button", name="Alarm bestätigen")
    button.click()
    expect(fleet.get_by_text("Bitte schreiben Sie, was veranlasst wurde.")).to_be_visible()
    fleet.get_by_label("Was ist veranlasst?").fill("Kolonne 3 stellt sie auf")
    button.click()
    row = fleet.locator("tbody tr").first
    expect(row).to_contain_text("bestätigt heute")
    expect(row).to_contain_text("Sachbearbeitung")
    expect(row).to_contain_text("„Kolonne 3 stellt sie auf“")
    fleet.goto(f"{suite.origin}/beacons/lichter/{STANDING}")
    expect(fleet.get_by_text("Kolonne 3 stellt sie auf")).to_be_visible()


def test_a_light_is_set_up_on_a_phone_without_any_script(browser: Browser, fleet: Page, suite: Suite) -> None:
    cookies: Any = fleet.context.cookies()
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    context.add_cookies(cookies)
    phone = context.new_page()
    phone.goto(f"{suite.origin}/beacons/setup")
    phone.get_by_label("Kennung der Leuchte").fill(STANDING)
    phone.get_by_role("button", name="Weiter").click()
    expect(phone.get_by_text("Ja: Lampe leuchtet")).to_be_visible()
    bind = phone.get_by_role("button", name=f"{NUMBER} zuordnen")
    box = bind.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    bind.click()
    expect(phone.get_by_role("button", name=f"Zuordnung zu {NUMBER} lösen")).to_be_visible()
    expect(phone.get_by_text("sich die Lampe noch nicht gemeldet")).to_be_visible()
    suite.fleet.pings(list(pings(WallClock().now()))[-1:])
    for _ in range(20):
        phone.get_by_role("link", name="Noch einmal prüfen").click()
        if phone.get_by_text("Ja: Lampe leuchtet").count():
            break
        phone.wait_for_timeout(250)
    expect(phone.get_by_text("Ja: Lampe leuchtet")).to_be_visible()
    phone.get_by_role("button", name=f"Zuordnung zu {NUMBER} lösen").click()
    expect(phone.get_by_role("button", name=f"{NUMBER} zuordnen")).to_be_visible()
    context.close()


def test_the_phones_place_is_a_hint(fleet: Page, suite: Suite) -> None:
    lon, lat = place(10, 400)
    fleet.context.grant_permissions(["geolocation"])
    fleet.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    fleet.goto(f"{suite.origin}/beacons/setup/{STANDING}")
    fleet.get_by_role("button", name="Mit meinem Standort vergleichen").click()
    expect(fleet.get_by_role("main").get_by_role("status")).to_contain_text(
        re.compile(r"etwa (39|40)\d m von Ihrem Telefon")
    )
    fleet.goto(f"{suite.origin}/beacons/setup/LT-0001")
    fleet.get_by_role("button", name="Vorgänge in meiner Nähe zeigen").click()
    expect(fleet.get_by_text("Vorgänge in der Nähe Ihres Telefons")).to_be_visible()
    expect(fleet.get_by_text(re.compile(f"{NUMBER} · (39|40)"))).to_be_visible()


@pytest.mark.long
def test_every_page_of_the_fleet_passes_axe_and_fits_every_width(fleet: Page, suite: Suite) -> None:
    alarm = fleet.locator("tbody th a").first.get_attribute("href") or ""
    paths = [
        "",
        "?suche=nichts",
        f"lichter/{STANDING}",
        "lichter/LT-0001",
        "alarme",
        "setup",
        f"setup/{STANDING}",
        "codes",
    ]
    found = faults(fleet, suite, [*(f"/beacons/{path}" for path in paths), alarm])
    fleet.goto(f"{suite.origin}/beacons/alarme")
    fleet.locator("tbody summary").first.click()
    fleet.get_by_role("button", name="Alarm bestätigen").click()
    fleet.get_by_text("Bitte schreiben Sie, was veranlasst wurde.").wait_for()
    assert faults_here(fleet) == []
    assert found == {}
