"""Takes every state of the area modules at four widths and at 200 %, light and dark, into a folder that git ignores.

The city is the demo's: one that runs at the port is used, else one is started (and kept in the folder, so that the next
time is quicker). Two browsers share the states; those of a fault come last. A page is loaded once per width and told
then that it is night. Pictures are for people; what a machine can see (errors, pages wider than the window) is printed.
"""

import argparse
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, get_args

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.screens.city import City, crowded, failing, running
from tests.browser.screens.shots import AREAS, FOLDER, SIZES, Job, open_browser, take
from tests.browser.screens.state import Fault

FAULTS: tuple[Fault, ...] = (None, *get_args(get_args(Fault)[0]))
BROWSERS = 2


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the city shall not outlive us
    arguments, began = _arguments(), time.monotonic()
    FOLDER.mkdir(exist_ok=True)
    wanted = [
        (area, number)
        for area, states in AREAS.items()
        for number, state in enumerate(states)
        if f"{area}-{state.name}".startswith(tuple(arguments.only))
    ]
    faults: list[str] = []
    for is_crowded, open_city in {False: running, True: crowded}.items():
        of_city = [(area, number) for area, number in wanted if AREAS[area][number].crowded == is_crowded]
        if of_city:
            with open_city(arguments.port, arguments.city) as city:
                sessions = _sessions(city, {AREAS[area][number].account for area, number in of_city})
                jobs = [Job(area, n, city.origin, sessions[AREAS[area][n].account]) for area, n in of_city]
                faults += _take_all(city, jobs)
    taken, minutes = len(wanted) * sum(len(size.schemes) for size in SIZES.values()), (time.monotonic() - began) / 60
    sys.stdout.write("\n".join([*faults, f"{taken} pictures in {FOLDER}, {minutes:.0f} minutes\n"]))
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099, help="where the city runs, or is started")
    parser.add_argument("--city", type=Path, default=FOLDER / "city", help="its data folder")
    parser.add_argument("only", nargs="*", default=[""], help="beginnings of AREA-STATE; none: all")
    return parser.parse_args()


def _take_all(city: City, jobs: Sequence[Job]) -> list[str]:
    found: list[str] = []
    with ProcessPoolExecutor(BROWSERS, get_context("spawn"), open_browser) as browsers:
        for fault in FAULTS:
            of_fault = [job for job in jobs if job.state.fault == fault]
            if of_fault:
                with failing(city, fault):
                    found += [one for faults in browsers.map(take, of_fault) for one in faults]
    return found


def _sessions(city: City, accounts: set[str | None]) -> Mapping[str | None, Any]:
    found: dict[str | None, Any] = {None: None}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for account in accounts - {None}:
            found[account] = _log_in(browser, city, account or "")
        browser.close()
    return found


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


if __name__ == "__main__":
    sys.exit(main())
