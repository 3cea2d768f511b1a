"""The live map: what a citizen sees, and what is left when something is missing."""

from playwright.sync_api import Page

from tests.browser.screens.state import State

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
    if not page.get_by_text("Nächste 7 Tage").is_visible():
        page.get_by_text("Zeit und Filter").click()
    page.get_by_text("Nächste 7 Tage").click()


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


def empty(page: Page) -> None:
    nothing = '{"type":"FeatureCollection","features":[]}'
    page.route("**/map/measures.json", lambda route: route.fulfill(body=nothing, content_type="application/json"))
    page.route("**/map/stream", lambda route: route.abort())
    page.reload()


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
    State("cut", "/", prepare=cut),
    State("no-map", "/", prepare=no_map),
    State("embed", "/?embed=1"),
    State("paper", "/", prepare=paper),
    State("sketches", "/?ansicht=liste"),
    State("measure", "/", prepare=own_page),
    State("notes", "/hinweise"),
    State("login", "/login"),
    State("not-found", "/gibt-es-nicht"),
]
