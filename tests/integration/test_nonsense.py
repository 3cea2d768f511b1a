"""NUL bytes and endless nesting are the sender's fault at every door, never ours."""

import json
from collections.abc import Callable, Iterator

import pytest
from werkzeug.test import Client

from services.suite.city_services import build_all
from services.suite.server import apps, behind_one_origin
from shared.clock import WallClock
from shared.db.pool import Database
from shared.projection.live import ensure
from shared.settings import Settings
from shared.web.keys import ApiKeys


@pytest.fixture
def doors(city_url: Callable[[], str]) -> Iterator[Callable[..., int]]:
    url = city_url()
    web = Database(url, "web")
    key = ApiKeys(web, WallClock()).create("admin", "Test").token
    settings = Settings(database_url=url, master_key=b"x" * 32)
    services = build_all(settings, url)
    ensure(services.beacons.database, services.beacons.fleet)
    ensure(services.permits.database, services.permits.cases)
    built = apps(settings, url)
    client = Client(behind_one_origin(built))

    def call(method: str, path: str, body: bytes | None = None) -> int:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return client.open(path, method=method, headers=headers, data=body).status_code

    yield call
    built["/beacons"].extensions["ticker"].stop()
    for service in services:
        service.database.close()
    web.close()


DEEP = b"[" * 100_000
SHAPE = b'{"measures":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
NUL_NUMBER = json.dumps(
    {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"permit_number": "a\u0000b"}}]}
).encode()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/feed/v1/measures/%00", None),
        ("GET", "/beacons/api/v1/devices?search=%00", None),
        ("GET", "/beacons/api/v1/alarms?device_id=%00", None),
        ("GET", "/beacons/api/v1/sites?after=%00", None),
        ("GET", "/permits/api/v1/permits/%00", None),
        ("POST", "/permits/api/v1/permits", DEEP),
        ("POST", "/permits/api/v1/permits", SHAPE),
        ("POST", "/beacons/api/v1/pings", DEEP),
        ("POST", "/permits/api/v1/imports?format=geojson", NUL_NUMBER),
    ],
)
def test_nonsense_is_refused(doors: Callable[..., int], method: str, path: str, body: bytes | None) -> None:
    assert doors(method, path, body) in {200, 400, 404, 422}
