"""Subscribers: everything on the page can be tried as it stands, with a script and without."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.settings import Settings
from tests.browser.conftest import Suite
from tests.browser.test_live_map import order
from tests.browser.test_ops import enter
from tests.browser.usable import faults

SHOWN_ORIGIN = Settings().origin
PAGES = ("/feed/", "/schluessel", "/feed/api", "/beacons/api")


def run(line: str, suite: Suite, folder: Path) -> str:
    """Run a line as it was copied; only the origin is this test's."""
    command = shlex.split(line.replace(SHOWN_ORIGIN, suite.origin))
    return subprocess.run([*command, "--silent"], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def published(suite: Suite, page: Page) -> Page:
    """The page of subscribers once something is published."""
    order(suite)
    for _ in range(40):
        page.goto(f"{suite.origin}/feed/")
        if page.get_by_text("Maßnahme 1 von 1").count():
            return page
        page.wait_for_timeout(250)
    raise AssertionError("nothing was published within 10 s")


def test_a_copied_line_brings_the_feed_and_the_second_time_nothing(
    published: Page, suite: Suite, tmp_path: Path
) -> None:
    published.context.grant_permissions(["clipboard-read", "clipboard-write"])
    published.get_by_role("button", name="Regelmäßiger Abruf von GeoJSON kopieren").focus()
    published.keyboard.press("Enter")
    expect(published.get_by_text("Kopiert")).to_be_visible()
    line: str = published.evaluate("navigator.clipboard.readText()")
    run(line, suite, tmp_path)
    said = json.loads((tmp_path / "roadworks.geojson").read_text())
    assert [feature["properties"]["street"] for feature in said["features"]] == ["Rheinallee"]
    code = run(f"{line} --write-out '%{{http_code}}'", suite, tmp_path)
    assert code == "304"

    published.get_by_text("Maßnahme 1 von 1").click()
    expect(published.get_by_label("Probe von GeoJSON")).to_contain_text('"street": "Rheinallee"')


def test_without_a_script_time_travel_and_samples_work(browser: Browser, published: Page, suite: Suite) -> None:
    wanted = published.get_by_label("Zeitpunkt (Ortszeit)").input_value()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{suite.origin}/feed/")
    plain.get_by_text("Vorgang 1 von 1").first.click()
    expect(plain.get_by_label("Probe von DATEX II, Publikation")).to_contain_text("situationRecord")
    plain.get_by_label("Zeitpunkt (Ortszeit)").fill("2999-01-01T00:00")
    plain.get_by_role("button", name="Dokument von damals öffnen").click()
    expect(plain.get_by_role("alert")).to_contain_text("liegt in der Zukunft")
    plain.get_by_label("Zeitpunkt (Ortszeit)").fill("2020-03-02T07:00")
    plain.get_by_role("button", name="Dokument von damals öffnen").click()
    expect(plain.get_by_role("alert")).to_contain_text("war noch nichts veröffentlicht, das Erste um")
    answer = context.request.get(f"{suite.origin}/feed/zeitreise?produkt=roadworks.geojson&zeitpunkt={wanted}")
    assert re.search(r"/feed/v1/roadworks\.geojson\?at=[\d:TZ-]+$", answer.url)
    context.close()


def test_an_administrator_makes_a_key_that_works_once_shown_and_revokes_it(page: Page, suite: Suite) -> None:
    enter(page, suite, "admin")
    assert faults(page, suite, PAGES) == {}
    page.goto(f"{suite.origin}/schluessel")
    page.get_by_label("Wofür").fill("Navigationsdienst Probe")
    page.get_by_label("Geltungsbereich").fill("unsinn")
    page.get_by_role("button", name="Schlüssel anlegen").click()
    expect(page.get_by_role("alert")).to_contain_text("devices:…")
    page.get_by_label("Geltungsbereich").fill("")
    page.get_by_label("Rolle").select_option("contractor")
    page.get_by_role("button", name="Schlüssel anlegen").click()
    expect(page.get_by_role("alert")).to_contain_text("für welche Firma")
    page.get_by_label("Rolle").select_option("fleet")
    page.get_by_role("button", name="Schlüssel anlegen").click()
    token = page.get_by_role("group", name="Neuer Schlüssel").inner_text()
    assert asked(page, suite, token) == 200
    page.goto(f"{suite.origin}/schluessel")
    expect(page.get_by_text(token)).to_have_count(0)

    row = page.get_by_role("row").filter(has_text="Navigationsdienst Probe")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text("gilt nicht mehr")
    page.wait_for_timeout(1_100)  # so long another process may remember it
    assert asked(page, suite, token) == 401


def asked(page: Page, suite: Suite, token: str) -> int:
    headers: Any = {"Authorization": f"Bearer {token}"}
    return page.context.request.get(f"{suite.origin}/beacons/api/v1/devices", headers=headers).status
