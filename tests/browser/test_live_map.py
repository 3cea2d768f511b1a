"""People: the live map changes as pings arrive, and every page passes axe-core."""

import json
import math
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from shared.clock import MINUTE_US, WallClock, from_micros
from tests.browser.conftest import Suite, log_in
from tests.browser.usable import axe
from tests.support.city import place

NUMBER = "61-2026-0815"
LIGHTS = [f"LT-{n:04d}" for n in range(6)]

TRIES = 20


def order(suite: Suite, number: str = NUMBER, street: str = "Rheinallee") -> None:
    """Works on a street, and lights bound to them, through the public doors."""
    now = from_micros(WallClock().now())
    feature = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [place(0), place(120)]},
        "properties": {
            "permit_number": number,
            "measure": "road_closed",
            "street": street,
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


def listed(page: Page, suite: Suite) -> Locator:
    """The live map once the ordered works stand on its list, and there they are."""
    order(suite)
    site = page.get_by_role("list", name="Baustellen").get_by_role("listitem").filter(has_text="Rheinallee").first
    for _ in range(40):
        page.goto(f"{suite.origin}/")
        if site.count():
            return site
        page.wait_for_timeout(300)
    raise AssertionError("the works were not published")


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_by_mouse_one_learns_whether_one_gets_through_and_the_map_stands_still(page: Page, suite: Suite) -> None:
    listed(page, suite)
    expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
    page.wait_for_url("**karte=**")
    before = camera(page)
    lon, lat = place(60)
    detail = page.get_by_role("article")
    for _ in range(TRIES):  # a map is ready before the machine has drawn its symbols
        click_on_map(page, lon, lat)
        page.wait_for_timeout(500)
        if detail.count():
            break
    expect(detail.get_by_role("heading", level=1)).to_contain_text("Rheinallee")
    expect(detail).to_contain_text("Gesperrt für Kfz.")
    expect(detail.get_by_role("heading", name="Komme ich durch?")).to_be_visible()
    expect(detail).to_contain_text("Erstmals veröffentlicht: Angeordnet.")
    assert camera(page) == before
    assert "baustelle=" in page.url
    page.go_back()
    expect(page.get_by_role("link", name="Rheinallee")).to_be_visible()
    page.get_by_label("Wirkung").select_option("path")
    expect(page.get_by_text("Jetzt ist keine Baustelle bekannt, die zu dieser Auswahl passt.")).to_be_visible()
    expect(page.get_by_label("Von")).to_be_hidden()
    page.get_by_label("Zeitraum").check()
    expect(page.get_by_label("Von")).to_be_visible()
    expect(page.get_by_text("Es ist keine Baustelle bekannt, die zu dieser Auswahl passt.")).to_be_visible()


def camera(page: Page) -> tuple[float, ...]:
    """Zoom, latitude and longitude, as the address says."""
    (at,) = parse_qs(urlsplit(page.url).query)["karte"]
    return tuple(map(float, at.split("/")))


def click_on_map(page: Page, lon: float, lat: float) -> None:
    zoom, centre_lat, centre_lon = camera(page)
    box = page.locator("[data-map]").bounding_box()
    assert box is not None
    world_px = 512 * 2**zoom
    (x, y), (centre_x, centre_y) = mercator_px(lon, lat, world_px), mercator_px(centre_lon, centre_lat, world_px)
    page.mouse.click(box["x"] + box["width"] / 2 + x - centre_x, box["y"] + box["height"] / 2 + y - centre_y - 12)


def mercator_px(lon: float, lat: float, world_px: float) -> tuple[float, float]:
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)
    return (lon / 360 + 0.5) * world_px, (0.5 - y) * world_px


