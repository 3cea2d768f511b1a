"""The suite's own views on real PostgreSQL, on both logs: rebuilt while permits and pings are written, and switched."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest
from psycopg import sql

from services.beacons.application.fleet_orders import OrdersView
from services.permits.domain import commands
from services.suite.verify import verify
from shared.db.pool import Database
from shared.eventlog.port import Readable
from shared.projection import generations
from shared.projection.books_postgres import PostgresBooks
from shared.projection.generations import Generation
from shared.projection.live import ensure
from shared.projection.protocols import View
from shared.projection.view import ViewRunner
from tests.faults.city import CLERK, ROUNDS, City, drained, end, go, set_up, wait_for
from tests.faults.conftest import settings_of
from tests.faults.dying import HEALTHY

PERMITS_COUNT = 4


class Rebuilt(NamedTuple):
    """A view and where it lives, with a generation that nobody reads yet."""

    view: View
    database: Database
    generation: Generation
    runner: ViewRunner


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.long)])
def city(request: pytest.FixtureRequest, city_url: Callable[[], str]) -> Iterator[City]:
    made = City(settings_of(city_url(), request.getfixturevalue("kafka") if request.param == "kafka" else ""))
    yield made
    made.close()


def views(city: City) -> list[tuple[View, Database, Readable]]:
    permits, beacons, _ = city.services
    return [
        (permits.cases, permits.database, permits.own_log),
        (permits.onsite, permits.database, city.log),
        (beacons.fleet, beacons.database, city.log),
        (OrdersView(), beacons.database, city.log),
    ]


@contextmanager
def begun(city: City, limit: int = 5_000) -> Iterator[list[Rebuilt]]:
    """New generations of all views, at their first record."""
    made = []
    for view, database, log in views(city):
        generation = generations.create(database, view)
        runner = ViewRunner(view, generation, log, PostgresBooks(database), limit=limit)
        made.append(Rebuilt(view, database, generation, runner))
    yield made
    for rebuilt in made:
        rebuilt.runner.close()


def all_caught_up(rebuilt: Sequence[Rebuilt]) -> bool:
    return all(caught_up(one.runner) for one in rebuilt)


def caught_up(runner: ViewRunner) -> bool:
    """After a step; the first one takes the partitions."""
    runner.step()
    return bool(runner.places) and runner.lag() == 0


def tables(database: Database, schema: str) -> dict[str, list[str]]:
    """All rows of a generation, as text; not ``seq``: each generation numbers the changes that it tells anew."""
    with database.transaction() as tx:
        names = tx.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", (schema,)).fetchall()
        query = sql.SQL("SELECT (to_jsonb(t) - 'seq')::text FROM {} AS t ORDER BY 1")
        return {
            name: [row for (row,) in tx.execute(query.format(sql.Identifier(schema, name))).fetchall()]
            for (name,) in names
        }


def equal_to_live(rebuilt: Rebuilt) -> bool:
    if not caught_up(rebuilt.runner):
        return False
    live = tables(rebuilt.database, generations.live(rebuilt.database, rebuilt.view.name).schema)
    return tables(rebuilt.database, rebuilt.generation.schema) == live


def write(city: City) -> None:
    """Orders, and lights that set up and report, for a second or two."""
    for round_ in range(ROUNDS):
        for number in range(PERMITS_COUNT):
            if round_ == 0:
                city.order(number)
            city.ping_all(number, round_)
        time.sleep(0.15)


def test_views_rebuilt_under_writes_equal_live_before_and_after_the_switch(city: City) -> None:
    for view, database, _ in views(city):
        ensure(database, view)
    worker = city.work(HEALTHY)
    go(worker)
    writer = threading.Thread(target=write, args=[city], daemon=True)
    writer.start()
    wait_for(lambda: city.services.permits.store.last() >= PERMITS_COUNT, 30)
    with begun(city) as beside:
        wait_for(partial(all_caught_up, beside), 30)
        assert writer.is_alive(), "nothing was written meanwhile"
        writer.join(60)
        wait_for(lambda: drained(city) and set_up(city) == PERMITS_COUNT, 60)
        for rebuilt in beside:
            wait_for(partial(equal_to_live, rebuilt), 30)
            assert any(tables(rebuilt.database, rebuilt.generation.schema).values()), rebuilt.view.name
    for rebuilt in beside:
        generations.switch(rebuilt.database, rebuilt.generation)
    city.services.permits.office.desk.execute("p0", commands.End(actor=CLERK))
    wait_for(partial(feed_says, city, b'"status":"ended"'), 30)
    with begun(city, limit=20) as again:  # the fold of all events, in other batches
        for rebuilt in again:
            wait_for(partial(equal_to_live, rebuilt), 30)
    end(worker)
    assert verify(city.services, city.log).differences == []


def feed_says(city: City, words: bytes) -> Any:
    document = city.services.navfeed.ledger.document("roadworks.geojson")
    return document is not None and words in document.data
