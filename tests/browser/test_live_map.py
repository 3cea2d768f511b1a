"""People: the live map changes as pings arrive, and every page passes axe-core."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.suite.frontend import FOLDER
from shared.clock import MINUTE_US, WallClock, from_micros
from tests.browser.conftest import Suite, log_in
from tests.support.city import place

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
NUMBER = "61-2026-0815"
LIGHTS = [f"LT-{n:04d}" for n in range(6)]


def order(suite: Suite) -> None:
    """Works on a street, and lights bound to them, through the public doors."""
    now = from_micros(WallClock().now())
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [place(0), place(120)]},
        "properties": {
            "permit_number": NUMBER,
            "measure": "road_closed",
            "street": "Rheinallee",
            "direction": "both",
            "start": (now - timedelta(hours=1)).isoformat(),
            "end": (now + timedelta(days=3)).isoformat(),
        },
    }
    collection = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    suite.clerk.post("/permits/api/v1/imports?format=geojson", collection, "application/geo+json")
    lines = [f"{device},warning_light,,,600,{NUMBER}" for device in LIGHTS]
    header = "device_id,kind,vendor,profile,expected_interval_s,permit_number"
    suite.fleet.post("/beacons/api/v1/devices", "\n".join([header, *lines]).encode(), "text/csv")


def pings() -> Iterator[bytes]:
    """What a gateway kept of the last minutes: six lights that stand at both ends."""
    now = WallClock().now()
    for minute in range(8, 0, -1):
        moment = from_micros(now - minute * MINUTE_US).isoformat()
        for n, device in enumerate(LIGHTS):
            lon, lat = place(6 if n < 3 else 114, (n % 3) * 1.5)
            said = {"device_id": device, "event_time": moment, "fix_time": moment, "lon": lon, "lat": lat}
            yield json.dumps(said | {"accuracy_m": 3.0, "fix": "ok", "lamp": "on"}).encode()


def test_the_map_goes_from_ordered_to_measured_while_one_looks_on(page: Page, suite: Suite) -> None:
    order(suite)
    page.goto(f"{suite.origin}/")
    site = page.get_by_role("listitem").filter(has_text="Rheinallee").first
    for _ in range(20):
        if site.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(site).to_contain_text("Angeordnet")
    assert suite.fleet.pings(list(pings())) == 8 * len(LIGHTS)
    expect(site).to_contain_text("Gemessen", timeout=20_000)


@pytest.fixture
def pages(suite: Suite, page: Page) -> dict[str, str]:
    """Every page with something in it, by name."""
    order(suite)
    suite.fleet.pings(list(pings()))
    page.wait_for_timeout(3_000)
    permits: Any = suite.clerk.get("/permits/api/v1/permits")
    case = next(iter(permits["items"]))["id"]
    return {
        "map": "/",
        "feed": "/feed/",
        "notes": "/hinweise",
        "queue": "/permits/",
        "case": f"/permits/{case}",
        "form": "/permits/neu",
        "permits api": "/permits/api",
        "fleet": "/beacons/",
        "light": f"/beacons/lichter/{LIGHTS[0]}",
        "alarms": "/beacons/alarme",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_passes_axe(page: Page, suite: Suite, pages: dict[str, str], scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    found = {"login": violations(page, f"{suite.origin}/login")}
    log_in(page, suite)
    for name, path in pages.items():
        found[name] = violations(page, suite.origin + path)
    assert {name: faults for name, faults in found.items() if faults} == {}


def violations(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, f"{address}: {answer.status}"
    page.wait_for_timeout(800)
    page.evaluate(Path(AXE).read_text())
    result: Any = page.evaluate("axe.run(document)")
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:160]}" for fault in result["violations"]]


def test_without_a_script_the_list_is_there(browser: Any, suite: Suite) -> None:
    order(suite)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    for _ in range(20):
        plain.goto(f"{suite.origin}/")
        if plain.get_by_text("Rheinallee").count():
            break
        plain.wait_for_timeout(500)
    expect(plain.get_by_text("Rheinallee").first).to_be_visible()
    context.close()
