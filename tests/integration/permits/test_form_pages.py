"""The form: for applying, for correcting an application, for changing an order."""

import re

import pytest

from tests.integration.permits.desk import Browser, Caller, World, application
from tests.integration.permits.pages import FORM, checked, made
from tests.integration.permits.test_cases import submitted


def test_an_application_in_the_form_becomes_a_case_in_berlin_time(browser: Browser, clerk: Caller) -> None:
    case = made(browser)
    seen = clerk.get(f"/permits/{case.rpartition('/')[2]}").get_json()
    assert seen["measures"][0]["start"] == "2026-03-05T06:00:00+00:00"
    assert seen["measures"][0]["except"] == ["2026-03-12"]
    assert seen["personal"] == {
        "applicant_name": "Max Mustermann",
        "responsible_phone": "0171 123",
        "responsible_proof": "Schulung vom 12.03.2025",
        "client": "Stadtwerke",
    }
    text = browser.get(case).text
    assert all(said in text for said in ("12.03.2026", "Schulung vom 12.03.2025", "Stadtwerke"))
    assert "5. März 2026, 07:00 Uhr" in text
    assert "Antrag eingegangen" in text
    assert "Erika clerk" in text
    assert "0171 123" in text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"measures-0-kind": ""}, "measures-0-kind", "Bitte wählen Sie die Art der Maßnahme."),
        ({"measures-0-street": " "}, "measures-0-street", "Die Straße fehlt."),
        ({"measures-0-start": "gestern"}, "measures-0-start", "Bitte geben Sie Datum und Uhrzeit an"),
        ({"measures-0-start": "2026-03-29T02:30"}, "measures-0-start", "Diese Uhrzeit gibt es an diesem Tag nicht"),
        ({"measures-0-end": "2026-03-01T07:00"}, "measures-0-end", "Das Ende muss nach dem Beginn liegen."),
        ({"measures-0-geometry": "hier"}, "measures-0-geometry", "Bitte geben Sie Punkte als"),
        ({"measures-0-geometry": "50.0,8.27 50.0,8.28"}, "measures-0-geometry", "außerhalb des Zuständigkeitsgebiets"),
        ({"measures-0-kind": "speed_limit"}, "measures-0-speed_limit_kph", "Die zulässige Geschwindigkeit fehlt."),
        ({"measures-0-lanes_total": "zwei"}, "measures-0-lanes_total", "Bitte geben Sie eine ganze Zahl an."),
        ({"measures-0-except_dates": "12.3."}, "measures-0-except_dates", "„12.3.“ ist kein Tag"),
        ({"measures-0-except_dates": "31.12.2026"}, "measures-0-except_dates", "Nicht im Zeitraum: 31.12.2026."),
        ({"expected_days": "0"}, "expected_days", "mindestens 1"),
        ({"title": "x" * 5000}, "title", "Der Text ist zu lang"),
        ({"title": "a\0b"}, "title", "unzulässige Zeichen"),
    ],
)
def test_an_error_stands_at_its_field_and_in_the_summary_and_the_input_stays(
    browser: Browser, changes: dict[str, str], field: str, sentence: str
) -> None:
    answer = browser.post("/permits/neu", FORM | changes)
    assert answer.status_code == 422
    page = checked(answer.text)
    assert page.title.startswith("Fehler: ")
    assert f'href="#{field}"' in answer.text
    assert f"{field}-fehler" in page.ids
    assert answer.text.partition("So würde es öffentlich stehen")[0].count(sentence) == 2
    assert 'value="0171 123"' in answer.text
    assert field in page.ids


def test_the_second_of_two_measures_shows_its_own_error(browser: Browser) -> None:
    second = {name.replace("-0-", "-3-"): value for name, value in FORM.items() if "-0-" in name}
    answer = browser.post("/permits/neu", FORM | second | {"measures-3-end": "2026-03-01T07:00"})
    assert answer.status_code == 422
    assert "measures-3-end-fehler" in checked(answer.text).ids
    assert "measures-0-end-fehler" not in answer.text


def test_measures_are_added_and_removed_without_a_script(browser: Browser) -> None:
    more = browser.post("/permits/neu", FORM | {"do": "add"})
    assert more.status_code == 200
    assert checked(more.text).fields >= {"measures-0-kind", "measures-1-kind"}
    assert 'value="Kanal"' in more.text
    less = browser.post("/permits/neu", FORM | {"measures-1-street": "Rheinstraße", "do": "remove-0"})
    assert "measures-0-kind" not in checked(less.text).fields


def test_the_preview_shows_the_public_side_and_makes_no_case(browser: Browser, clerk: Caller) -> None:
    answer = browser.post("/permits/neu", FORM | {"do": "preview"})
    assert answer.status_code == 200
    checked(answer.text)
    preview = answer.text.partition("So würde es öffentlich stehen")[2].partition("</section>")[0]
    assert "Rheinstraße: Vollsperrung vom 5. bis 20. März 2026." in preview
    assert "Mustermann" not in preview
    assert clerk.get("/permits").get_json()["total"] == 0


def test_a_double_click_makes_one_case(browser: Browser) -> None:
    assert made(browser, attempt="a" * 32) == made(browser, attempt="a" * 32)
    assert made(browser, attempt="b" * 32) != made(browser, attempt="a" * 32)


