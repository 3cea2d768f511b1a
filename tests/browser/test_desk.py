"""Clerks and contractors at their desk: by pointer and by keyboard alone, with a lost session, two people at once."""

import math

from playwright.sync_api import Browser, expect

from tests.browser.desk import END, FROM, START, STREET, TO, Desk, enter

TILE_PX = 512


def test_a_clerk_approves_by_pointer_and_sees_before_what_follows(clerk: Desk) -> None:
    clerk.case()
    clerk.open("/permits/")
    clerk.page.get_by_role("link", name="ohne Aktenzeichen").click()
    clerk.page.get_by_text("Anordnung erteilen").first.click()
    clerk.page.get_by_label("Aktenzeichen").fill("61-1")
    form = clerk.page.locator("form[action$='/approve']")
    expect(form).to_contain_text("Wird sofort veröffentlicht: als geplant, gültig ab 4. März 2030, 07:00 Uhr.")
    expect(form).to_contain_text("Rheinallee: Vollsperrung vom 4. bis 8. März 2030.")
    form.get_by_role("button", name="Anordnung erteilen").click()
    expect(clerk.page.get_by_role("heading", name="Vorgang 61-1")).to_be_visible()
    expect(clerk.page.locator(".case__state")).to_contain_text("Öffentlich, gültig ab 4. März 2030")


def test_a_clerk_approves_by_keyboard_alone(clerk: Desk) -> None:
    clerk.case("61-2")
    clerk.case("61-3")
    clerk.open("/permits/")
    keyboard = clerk.page.keyboard
    clerk.tab_to(clerk.page.get_by_role("region", name="Vorgänge, was drängt zuerst"))
    first = clerk.page.locator("tbody a").first.get_attribute("href")
    for key in ("j", "j", "k"):
        keyboard.press(key)
    keyboard.press("Enter")
    clerk.page.wait_for_url(f"**{first}")
    clerk.tab_to(clerk.page.locator("#approve-command > summary"))
    keyboard.press("Enter")
    clerk.tab_to(clerk.page.locator("#approve-command").get_by_role("button", name="Anordnung erteilen"))
    keyboard.press("Enter")
    expect(clerk.page.locator(".case__state")).to_contain_text("Öffentlich")


def fill_in_by_keyboard(firm: Desk) -> None:
    """Street, from and to: the first by its suggestion, the second from the list, the third typed to its end."""
    keyboard = firm.page.keyboard
    firm.tab_to(firm.field("measures-0-kind"))
    keyboard.type("Vollsperrung")
    firm.type_into("measures-0-street", "rheina")
    expect(firm.page.locator(".suggestions li").first).to_have_text(STREET)  # the list is no longer that of an "r"
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(firm.field("measures-0-street")).to_have_value(STREET)
    firm.type_into("measures-0-from_street", "kaist")
    expect(firm.page.locator(".suggestions li")).to_have_text([FROM])
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    firm.type_into("measures-0-to_street", TO)
    keyboard.press("Tab")
    expect(firm.page.locator('[data-slot="found"]')).to_contain_text(
        f"Gefunden: {STREET} von {FROM} bis {TO}, Neustadt."
    )


def test_a_contractor_applies_by_keyboard_alone(firm: Desk) -> None:
    firm.open("/permits/neu")
    fill_in_by_keyboard(firm)
    for name, value in (("start", START), ("end", END)):
        firm.tab_to(firm.field(f"measures-0-{name}"))
        firm.field(f"measures-0-{name}").fill(value)  # the order of day and month is the browser's, not the page's
    said = firm.page.locator('[data-slot="public"]')
    expect(said).to_contain_text(f"{STREET} zwischen {FROM} und {TO}: Vollsperrung vom 4. bis 8. März 2030.")
    firm.tab_to(firm.page.get_by_role("button", name="Antrag einreichen"))
    firm.page.keyboard.press("Enter")
    expect(firm.page.locator(".case__state")).to_contain_text("Noch nicht öffentlich")
    case = firm.suite.clerk.get(f"/permits/api/v1/permits/{firm.page.url.rpartition('/')[2]}")
    assert case["measures"][0]["geometry"] == firm.section()["geometry"]
    assert case["district"] == "Neustadt"
    firm.open("/permits/neu")
    expect(firm.page.get_by_text("Angefangene Anträge")).to_have_count(0)


def test_what_is_drawn_along_a_street_is_the_same_place_as_what_is_chosen(firm: Desk) -> None:
    firm.open("/permits/neu")
    fill_in_by_keyboard(firm)
    chosen = firm.field("measures-0-geometry").input_value()
    tools = firm.page.get_by_role("toolbar", name="Zeichnen")
    firm.page.wait_for_timeout(1_000)  # the camera comes to rest
    tools.get_by_role("button", name="Löschen").click()
    expect(firm.field("measures-0-geometry")).to_have_value("")
    tools.get_by_role("button", name="Linie").click()
    corners = [pixel(firm, *(float(figure) for figure in pair.split(","))) for pair in chosen.split()]
    middle = corners[len(corners) // 2]
    for x, y in (corners[0], middle, (middle[0] + 40, middle[1] - 60)):
        firm.page.mouse.click(x + 2, y - 2)
        firm.page.wait_for_timeout(60)
    tools.get_by_role("button", name="Rückgängig").click()  # the last point was a slip
    firm.page.mouse.click(*corners[-1])
    firm.page.keyboard.press("Enter")
    expect(firm.page.locator('[data-slot="drawing"]')).to_contain_text("An die Straße angelegt.")
    expect(firm.field("measures-0-geometry")).to_have_value(chosen)
    expect(firm.page.locator("#measures-0-place-drawn")).to_be_checked()
    for _ in range(2):
        tools.get_by_role("button", name="Rückgängig").click()
    expect(firm.field("measures-0-geometry")).to_have_value(chosen)
    expect(firm.page.locator("#measures-0-place-section")).to_be_checked()


def pixel(desk: Desk, lon: float, lat: float) -> tuple[float, float]:
    """Where on the page the map shows a place."""
    camera = desk.page.locator("[data-camera]").get_attribute("data-camera")
    box = desk.page.locator("[data-map]").bounding_box()
    assert camera
    assert box
    zoom, middle_lat, middle_lon = (float(figure) for figure in camera.split("/"))
    scale = TILE_PX * 2**zoom / 360
    east = (lon - middle_lon) * scale
    south = (mercator(middle_lat) - mercator(lat)) * scale
    return box["x"] + box["width"] / 2 + east, box["y"] + box["height"] / 2 + south


def mercator(lat: float) -> float:
    return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)))


