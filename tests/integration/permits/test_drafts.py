"""What was begun and not sent: forms kept for who types, drafts that came through the API, one form for both."""

import pytest

from tests.integration.permits.desk import Browser, Caller, World, application
from tests.integration.permits.pages import FORM, checked, made

DRAFT = {"title": "Kanal am Rhein", "applicant": "Tiefbau Muster GmbH"}


@pytest.fixture
def firm(world: World) -> Browser:
    return world.session("contractor", "organisation:muster")


@pytest.fixture
def draft(world: World) -> str:
    answer = world.key("contractor", "organisation:muster").post("/permits?draft=true", application(**DRAFT))
    assert answer.status_code == 201, answer.text
    return f"/permits/{answer.get_json()['id']}"


def test_a_draft_is_worked_on_and_handed_in_in_the_form(firm: Browser, draft: str, clerk: Caller) -> None:
    page = firm.get(draft).text
    assert "Noch nicht eingereicht und nur für Sie sichtbar." in page
    assert f'href="{draft}/aendern"' in page
    form = firm.get(f"{draft}/aendern")
    assert "Entwurf bearbeiten" in form.text
    assert "Antrag einreichen" in form.text
    assert "Begründung der Änderung" not in form.text
    checked(form.text)
    without = {name: text for name, text in FORM.items() if not name.startswith("applicant")}
    refused = firm.post(f"{draft}/aendern", without | {"version": "1"})
    assert refused.status_code == 422
    assert "Bitte geben Sie an, wer den Antrag stellt." in refused.text
    sent = firm.post(f"{draft}/aendern", FORM | {"version": "1", "title": "Kanal, neu"})
    assert sent.status_code == 303, sent.text
    case = clerk.get(f"/permits/{draft.rpartition('/')[2]}").get_json()
    assert (case["status"], case["title"]) == ("submitted", "Kanal, neu")


def test_a_draft_is_its_authors_alone_and_an_order_is_changed_by_clerks(
    world: World, firm: Browser, draft: str, clerk: Caller
) -> None:
    assert world.session("clerk").get(f"{draft}/aendern").status_code == 404
    firm.post(f"{draft}/aendern", FORM | {"version": "1"})
    assert clerk.post(f"/permits/{draft.rpartition('/')[2]}/approve", {"permit_number": "61-1"}).status_code == 200
    assert firm.get(f"{draft}/aendern").status_code == 409
    late = firm.post(f"{draft}/aendern", FORM | {"version": "2", "title": "Kanal, später"}, page="/permits/neu")
    assert late.status_code == 409
    late = firm.post(f"{draft}/aendern", FORM | {"version": "3", "title": "Kanal, später"}, page="/permits/neu")
    assert late.status_code == 409
    assert clerk.get(f"/permits/{draft.rpartition('/')[2]}").get_json()["title"] == FORM["title"]


def test_what_is_typed_is_kept_judged_and_shown_again(world: World) -> None:
    browser = world.session("clerk")
    wrong = {"attempt": "a" * 32, "measures-0-end": "2026-03-01T07:00", "applicant": "", "do": ""}
    said = browser.post("/permits/entwurf", FORM | wrong, page="/permits/neu").get_json()
    assert said["errors"] == {
        "measures-0-end": "Das Ende muss nach dem Beginn liegen.",
        "applicant": "Bitte geben Sie an, wer den Antrag stellt.",
    }
    assert said["public"] == []
    said = browser.post("/permits/entwurf", FORM | {"attempt": "a" * 32}, page="/permits/neu").get_json()
    assert said["errors"] == {}
    assert said["public"] == ["Rheinstraße: Vollsperrung vom 5. bis 20. März 2026."]
    assert "Ein angefangener Antrag" in browser.get("/permits/").text
    assert "angefangener" not in world.session("clerk").get("/permits/").text
    assert made(browser, attempt="a" * 32)
    assert "angefangener" not in browser.get("/permits/").text


def test_a_form_that_is_too_much_to_keep_says_so(world: World) -> None:
    much = {f"measures-{number}-note": "x" * 4_000 for number in range(60)}
    answer = world.session("clerk").post("/permits/entwurf", FORM | much, page="/permits/neu")
    assert answer.status_code == 422
    assert "zu umfangreich" in answer.text


def test_a_kept_change_of_an_order_is_judged_as_the_change_that_it_is(world: World) -> None:
    """Its own number is not taken, and works that began long ago are no fault of it."""
    browser = world.session("clerk")
    case = made(browser)
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-1"}, page=case)
    change = FORM | {"permit_id": case.rpartition("/")[2], "version": "2", "title": "Kanal, neu"}
    said = browser.post("/permits/entwurf", change, page=f"{case}/aendern").get_json()
    assert said["errors"] == {}
    assert "Sie haben hier etwas angefangen" in browser.get(case).text
    assert "Kanal, neu" in browser.get(f"{case}/aendern").text
    browser.post(f"{case}/extend", {"version": "2", "end": "2026-04-01T07:00"}, page=case)
    answer = browser.get(f"{case}/aendern")
    assert answer.status_code == 409
    assert "Kanal, neu" in answer.text
    checked(answer.text)
    discarded = browser.post("/permits/entwurf/verwerfen", {"permit_id": change["permit_id"]}, page=f"{case}/aendern")
    assert discarded.headers["Location"] == case
    assert browser.get(f"{case}/aendern").status_code == 200
