"""The whole suite in this process, with a real browser in front of it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from services.suite import frontend
from services.suite.city import generate
from services.suite.city_services import Services, build_all
from services.suite.client import Doors
from services.suite.roads import import_roads
from services.suite.server import apps, behind_one_origin
from shared.clock import WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.projection.worker import run
from shared.settings import Settings
from shared.web.accounts import Accounts
from shared.web.keys import ApiKeys
from tests.browser.desk import PASSWORD, Desk, Suite, enter

__all__ = ["PASSWORD", "Suite"]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
expect.set_options(timeout=20_000)  # a busy machine draws slowly; what never comes fails as well


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> None:
    if not frontend.fresh():
        frontend.build(tmp_path_factory.mktemp("npm") / "npm.log")


@pytest.fixture(scope="session")
def city_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    import_roads(generate(7), folder)
    return folder


@pytest.fixture
def suite(city_url: Callable[[], str], bundles: None, city_folder: Path) -> Iterator[Suite]:  # noqa: ARG001  # built
    with running(city_url(), city_folder) as found:
        yield found


@contextmanager
def running(url: str, folder: Path) -> Iterator[Suite]:
    """Doors and worker of a whole suite in this process; migrated database, imported city."""
    settings = Settings(
        database_url=url,
        master_key=b"x" * 32,
        data_dir=folder,
        city="Gutenau",
        settle_s=1,
        requests_per_s=10_000,
        embed_origins="http://127.0.0.1:*",
    )
    built = apps(settings, url)
    with served(behind_one_origin(built)) as origin, _working(settings, url) as services:
        web = Database(url, "web")
        keys = ApiKeys(web, WallClock())
        Accounts(web, WallClock(), session_hours=1).create("amt61", PASSWORD, "admin", "Sachbearbeitung")
        yield Suite(
            origin,
            services,
            Doors(origin, keys.create("clerk", "Test").token),
            Doors(origin, keys.create("fleet", "Test").token),
        )
        web.close()
    built["/beacons"].extensions["ticker"].stop()


@contextmanager
def served(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def _working(settings: Settings, url: str) -> Iterator[Services]:
    services, stop = build_all(settings, url), threading.Event()
    log = open_log(url, WallClock())
    parts = [part for service in services for part in service.parts(log)]
    thread = threading.Thread(target=run, args=(parts, stop))
    thread.start()
    try:
        yield services
    finally:
        stop.set()
        thread.join()
        for service in services:
            service.database.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, suite: Suite) -> Iterator[Page]:
    """A page that fails the test on script errors, on what the policy forbids and on any request to somebody else."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    opened.on("request", lambda request: _foreign(request.url, suite.origin, faults))
    yield opened
    context.close()
    assert faults == []


def _foreign(url: str, origin: str, faults: list[str]) -> None:
    if not url.startswith((origin, "data:", "blob:")):
        faults.append(f"asked somebody else: {url}")


@pytest.fixture
def clerk(page: Page, suite: Suite) -> Desk:
    enter(page, suite)
    return Desk(suite, page)


@pytest.fixture
def firm(page: Page, suite: Suite) -> Iterator[Desk]:
    web = Database(suite.services.permits.database.url, "web")
    Accounts(web, WallClock(), session_hours=1).create("firma", PASSWORD, "contractor", "Tiefbau Muster")
    enter(page, suite, "firma")
    yield Desk(suite, page)
    web.close()


def log_in(page: Page, suite: Suite) -> None:
    page.goto(f"{suite.origin}/login")
    page.get_by_label("Benutzername").fill("amt61")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
