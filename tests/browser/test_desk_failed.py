"""What a clerk sees when something is away: a German page that says what to do, with everything that was typed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect
from psycopg import sql

from shared.clock import WallClock
from shared.db.pool import Database
from shared.web.accounts import Accounts
from shared.web.doors import Role
from tests.browser.desk import PASSWORD, Desk
from tests.browser.test_form import fill_in
from tests.browser.usable import faults_here

AWAY = "Vorübergehend nicht verfügbar"
TRIES = 12
REASON = "Auf Wunsch der Feuerwehr."


@contextmanager
def database_away(url: str) -> Iterator[None]:
    """PostgreSQL turns everybody away from this test's database, as while it restarts."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as server:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        server.execute(allow.format(sql.Identifier(str(name)), sql.SQL("false")))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            server.execute(allow.format(sql.Identifier(str(name)), sql.SQL("true")))


def patiently(press: Locator, there: Locator) -> None:
    """Again as long as another page says no: a door finds out about its dead connections one by one."""
    for _ in range(TRIES):
        with press.page.expect_navigation():
            press.click()
        if there.count():
            return
    expect(there).to_be_visible()


def send(page: Page) -> None:
    """The same for the form, which stays on its page until it was saved."""
    sent, failed = page.locator(".case__state"), page.locator(".desk__saved--failed")
    for _ in range(TRIES):
        page.get_by_role("button", name="Antrag einreichen").click()
        expect(sent.or_(failed)).to_be_visible()
        if sent.count():
            return


def decide(page: Page) -> None:
    page.locator("#approve-command > summary").click()
    page.locator("#approve-reason").fill(REASON)
    page.locator("#approve-command").get_by_role("button").click()


def test_a_decision_while_the_database_is_away_is_kept_and_sent_again(clerk: Desk) -> None:
    page, case = clerk.page, clerk.case("61-20")
    clerk.open(case)
    with database_away(clerk.suite.services.permits.database.url):
        decide(page)
        expect(page.get_by_role("heading", name=AWAY)).to_be_visible()
        expect(page.get_by_text("Ihre Eingaben sind nicht verloren")).to_be_visible()
        assert faults_here(page) == []
        expect(page.get_by_role("link", name="Anmelden")).to_have_count(0)
        page.get_by_role("button", name="Noch einmal senden").click()
        expect(page.get_by_role("heading", name=AWAY)).to_be_visible()
    patiently(page.get_by_role("button", name="Noch einmal senden"), page.locator(".case__state"))
    expect(page.locator(".case__state")).to_contain_text("Öffentlich")
    expect(page.locator(".lb-timeline")).to_contain_text(REASON)


def test_a_form_stays_while_the_database_is_away_and_the_queue_comes_back(clerk: Desk) -> None:
    page, saved = clerk.page, clerk.page.locator('[data-slot="saved"]')
    clerk.open("/permits/neu")
    fill_in(clerk)
    clerk.field("applicant").fill("Stadtwerke Gutenau AG")
    url = clerk.suite.services.permits.database.url
    with database_away(url):
        page.get_by_role("button", name="Antrag einreichen").click()
        expect(saved).to_contain_text("Noch nicht gesendet. Das System antwortet gerade nicht.", timeout=40_000)
    send(page)
    expect(page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")
    with database_away(url):
        clerk.open("/permits/?q=rhein")
        expect(page.get_by_role("heading", name=AWAY)).to_be_visible()
    patiently(page.get_by_role("link", name="Noch einmal versuchen"), page.locator("tbody"))
    expect(page.locator("tbody")).to_contain_text("Rheinallee")
    expect(page.locator("#q")).to_have_value("rhein")


def test_while_the_database_is_away_subscribers_and_fleet_are_told_and_the_fleet_comes_back(clerk: Desk) -> None:
    page = clerk.page
    with database_away(clerk.suite.services.permits.database.url):
        for path in ("/feed/", "/beacons/alarme", "/beacons/"):
            clerk.open(path)
            expect(page.get_by_role("heading", name=AWAY)).to_be_visible()
        assert faults_here(page) == []
    patiently(page.get_by_role("link", name="Noch einmal versuchen"), page.locator(".fleet"))


def test_a_decision_after_the_session_has_ended_is_sent_after_the_log_in(clerk: Desk) -> None:
    page, case = clerk.page, clerk.case("61-21")
    clerk.open(case)
    page.context.clear_cookies()
    decide(page)
    expect(page.get_by_role("alert")).to_contain_text("Ihre Sitzung ist abgelaufen. Ihre Eingaben sind noch da")
    for password in ("falsch geraten", PASSWORD):
        page.get_by_label("Benutzername").fill("amt61")
        page.get_by_label("Passwort").fill(password)
        page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Sie sind wieder angemeldet")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_role("button", name="Jetzt senden").click()
    expect(page.locator(".case__state")).to_contain_text("Öffentlich")
    expect(page.locator(".lb-timeline")).to_contain_text(REASON)


@pytest.mark.parametrize(("role", "desk", "place"), [("ops", "/ops/", "Betrieb"), ("fleet", "/beacons/", "Bauhof")])
def test_who_logs_in_where_the_role_may_not_go_lands_at_the_own_desk(
    page: Page, clerk: Desk, role: Role, desk: str, place: str
) -> None:
    web = Database(clerk.suite.services.permits.database.url, "web")
    Accounts(web, WallClock(), session_hours=1).create("neu", PASSWORD, role, "Kim Beispiel")
    web.close()
    page.context.clear_cookies()
    clerk.open("/permits/neu")
    page.get_by_label("Benutzername").fill("neu")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url(f"**{desk}")
    said = f"Sie sind als Kim Beispiel ({place}) angemeldet. Diese Seite ist nur für Baufirma und Sachbearbeitung."
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    answer = page.goto(f"{clerk.suite.origin}/permits/")
    assert answer
    assert answer.status == 403
    expect(page.get_by_role("main")).to_contain_text(said)
    page.get_by_role("link", name=re.compile("Weiter zu")).click()
    page.wait_for_url(f"**{desk}")
    expect(page.get_by_role("alert")).to_have_count(0)
