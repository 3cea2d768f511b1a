"""Erasure end to end: what was told of a person at the real doors is in no table, topic, log file or document."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import msgspec
import psycopg
import pytest
from psycopg import sql

from services.navfeed.adapters.rendering import PRODUCTS
from services.permits.domain.events import PersonalDataErased
from services.suite.city_services import Services, build_all
from services.suite.client import Doors, RefusedError, UnreachableError
from services.suite.verify import verify
from shared.clock import WallClock, from_micros
from shared.contracts.topics import TOPICS
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog, Mark
from shared.projection.generations import reading
from shared.projection.live import rebuild
from shared.settings import Settings
from tests.support.city import place
from tests.support.front import Front, opened, wait_for

SECRETS = ("Xaver Unverwechselbar", "0171 99887766", "xaver@unverwechselbar.example")
STREET = "Erkennbare Straße"
NUMBER = "61-2026-0007"
API = "/permits/api/v1/permits"


@pytest.fixture
def url(city_url: Callable[[], str]) -> str:
    return city_url()


@pytest.fixture
def services(url: str) -> Iterator[Services]:
    built = build_all(Settings(database_url=url, master_key=b"x" * 32), url)
    yield built
    for service in built:
        service.database.close()


@pytest.fixture
def log(url: str) -> Iterator[EventLog]:
    opened_log = open_log(url, WallClock())
    yield opened_log
    opened_log.close()


def test_an_erased_person_is_nowhere_and_what_the_public_sees_stays(
    url: str, services: Services, log: EventLog, tmp_path: Path
) -> None:
    with opened(url, tmp_path) as front:
        clerk, admin = front.key("clerk"), front.key("admin")
        path = f"{API}/{handed_in(clerk)}"
        ask(clerk, f"{path}/approve", {})
        wait_for(partial(published, clerk), 30)
        assert clerk.get(path)["personal"]["applicant_name"] == SECRETS[0]
        assert clerk.get(f"{API}?q={quote(SECRETS[0])}")["total"] == 0  # nor may what is asked for be logged
        public = documents(front)
        with pytest.raises(RefusedError, match="403"):
            ask(clerk, f"{path}/erase-personal-data", None)
        erased = ask(admin, f"{path}/erase-personal-data", None)
        assert (erased["personal_erased"], erased["status"], erased["version"]) == (True, "approved", 3)
        assert ask(admin, f"{path}/erase-personal-data", None)["version"] == 3
        assert documents(front) == public
        wait_for(partial(seen_by_all, services, 3), 30)
        told = {**tables(url), "log": records(log), **public, "page": page(front, "/"), "map": page(front, "/feed/")}
        front.stop_working()
    told |= {file.name: file.read_bytes() for file in tmp_path.glob("*.log")}
    assert [name for name, data in told.items() if STREET.encode() in data] != []
    assert b"personal_data_erased" in told["serve.log"]
    assert [(name, secret) for name, data in told.items() for secret in SECRETS if holds(data, secret)] == []
    assert_replayed(services, log)


def handed_in(clerk: Doors) -> str:
    """An application that names a person wherever one may be named, after one that was refused."""
    now = from_micros(WallClock().now())
    measure = {
        "measure": "road_closed",
        "street": STREET,
        "start": now.isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
        "geometry": {"type": "LineString", "coordinates": [place(0), place(120)]},
    }
    personal = {"responsible_name": SECRETS[0], "responsible_phone": SECRETS[1], "applicant_email": SECRETS[2]}
    body = {"applicant": SECRETS[0], "permit_number": NUMBER, "personal": personal, "measures": [measure]}
    with pytest.raises(RefusedError, match="422"):
        ask(clerk, API, body | {"measures": []})
    return str(ask(clerk, API, body)["id"])


def published(doors: Doors) -> bool:
    try:
        return bool(doors.get("/feed/v1/roadworks.geojson")["features"])
    except UnreachableError:
        return False


def ask(doors: Doors, path: str, body: Any) -> Any:
    return doors.post(path, msgspec.json.encode(body), "application/json")


def document(front: Front, product: str) -> bytes:
    return page(front, f"/feed/v1/{product}")


def documents(front: Front) -> dict[str, bytes]:
    return {product: document(front, product) for product in PRODUCTS}


def page(front: Front, path: str) -> bytes:
    with urlopen(f"http://127.0.0.1:{front.port}{path}", timeout=30) as answer:
        return bytes(answer.read())


def seen_by_all(services: Services, version: int) -> bool:
    """Whether relay and publisher have passed the erasure."""
    store = services.permits.store
    with services.permits.database.connection() as connection:
        sent = connection.execute("SELECT position FROM cursors WHERE name = 'relay'").fetchone()
    with services.navfeed.database.connection() as connection:
        query = "SELECT sum(next) FROM offsets WHERE grp = 'publisher' AND topic = 'leitbake.permits.v1'"
        folded = connection.execute(query).fetchone()
    return bool(sent and folded) and sent[0] == store.last() and folded[0] >= version  # type: ignore[index]  # bool above


def tables(url: str) -> dict[str, bytes]:
    """Every row of every table of every schema, as text; bytes are hexadecimal there."""
    found: dict[str, bytes] = {}
    with psycopg.connect(url) as connection:
        query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'"
        for schema, table in connection.execute(query).fetchall():
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table))
            ).fetchall()
            found[f"{schema}.{table}"] = "\n".join(row for (row,) in rows).encode()
    return found


def records(log: EventLog) -> bytes:
    """Every record of every topic."""
    found = bytearray()
    for topic in TOPICS:
        for chunk in log.read({partition: Mark() for partition in log.partitions(topic.name)}, 1_000_000):
            for record in chunk.records:
                found += repr(record.event).encode() + record.event.data
    return bytes(found)


def holds(data: bytes, secret: str) -> bool:
    """In plain, as JSON escapes it, as an address quotes it, or in hexadecimal."""
    plain = secret.encode()
    return any(form in data for form in (plain, quote(secret).encode(), plain.hex().encode()))


def assert_replayed(services: Services, log: EventLog) -> None:
    """Deciding again and building the view again, from the first event on, come to what stands."""
    verdict = verify(services, log)
    assert (verdict.features, verdict.differences) == (1, [])
    before = cases(services)
    assert [row[2] for row in before] == ["approved"]
    rebuild(services.permits.cases, services.permits.own_log, services.permits.database, lambda _: None)
    assert cases(services) == before
    [case] = {found.event.key for found in services.permits.store.after(0, services.permits.store.last())}
    history = services.permits.office.desk.read(case).history
    assert isinstance(history[-1].fact, PersonalDataErased)


def cases(services: Services) -> list[Any]:
    with reading(services.permits.database, "cases") as tx:
        return tx.execute("SELECT * FROM cases ORDER BY permit_id").fetchall()
