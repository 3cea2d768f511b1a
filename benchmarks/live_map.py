"""How the live map bears 1,000 sites and 3,000 lights: first view in bytes and seconds, frames while panning.

``python -m benchmarks.live_map [--sites N] [--lights N] [--seconds S]``. A whole suite runs in this process, in front
of it a headless Chromium that draws without a graphics card, so a phone's frames are rather more than fewer.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.suite.city import generate
from services.suite.database import migrate_all
from services.suite.roads import import_roads
from shared.clock import WallClock, from_micros
from shared.contracts.base import LonLat
from shared.db.embedded import embedded_postgres
from shared.geo.citymap import DRIVABLE, Way
from shared.web.logs import configure_logging
from tests.browser.conftest import CHROMIUM, FLAGS, Suite, running

ZOOMS = (12.5, 14.5, 16)
KINDS = ("road_closed", "alternating", "narrowed", "footway_closed", "lanes_closed")
BUDGET_KB, BUDGET_S = 400, 2.0
WAIT_S = 600
DRAWN_S = 60
QUIET_S, VIEWS = 15, 5
FIXES = 5  # a light that told less has no place yet
# The page itself looks at the clock: playwright's expect reads the whole page aloud at each try, for seconds.
NOTE_TIMES = """
window.times = {};
new MutationObserver(() => {
  const seen = (selector) => document.querySelector(selector) !== null;
  if (seen("[data-more]:not([hidden])")) times.answers ??= performance.now();
  if (times.answers && seen("[data-map-buttons]:not([hidden])")) times.moves ??= performance.now();
  if (seen(".live[data-map-state=ready]")) times.drawn ??= performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
COUNT_FRAMES = """() => {
  window.frames_ = [];
  const on = (at) => { window.frames_.push(at); requestAnimationFrame(on) };
  requestAnimationFrame(on);
}"""


class Seen(NamedTuple):
    """``kilobytes`` as they came over the wire without the base map; seconds from the begin of the navigation.

    ``answers_s``: search, filters and list have all measures. ``moves_s``: the map follows the pointer, too.
    ``drawn_s``: all that is in view is on the map.
    """

    kilobytes: float
    largest: list[tuple[float, str]]
    answers_s: float
    moves_s: float
    drawn_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=1_000)
    parser.add_argument("--lights", type=int, default=3_000)
    parser.add_argument("--seconds", type=float, default=5)
    wanted = parser.parse_args()
    configure_logging("WARNING")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    city = generate(7)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(embedded_postgres(folder / "postgres"))
        migrate_all(url)
        import_roads(city, folder)
        suite = stack.enter_context(running(url, folder))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        ways = [way for way in city.ways if way.name and way.highway in DRIVABLE]
        centre = ways[0].coordinates[0]
        bare = [frames(browser, suite.origin, centre, zoom, wanted.seconds) for zoom in ZOOMS]
        fill(suite, list(islice(cycle(ways), wanted.sites)), wanted.lights)
        time.sleep(QUIET_S)  # the worker has told all that it was told
        views = sorted((first_view(browser, suite.origin) for _ in range(VIEWS)), key=lambda seen: seen.moves_s)
        report(views[VIEWS // 2])
        for zoom, limit in zip(ZOOMS, bare, strict=True):
            rate = frames(browser, suite.origin, centre, zoom, wanted.seconds)
            print(f"panning at {zoom:<5g} {rate:7.1f} frames/s, the base map alone {limit:.1f} = {rate / limit:.2f} x")
        browser.close()


def fill(suite: Suite, chosen: list[Way], lights: int) -> None:
    """Works on these streets and lights on the works, through the public doors."""
    sites = len(chosen)
    collection = {"type": "FeatureCollection", "features": [_order(n, way) for n, way in enumerate(chosen)]}
    body = json.dumps(collection).encode()
    suite.clerk.post("/permits/api/v1/imports?format=geojson", body, "application/geo+json")
    lines = [f"LT-{n:05d},warning_light,,,600,61-{n % sites:05d}" for n in range(lights)]
    header = "device_id,kind,vendor,profile,expected_interval_s,permit_number"
    suite.fleet.post("/beacons/api/v1/devices", "\n".join([header, *lines]).encode(), "text/csv")
    for minute in range(FIXES, 0, -1):
        suite.fleet.pings(list(_pings(chosen, lights, minute)))
    _wait(suite, "/map/measures.json", sites)
    _wait(suite, "/beacons/api/v1/lights.geojson", lights)


def _order(number: int, way: Way) -> dict[str, Any]:
    now = from_micros(WallClock().now())
    properties = {
        "permit_number": f"61-{number:05d}",
        "measure": KINDS[number % len(KINDS)],
        "street": way.name,
        "direction": "both",
        "start": (now - timedelta(hours=1)).isoformat(),
        "end": (now + timedelta(days=30)).isoformat(),
    }
    line = {"type": "LineString", "coordinates": way.coordinates}
    return {"type": "Feature", "geometry": line, "properties": properties}


def _pings(chosen: list[Way], lights: int, minutes_ago: int) -> Iterator[bytes]:
    moment = (from_micros(WallClock().now()) - timedelta(minutes=minutes_ago)).isoformat()
    for n in range(lights):
        places = chosen[n % len(chosen)].coordinates
        lon, lat = places[n // len(chosen) % len(places)]
        said = {
            "device_id": f"LT-{n:05d}",
            "event_time": moment,
            "lon": lon,
            "lat": lat,
            "accuracy_m": 3.0,
            "lamp": "on",
        }
        yield json.dumps(said).encode()


def _wait(suite: Suite, path: str, count: int) -> None:
    deadline = time.monotonic() + WAIT_S
    while len(suite.fleet.get(path)["features"]) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} never had {count} features")
        time.sleep(1)


def report(seen: Seen) -> None:
    print(f"first view       {seen.kilobytes:7.0f} kB without the base map (budget {BUDGET_KB})")
    for size, name in seen.largest:
        print(f"  {size:13.1f} kB {name}")
    print(f"list answers     {seen.answers_s:7.2f} s")
    print(f"map moves, too   {seen.moves_s:7.2f} s (budget {BUDGET_S:g})")
    print(f"all is drawn     {seen.drawn_s:7.2f} s")


def first_view(browser: Browser, origin: str) -> Seen:
    """As for somebody who was never here: a page of ``new_page`` has a store of its own."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="de-DE")
    sizes: dict[str, float] = {}
    network = page.context.new_cdp_session(page)
    names: dict[str, str] = {}
    network.on("Network.responseReceived", lambda said: names.update({said["requestId"]: said["response"]["url"]}))
    network.on("Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]}))
    network.send("Network.enable")
    page.add_init_script(NOTE_TIMES)
    page.goto(origin, wait_until="commit")
    at = _times(page)
    told = sorted(((size / 1_000, names.get(key, "")) for key, size in sizes.items()), reverse=True)
    told = [(size, name.removeprefix(origin)) for size, name in told if "basemap" not in name]
    page.context.close()
    answers, moves, drawn = (at[name] / 1_000 for name in ("answers", "moves", "drawn"))
    return Seen(sum(size for size, _ in told), told[:6], answers, moves, drawn)


def _times(page: Page) -> dict[str, float]:
    """Milliseconds since the navigation began, once all is drawn; the page's CSP lets no condition wait inside it."""
    deadline = time.monotonic() + DRAWN_S
    while "drawn" not in (at := page.evaluate("window.times ?? {}")):
        if time.monotonic() > deadline:
            raise TimeoutError("the map was never drawn")
        page.wait_for_timeout(100)
    page.wait_for_timeout(1_000)
    return dict(at)


def frames(browser: Browser, origin: str, centre: LonLat, zoom: float, seconds: float) -> float:
    """Frames per second while the map is dragged to and fro."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="de-DE")
    lon, lat = centre
    page.goto(f"{origin}/?karte={zoom}/{lat}/{lon}")
    expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=60_000)
    page.wait_for_timeout(3_000)
    page.evaluate(COUNT_FRAMES)
    _drag(page, seconds)
    at: list[float] = page.evaluate("window.frames_")
    page.close()
    return (len(at) - 1) / (at[-1] - at[0]) * 1_000


def _drag(page: Page, seconds: float) -> None:
    page.mouse.move(900, 450)
    page.mouse.down()
    until, step = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        step += 1
        page.mouse.move(900 + 300 * ((step % 80) / 40 - 1), 450 + 100 * ((step % 50) / 25 - 1))
    page.mouse.up()


if __name__ == "__main__":
    main()
