"""Every door of the suite: who may come in, and what a bad request is told. A new endpoint fails here without its rows.

``doors.txt`` says for each endpoint which roles may come in (``public``: everybody); it is held equal to what the
endpoints declare, and each role knocks at each of them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from services.suite.city_services import build_all
from services.suite.server import apps, behind_one_origin
from shared.clock import WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.settings import Settings
from shared.web.doors import Role, role_matrix, undeclared
from shared.web.keys import ApiKeys
from tests.integration.bad_requests import BAD, WITHOUT_INPUT

TABLE = Path(__file__).with_name("doors.txt")
ROLES: tuple[Role, ...] = get_args(Role)
# What stands for the variables of an address: well-formed, and nobody has it.
NOBODY = {"uuid": "00000000-0000-4000-8000-000000000000"}


class Suite(NamedTuple):
    built: dict[str, Flask]
    client: Client
    keys: dict[str, str]

    def knock(self, role: str, method: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
        sent = {"Accept": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        if role != "public":
            sent["Authorization"] = f"Bearer {self.keys[role]}"
        answer = self.client.open(path, method=method, headers=sent, data=body)
        if answer.is_streamed and answer.mimetype == "text/event-stream":
            answer.close()  # it would go on for ever
        return answer

    def declared(self) -> dict[str, str]:
        doors: dict[str, str] = {}
        for app in self.built.values():
            doors |= {name: " ".join(roles) for name, roles in role_matrix(app).items()}
        return doors


@pytest.fixture(scope="module")
def suite(city_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    url = city_url()
    settings = Settings(
        database_url=url, master_key=b"x" * 32, data_dir=tmp_path_factory.mktemp("doors"), requests_per_s=1_000_000
    )
    services, log, web = build_all(settings, url), open_log(url, WallClock()), Database(url, "web")
    for service in services:
        for part in service.parts(log):
            part.step()  # the views are there
            part.close()
    keys = {str(role): ApiKeys(web, WallClock()).create(role, "Test").token for role in ROLES if role != "public"}
    built = apps(settings, url)
    yield Suite(built, Client(behind_one_origin(built)), keys)
    built["/beacons"].extensions["ticker"].stop()
    for database in (*(service.database for service in services), web):
        database.close()
    log.close()


def written() -> dict[str, str]:
    lines = [line.partition(": ") for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {name: roles for name, _, roles in lines}


def test_every_endpoint_says_who_may_come_in_and_the_table_knows_it(suite: Suite) -> None:
    assert [name for app in suite.built.values() for name in undeclared(app)] == []
    assert suite.declared() == written(), "what an endpoint declares and tests/integration/doors.txt differ"


def test_each_role_gets_in_exactly_where_the_table_says(suite: Suite) -> None:
    wrong = []
    for name, roles in written().items():
        method, rule = name.split(" ", 1)
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: NOBODY.get(found[1], "nowhere"), rule)
        for role in ROLES:
            status = suite.knock(role, method, path).status_code
            if status not in expected(method, roles.split(), role):
                wrong.append((name, role, status))
    assert not wrong, "\n".join(map(str, wrong))


def expected(method: str, roles: list[str], role: Role) -> set[int]:
    """What a request without content may be answered: turned away, or anything but that and but a crash."""
    if roles != ["public"] and role not in roles:
        return {401 if role == "public" else 403}
    if roles == ["public"] and role == "public" and method == "POST":
        return {403}  # a form without its token
    return {*range(200, 401), 404, 409, 413, 415, 422, 429, 503}


def test_every_endpoint_of_the_apis_has_bad_requests_in_the_table(suite: Suite) -> None:
    apis = {name for name in suite.declared() if re.search(r"/(api|feed)/v1/", name)}
    assert {bad.door for bad in BAD} | WITHOUT_INPUT == apis


def test_a_bad_request_is_told_what_is_wrong_with_it(suite: Suite) -> None:
    wrong = []
    for bad in BAD:
        answer = suite.knock("admin", bad.door.partition(" ")[0], bad.path, bad.body, Content_Type=bad.media_type)
        problem: Any = answer.get_json(silent=True) or {}
        told = (answer.status_code, answer.mimetype, problem.get("status"), bool(problem.get("title")))
        if told != (bad.status, "application/problem+json", bad.status, True):
            wrong.append((bad.door, bad.path, bad.body[:60], bad.status, told))
    assert not wrong, "\n".join(map(str, wrong))
