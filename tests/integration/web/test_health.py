"""Readiness on real tables: what is away, old or stuck is named."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from shared.clock import SECOND_US, SteeredClock
from shared.contracts.topics import Topic
from shared.db.errors import DatabaseUnavailableError
from shared.db.migrate import KERNEL
from shared.db.pool import Database
from shared.eventlog.port import EventLog, LogUnavailableError, Message
from shared.eventlog.postgres import PostgresLog
from shared.settings import Settings
from shared.web.app import create_app
from shared.web.health import Check, database_check, outbox_check, parked_check, progress_check, schema_check
from shared.web.lateness import Behind, waiting_since
from tests.support.toys import LEFT, said

NOWHERE = "postgresql://127.0.0.1:1/none"


@pytest.fixture
def ready(web: Database, clock: SteeredClock) -> Callable[..., tuple[int, dict[str, Any]]]:
    def ask(*checks: Check) -> tuple[int, dict[str, Any]]:
        app: Flask = create_app(
            "toy", Settings(master_key=bytes(32)), web, url_prefix="/toy", checks=checks, clock=clock
        )
        answer = app.test_client().get("/toy/readyz", headers={"Accept": "text/html"})
        assert answer.mimetype == "application/json"
        return answer.status_code, answer.get_json()

    return ask


def test_all_is_well(ready: Callable[..., Any], database: Database) -> None:
    status, body = ready(database_check(database), schema_check(database.url, database.schema, [KERNEL]))
    assert status == 200
    assert body["checks"] == {"database": "ok", f"schema {database.schema}": "ok"}


def test_a_database_that_is_away_is_named_without_its_address_and_asked_once(ready: Callable[..., Any]) -> None:
    away = Database(NOWHERE, "toy", timeout_s=0.1)
    status, body = ready(database_check(away), Check("later", lambda: "never run"))
    away.close()
    assert status == 503
    assert body == {
        "status": "failed",
        "failed": ["database", "later"],
        "checks": {"database": "unreachable", "later": "not checked"},
    }


def test_a_log_that_is_away_is_named(ready: Callable[..., Any]) -> None:
    def run() -> None:
        raise LogUnavailableError("kafka-7:9092")

    status, body = ready(Check("log", run))
    assert (status, body["checks"]) == (503, {"log": "unreachable"})


def test_a_missing_migration_is_named(ready: Callable[..., Any], database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "later" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0002_more.sql").write_text("SELECT 1")
    status, body = ready(schema_check(database.url, database.schema, [KERNEL, folder]))
    assert status == 503
    assert body["checks"] == {f"schema {database.schema}": "not migrated: later/0002_more"}


SQL_EVENT = """
INSERT INTO events (stream, version, id, type, time, recorded, data, correlation, causation)
VALUES ('a:1', 1, gen_random_uuid(), 'x', 0, %s, '', '', '')
"""


def test_an_event_that_waits_too_long_for_the_relay_is_a_fault(
    ready: Callable[..., Any], database: Database, clock: SteeredClock
) -> None:
    check = outbox_check(database, clock, max_age_s=30)
    assert ready(check)[0] == 200
    with database.connection() as connection:
        connection.execute(SQL_EVENT, [clock.now()])
    clock.advance(30 * SECOND_US)
    assert ready(check)[0] == 200
    clock.advance(SECOND_US)
    status, body = ready(check)
    assert (status, body["checks"]["outbox"]) == (503, "oldest event waits for 31 s")
    with database.connection() as connection:
        connection.execute("INSERT INTO cursors (name, position) SELECT 'relay', max(position) FROM events")
    assert ready(check)[0] == 200


@pytest.fixture
def book_check(database: Database, postgres_log: PostgresLog, clock: SteeredClock) -> Any:
    """Of a consumer that may be 60 s behind."""
    postgres_log.ensure([LEFT])
    return progress_check(database, postgres_log, "book", topics=[LEFT.name], clock=clock, max_age_s=60)


def test_a_consumer_is_behind_by_the_age_of_what_it_has_not_read(
    ready: Callable[..., Any], database: Database, postgres_log: PostgresLog, clock: SteeredClock, book_check: Any
) -> None:
    clock.advance(3_600 * SECOND_US)
    assert ready(book_check)[0] == 200
    postgres_log.send([Message(LEFT.name, said("a", 1, version=1, category="left"))])
    assert ready(book_check)[0] == 200
    clock.advance(61 * SECOND_US)
    status, body = ready(book_check)
    assert (status, body["checks"]["consumer book"]) == (503, "oldest record waits for 61 s")
    read_all(database, postgres_log, LEFT)
    assert ready(book_check)[0] == 200


def test_a_scrape_finds_gauges_as_they_are_though_nobody_asked_for_readiness(
    web: Database, postgres_log: PostgresLog, clock: SteeredClock, book_check: Any
) -> None:
    app = create_app("toy", Settings(master_key=bytes(32)), web, url_prefix="/toy", checks=[book_check], clock=clock)
    postgres_log.send([Message(LEFT.name, said("a", 1, version=1, category="left"))])
    clock.advance(7 * SECOND_US)
    assert 'leitbake_consumer_lag_seconds{group="book"} 7.0' in app.test_client().get("/toy/metrics").text


def test_what_is_parked_is_counted_for_every_group_and_falls_back_to_nothing(
    ready: Callable[..., Any], web: Database, database: Database
) -> None:
    check = parked_check(database)
    app = create_app("toy", Settings(master_key=bytes(32)), web, url_prefix="/toy", checks=[check])

    def told() -> dict[str, float]:
        lines = app.test_client().get("/toy/metrics").text.splitlines()
        return {
            line.split('"')[1]: float(line.split()[-1])
            for line in lines
            if line.startswith("leitbake_parked_messages{")
        }

    def change(statement: str) -> None:
        with database.connection() as connection:
            connection.execute(statement)

    assert told() == {}
    change("INSERT INTO offsets VALUES ('book', 'left', 0, 3, 0, 1, -1, 0), ('view@1', 'left', 0, 3, 0, 1, -1, 0)")
    assert told() == {"book": 0, "view@1": 0}
    for offset in (1, 2):
        change(f"INSERT INTO parked VALUES ('view@1', 'left', 0, {offset}, 'left:a', 'a gap', 0, '')")
    assert told() == {"book": 0, "view@1": 2}
    assert ready(check)[0] == 200, "what is parked takes no service from its users"
    change("DELETE FROM parked")
    change("DELETE FROM offsets WHERE grp = 'view@1'")
    assert told() == {"book": 0, "view@1": 0}


def test_readers_learn_how_old_the_state_is_and_are_not_told_anew_each_time(
    database: Database, postgres_log: PostgresLog, clock: SteeredClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_log.ensure([LEFT])
    behind = Behind(partial(waiting_since, database, postgres_log, "book", [LEFT.name]), clock)
    assert behind.seconds() == 0
    postgres_log.send([Message(LEFT.name, said("a", 1, version=1, category="left"))])
    clock.advance(SECOND_US)
    assert behind.seconds() == 1  # as known a second ago: nobody was asked
    clock.advance(299 * SECOND_US)
    assert behind.seconds() == 300
    read_all(database, postgres_log, LEFT)
    clock.advance(5 * SECOND_US)
    assert behind.seconds() == 0

    def away(*_: object) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(postgres_log, "waiting_since", away)
    clock.advance(60 * SECOND_US)
    assert behind.seconds() == 60  # no newer than it was


def test_a_consumer_that_waits_for_the_clock_after_a_jump_is_a_fault_though_nothing_is_old(
    ready: Callable[..., Any], database: Database, postgres_log: PostgresLog, clock: SteeredClock, book_check: Any
) -> None:
    clock.advance(3_600 * SECOND_US)
    postgres_log.send([Message(LEFT.name, said("a", 1, version=1, category="left"))])
    clock.advance(-3_600 * SECOND_US)
    status, body = ready(book_check)
    told = "log time is 3600 s ahead of the clock: a clock had jumped"
    assert (status, body["checks"]["consumer book"]) == (503, told)
    read_all(database, postgres_log, LEFT)
    assert ready(book_check)[0] == 200
    with database.connection() as connection:
        connection.execute("UPDATE offsets SET time = %s", [clock.now() + 61 * SECOND_US])
    assert ready(book_check)[0] == 503


def read_all(database: Database, event_log: EventLog, topic: Topic) -> None:
    """Put the consumer at the end, as its books would."""
    query = (
        "INSERT INTO offsets (grp, topic, part, next, time, epoch, slot, beat) VALUES ('book', %s, %s, %s, 0, 1, 0, 0)"
    )
    with database.connection() as connection:
        for partition, end in event_log.ends(topic.name).items():
            connection.execute(query, (partition.topic, partition.number, end))
