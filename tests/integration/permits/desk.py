"""The permit service as the tests meet it: an app on a fresh schema, callers with keys or sessions, and a permit."""

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.permits.application.cases import CasesView
from services.permits.application.queue import Queue
from services.permits.bootstrap import FOLDERS, PREFIX, Permits, build_on
from shared.clock import SteeredClock
from shared.db.migrate import migrate
from shared.db.pool import Database
from shared.eventstore.as_log import StoreAsLog
from shared.eventstore.postgres import PostgresStore
from shared.projection.live import LiveView
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.doors import Role
from shared.web.keys import WEB_MIGRATIONS
from shared.web.shell import EXTENSION, Shell

API = "/permits/api/v1"
PASSWORD = "eine lange Losung"  # noqa: S105  # of accounts that live for one test
START_US = 1_772_431_200_000_000  # 2026-03-02T06:00:00Z
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_numbers = itertools.count(1)


class SteppedQueue(Queue):
    """Steps the view itself, where a worker would."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.view = LiveView(CasesView(), StoreAsLog(PostgresStore(database)), database)

    def settle(self, position: int) -> bool:
        while self.view.step():
            pass
        return super().settle(position)


class World(NamedTuple):
    app: Flask
    permits: Permits
    database: Database
    clock: SteeredClock
    shell: Shell

    def key(self, role: Role, *scopes: str) -> "Caller":
        return Caller(self.app.test_client(), self.shell.keys.create(role, "Test", scopes).token)

    def session(self, role: Role, *scopes: str) -> "Browser":
        return Browser(self.app.test_client(), self.shell, role, scopes)


class Caller(NamedTuple):
    """A machine with a key; ``token`` empty: without."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(API + path, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {"data": body} if isinstance(body, bytes) else {"json": {} if body is None else body}
        return self.client.post(API + path, headers=self._headers(headers), **sent)

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return own | {"Accept": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}


class Browser:
    """A person who logged in; forms are sent with the token of the page they stand on."""

    def __init__(self, client: FlaskClient, shell: Shell, role: Role, scopes: Sequence[str] = ()) -> None:
        self.client = client
        login = f"{role}{next(_numbers)}"
        self.id = shell.accounts.create(login, PASSWORD, role, f"Erika {role}", scopes)
        answer = self.post("/login", {"login": login, "password": PASSWORD}, page="/login")
        assert answer.status_code == 303

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept": "text/html"})

    def post(self, path: str, form: dict[str, Any], page: str | None = None) -> TestResponse:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page or path).text)
        assert found, f"no token on {page or path}"
        return self.client.post(path, data={"csrf_token": found[1], **form}, headers={"Accept": "text/html"})


@contextmanager
def world(url: str, **settings: Any) -> Iterator[World]:
    number = next(_numbers)
    schema, web_schema = f"permits_t{number}", f"permits_web_t{number}"
    migrate(url, schema, FOLDERS)
    migrate(url, web_schema, [WEB_MIGRATIONS])
    database, web, clock = Database(url, schema), Database(url, web_schema), SteeredClock(START_US)
    no_city = {"data_dir": Path("no-such-folder")}
    chosen = Settings(**{"master_key": bytes(range(32)), "requests_per_s": 100_000, **no_city, **settings})
    queue = SteppedQueue(database)
    queue.view.step()
    permits = build_on(database, queue, chosen, clock)
    app = create_app("permits", chosen, web, url_prefix=PREFIX, title="Leitbake: Vorgänge", clock=clock, hasher=CHEAP)
    permits.add_doors(app)
    try:
        yield World(app, permits, database, clock, app.extensions[EXTENSION])
    finally:
        queue.view.close()
        database.close()
        web.close()


def application(**changes: Any) -> dict[str, Any]:
    """A body for submit: one measure, from 5 to 20 March 2026."""
    measure = {
        "measure": "road_closed",
        "street": "Große Bleiche",
        "start": "2026-03-05T07:00:00+01:00",
        "end": "2026-03-20T17:00:00+01:00",
        "geometry": {"type": "LineString", "coordinates": [[8.2700, 50.0000], [8.2710, 50.0005]]},
    }
    measure |= changes.pop("measure", {})
    return {"title": "Fernwärme", "applicant": "Stadtwerke Mainz AG", "measures": [measure], **changes}
