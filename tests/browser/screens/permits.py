"""Works queue, case page and form, as clerks and contractors see them."""

from playwright.sync_api import Page

from tests.browser.screens.state import State

CLERK, FIRM = "sachbearbeitung", "firma"
FORM = "/permits/neu"


def first_case(page: Page) -> None:
    page.locator("tbody a").first.click()
    page.wait_for_selector("[data-map-state]", timeout=15_000)


def open_end(page: Page) -> None:
    first_case(page)
    page.get_by_text("Anordnung aufheben").first.click()


def section(page: Page) -> None:
    """A section found by its street and two crossings."""
    page.get_by_label("Art der Maßnahme").select_option("road_closed")
    page.get_by_label("Beginn").fill("2030-03-03T07:00")
    for label, text in (("Straße", "Rheinallee"), ("von", "Kaistraße"), ("bis", "Wallring")):
        field = page.locator(f"[data-suggest] input[id$='{FIELDS[label]}']")
        field.fill(text)
        field.press("Tab")
    page.get_by_text("Gefunden: ").wait_for()
    page.get_by_text("Gespeichert um").wait_for()


FIELDS = {"Straße": "-street", "von": "-from_street", "bis": "-to_street"}


def suggestions(page: Page) -> None:
    field = page.locator("[id$='0-street']")
    field.click()
    field.press_sequentially("rhein")
    page.locator("[role=option]").first.wait_for()
    field.press("ArrowDown")


def refused(page: Page) -> None:
    page.locator("[id$='0-street']").fill("Rheinalee")
    page.get_by_role("button", name="Antrag einreichen").click()
    page.get_by_role("alert").wait_for()


def drawing(page: Page) -> None:
    page.get_by_role("button", name="Linie").click()


def conflict(page: Page) -> None:
    """Somebody ended the works while the page stood open: its version is an old one."""
    first_case(page)
    command = page.locator("details:has(input[name=version])").first
    command.locator("summary").click()
    page.eval_on_selector_all("input[name=version]", "fields => fields.forEach((it) => { it.value = '1' })")
    reason = command.locator("textarea[name=reason]")
    if reason.count():
        reason.fill("Beginn wie gemeldet")
    command.get_by_role("button").click()
    page.get_by_role("heading", name="inzwischen geändert").wait_for()


def mended(page: Page) -> None:
    """Two errors, of which one is mended: its mark is gone."""
    page.get_by_label("Voraussichtliche Zahl der Tage").fill("zwei")
    refused(page)
    page.get_by_label("Voraussichtliche Zahl der Tage").fill("2")
    page.get_by_text("Gespeichert um").wait_for()


def offline(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_label("Bezeichnung").fill("Kanal am Rhein")
    page.get_by_text("Nicht gespeichert.").wait_for()


def ended_session(page: Page) -> None:
    """A decision is sent when the session is over."""
    first_case(page)
    command = page.locator("details:has(textarea[name=reason])").first
    command.locator("summary").click()
    command.locator("textarea").fill("Auf Wunsch der Feuerwehr.")
    page.context.clear_cookies()
    command.get_by_role("button").click()
    page.get_by_text("Ihre Sitzung ist abgelaufen.").wait_for()


def begun(page: Page) -> None:
    page.get_by_label("Bezeichnung").fill("Kanal am Rhein")
    page.get_by_text("Gespeichert um").wait_for()
    page.goto(FORM)


def draft(page: Page) -> None:
    """One that came through the API: the demo's contractor has it on the desk."""
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Entwurf bearbeiten").click()
    page.wait_for_selector("[data-map-state]", timeout=15_000)


STATES: list[State] = [
    State("queue", "/permits/", CLERK),
    State("queue-compact", "/permits/?dichte=kompakt&status=open", CLERK),
    State("queue-empty", "/permits/?q=gibt-es-nicht", CLERK),
    State("queue-firm", "/permits/", FIRM),
    State("queue-crowded", "/permits/", CLERK, crowded=True),
    State("queue-crowded-search", "/permits/?q=rhein&status=open&dichte=kompakt&seite=2", CLERK, crowded=True),
    State("case", "/permits/", CLERK, first_case),
    State("case-decision", "/permits/", CLERK, open_end),
    State("case-conflict", "/permits/", CLERK, conflict),
    State("form", FORM, CLERK),
    State("form-suggestions", FORM, FIRM, suggestions),
    State("form-section", FORM, FIRM, section),
    State("form-refused", FORM, FIRM, refused),
    State("form-drawing", FORM, FIRM, drawing),
    State("form-mended", FORM, FIRM, mended),
    State("form-offline", FORM, FIRM, offline),
    State("form-begun", FORM, FIRM, begun),
    State("form-draft", "/permits/?status=draft", FIRM, draft),
    State("session-ended", "/permits/", CLERK, ended_session),
    State("not-for-this-role", "/permits/", "bauhof"),
    State("queue-away", "/permits/", CLERK, fault="database"),
]
