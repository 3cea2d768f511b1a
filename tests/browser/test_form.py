"""The form: suggestions by keyboard and mouse, errors that go once they are mended, and nothing typed is ever lost."""

import math
import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import END, FROM, START, STREET, TO, Desk, enter, slowly
from tests.browser.test_desk import pixel

TYPED, GEOMETRY = "measures-0-street", "measures-0-geometry"


@pytest.fixture
def form(firm: Desk) -> Desk:
    firm.open("/permits/neu")
    return firm


def options(desk: Desk) -> Locator:
    return desk.page.locator(".suggestions [role=option]")


def marked(desk: Desk) -> Locator:
    return desk.page.locator("[role=option][aria-selected=true]")


def test_suggestions_by_keyboard_follow_the_combobox_pattern(form: Desk) -> None:
    street, press = form.field(TYPED), form.page.keyboard.press
    form.type_into(TYPED, "allee")
    expect(options(form)).not_to_have_count(0)
    names = options(form).all_text_contents()
    assert len(names) > 1, names
    expect(street).to_have_attribute("aria-expanded", "true")
    expect(form.page.locator("#suggestions-said")).to_have_text(f"{len(names)} Vorschläge; mit den Pfeiltasten wählen.")
    expect(marked(form)).to_have_count(0)  # nothing is chosen until somebody chooses it
    steps = {"ArrowDown": names[0], "ArrowUp": names[-1], "End": None}
    for key, name in steps.items():  # round the end, and back into the text
        press(key)
        expect(marked(form)).to_have_text([name] if name else [])
    press("ArrowUp")
    expect(marked(form)).to_have_text(names[-1])
    expect(street).to_have_attribute("aria-activedescendant", re.compile("suggestions-"))
    press("Home")
    assert street.evaluate("it => [it.selectionStart, it.selectionEnd]") == [0, 0]
    press("Escape")
    expect(options(form)).to_have_count(0)
    expect(street).to_have_value("allee")
    press("ArrowDown")  # opens again, on the first
    expect(marked(form)).to_have_text(names[0])
    press("Enter")
    expect(street).to_have_value(names[0])
    expect(options(form)).to_have_count(0)
    expect(form.page.get_by_role("heading", name="Neuer Antrag")).to_be_visible()
    assert "do=" not in form.page.url
    form.field(TYPED).fill("")
    form.page.keyboard.type("gibt es nicht")
    expect(form.page.locator("#suggestions-said")).to_have_text("Keine Vorschläge.")


def test_enter_in_a_field_with_suggestions_never_sends_the_form(form: Desk) -> None:
    sent: list[str] = []
    form.page.on("framenavigated", lambda frame: sent.append(frame.url))
    slowly(form.page, "**/streets?q=*", 300)
    form.type_into(TYPED, "rheina")
    form.page.keyboard.press("Enter")
    form.page.wait_for_timeout(600)
    assert sent == []
    expect(form.field(TYPED)).to_have_value("rheina")


def test_suggestions_by_mouse(form: Desk) -> None:
    form.field(TYPED).click()
    form.page.keyboard.type("rheina")
    options(form).get_by_text(STREET, exact=True).click()
    expect(form.field(TYPED)).to_have_value(STREET)
    expect(form.field(TYPED)).to_be_focused()
    form.field("measures-0-from_street").click()  # what crosses the street is there without typing
    options(form).get_by_text(FROM, exact=True).click()
    form.field("measures-0-to_street").click()
    options(form).get_by_text(TO, exact=True).click()
    expect(form.page.locator('[data-slot="found"]')).to_contain_text(f"Gefunden: {STREET} von {FROM} bis {TO}")


def test_an_error_goes_when_it_is_mended_and_no_new_one_comes_while_one_types(form: Desk) -> None:
    page, summary = form.page, form.page.locator("#fehler")
    form.field("measures-0-kind").select_option("road_closed")
    form.field("measures-0-street").fill("Rheinalee")
    form.field("measures-0-start").fill(END)
    form.field("measures-0-end").fill(START)
    form.field("expected_days").fill("zwei")
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(summary).to_contain_text("Meinten Sie Rheinallee")
    expect(summary).to_be_focused()
    wrong = page.locator("[aria-invalid=true]")
    count = wrong.count()
    assert count == summary.locator("li").count() == 2
    form.field("measures-0-street").fill(STREET)
    page.keyboard.press("Tab")
    expect(wrong).to_have_count(1)
    expect(summary.locator("li")).to_have_text(["Bitte geben Sie eine ganze Zahl an."])
    expect(page.locator("#measures-0-street-fehler")).to_have_count(0)
    form.field("expected_days").fill("")
    expect(summary).to_have_count(0)
    expect(page.locator(".kern-error, [class*='--error'], [aria-invalid=true]")).to_have_count(0)
    expect(page).to_have_title(re.compile("^Neuer Antrag"))
    page.get_by_role("button", name="Antrag einreichen").click()  # now what only now can be judged
    expect(page.locator("#fehler")).to_contain_text("Ende")
    form.field("measures-0-start").fill(START)
    form.field("measures-0-end").fill(END)
    expect(page.locator("#fehler")).to_have_count(0)
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")