def test_what_was_typed_survives_a_reload_and_a_lost_session(firm: Desk) -> None:
    page, saved = firm.page, firm.page.locator('[data-slot="saved"]')
    firm.open("/permits/neu")
    firm.field("title").fill("Kanal am Rhein")
    expect(saved).to_contain_text("Gespeichert um")
    page.reload()
    expect(firm.field("title")).to_have_value("Kanal am Rhein")
    page.context.clear_cookies()
    firm.field("applicant").fill("Tiefbau Muster GmbH")
    expect(saved).to_contain_text("Ihre Sitzung ist abgelaufen")
    elsewhere = page.context.new_page()
    enter(elsewhere, firm.suite, "firma")
    firm.field("phase").fill("1. Abschnitt")
    expect(saved).to_contain_text("Gespeichert um", timeout=20_000)
    page.reload()
    expect(firm.field("applicant")).to_have_value("Tiefbau Muster GmbH")
    expect(firm.field("phase")).to_have_value("1. Abschnitt")


def test_of_two_people_the_later_one_overwrites_nothing_and_loses_nothing(clerk: Desk) -> None:
    case = clerk.case("61-4")
    clerk.post(f"{case.removeprefix('/permits')}/approve", {})
    clerk.open(f"{case}/aendern")
    clerk.field("title").fill("Fernwärme, zweiter Abschnitt")
    clerk.post(f"{case.removeprefix('/permits')}/extend", {"end": "2030-03-15T17:00:00+01:00"})
    clerk.page.get_by_role("button", name="Änderung anordnen").click()
    expect(clerk.page.get_by_role("heading", name="Der Vorgang wurde inzwischen geändert")).to_be_visible()
    main = clerk.page.get_by_role("main")
    expect(main).to_contain_text("Verlängert")
    expect(main).to_contain_text("Fernwärme, zweiter Abschnitt")
    stands = clerk.suite.clerk.get(f"/permits/api/v1{case}")
    assert (stands["title"], stands["version"]) == ("Fernwärme", 3)
    clerk.page.get_by_role("button", name="Mit meinen Eingaben weiter").click()
    expect(clerk.field("title")).to_have_value("Fernwärme, zweiter Abschnitt")


def test_without_a_script_a_case_and_a_form_show_their_place(browser: Browser, clerk: Desk) -> None:
    case = clerk.case("61-7")
    context = browser.new_context(java_script_enabled=False)
    plain = Desk(clerk.suite, context.new_page())
    enter(plain.page, clerk.suite)
    plain.open(case)
    drawing = plain.page.get_by_role("img", name="Lageskizze der Maßnahmen")
    expect(drawing).to_be_visible()
    expect(drawing.get_by_text(STREET)).to_be_visible()
    plain.open("/permits/neu")
    expect(drawing).to_have_count(0)
    expect(plain.page.get_by_role("heading", name="Lage")).to_be_hidden()
    plain.open(f"/permits/neu?wie={case.rpartition('/')[2]}")
    expect(drawing).to_be_visible()
    context.close()
    clerk.open(case)
    expect(clerk.page.locator('[data-map-state="ready"]')).to_be_visible()
    expect(clerk.page.locator(".desk__sketch")).to_be_hidden()


def test_without_a_script_a_section_is_found_by_a_second_step(browser: Browser, firm: Desk) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = Desk(firm.suite, context.new_page())
    enter(plain.page, firm.suite, "firma")
    plain.open("/permits/neu")
    plain.field("measures-0-kind").select_option("road_closed")
    plain.field("measures-0-start").fill(START)
    plain.field("measures-0-street").fill("Rheinalle")
    plain.page.get_by_role("button", name="Abschnitt suchen").click()
    expect(plain.page.get_by_role("alert")).to_contain_text("Meinten Sie Rheinallee")
    plain.field("measures-0-street").fill(STREET)
    plain.field("measures-0-from_street").fill(FROM)
    plain.field("measures-0-to_street").fill(TO)
    plain.page.get_by_role("button", name="Abschnitt suchen").click()
    expect(plain.page.get_by_text("Gefunden: Rheinallee von Kaistraße bis Wallring, Neustadt.")).to_be_visible()
    plain.page.get_by_role("button", name="Antrag einreichen").click()
    expect(plain.page.get_by_role("heading", name="Vorgang ohne Aktenzeichen")).to_be_visible()
    context.close()
