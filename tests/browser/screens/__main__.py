"""Takes every state of the area modules at three widths and at 200 %, light and dark, into a folder that git ignores.

The city is the demo's: one that runs at the port is used, else one is started (and kept in the folder, so that the next
time is quicker). Pictures are for people; what a machine can see (errors, pages wider than the window) is printed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.screens import beacons, feed, live, ops, permits
from tests.browser.screens.state import State

AREAS: dict[str, list[State]] = {
    "live": live.STATES,
    "permits": permits.STATES,
    "beacons": beacons.STATES,
    "feed": feed.STATES,
    "ops": ops.STATES,
}
FOLDER = Path(__file__).parents[3] / "screens"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
UP_S, SETTLE_S = 180, 75
QUIET_MS = 900
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Size(NamedTuple):
    width: int
    height: int
    scale: int = 1


SIZES = {"phone": Size(390, 844), "desk": Size(1440, 900), "narrow": Size(320, 640), "zoom": Size(720, 450, 2)}
# Twice as large is another layout, but no other colours.
SHOTS = [(scheme, name) for scheme in SCHEMES for name in SIZES if (scheme, name) != ("dark", "zoom")]
# What takes its height from the window keeps it when the window becomes as high as the page.
FREEZE = """document.querySelectorAll(".live__map, .desk__map").forEach((it) => {
  it.style.height = `${it.offsetHeight}px`;
})"""
FULL_HEIGHT = ".live"  # always as high as the window


class City(NamedTuple):
    origin: str
    passwords: dict[str, str]


def main() -> int:
    arguments = _arguments()
    taken = 0
    faults: list[str] = []
    with _city(arguments.port, arguments.city) as city, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        sessions: dict[str | None, Any] = {None: None}
        for area, states in AREAS.items():
            for state in states:
                if not f"{area}-{state.name}".startswith(tuple(arguments.only)):
                    continue
                if state.account not in sessions:
                    sessions[state.account] = _log_in(browser, city, state.account or "")
                found = _take(browser, city, area, state, sessions[state.account])
                taken, faults = taken + len(SHOTS), [*faults, *found]
        browser.close()
    sys.stdout.write("\n".join([*faults, f"{taken} pictures in {FOLDER}\n"]))
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099, help="where the city runs, or is started")
    parser.add_argument("--city", type=Path, default=FOLDER / "city", help="its data folder")
    parser.add_argument("only", nargs="*", default=[""], help="beginnings of AREA-STATE; none: all")
    return parser.parse_args()


@contextmanager
def _city(port: int, data: Path) -> Iterator[City]:
    origin, started = f"http://127.0.0.1:{port}", None
    if not _answers(origin):
        started = _start(origin, port, data)
    passwords = json.loads((data / "demo-access.json").read_text())["passwords"]
    yield City(origin, passwords)
    if started is not None:
        started.send_signal(signal.SIGTERM)  # a shell's background job hears no SIGINT
        started.wait(30)


def _start(origin: str, port: int, data: Path) -> "subprocess.Popen[bytes]":
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "services.suite", "up", "--port", str(port)]
    environment = os.environ | {"LEITBAKE_DATA_DIR": str(data)}
    with (data / "up.log").open("wb") as log:
        started = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + UP_S
    while not _answers(origin) or not (data / "demo-access.json").exists():
        if started.poll() is not None or time.monotonic() > deadline:
            started.kill()
            raise SystemExit(f"the city did not start; see {data / 'up.log'}")
        time.sleep(1)
    time.sleep(SETTLE_S)  # its lights need that long to be measured
    return started


def _answers(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/feed/readyz", timeout=5) as answer:  # noqa: S310  # our own city
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _log_in(browser: Browser, city: City, account: str) -> Any:
    page = browser.new_page(locale="de-DE")
    page.goto(f"{city.origin}/login")
    page.get_by_label("Benutzername").fill(account)
    page.get_by_label("Passwort").fill(city.passwords[account])
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url(lambda url: "/login" not in url)
    state = page.context.storage_state()
    page.context.close()
    return state


def _take(browser: Browser, city: City, area: str, state: State, session: Any) -> list[str]:
    found: list[str] = []
    for scheme, size in SHOTS:
        name, (width, height, scale) = f"{area}-{state.name}-{size}-{scheme}", SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            color_scheme=scheme,
            locale="de-DE",
            base_url=city.origin,
            storage_state=session,
        )
        faults = _shoot(context.new_page(), state, FOLDER / f"{name}.png")
        found += [f"{name}: {fault}" for fault in faults]
        context.close()
    return found


def _shoot(page: Page, state: State, path: Path) -> list[str]:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        page.goto(state.path)
        _settle(page)
        if state.prepare is not None:
            state.prepare(page)
            _settle(page)
    except (PlaywrightTimeoutError, AssertionError) as error:
        faults.append(f"not as prepared: {str(error).splitlines()[0]}")
    _show_whole(page)
    page.screenshot(path=path)
    return [*faults, "wider than the window"] if page.evaluate(WIDER) else faults


def _show_whole(page: Page) -> None:
    """Make the window as high as the page: a full-page picture would stretch the maps and not wait for them."""
    page.evaluate(FREEZE)
    if page.viewport_size and page.locator(FULL_HEIGHT).count() == 0:
        height: int = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
        page.wait_for_timeout(QUIET_MS // 2)


def _settle(page: Page) -> None:
    expect(page.locator("[data-basemap]:not([data-map-state])")).to_have_count(0, timeout=20_000)
    page.wait_for_timeout(QUIET_MS)


if __name__ == "__main__":
    sys.exit(main())