def test_a_cut_network_is_told_and_what_was_typed_is_saved_and_sent_once_it_is_back(form: Desk) -> None:
    page, saved = form.page, form.page.locator('[data-slot="saved"]')
    fill_in(form)
    expect(saved).to_contain_text("Gespeichert um")
    page.context.set_offline(True)
    form.field("title").fill("Kanal am Rhein")
    expect(saved).to_contain_text("Nicht gespeichert. Keine Verbindung.")
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(saved).to_contain_text("Noch nicht gesendet. Keine Verbindung.")
    expect(saved).to_be_in_viewport()
    expect(form.field("title")).to_have_value("Kanal am Rhein")
    page.context.set_offline(False)  # the browser says so, and it is saved at once
    expect(saved).to_contain_text("Gespeichert um")
    page.reload()
    expect(form.field("title")).to_have_value("Kanal am Rhein")
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")
    expect(page.get_by_role("main")).to_contain_text("Kanal am Rhein")


def test_who_sends_after_the_session_has_ended_loses_nothing(form: Desk) -> None:
    page, saved = form.page, form.page.locator('[data-slot="saved"]')
    fill_in(form)
    page.context.clear_cookies()
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(saved).to_contain_text("Noch nicht gesendet. Ihre Sitzung ist abgelaufen.")
    elsewhere = page.context.new_page()
    enter(elsewhere, form.suite, "firma")
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")


def test_a_double_click_on_a_slow_line_makes_one_case_and_says_that_it_takes_time(form: Desk) -> None:
    page = form.page
    fill_in(form)
    slowly(page, "**/permits/entwurf", 5_000)
    page.get_by_role("button", name="Antrag einreichen").dblclick()
    expect(page.locator('[data-slot="saved"]')).to_contain_text("Das dauert länger als sonst.")
    expect(page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")
    assert form.suite.clerk.get("/permits/api/v1/permits?status=submitted")["total"] == 1


def test_begun_applications_and_drafts_are_found_again_and_told_apart(form: Desk) -> None:
    """What was typed and not sent, and a draft that came through the API: both go on in the same form."""
    page = form.page
    form.field("title").fill("Kanal am Rhein")
    expect(page.locator('[data-slot="saved"]')).to_contain_text("Gespeichert um")
    form.open("/permits/")
    page.get_by_role("link", name="Ein angefangener Antrag").click()
    page.get_by_role("link", name="Kanal am Rhein").click()
    expect(form.field("title")).to_have_value("Kanal am Rhein")
    expect(page.get_by_text("Gesendet sind sie noch nicht.")).to_be_visible()


@pytest.mark.parametrize(("tool", "corners"), [("Fläche", 3), ("Punkt", 1)])
def test_an_area_and_a_point_are_drawn_by_mouse_and_kept(form: Desk, tool: str, corners: int) -> None:
    page, tools = form.page, form.page.get_by_role("toolbar", name="Zeichnen")
    page.emulate_media(reduced_motion="reduce")  # the camera is where it goes at once
    expect(tools).to_be_visible()
    fill_in(form)
    spots = [(120, 80), (320, 80), (220, 240)][:corners]
    tools.get_by_role("button", name=tool).click()
    for x, y in spots + spots[:1] * (corners > 1):  # an area is closed at its first corner
        page.locator("[data-map] canvas").click(position={"x": x, "y": y})
    expect(page.locator('[data-slot="drawing"]')).to_contain_text("Übernommen.")
    expect(page.locator("#measures-0-place-drawn")).to_be_checked()
    drawn = form.field(GEOMETRY).input_value()
    box = page.locator("[data-map]").bounding_box()
    assert box
    ring = [pixel(form, *map(float, pair.split(","))) for pair in drawn.split()]
    seen = sorted((x - box["x"], y - box["y"]) for x, y in ring[-corners:])
    assert max(map(math.dist, seen, sorted(spots))) < 1.5
    assert (len(ring), ring[0]) == (corners + (corners > 1), ring[-1])
    page.get_by_role("button", name="Antrag einreichen").click()
    expect(page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")
    page.get_by_role("link", name="Angaben in einen neuen Antrag übernehmen").click()
    expect(form.field(GEOMETRY)).to_have_value(drawn)


def fill_in(desk: Desk) -> None:
    desk.field("measures-0-kind").select_option("road_closed")
    for name, text in (("street", STREET), ("from_street", FROM), ("to_street", TO), ("start", START), ("end", END)):
        desk.field(f"measures-0-{name}").fill(text)
        desk.field(f"measures-0-{name}").press("Tab")
    expect(desk.page.locator('[data-slot="public"]')).to_contain_text(f"{STREET} zwischen {FROM} und {TO}")
