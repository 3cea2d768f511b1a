"""The live map by its address: the way back, a link for others, the frame of another site."""

import re

from playwright.sync_api import Browser, Page, expect
from werkzeug.wrappers import Response

from tests.browser.conftest import Suite, served
from tests.browser.test_live_map import listed

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"  # as over plain http


def test_the_way_back_leads_to_the_filter_too_and_a_link_that_cannot_be_copied_is_shown(
    page: Page, suite: Suite
) -> None:
    page.add_init_script(NO_CLIPBOARD)
    site = listed(page, suite).get_by_role("link")
    expect(page.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
    site.click()
    detail = page.get_by_role("article")
    expect(detail).to_contain_text("Komme ich durch?")
    detail.get_by_role("button", name="Link kopieren").click()
    shown = detail.get_by_label("Kopieren ist hier nicht möglich.")
    expect(shown).to_be_focused()
    expect(shown).to_have_value(page.url)
    assert shown.evaluate("it => it.selectionEnd - it.selectionStart") == len(page.url)
    detail.get_by_role("button", name="Zurück zur Liste").click()
    page.get_by_label("Wirkung").select_option("path")
    expect(site).to_have_count(0)
    page.go_back()
    expect(detail).to_contain_text("Komme ich durch?")
    expect(shown).to_be_hidden()
    page.go_back()
    expect(site).to_be_visible()
    expect(page.get_by_label("Wirkung")).to_have_value("")


def test_in_the_frame_of_another_site_the_map_is_shown_and_links_lead_out_of_it(
    page: Page, suite: Suite, browser: Browser
) -> None:
    listed(page, suite)
    frame = f'<iframe src="{suite.origin}/?embed&wirkung=closed" width="1000" height="700"></iframe>'
    with served(Response(frame, content_type="text/html")) as site, browser.new_page(locale="de-DE") as host:
        host.goto(site)
        inside = host.frame_locator("iframe")
        expect(inside.locator(".live")).to_have_attribute("data-map-state", "ready", timeout=30_000)
        inside.get_by_role("link", name="Rheinallee").click()
        expect(inside.get_by_role("article")).to_contain_text("Komme ich durch?")
        with host.expect_popup() as data:
            inside.get_by_role("link", name="Alle Datenformate").click()
        expect(data.value).to_have_url(f"{suite.origin}/feed/")
        inside.get_by_role("button", name="Zurück zur Liste").click()
        inside.get_by_label("Straße suchen").fill("rheinal")
        large = inside.get_by_role("link", name="Große Karte")
        expect(large).to_have_attribute("href", re.compile("strasse=rheinal"))
        with host.expect_popup() as whole:
            large.click()
        expect(whole.value.get_by_label("Straße suchen")).to_have_value("rheinal")
        expect(whole.value.get_by_label("Wirkung")).to_have_value("closed")
        expect(whole.value.get_by_role("navigation", name="Hauptnavigation")).to_be_visible()
