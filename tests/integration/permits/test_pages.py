"""The pages: their frame, the queue, and the commands of a case."""

import re

from shared.clock import DAY_US
from tests.integration.permits.desk import Browser, Caller, World
from tests.integration.permits.pages import actions, checked, made
from tests.integration.permits.test_imports import collection, feature, taken


def test_every_page_has_its_frame(world: World, browser: Browser) -> None:
    case = made(browser)
    for path, title in [
        ("/permits/", "Vorgänge"),
        ("/permits/neu", "Neuer Antrag"),
        (case, "Vorgang ohne Aktenzeichen"),
        ("/permits/api", "Schnittstelle: Vorgänge"),
    ]:
        answer = browser.get(path)
        assert answer.status_code == 200
        assert checked(answer.text).title.startswith(title)
        assert "Content-Security-Policy" in answer.headers
    assert actions(checked(browser.get(case).text)) == ["approve", "reject", "withdraw"]
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-1"}, page=case)
    assert "Das Ende der Arbeiten lässt sich melden, sobald ihr Beginn gemeldet ist" in browser.get(case).text
    world.clock.advance(4 * DAY_US)
    browser = world.session("clerk")
    page = checked(browser.get(case).text)
    assert actions(page) == ["start", "interrupt", "end", "extend", "revoke"]
    assert page.title.startswith("Vorgang 61-1")
    assert checked(browser.get(f"{case}/aendern").text).title.startswith("Anordnung ändern")


def test_the_queue_says_what_burns_in_words(world: World, browser: Browser) -> None:
    made(browser, permit_number="61-7")
    text = browser.get("/permits/").text
    assert "noch 3 Werktage bis zum Beginn" in text
    assert "zu entscheiden" in text
    assert "61-7" in text
    world.clock.advance(4 * DAY_US)
    browser = world.session("clerk")  # the other one's has ended long ago
    assert "Beginn war gestern, noch nicht angeordnet" in browser.get("/permits/").text
    assert "Keine Vorgänge gefunden." in browser.get("/permits/?status=ended").text
    assert "61-7" in browser.get("/permits/?q=rhein&status=open&seite=x&dichte=kompakt").text


def test_the_queue_pages_on_the_server_and_keeps_the_filter(browser: Browser, clerk: Caller) -> None:
    taken(clerk, collection(*(feature(f"A-{number:03}") for number in range(60))))
    first = browser.get("/permits/?q=rhein")
    assert "60 Vorgänge" in first.text
    assert "Seite 1 von 2" in first.text
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = browser.get(following[1].replace("&amp;", "&"))
    assert "Seite 2 von 2" in second.text
    rows = [set(re.findall(r"A-\d{3}", page.text)) for page in (first, second)]
    assert [len(row) for row in rows] == [50, 10]
    assert not rows[0] & rows[1]
    assert checked(browser.get("/permits/?seite=99").text)


def test_a_contractor_does_not_read_names_of_staff(world: World, browser: Browser) -> None:
    firm = world.session("contractor")
    case = made(firm)
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-1"}, page=case)
    text = firm.get(case).text
    assert "Sachbearbeitung" in text
    assert "Erika clerk" not in text
    assert "0171 123" in text, "what the firm sent itself, it reads"
    assert actions(checked(text)) == ["extend"]
    assert "Melden lässt sich der Beginn der Arbeiten ab dem 4. März 2026, 07:00 Uhr." in text
    early = "Die Anordnung gilt erst ab 5. März 2026, 07:00 Uhr. Karte und Datenfeed zeigen"
    assert early in browser.get(case).text, "a clerk may report it, and is told"


def test_a_page_that_is_out_of_date_ends_in_a_conflict_that_keeps_the_input(browser: Browser) -> None:
    case = made(browser)
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-1"}, page=case)
    answer = browser.post(f"{case}/reject", {"version": "1", "reason": "Zu spät bemerkt"}, page=case)
    assert answer.status_code == 409
    checked(answer.text)
    assert "Der Vorgang wurde inzwischen geändert" in answer.text
    assert "Anordnung erteilt" in answer.text
    assert "Zu spät bemerkt" in answer.text
    for version in ("", "x"):
        assert browser.post(f"{case}/revoke", {"version": version, "reason": "x"}, page=case).status_code == 409


