"""The live map in use: on a phone, on paper, without motion, from the list to the place, from where one stands."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Suite
from tests.browser.test_live_map import camera, listed
from tests.browser.usable import violations
from tests.support.city import place

DESK, PHONE, PAPER = (ViewportSize(width=w, height=h) for w, h in ((1440, 900), (390, 844), (718, 1_000)))
CUT_BY = """it => {
  for (let up = it.parentElement; up; up = up.parentElement) {
    if (getComputedStyle(up).overflowY !== "visible" && up.scrollHeight > up.clientHeight + 1) return up.className;
  }
}"""


def ready(page: Page) -> None:
    """The map can be moved."""
    expect(page.locator("[data-map-buttons]")).to_be_visible()


def test_on_a_phone_the_sheet_has_three_heights_and_each_is_usable_for_all(page: Page, suite: Suite) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    site = listed(page, suite)
    ready(page)
    more, less = (page.get_by_role("button", name=name) for name in ("Mehr Liste", "Mehr Karte"))
    heights, found = [], []
    for press in (less, more, more):
        press.click()
        heights.append(page.locator("[data-sheet]").evaluate("it => it.offsetHeight"))
        found += violations(page)
    assert 0 < heights[0] < heights[1] < heights[2] < PHONE["height"]
    expect(more).to_have_attribute("aria-disabled", "true")
    site.get_by_role("link").click()
    expect(page.get_by_role("article")).to_contain_text("Komme ich durch?")
    assert found + violations(page) == []


@pytest.mark.parametrize(("size", "north_m"), [(DESK, 3_000), (PHONE, 400)])
def test_the_list_moves_the_camera_only_to_what_is_out_of_sight(
    page: Page, suite: Suite, size: ViewportSize, north_m: float
) -> None:
    """On the phone, what lies under the sheet is out of sight."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(size)
    site, detail = listed(page, suite).get_by_role("link"), page.get_by_role("article")
    lon, lat = place(60)
    for metres in (-100, north_m):
        with page.expect_response("**/map/measures.json"):
            page.goto(f"{suite.origin}/?karte=15/{place(0, metres)[1]}/{lon}")
        expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
        before = camera(page)
        site.click()
        expect(detail).to_contain_text("Komme ich durch?")
        moved = camera(page) != pytest.approx(before, abs=1e-5)
        assert moved is (metres == north_m)
    assert camera(page)[1:] == pytest.approx((lat, lon), abs=0.003)
    assert size == DESK or camera(page)[1] < lat  # above the sheet


@pytest.mark.parametrize("still", [True, False])
def test_who_wants_no_motion_gets_none(page: Page, suite: Suite, still: bool) -> None:
    page.emulate_media(reduced_motion="reduce" if still else "no-preference")
    page.set_viewport_size(PHONE)
    listed(page, suite)
    ready(page)
    page.wait_for_url("**karte=**")
    before = camera(page)
    page.locator("[data-zoom-in]").evaluate("it => it.click()")
    assert (camera(page)[0] == before[0] + 1) is still
    sheet = page.locator("[data-sheet]")
    assert (sheet.evaluate("it => getComputedStyle(it).transitionDuration") == "0s") is still
    page.wait_for_url(f"**karte={before[0] + 1:.0f}**")


def test_ones_own_place_is_shown_once_the_browser_may_tell_it(page: Page, suite: Suite) -> None:
    page.emulate_media(reduced_motion="reduce")
    listed(page, suite)
    ready(page)
    page.wait_for_url("**karte=**")
    before, notice = page.url, page.locator("[data-slot=notice]")
    button = page.get_by_role("button", name="Mein Standort")
    button.click()
    expect(notice).to_have_text("Ihr Standort ist nicht bekannt.")
    assert page.url == before
    lon, lat = place(900, 700)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lon, "latitude": lat})
    button.click()
    page.wait_for_url(lambda url: url != before)
    assert camera(page)[0] >= 15
    assert camera(page)[1:] == pytest.approx((lat, lon), abs=1e-4)
    expect(notice).to_be_hidden()


def test_on_paper_list_and_detail_are_whole_and_nothing_of_the_map_is_there(page: Page, suite: Suite) -> None:
    page.set_viewport_size(PHONE)
    site, detail = listed(page, suite), page.get_by_role("article")
    for what in (site, detail.locator("p, li, dd").last):
        page.get_by_role("button", name="Mehr Karte").click()  # what the sheet hides is printed all the same
        expect(what).to_be_hidden()
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        expect(what).to_be_visible()
        assert what.evaluate(CUT_BY) is None
        expect(page.locator(".live__map, .lb-button").locator("visible=true")).to_have_count(0)
        page.emulate_media(media="screen")
        page.set_viewport_size(PHONE)
        page.get_by_role("button", name="Mehr Liste").click()
        if what is site:
            site.get_by_role("link").click()
            expect(detail).to_contain_text("Komme ich durch?")