def test_by_keyboard_alone_one_gets_as_far_and_the_map_is_one_stop(page: Page, suite: Suite) -> None:
    site = listed(page, suite)
    expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
    stops = tab_to(page, "strasse")
    page.keyboard.type("rheinal")
    expect(page.get_by_role("list", name="Straßen der Stadt")).to_contain_text("Rheinallee")
    page.keyboard.press("Enter")
    tab_to(page, "place")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("article")).to_contain_text("Komme ich durch?")
    page.keyboard.press("Escape")
    expect(site.get_by_role("link")).to_be_focused()
    stops += tab_to(page, "canvas") + tab_to(page, "strasse")
    assert stops.count("canvas") == 1


def tab_to(page: Page, wanted: str) -> list[str]:
    """Press Tab until the focus is at what is ``wanted``; everything that had it on the way."""
    passed: list[str] = []
    name = "e => e.name || e.dataset.slot || e.tagName.toLowerCase()"
    while not passed or passed[-1] != wanted:
        page.keyboard.press("Tab")
        passed.append(page.evaluate(f"({name})(document.activeElement)"))
        assert len(passed) < 60, passed
    return passed


def test_nothing_is_wider_than_the_window_however_small_or_enlarged(page: Page, suite: Suite) -> None:
    own_page = listed(page, suite).get_by_role("link").get_attribute("href") or ""
    found = []
    for width, height in ((1440, 900), (390, 844), (320, 640), (720, 450)):  # the last: 1440 wide at 200 %
        page.set_viewport_size({"width": width, "height": height})
        for path in ("/", own_page, "/?ansicht=liste", "/?embed=1", "/hinweise"):
            page.goto(suite.origin + path)
            found += [(width, path)] if wide(page) else []
    assert found == []


def test_a_cut_stream_is_told_and_an_empty_city_is_no_fault(page: Page, suite: Suite) -> None:
    page.clock.install()
    for _ in range(40):
        answer = page.goto(f"{suite.origin}/")
        if answer is not None and answer.ok:
            break
        page.wait_for_timeout(300)
    expect(page.get_by_text("Jetzt ist keine Baustelle bekannt.")).to_be_visible()
    expect(page.get_by_text("Stand ")).to_be_visible()
    expect(page.get_by_text("können veraltet sein")).to_be_hidden()
    page.route("**/map/*", lambda route: route.abort())
    page.clock.fast_forward("10:00")
    expect(page.get_by_text("können veraltet sein")).to_be_visible()


def test_the_map_goes_from_ordered_to_measured_while_one_looks_on(page: Page, suite: Suite) -> None:
    site = listed(page, suite)
    expect(site).to_contain_text("Angeordnet")
    assert suite.fleet.pings(list(pings())) == 8 * len(LIGHTS)
    expect(site).to_contain_text("Gemessen", timeout=20_000)


def test_the_list_stands_still_while_halted_and_waits_for_the_reader_after(page: Page, suite: Suite) -> None:
    """In place goes what changed; what came waits behind a button, however long the reader reads."""
    site = listed(page, suite)
    items, news = page.locator("[data-items] > li"), page.locator("[data-news]")
    expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
    expect(page.locator("[data-slot=count]")).to_have_text("1 Baustelle")
    halt = page.get_by_role("button", name="Anhalten")
    halt.click()
    expect(halt).to_have_attribute("aria-pressed", "true")
    stand, warning = page.locator("[data-slot=stand]"), page.locator("[data-slot=warning]")
    before = stand.text_content() or ""
    page.clock.set_fixed_time(from_micros(WallClock().now()) + timedelta(minutes=5))
    assert suite.fleet.pings(list(pings())) == 8 * len(LIGHTS)
    for number, street in (("61-2026-0816", "Kaistraße"), ("61-2026-0817", "Wallring")):
        order(suite, number, street)
    published(suite, 3)
    page.wait_for_timeout(2_000)
    expect(site).to_contain_text("Angeordnet")
    expect(news).to_be_hidden()
    expect(warning).to_have_text("Angehalten, die Angaben können veraltet sein.")
    expect(stand).to_have_text(before)
    halt.click()
    expect(site).to_contain_text("Gemessen")
    expect(warning).to_be_hidden()
    expect(stand).not_to_have_text(before)
    expect(items).to_have_count(1)
    expect(news).to_have_text("2 Änderungen anzeigen")
    news.focus()
    page.keyboard.press("Enter")
    expect(items).to_have_count(3)
    expect(news).to_be_hidden()
    expect(items.first.get_by_role("link")).to_be_focused()
    expect(page.locator("[data-slot=count]")).to_have_text("3 Baustellen")