def test_a_refused_command_says_why_beside_its_own_form(browser: Browser) -> None:
    case = made(browser)
    answer = browser.post(f"{case}/approve", {"version": "1", "reason": "passt"}, page=case)
    assert answer.status_code == 422
    page = checked(answer.text)
    assert "approve-permit_number-fehler" in page.ids
    assert "passt" in answer.text
    assert 'href="#approve-permit_number"' in answer.text
    assert browser.post(f"{case}/start", {"version": "1"}, page=case).status_code == 409
    assert browser.post(f"{case}/dance", {"version": "1"}, page=case).status_code == 404


def test_reports_and_extensions_take_berlin_time(world: World, browser: Browser, clerk: Caller) -> None:
    case = made(browser, permit_number="61-1")
    browser.post(f"{case}/approve", {"version": "1"}, page=case)
    world.clock.advance(5 * DAY_US)
    browser = world.session("clerk")
    start = {"version": "2", "at": "2026-03-06T08:30"}
    assert browser.post(f"{case}/start", start, page=case).status_code == 303
    late = browser.post(f"{case}/extend", {"version": "3", "end": ""}, page=case)
    assert late.status_code == 422
    assert browser.post(f"{case}/extend", {"version": "3", "end": "2026-04-01T17:00"}, page=case).status_code == 303
    seen = clerk.get(f"/permits/{case.rpartition('/')[2]}").get_json()
    assert (seen["started_at"], seen["measures"][0]["end"]) == (
        "2026-03-06T07:30:00+00:00",
        "2026-04-01T15:00:00+00:00",
    )
    text = browser.get(case).text
    assert "Das neue Ende ist angeordnet." in text
    assert "Verlängert" in text
    assert "Maßnahme 1: Ende: 1. April 2026, 17:00 Uhr (bisher 20. März 2026," in text
    assert "Das neue Ende ist angeordnet." not in browser.get(case).text, "it is said once"
    assert "eingetragen 7. März 2026, 07:00 Uhr" in text


def test_a_page_says_how_to_put_right_what_was_wrongly_decided(world: World, browser: Browser) -> None:
    firm = world.session("contractor")
    case = made(firm)
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-1"}, page=case)
    refused, annulled = (
        "Verlängerung zu Unrecht abgelehnt: „Verlängern“",
        "Anordnung aufheben (Rücknahme oder Widerruf)",
    )
    text = browser.get(case).text
    assert refused in text
    assert f"Zu Unrecht angeordnet oder nicht mehr nötig: „{annulled}“." in text
    assert refused not in firm.get(case).text
    browser.post(f"{case}/revoke", {"version": "2", "reason": "Rücknahme, § 48 VwVfG"}, page=case)
    text = browser.get(case).text
    assert "Als entfallen veröffentlicht; verschwindet nach 24 Stunden aus den Karten." in text
    assert "Die Anordnung ist aufgehoben." in text
    assert "Vollsperrung entfällt." in text
    assert "widerrufen" not in text.lower()


def test_a_file_number_is_corrected_as_the_order_is_given(browser: Browser, clerk: Caller) -> None:
    case = made(browser, permit_number="61-1")
    assert 'value="61-1"' in browser.get(case).text
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-7"}, page=case)
    assert clerk.get(f"/permits/{case.rpartition('/')[2]}").get_json()["permit_number"] == "61-7"


def test_an_unknown_case_answers_a_page_that_says_so(browser: Browser) -> None:
    answer = browser.get("/permits/nowhere")
    assert answer.status_code == 404
    assert "Diesen Vorgang gibt es nicht." in answer.text
    assert checked(answer.text)
