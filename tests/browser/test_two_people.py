"""Two people on one case, each with a browser: the later one overwrites nothing, loses nothing, and is told."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from shared.clock import WallClock
from shared.db.pool import Database
from shared.web.accounts import Accounts
from tests.browser.desk import PASSWORD, Desk, enter

CHANGED = "Der Vorgang wurde inzwischen geändert"


@pytest.fixture
def colleague(browser: Browser, clerk: Desk) -> Iterator[Desk]:
    web = Database(clerk.suite.services.permits.database.url, "web")
    Accounts(web, WallClock(), session_hours=1).create("kollegin", PASSWORD, "clerk", "Jana Kollegin")
    context = browser.new_context(locale="de-DE")
    found = Desk(clerk.suite, context.new_page())
    enter(found.page, clerk.suite, "kollegin")
    yield found
    context.close()
    web.close()


def test_of_two_changes_the_later_one_waits_for_a_second_look(clerk: Desk, colleague: Desk) -> None:
    case = clerk.case("61-10")
    clerk.post(f"{case.removeprefix('/permits')}/approve", {})
    for desk, title in ((clerk, "Fernwärme, Süd"), (colleague, "Fernwärme, Nord")):
        desk.open(f"{case}/aendern")
        desk.field("title").fill(title)
        expect(desk.page.locator('[data-slot="saved"]')).to_contain_text("Gespeichert um")
    clerk.page.get_by_role("button", name="Änderung anordnen").click()
    expect(clerk.page.locator(".case__state")).to_be_visible()
    colleague.page.get_by_role("button", name="Änderung anordnen").click()
    expect(colleague.page.get_by_role("heading", name=CHANGED)).to_be_visible()
    main = colleague.page.get_by_role("main")
    expect(main).to_contain_text("Anordnung geändert")
    expect(main).to_contain_text("Fernwärme, Nord")
    assert clerk.suite.clerk.get(f"/permits/api/v1{case}")["title"] == "Fernwärme, Süd"
    colleague.page.get_by_role("button", name="Mit meinen Eingaben weiter").click()
    expect(colleague.field("title")).to_have_value("Fernwärme, Nord")
    colleague.page.get_by_role("button", name="Änderung anordnen").click()
    expect(colleague.page.locator(".case__state")).to_be_visible()
    assert clerk.suite.clerk.get(f"/permits/api/v1{case}")["title"] == "Fernwärme, Nord"


def test_who_comes_back_to_a_change_is_told_at_once_that_the_case_went_on(clerk: Desk, colleague: Desk) -> None:
    case = clerk.case("61-11")
    clerk.post(f"{case.removeprefix('/permits')}/approve", {})
    clerk.open(f"{case}/aendern")
    clerk.field("title").fill("Fernwärme, Süd")
    expect(clerk.page.locator('[data-slot="saved"]')).to_contain_text("Gespeichert um")
    colleague.post(f"{case.removeprefix('/permits')}/extend", {"end": "2030-03-15T17:00:00+01:00"})
    clerk.open(case)
    expect(clerk.page.get_by_text("Sie haben hier etwas angefangen")).to_be_visible()
    clerk.page.get_by_role("link", name="Anordnung ändern (fortsetzen)").click()
    expect(clerk.page.get_by_role("heading", name=CHANGED)).to_be_visible()
    expect(clerk.page.get_by_role("main")).to_contain_text("Fernwärme, Süd")


def test_of_two_decisions_the_second_is_not_taken(clerk: Desk, colleague: Desk) -> None:
    case = clerk.case("61-12")
    for desk, command in ((clerk, "approve"), (colleague, "reject")):
        desk.open(case)
        desk.page.locator(f"#{command}-command > summary").click()
    colleague.page.locator("#reject-reason").fill("Der Plan fehlt.")
    clerk.page.locator("#approve-command").get_by_role("button").click()
    expect(clerk.page.locator(".case__state")).to_contain_text("Öffentlich")
    colleague.page.locator("#reject-command").get_by_role("button").click()
    expect(colleague.page.get_by_role("heading", name=CHANGED)).to_be_visible()
    main = colleague.page.get_by_role("main")
    for said in ("Anordnung erteilt", "Der Plan fehlt.", "nicht mehr möglich"):
        expect(main).to_contain_text(said)
    expect(colleague.page.get_by_role("button", name="Mit meinen Eingaben weiter")).to_have_count(0)
    colleague.page.get_by_role("link", name="Neuen Stand ansehen").click()
    expect(colleague.page.locator(".case__state")).to_contain_text("Angeordnet")
