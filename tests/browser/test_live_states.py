"""The live map when something is missing: the line, the database, new messages, speed, WebGL."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Suite
from tests.browser.test_live_map import camera, listed, order, tab_to
from tests.support.wire import wire

NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"
COUNT_JUMPS = """new PerformanceObserver((list) => {
  for (const jump of list.getEntries()) window.jumps = (window.jumps ?? 0) + jump.value;
}).observe({ type: "layout-shift", buffered: true })"""
JUMPS_AT_MOST = 0.005  # of 1; 0.1 is what browsers' makers call good


def warning(page: Page) -> Locator:
    return page.locator("[data-slot=warning]")


def test_a_cut_line_is_told_and_what_came_meanwhile_waits_for_the_reader(browser: Browser, suite: Suite) -> None:
    with wire(urlsplit(suite.origin).port or 0) as line, browser.new_page(locale="de-DE") as page:
        listed(page, suite)
        page.clock.install()
        page.goto(f"http://127.0.0.1:{line.port}/")
        expect(page.locator("[data-slot=count]")).to_have_text("1 Baustelle")
        expect(warning(page)).to_be_hidden()
        line.cut()
        order(suite, "61-2026-0816", "Kaistraße")
        page.clock.fast_forward("04:00")
        expect(warning(page)).to_have_text("Keine Verbindung, die Angaben können veraltet sein.")
        expect(page.get_by_role("link", name="Rheinallee")).to_be_visible()
        line.mend()
        page.clock.fast_forward("01:00")
        expect(warning(page)).to_be_hidden()
        expect(page.locator("[data-items] > li")).to_have_count(1)
        page.get_by_role("button", name="1 Änderung anzeigen").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-items] > li")).to_have_count(2)


def test_a_feed_that_is_behind_is_told_with_the_time_of_what_it_tells(page: Page, suite: Suite) -> None:
    listed(page, suite)

    def behind(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"behind-seconds": "7200"})

    before = page.locator("[data-slot=stand]").text_content()
    page.route("**/map/measures.json", behind)
    page.reload()
    expect(warning(page)).to_have_text("Neue Meldungen verzögern sich, die Angaben können veraltet sein.")
    expect(page.locator("[data-slot=stand]")).not_to_have_text(before or "")
    page.unroute_all(behavior="wait")
    page.reload()
    expect(warning(page)).to_be_hidden()


@pytest.fixture
def frozen(postgres_url: str) -> Iterator[Callable[[], None]]:
    """Stops PostgreSQL when called; it goes on when called again, or after the test."""
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    server = psutil.Process(int((Path(row[0]) / "postmaster.pid").read_text().split()[0]))
    stopped: list[psutil.Process] = []

    def turn() -> None:
        if stopped:
            while stopped:
                stopped.pop().resume()
            return
        for process in [server, *server.children(recursive=True)]:
            process.suspend()
            stopped.append(process)

    yield turn
    while stopped:
        stopped.pop().resume()


def test_while_the_database_is_away_the_list_stands_and_a_detail_may_be_tried_again(
    page: Page, suite: Suite, frozen: Callable[[], None]
) -> None:
    listed(page, suite)
    frozen()
    page.goto(suite.origin, timeout=60_000)
    expect(page.get_by_role("link", name="Rheinallee")).to_be_visible()
    tab_to(page, "place")
    page.keyboard.press("Enter")
    detail = page.get_by_role("article")
    expect(detail).to_contain_text("Die Angaben können gerade nicht geladen werden.", timeout=60_000)
    expect(detail.get_by_role("heading", level=1)).to_be_focused()
    answer = page.request.get(f"{suite.origin}/baustellen/x", headers={"Accept": "text/html"}, timeout=60_000)
    assert answer.status == 503
    assert "Noch einmal versuchen" in answer.text()
    detail.get_by_role("button", name="Noch einmal versuchen").focus()
    frozen()  # from here on the page may as well mend itself first
    page.keyboard.press("Enter")
    expect(detail).to_contain_text("Komme ich durch?")


@pytest.mark.parametrize("width", [390, 1440])
def test_on_a_slow_line_the_map_can_be_moved_before_it_is_drawn_and_nothing_jumps(
    page: Page, suite: Suite, width: int
) -> None:
    listed(page, suite)
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(COUNT_JUMPS)
    held: list[Route] = []
    for late in ("**/map/measures.json", "**/city-map-*.js"):
        page.route(late, lambda route: held.append(route))  # noqa: PLW0108  # playwright marks it, a method bears no mark
    page.goto(suite.origin)
    expect(page.get_by_text("Die Karte wird geladen …")).to_be_visible()
    expect(page.get_by_role("link", name="Rheinallee")).to_be_visible()
    page.wait_for_timeout(500)
    page.route("**/map/basemap.pmtiles", lambda route: _only_the_head(route, held))
    while held:
        held.pop().continue_()
    expect(page.get_by_role("button", name="Mein Standort")).to_be_visible()
    expect(page.get_by_text("Die Karte wird geladen …")).to_be_hidden()
    page.wait_for_url("**karte=**")
    before, address = camera(page), page.url
    page.locator("[data-map] canvas").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_url(lambda url: url != address)
    assert camera(page)[1] > before[1]
    assert page.locator(".live").get_attribute("data-map-state") is None
    assert page.evaluate("window.jumps ?? 0") <= JUMPS_AT_MOST


def _only_the_head(route: Route, held: list[Route]) -> None:
    """Tiles lie behind the first 16 KiB, which hold header and directory."""
    if (route.request.headers.get("range") or "").startswith("bytes=0-"):
        route.continue_()
    else:
        held.append(route)


def test_without_webgl_the_list_is_the_page_and_leads_to_sketches(page: Page, suite: Suite) -> None:
    listed(page, suite)
    page.add_init_script(NO_WEBGL)
    page.goto(suite.origin)
    expect(page.get_by_text("Die Karte kann hier nicht gezeigt werden.")).to_be_visible()
    expect(page.locator("[data-map]")).to_be_hidden()
    page.route("**/map/streets.json*", lambda route: route.fulfill(json=[]))
    page.get_by_label("Straße suchen").fill("Nirgendweg")
    unknown = page.get_by_text("Eine Straße „Nirgendweg“ ist nicht bekannt.")
    expect(unknown).to_be_visible()
    page.get_by_label("Straße suchen").fill("rheinal")
    expect(page.get_by_role("link", name="Rheinallee")).to_be_visible()
    expect(unknown).to_be_hidden()
    page.get_by_label("Wirkung").select_option("closed")
    link = page.get_by_role("link", name="auch mit Lageskizzen")
    page.wait_for_url("**wirkung=closed**")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("svg.extract")).to_have_count(1)
    expect(page.get_by_label("Straße suchen")).to_have_value("rheinal")
    expect(page.get_by_label("Wirkung")).to_have_value("closed")
