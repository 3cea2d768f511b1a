"""The live map: what a citizen sees, and what is left when something is missing."""

import json
from typing import Any

from playwright.sync_api import Page, Route

from tests.browser.screens.state import State

UNANSWERED = """const answered = window.fetch;
window.fetch = (to, how) => (String(to).includes("PATH") ? new Promise(() => {}) : answered(to, how));"""
NO_WEBGL = "HTMLCanvasElement.prototype.getContext = () => null"


def first_detail(page: Page) -> None:
    page.locator("[data-items] a").first.click()


def own_page(page: Page) -> None:
    address = page.locator("[data-items] a").first.get_attribute("href") or "/"
    page.goto(address)


def near(page: Page) -> None:
    work = page.request.get("/map/measures.json").json()["features"][0]
    lon, lat = work["geometry"]["coordinates"][0]
    page.goto(f"/?karte=17/{lat - 0.0005}/{lon}&baustelle={work['id']}")


def legend(page: Page) -> None:
    page.get_by_text("Legende").click()


def street(page: Page) -> None:
    page.get_by_label("Straße suchen").fill("rhein")


def nothing_found(page: Page) -> None:
    page.get_by_label("Straße suchen").fill("Nirgendweg")


def week(page: Page) -> None:
    wanted = page.get_by_label("Nächste 7 Tage")
    if not wanted.is_visible():
        page.get_by_text("Zeit und Filter").click()
    wanted.check()


def whole_sheet(page: Page) -> None:
    if page.get_by_role("button", name="Mehr Liste").is_visible():
        page.get_by_role("button", name="Mehr Liste").click()


def whole_detail(page: Page) -> None:
    first_detail(page)
    whole_sheet(page)


def low_sheet(page: Page) -> None:
    if page.get_by_role("button", name="Mehr Karte").is_visible():
        page.get_by_role("button", name="Mehr Karte").click()


def no_map(page: Page) -> None:
    page.add_init_script(NO_WEBGL)
    page.reload()


def cut(page: Page) -> None:
    page.clock.install()
    page.reload()
    page.wait_for_timeout(800)
    page.route("**/map/*", lambda route: route.abort())
    page.clock.fast_forward("10:00")


def behind(page: Page) -> None:
    """As if the feed had not kept up for two hours."""

    def late(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers=answer.headers | {"behind-seconds": "7200"})

    page.route("**/map/measures.json", late)
    page.reload()


def empty(page: Page) -> None:
    nothing = '{"type":"FeatureCollection","features":[]}'
    page.route("**/map/measures.json", lambda route: route.fulfill(body=nothing, content_type="application/json"))
    page.route("**/map/stream", lambda route: route.abort())
    page.reload()


def crowded(page: Page) -> None:
    """A thousand sites: the city's own, over and over, a little aside."""
    known = page.request.get("/map/measures.json").json()["features"]
    many = [_beside(known[n % len(known)], n) for n in range(1_000)]
    body = json.dumps({"type": "FeatureCollection", "features": many})
    page.route("**/map/measures.json", lambda route: route.fulfill(body=body, content_type="application/json"))
    page.route("**/map/stream", lambda route: route.abort())
    page.reload()


def _beside(work: Any, number: int) -> Any:
    east, north = number % 33 * 0.0011 - 0.018, number // 33 * 0.0007 - 0.011
    line = [[lon + east, lat + north] for lon, lat in work["geometry"]["coordinates"]]
    said = work["properties"] | {"id": f"crowd-{number}", "number": f"61-{number}", "ghost": None}
    return work | {"id": f"crowd-{number}", "geometry": {"type": "LineString", "coordinates": line}, "properties": said}


def slow(page: Page) -> None:
    """As slow as can be: the picture is taken before the answer."""
    page.add_init_script(UNANSWERED.replace("PATH", "/map/measures.json"))
    page.reload()


def slow_map(page: Page) -> None:
    page.route("**/city-map-*.js", lambda _: None)
    page.goto("/", wait_until="commit")
    page.get_by_text("Die Karte wird geladen").wait_for()
    page.wait_for_timeout(1_500)
    page.evaluate("document.querySelector('.live').dataset.mapState = 'slow'")  # else the camera would wait for it


def slow_detail(page: Page) -> None:
    page.evaluate(UNANSWERED.replace("PATH", "/map/detail/"))
    first_detail(page)


def failed_detail(page: Page) -> None:
    page.route("**/map/detail/*", lambda route: route.abort())
    first_detail(page)


def unanswered_detail(page: Page) -> None:
    first_detail(page)
    page.get_by_role("button", name="Noch einmal versuchen").wait_for(timeout=60_000)


def paper(page: Page) -> None:
    first_detail(page)
    page.wait_for_timeout(600)
    page.emulate_media(media="print")


STATES: list[State] = [
    State("list", "/"),
    State("near", "/", prepare=near),
    State("detail", "/", prepare=first_detail),
    State("detail-whole", "/", prepare=whole_detail),
    State("low", "/", prepare=low_sheet),
    State("legend", "/", prepare=legend),
    State("street", "/", prepare=street),
    State("nothing-found", "/", prepare=nothing_found),
    State("week", "/", prepare=week),
    State("empty", "/", prepare=empty),
    State("crowded", "/", prepare=crowded),
    State("slow", "/", prepare=slow),
    State("slow-map", "/", prepare=slow_map),
    State("slow-detail", "/", prepare=slow_detail),
    State("failed-detail", "/", prepare=failed_detail),
    State("cut", "/", prepare=cut),
    State("behind", "/", prepare=behind),
    State("no-map", "/", prepare=no_map),
    State("embed", "/?embed=1"),
    State("paper", "/", prepare=paper),
    State("sketches", "/?ansicht=liste"),
    State("measure", "/", prepare=own_page),
    State("notes", "/hinweise"),
    State("login", "/login"),
    State("not-found", "/gibt-es-nicht"),
    State("database-away", "/", fault="database"),
    State("database-away-detail", "/", prepare=unanswered_detail, fault="database"),
    State("database-away-page", "/baustellen/irgendeine", fault="database"),
]
