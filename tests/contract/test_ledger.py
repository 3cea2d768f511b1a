"""What every ledger does; each adapter is put through the same suite."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import services.navfeed.bootstrap as navfeed
from services.navfeed.adapters.ledger_memory import MemoryLedger
from services.navfeed.adapters.ledger_postgres import PostgresLedger
from services.navfeed.adapters.rendering import PRODUCTS, Rendering
from services.navfeed.application.ledger import Ledger
from services.navfeed.domain.feature import Feature
from shared.clock import WallClock, from_micros, to_micros
from shared.db.migrate import KERNEL, migrate
from shared.db.pool import Database
from tests.support.feed import IMPRINT, SITUATION, features, publish

RENDERING = Rendering(IMPRINT)
LIST = "roadworks.geojson"


class Kept(NamedTuple):
    """A ledger, and how its writes become one commit."""

    ledger: Ledger
    transaction: Callable[[], AbstractContextManager[Any]]

    def publish(self, *now: Feature, cause: str = "cause-1", situation: str = SITUATION) -> int:
        with self.transaction() as tx:
            publish(self.ledger, RENDERING, tx, now, cause=cause, situation=situation)
        position = self.ledger.position()
        return position[0] if position else 0

    def served(self, at: datetime | None = None, product: str = LIST) -> bytes | None:
        document = self.ledger.document(product, at)
        return None if document is None else document.data

    def ids(self, at: datetime | None = None) -> list[str]:
        return [feature["id"] for feature in json.loads(self.served(at) or b"{}")["features"]]

    @property
    def last_at(self) -> datetime:
        position = self.ledger.position()
        assert position is not None
        return position[1]


@pytest.fixture(params=["memory", "postgres"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        return Kept(MemoryLedger(WallClock()), nullcontext)
    make: Callable[[Path], Database] = request.getfixturevalue("new_database")
    database = make(KERNEL)
    migrate(database.url, database.schema, [KERNEL, navfeed.MIGRATIONS])
    return Kept(PostgresLedger(database), database.transaction)


def test_a_new_ledger_has_served_nothing(kept: Kept) -> None:
    assert kept.ledger.position() is None
    assert [kept.ledger.document(product) for product in PRODUCTS] == [None] * len(PRODUCTS)
    assert kept.ledger.measure("de-mainz-m1") is None
    assert list(kept.ledger.history("de-mainz-m1")) == []
    assert list(kept.ledger.changes(0, 10)) == []
    with kept.transaction() as tx:
        assert kept.ledger.known(tx, SITUATION) == {}
        assert kept.ledger.pieces_of(tx, SITUATION) == 0
        assert list(kept.ledger.over(tx)) == []


def test_positions_are_dense_and_nothing_new_takes_none(kept: Kept) -> None:
    assert kept.publish(*features(1)) == 1
    assert kept.publish(*features(1)) == 1
    assert kept.publish(*features(1, 2)) == 2


def test_pieces_stand_by_id_in_a_product(kept: Kept) -> None:
    kept.publish(*features(3), situation="de-mainz-p9")
    kept.publish(*features(1, 2))
    assert kept.ids() == ["de-mainz-m1", "de-mainz-m2", "de-mainz-m3"]


def test_a_new_version_takes_the_place_of_the_old_one_and_a_removed_one_leaves_none(kept: Kept) -> None:
    kept.publish(*features(1, 2))
    kept.publish(*features(1, 2, street="Gaustraße"))
    assert kept.ids() == ["de-mainz-m1", "de-mainz-m2"]
    assert b"Rheinstra" not in (kept.served() or b"")
    kept.publish(*features(2, street="Gaustraße"))
    assert kept.ids() == ["de-mainz-m2"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_instant_gives_the_bytes_that_were_served_then(kept: Kept, product: str) -> None:
    served: list[tuple[datetime, bytes | None]] = []
    for now in (features(1), features(1, 2), features(2), (), features(1, street="Gaustraße")):
        kept.publish(*now)
        served.append((kept.last_at, kept.served(product=product)))
    assert len({data for _, data in served}) == 5
    for at, data in served:
        assert kept.served(at, product) == data
    first = served[0][0]
    assert kept.served(first - timedelta(microseconds=1), product) is None
    for (_, data), (following, _) in pairwise(served):
        assert kept.served(following - timedelta(microseconds=1), product) == data


def test_the_clock_never_stands_before_the_last_publication(kept: Kept) -> None:
    kept.publish(*features(1))
    with kept.transaction() as tx:
        assert from_micros(kept.ledger.now(tx)) >= kept.last_at
        assert kept.ledger.now(tx) >= to_micros(kept.last_at)


def test_a_measure_is_known_for_life(kept: Kept) -> None:
    kept.publish(*features(1), cause="approved")
    kept.publish(*features(1, status="ended"), cause="ended")
    kept.publish(cause="gone")
    history = kept.ledger.history("de-mainz-m1")
    assert [(entry.seq, entry.change, entry.version, cause) for entry, _, cause in history] == [
        (1, "updated", 1, "approved"),
        (2, "ended", 2, "ended"),
        (3, "removed", 3, "gone"),
    ]
    assert [at for _, at, _ in history] == sorted(at for _, at, _ in history)
    assert kept.ledger.measure("de-mainz-m1") == history[-1][0]
    assert json.loads(history[1][0].data)["properties"]["status"] == "ended"
    assert json.loads(history[2][0].data) == {"id": "de-mainz-m1", "version": 3}


def test_what_is_known_of_a_situation_carries_versions_and_removals(kept: Kept) -> None:
    kept.publish(*features(1, 2))
    kept.publish(*features(2))
    with kept.transaction() as tx:
        known = kept.ledger.known(tx, SITUATION)
        assert {key: (old.feature.version, old.removed) for key, old in known.items()} == {
            "de-mainz-m1": (2, True),
            "de-mainz-m2": (1, False),
        }
        assert kept.ledger.pieces_of(tx, SITUATION) == 2
        assert kept.ledger.known(tx, "another") == {}


def test_a_measure_that_comes_back_goes_on_with_its_versions(kept: Kept) -> None:
    for now in (features(1), (), features(1)):
        kept.publish(*now)
    entry = kept.ledger.measure("de-mainz-m1")
    assert entry is not None
    assert (entry.version, entry.change) == (3, "updated")
    assert kept.ids() == ["de-mainz-m1"]


def test_those_that_are_over_are_told_until_they_are_gone(kept: Kept) -> None:
    kept.publish(*features(1, 2, status="ended"))
    with kept.transaction() as tx:
        assert [feature.id for feature in kept.ledger.over(tx)] == ["de-mainz-m1", "de-mainz-m2"]
    kept.publish(*features(2, status="ended"))
    with kept.transaction() as tx:
        assert [feature.id for feature in kept.ledger.over(tx)] == ["de-mainz-m2"]


def test_changes_follow_a_position_by_id(kept: Kept) -> None:
    kept.publish(*features(2, 1))
    kept.publish(*features(2, street="Gaustraße"))
    assert [(entry.seq, entry.id, entry.change) for entry in kept.ledger.changes(0, 10)] == [
        (1, "de-mainz-m1", "updated"),
        (1, "de-mainz-m2", "updated"),
        (2, "de-mainz-m1", "removed"),
        (2, "de-mainz-m2", "updated"),
    ]
    assert [entry.seq for entry in kept.ledger.changes(1, 10)] == [2, 2]
    assert list(kept.ledger.changes(2, 10)) == []


@pytest.mark.parametrize("limit", range(1, 7))
def test_a_publication_is_never_cut_so_going_on_by_position_misses_nothing(kept: Kept, limit: int) -> None:
    kept.publish(*features(1, 2, 3))
    kept.publish(*features(1, 2, 3, street="Gaustraße"))
    found, since = [], 0
    while entries := kept.ledger.changes(since, limit):
        found += [(entry.seq, entry.id) for entry in entries]
        since = entries[-1].seq
    assert found == [(seq, f"de-mainz-m{n}") for seq in (1, 2) for n in (1, 2, 3)]