def published(suite: Suite, count: int) -> None:
    """Wait until so many measures are."""
    for _ in range(100):
        works: Any = suite.clerk.get("/feed/v1/roadworks.geojson")
        if len(works["features"]) == count and works["features"][0]["properties"]["on_site"] != "unknown":
            return
        time.sleep(0.2)
    raise AssertionError(works)


@pytest.fixture
def pages(suite: Suite, page: Page) -> dict[str, str]:
    """Every page with something in it, by name."""
    order(suite)
    suite.fleet.pings(list(pings()))
    page.wait_for_timeout(3_000)
    permits: Any = suite.clerk.get("/permits/api/v1/permits")
    case = next(iter(permits["items"]))["id"]
    works: Any = suite.clerk.get("/feed/v1/roadworks.geojson")
    measure = works["features"][0]["id"]
    return {
        "map": "/",
        "sketches": "/?ansicht=liste",
        "measure": f"/baustellen/{measure}",
        "detail": f"/?baustelle={measure}",
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


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_passes_axe(page: Page, suite: Suite, pages: dict[str, str], scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    found = {"login": violations(page, f"{suite.origin}/login")}
    page.get_by_label("Benutzername").fill("amt61")
    page.get_by_label("Passwort").fill("falsch")
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("alert").wait_for()
    found["login refused"] = violations_here(page)
    page.goto(f"{suite.origin}/feed/zeitreise?produkt=roadworks.geojson&zeitpunkt=2999-01-01T00:00")
    page.get_by_role("alert").wait_for()
    found["time travel refused"] = violations_here(page)
    page.goto(f"{suite.origin}/gibt-es-nicht")
    found["not found"] = violations_here(page)
    log_in(page, suite)
    for name, path in pages.items():
        found[name] = violations(page, suite.origin + path)
    assert {name: faults for name, faults in found.items() if faults} == {}


def violations(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, f"{address}: {answer.status}"
    return violations_here(page)


def violations_here(page: Page) -> list[str]:
    """What axe finds once the page has come to rest."""
    page.wait_for_timeout(800)
    return axe(page)


def test_without_a_script_the_list_is_there(browser: Any, suite: Suite) -> None:
    order(suite)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    for _ in range(20):
        plain.goto(f"{suite.origin}/")
        if plain.get_by_text("Rheinallee").count():
            break
        plain.wait_for_timeout(500)
    link = plain.get_by_role("link", name="Rheinallee").first
    expect(link).to_be_visible()
    plain.goto(f"{suite.origin}/?baustelle={(link.get_attribute('href') or '').rsplit('/', 1)[1]}")
    plain.get_by_role("link", name="Zur Baustelle, die dieser Link meint").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Rheinallee")
    context.close()


def test_a_light_says_its_state_when_it_is_clicked_and_shows_its_fixes_to_those_who_care_for_it(
    page: Page, suite: Suite
) -> None:
    listed(page, suite)
    assert suite.fleet.pings(list(pings())) == 8 * len(LIGHTS)
    log_in(page, suite)
    lon, lat = place(6)
    with page.expect_response("**/lights.geojson"):
        page.goto(f"{suite.origin}/?karte=18/{lat}/{lon}")
    expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
    notice = page.locator("[data-slot=notice]")
    with page.expect_response("**/devices/LT-*/fixes") as fixes:
        for _ in range(TRIES):
            box = page.locator("[data-map]").bounding_box()
            assert box is not None
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(500)
            if notice.is_visible():
                break
    assert fixes.value.ok
    expect(notice).to_have_text(re.compile(r"Warnleuchte LT-000[0-2]: leuchtet, gemessen um \d\d:\d\d Uhr"))
