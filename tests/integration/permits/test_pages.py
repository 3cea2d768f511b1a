"""The pages: their frame, their forms, what they keep and what they say."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from shared.clock import DAY_US
from tests.integration.permits.desk import Browser, Caller, World, application
from tests.integration.permits.test_cases import submitted
from tests.integration.permits.test_imports import collection, feature, taken

FORM = {
    "title": "Kanal",
    "applicant_kind": "person",
    "applicant": "Max Mustermann",
    "responsible_phone": "0171 123",
    "measures-0-kind": "road_closed",
    "measures-0-street": "Rheinstraße",
    "measures-0-start": "2026-03-05T07:00",
    "measures-0-end": "2026-03-20T17:00",
    "measures-0-geometry": "8.27,50.0 8.271,50.0005",
    "do": "submit",
}


class Page(HTMLParser):
    """What every page must have: title, language, one h1, ids once, labels, forms with their token."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lang, self.title, self.h1, self.ids = "", "", 0, list[str]()
        self.forms, self.labels, self.fields, self.described = (
            list[dict[str, Any]](),
            set[str](),
            set[str](),
            set[str](),
        )
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "id" in said:
            self.ids.append(said["id"])
        self.described |= set(said.get("aria-describedby", "").split())
        self._in_title |= tag == "title"
        if tag == "html":
            self.lang = said["lang"]
        elif tag == "h1":
            self.h1 += 1
        elif tag == "form":
            self.forms.append({**said, "token": False})
        elif tag == "label":
            self.labels.add(said["for"])
        elif tag in {"input", "select", "textarea"}:
            if said.get("type") == "hidden":
                self.forms[-1]["token"] |= said.get("name") == "csrf_token" and bool(said["value"])
            else:
                self.fields.add(said["id"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def checked(text: str) -> Page:
    page = Page(text)
    assert page.lang == "de"
    assert page.title.endswith("– Mainz")
    assert page.h1 == 1
    assert len(set(page.ids)) == len(page.ids), sorted(i for i in page.ids if page.ids.count(i) > 1)
    assert page.fields <= page.labels, page.fields - page.labels
    assert page.described <= set(page.ids), page.described - set(page.ids)
    assert all(form["token"] for form in page.forms if form["method"] == "post")
    return page


@pytest.fixture
def browser(world: World) -> Browser:
    return world.session("clerk")


def made(browser: Browser, **changes: str) -> str:
    answer = browser.post("/permits/neu", FORM | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def actions(page: Page) -> list[str]:
    return [form["action"].rpartition("/")[2] for form in page.forms if form["action"] not in {"/logout", "/permits/"}]


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


def test_an_application_in_the_form_becomes_a_case_in_berlin_time(browser: Browser, clerk: Caller) -> None:
    case = made(browser)
    seen = clerk.get(f"/permits/{case.rpartition('/')[2]}").get_json()
    assert seen["measures"][0]["start"] == "2026-03-05T06:00:00+00:00"
    assert seen["personal"] == {"applicant_name": "Max Mustermann", "responsible_phone": "0171 123"}
    text = browser.get(case).text
    assert "5. März 2026, 07:00 Uhr" in text
    assert "Antrag eingegangen" in text
    assert "Erika clerk" in text
    assert "0171 123" in text


def test_a_contractor_does_not_read_names_of_staff(world: World, browser: Browser) -> None:
    firm = world.session("contractor")
    case = made(firm)
    browser.post(f"{case}/approve", {"version": "1", "permit_number": "61-1"}, page=case)
    text = firm.get(case).text
    assert "Sachbearbeitung" in text
    assert "Erika clerk" not in text
    assert "Personendaten (nicht" not in text
    assert actions(checked(text)) == ["extend"]
    assert "Melden lässt sich der Beginn der Arbeiten ab dem 4. März 2026, 07:00 Uhr." in text


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
    street = FORM | {"measures-0-street": "Kaiserstraße", "measures-0-key": "1", "version": "1", "reason": "Vertippt"}
    assert firm.post(f"{case}/aendern", street, page=case).status_code == 303
    page = firm.get(case).text
    assert "Der Antrag ist geändert." in page
    assert "Maßnahme 1: Straße: Kaiserstraße (bisher Rheinstraße)" in page
    seen = clerk.get(f"/permits/{case.rpartition('/')[2]}").get_json()
    assert (seen["status"], seen["personal"]["applicant_name"]) == ("submitted", "Max Mustermann")
    permit_id = case.rpartition("/")[2]
    emptied = street | {"responsible_phone": "", "version": "2"}
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
