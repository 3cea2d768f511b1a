"""Whoever works in the pages: a running suite, a page of it, and what a person does there."""

import json
import re
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, Route

from services.suite.city_services import Services
from services.suite.client import Doors

PASSWORD = "nur-zum-Testen-1"  # noqa: S105  # of a database that lives for one test
STREET, FROM, TO = "Rheinallee", "Kaistraße", "Wallring"
START, END = "2030-03-04T07:00", "2030-03-08T17:00"  # a Monday and its Friday


class Suite(NamedTuple):
    """A running suite: its address, and doors with keys of a clerk and of the fleet."""

    origin: str
    services: Services
    clerk: Doors
    fleet: Doors


class Desk(NamedTuple):
    suite: Suite
    page: Page

    def open(self, path: str) -> None:
        self.page.goto(self.suite.origin + path)

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]')

    def case(self, number: str = "") -> str:
        """A case, handed in through the public door; its path."""
        times = {"start": f"{START}:00+01:00", "end": f"{END}:00+01:00"}
        measure = {"measure": "road_closed", "street": STREET, "geometry": self.section()["geometry"], **times}
        body = {"title": "Fernwärme", "applicant": "Stadtwerke Gutenau AG", "measures": [measure]}
        body |= {"permit_number": number} if number else {}
        return f"/permits/{self.post('', body)['id']}"

    def post(self, path: str, body: Any) -> Any:
        return self.suite.clerk.post(f"/permits/api/v1/permits{path}", json.dumps(body).encode(), "application/json")

    def section(self) -> Any:
        query = f"street={STREET}&from=Kaistra%C3%9Fe&to={TO}"
        return self.suite.clerk.get(f"/permits/api/v1/streets/section?{query}")

    def tab_to(self, target: Locator) -> None:
        """By keyboard alone: Tab until the focus is there."""
        for _ in range(120):
            if target.evaluate("it => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"no way there by keyboard: {target}")

    def type_into(self, name: str, text: str) -> None:
        self.tab_to(self.field(name))
        self.page.keyboard.type(text)


def enter(page: Page, suite: Suite, login: str = "amt61") -> None:
    """Log in without looking at the form, which has tests of its own."""
    address = f"{suite.origin}/login"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.request.get(address).text())
    assert token
    sent = {"csrf_token": token[1], "login": login, "password": PASSWORD}
    assert page.request.post(address, form=sent, max_redirects=0).status == 303


def slowly(page: Page, pattern: str, ms: int) -> None:
    """Requests that fit are sent so much later."""

    def hold(route: Route) -> None:
        page.wait_for_timeout(ms)
        route.continue_()

    page.route(pattern, hold)
