"""Operators at night: what is red comes first, and it can be set right by keyboard alone."""

import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.suite.city_services import Services
from shared.clock import WallClock
from shared.contracts.base import REGISTRY, Contract
from shared.contracts.topics import SITES
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.eventlog.port import Message
from shared.events import codec
from shared.events.envelope import Event
from shared.projection.view import ViewRunner
from shared.web.accounts import Accounts
from shared.web.doors import Role
from tests.browser import desk
from tests.browser.conftest import PASSWORD, Suite
from tests.browser.test_live_map import order, pings
from tests.browser.usable import faults, faults_here

NEW_TYPE = "de.leitbake.site.painted.v1"
PAGES = (
    "/ops/",
    "/ops/geparkt",
    "/ops/log/leitbake.sites.v1",
    "/ops/quarantaene/beacons/lights/inaccurate",
    "/ops/tuer/unknown%20device",
)


class Painted(Contract, frozen=True):
    """A type that no consumer knows yet."""


def enter(page: Page, suite: Suite, role: Role) -> None:
    """With an account of that role of its own."""
    web = Database(suite.services.permits.database.url, "web")
    Accounts(web, WallClock(), session_hours=1).create(role, PASSWORD, role, "Nachtdienst")
    web.close()
    desk.enter(page, suite, role)


def park(services: Services, site: str) -> None:
    """What a newer release would say, on the real log; waits until its consumers have parked it."""
    now = WallClock().now()
    event = Event(
        id=str(uuid.uuid4()), type=NEW_TYPE, stream=f"site:{site}", version=1, time=now, recorded=now, data=b"{}"
    )
    log = open_log(services.navfeed.database.url, WallClock())
    log.send([Message(SITES.name, event)])
    log.close()
    _until(lambda: _parked(services, site) == 1)


def _parked(services: Services, site: str) -> int:
    return _rows(services.navfeed.database, f"parked WHERE grp = 'publisher' AND stream = 'site:{site}'")


def _rows(database: Database, where: str) -> int:
    with database.connection() as connection:
        row = connection.execute(f"SELECT count(*) FROM {where}").fetchone()
    return int(row[0]) if row else 0


def _until(true: Any) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.05)


@pytest.fixture
def known_type() -> Iterator[None]:
    """What a deployment brings: consumers that know the type."""
    yield
    REGISTRY.pop(NEW_TYPE, None)
    codec._decoder.cache_clear()


def test_what_is_parked_is_red_and_tried_again_by_keyboard(page: Page, suite: Suite, known_type: None) -> None:  # noqa: ARG001  # undone
    park(suite.services, "t1")
    enter(page, suite, "ops")
    page.goto(f"{suite.origin}/ops/")
    finding = page.get_by_role("link", name=re.compile("Feed veröffentlichen.*1 Strom geparkt"))
    expect(page.locator(".lb-finding").first).to_contain_text("Störung")
    finding.focus()
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="publisher")
    row.get_by_role("link", name="site:t1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Die Art {NEW_TYPE} ist hier unbekannt")).to_be_visible()

    REGISTRY[NEW_TYPE] = Painted
    codec._decoder.cache_clear()
    page.get_by_role("button", name="Erneut versuchen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("Erneuter Versuch ist verlangt.")
    _until(lambda: _parked(suite.services, "t1") == 0)
    page.get_by_role("link", name="Aktualisieren").click()
    expect(page.get_by_role("row").filter(has_text="publisher")).to_have_count(0)


def test_a_page_that_can_no_longer_be_renewed_says_so_until_it_can(page: Page, suite: Suite) -> None:
    enter(page, suite, "ops")
    late = page.locator("[data-late]")
    page.emulate_media(reduced_motion="reduce")  # new figures are no motion
    page.goto(f"{suite.origin}/ops/")
    expect(page.get_by_role("button", name="Selbsttätig aktualisieren: anhalten")).to_be_visible()
    expect(late).to_have_text("")
    page.route("**/ops/", lambda route: route.abort())
    expect(late).to_have_text("Keine Verbindung, die Angaben können veraltet sein.", timeout=30_000)
    page.unroute("**/ops/")
    expect(late).to_have_text("", timeout=30_000)


def test_a_page_whose_session_has_ended_says_so(page: Page, suite: Suite) -> None:
    enter(page, suite, "ops")
    page.goto(f"{suite.origin}/ops/")
    expect(page.get_by_role("button", name="Selbsttätig aktualisieren: anhalten")).to_be_visible()
    page.context.clear_cookies()
    expect(page.locator("[data-late]")).to_contain_text("Ihre Sitzung ist abgelaufen", timeout=30_000)


def test_a_drop_wants_a_reason_and_keeps_it_on_the_log(page: Page, suite: Suite) -> None:
    park(suite.services, "t2")
    order(suite)
    suite.fleet.pings([ping.replace(b'"accuracy_m": 3.0', b'"accuracy_m": 300.0') for ping in pings()])
    _until(lambda: _rows(suite.services.beacons.database, "quarantine WHERE reason = 'inaccurate'"))
    enter(page, suite, "ops")
    parked = "/ops/geparkt/navfeed/publisher/site:t2"
    assert faults(page, suite, (*PAGES, parked)) == {}
    page.goto(suite.origin + parked)
    page.get_by_role("button", name="Verwerfen").click()
    expect(page.get_by_role("alert")).to_contain_text("warum")
    assert _parked(suite.services, "t2") == 1
    page.get_by_label("Grund").fill("Probelauf, gilt nie")
    page.get_by_role("button", name="Verwerfen").click()
    _until(lambda: _parked(suite.services, "t2") == 0)
    page.goto(suite.origin + parked)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nicht mehr geparkt")
    assert faults_here(page) == []
    page.goto(f"{suite.origin}/ops/log/{SITES.name}")
    page.get_by_text("Inhalt").last.click()
    expect(page.get_by_text("Probelauf, gilt nie")).to_be_visible()


def test_a_rebuild_is_started_by_keyboard_and_shows_its_progress(
    page: Page, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowRunner(ViewRunner):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, limit=1)

        def lag(self) -> int:
            time.sleep(0.7)
            return super().lag()

    order(suite)
    monkeypatch.setattr("shared.projection.live.ViewRunner", SlowRunner)
    monkeypatch.setattr("services.suite.ops.application.rebuilding.KEEP_OLD_S", 0.1)
    enter(page, suite, "ops")
    page.goto(f"{suite.origin}/ops/")
    page.get_by_role("button", name="Sicht der Vorgänge neu aufbauen").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ops/#sichten")
    row = page.locator("#sichten tr").filter(has_text="Sicht der Vorgänge")
    for _ in range(20):
        if row.get_by_role("progressbar").count():
            break
        page.reload()
    expect(row.get_by_role("progressbar")).to_be_visible()
    expect(row).to_contain_text(re.compile(r"Stand 2: \d+ von \d+"))
    expect(row).to_contain_text("Stand 2, seit", timeout=20_000)  # without a click: the page looks again by itself
