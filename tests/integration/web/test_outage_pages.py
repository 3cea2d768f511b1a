"""Every page while PostgreSQL is away: 503 in German inside the shell, a problem for machines, never an empty list."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from werkzeug.test import Client, TestResponse

from services.suite.city_services import build_all
from services.suite.ops.app import ops_app
from services.suite.ops.application.watched import watch
from services.suite.server import behind_one_origin
from shared.clock import WallClock
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.settings import Settings
from shared.web.keys import ApiKeys

DOORS = Path(__file__).parents[1] / "doors.txt"
NOWHERE = "postgresql://127.0.0.1:1/none"
# These need nothing that is kept, or say themselves what they cannot reach.
STANDING = {
    "/login", "/hinweise", "/static/<path:filename>", "/map/basemap.pmtiles", "/map/streets.json", "/schluessel",
    "/beacons/setup", "/ops/", "/ops/geparkt", "/ops/log/<name>", "/feed/zeitreise", "/permits/neu",
    "/beacons/devices/<device_id>", "/feed/v1/roadworks.schema.json",
    *(f"/{name}/{what}" for name in ("permits", "beacons", "feed", "ops")
      for what in ("healthz", "readyz", "metrics", "openapi.json", "api")),
}  # fmt: skip
ARGUMENTS = {
    "<uuid:alarm_id>": "00000000-0000-4000-8000-000000000000",
    "<service>/<group>": "beacons/lights",
}


class Outage(NamedTuple):
    """Doors whose accounts can be read and whose services' data cannot."""

    client: Client
    key: str

    def ask(self, path: str, accept: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={"Accept": accept, **headers})


@pytest.fixture(scope="module")
def outage(city_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database.__init__, "__kwdefaults__", {"max_size": 8, "timeout_s": 0.1})
        url, clock = city_url(), WallClock()
        settings = Settings(master_key=b"x" * 32, data_dir=tmp_path_factory.mktemp("away"), requests_per_s=1_000_000)
        services, log, web = build_all(settings, NOWHERE), open_log(url, clock), Database(url, "web")
        built = {
            "/ops": ops_app(watch(services, log), settings, web, clock),
            "/permits": services.permits.app(log, settings, web),
            "/beacons": services.beacons.app(log, settings, web),
            "": services.navfeed.app(log, settings, web),
        }
        yield Outage(Client(behind_one_origin(built)), ApiKeys(web, clock).create("admin", "Test").token)
        built["/beacons"].extensions["ticker"].stop()
        web.close()


def pages() -> list[str]:
    rules = [line.split(" ", 1)[1].partition(": ")[0] for line in DOORS.read_text().splitlines() if line[:4] == "GET "]
    return [rule for rule in rules if "/api/v1/" not in rule and "/stream" not in rule and rule not in STANDING]


@pytest.mark.parametrize("rule", pages())
def test_a_page_that_cannot_be_made_says_so(outage: Outage, rule: str) -> None:
    path = rule
    for variable, value in ARGUMENTS.items():
        path = path.replace(variable, value)
    path = re.sub(r"<[^>]+>", "nowhere", path)
    for answer in (
        outage.ask(path, "application/json", Authorization=f"Bearer {outage.key}"),
        *_as_browser(outage, path),
    ):
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
        if answer.mimetype == "text/html":
            assert "antwortet gerade nicht" in answer.text
            assert 'class="lb-header"' in answer.text
            assert "Noch einmal versuchen" in answer.text
        else:
            assert answer.mimetype == "application/problem+json"
            assert answer.json["status"] == 503  # type: ignore[index]  # it is JSON


def _as_browser(outage: Outage, path: str) -> list[TestResponse]:
    """Somebody with a browser has no key; pages that ask who one is lead to the log-in then."""
    answer = outage.ask(path, "text/html")
    return [] if answer.status_code == 302 else [answer]