BOXES = ("weekdays", "affects", "exempt")


def test_changing_an_order_keeps_what_the_form_does_not_show(browser: Browser, clerk: Caller) -> None:
    hole = [[8.277, 50.001], [8.279, 50.001], [8.279, 50.003], [8.277, 50.001]]
    ring = [[8.27, 50.0], [8.28, 50.0], [8.28, 50.01], [8.27, 50.0]]
    measure = {
        "geometry": {"type": "Polygon", "coordinates": [ring, hole]}, "affects": ["car"], "exempt": ["bus"],
        "except": ["2026-03-10"], "start": "2026-03-05T07:00:30+01:00", "measure_id": "2",
    }  # fmt: skip
    permit_id = submitted(clerk, measure=measure, permit_number="61-1", personal={"responsible_name": "Eva Beispiel"})
    before = clerk.post(f"/permits/{permit_id}/approve").get_json()
    page = f"/permits/{permit_id}/aendern"
    text = browser.get(page).text
    checked(text)
    assert "Große Bleiche: Vollsperrung vom 5. bis 20. März 2026." in text, "a preview at once"
    assert '/?zeit=zeitraum&amp;strasse=61-1"' in browser.get(f"/permits/{permit_id}").text
    fields = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*?value="([^"]*)"', text.replace("\n", " ")))
    fields = {n: v for n, v in fields.items() if not n.endswith(BOXES) and n not in {"csrf_token", "next"}}
    boxes = re.findall(r'name="([^"]+)" value="([^"]*)" checked', text)
    fields |= {name: value for name, value in boxes if name.endswith(BOXES)}
    fields |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n?([^<]*)<', text))
    fields |= {
        "applicant_kind": "organisation",
        "title": "Neu",
        "responsible_phone": "0171 5",
        "measures-0-kind": "road_closed",
    }
    fields |= {"measures-1-kind": "detour", "measures-1-street": "Umweg", "measures-1-start": "2026-03-05T07:00"}
    fields |= {"measures-1-geometry": "8.27,50.0 8.28,50.0", "measures-0-direction": "both", "do": "submit"}
    answer = browser.post(page, fields)
    assert answer.status_code == 303, answer.text
    after = clerk.get(f"/permits/{permit_id}").get_json()
    assert after["title"] == "Neu"
    assert after["personal"] == {"responsible_name": "Eva Beispiel", "responsible_phone": "0171 5"}
    assert after["measures"][0] == before["measures"][0]
    assert [measure["measure_id"] for measure in after["measures"]] == ["2", "1"]
    assert browser.post(page, fields).status_code == 409


def test_an_applicant_corrects_an_application_in_the_form(world: World, clerk: Caller) -> None:
    firm = world.session("contractor")
    case = made(firm)
    assert f'href="{case}/aendern"' in firm.get(case).text
    text = firm.get(f"{case}/aendern").text
    checked(text)
    assert 'value="Max Mustermann"' in text, "who wrote it reads it"
    like = firm.get(f"/permits/neu?wie={case.rpartition('/')[2]}").text
    assert all(f'value="{sent}"' in like for sent in ("Max Mustermann", "0171 123", "Stadtwerke"))
    pattern = world.session("clerk").get(f"/permits/neu?wie={case.rpartition('/')[2]}").text
    assert "0171 123" not in pattern, "a clerk may mean somebody else"
    assert "Personendaten sind aus dem früheren Vorgang nicht übernommen." in pattern
    street = FORM | {"measures-0-street": "Kaiserstraße", "measures-0-key": "1", "version": "1", "reason": "Vertippt"}
    assert firm.post(f"{case}/aendern", street, page=case).status_code == 303
    page = firm.get(case).text
    assert "Der Antrag ist geändert." in page
    assert "Maßnahme 1: Straße: Kaiserstraße (bisher Rheinstraße)" in page
    seen = clerk.get(f"/permits/{case.rpartition('/')[2]}").get_json()
    assert (seen["status"], seen["personal"]["applicant_name"]) == ("submitted", "Max Mustermann")
    permit_id = case.rpartition("/")[2]
    emptied = street | {"responsible_phone": "", "responsible_proof": "", "client": "", "version": "2"}
    assert firm.post(f"{case}/aendern", emptied, page=case).status_code == 303
    kept = clerk.get(f"/permits/{permit_id}").get_json()
    assert (kept["version"], kept["personal"]) == (3, {"applicant_name": "Max Mustermann"})
    assert firm.post(f"{case}/aendern", emptied | {"version": "3"}, page=case).status_code == 303
    assert clerk.get(f"/permits/{permit_id}").get_json()["version"] == 3, "nothing new is no event"
    noted = application(measure={"measure_id": "1", "note": "Firma säumig"}, applicant="Max Mustermann")
    assert clerk.post(f"/permits/{permit_id}/amend", noted).status_code == 200
    for page in (f"{case}/aendern", f"/permits/neu?wie={permit_id}"):
        assert "Firma säumig" not in firm.get(page).text
    nameless = street | {"applicant": "", "version": "4"}
    assert "wer den Antrag stellt" in firm.post(f"{case}/aendern", nameless, page=case).text
