"""What the tests of the pages share: a filled form, the case that it makes, and what every page must have."""

from html.parser import HTMLParser
from typing import Any

from tests.integration.permits.desk import Browser

FORM = {
    "title": "Kanal",
    "applicant_kind": "person",
    "applicant": "Max Mustermann",
    "responsible_phone": "0171 123",
    "responsible_proof": "Schulung vom 12.03.2025",
    "client": "Stadtwerke",
    "measures-0-kind": "road_closed",
    "measures-0-street": "Rheinstraße",
    "measures-0-start": "2026-03-05T07:00",
    "measures-0-end": "2026-03-20T17:00",
    "measures-0-except_dates": "12.03.2026",
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


def made(browser: Browser, **changes: str) -> str:
    answer = browser.post("/permits/neu", FORM | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def actions(page: Page) -> list[str]:
    return [form["action"].rpartition("/")[2] for form in page.forms if form["action"] not in {"/logout", "/permits/"}]
