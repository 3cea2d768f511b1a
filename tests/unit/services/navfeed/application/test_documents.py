"""The cache of joined products: few queries, never a lie."""

import gzip
import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from services.navfeed.adapters.ledger_memory import MemoryLedger
from services.navfeed.adapters.rendering import Rendering
from services.navfeed.application.documents import CHECK_S, SILENT_S, Documents, NotYetError, Served
from services.navfeed.application.ledger import Document
from shared.clock import SteeredClock
from shared.db.errors import DatabaseUnavailableError
from tests.support.feed import IMPRINT, features, publish

LIST = "roadworks.geojson"
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
RENDERING = Rendering(IMPRINT)


class Watched(MemoryLedger):
    """Counts what is asked of it, and may be away."""

    def __init__(self) -> None:
        super().__init__(SteeredClock(1_772_431_200_000_000))
        self.asked: list[str] = []
        self.away = False

    def position(self) -> Any:
        self._ask("position")
        return super().position()

    def document(self, product: str, at: datetime | None = None) -> Document | None:
        self._ask("document")
        return super().document(product, at)

    def _ask(self, what: str) -> None:
        if self.away:
            raise DatabaseUnavailableError
        self.asked.append(what)


class Begun:
    def __init__(self, since: datetime | None) -> None:
        self.since = since

    def empty_since(self) -> datetime | None:
        return self.since


class Scene:
    def __init__(self, since: datetime | None = SINCE) -> None:
        self.ledger, self.begun, self.time = Watched(), Begun(since), 0.0
        self.documents = Documents(self.ledger, self.begun, RENDERING.empty, elapsed=lambda: self.time)

    def publish(self, *numbers: int) -> None:
        publish(self.ledger, RENDERING, None, features(*numbers))

    def seq(self) -> int:
        return self.documents.newest(LIST).seq


def test_an_unchanged_product_is_served_from_memory() -> None:
    scene = Scene()
    scene.publish(1)
    first = scene.documents.newest(LIST)
    scene.time += CHECK_S
    assert scene.documents.newest(LIST) is first
    assert scene.ledger.asked == ["position", "document", "position"]


def test_the_position_is_asked_once_per_interval_and_a_new_publication_is_seen_after_it() -> None:
    scene = Scene()
    scene.publish(1)
    assert scene.seq() == 1
    scene.publish(1, 2)
    assert [scene.seq() for _ in range(5)] == [1] * 5
    scene.time += CHECK_S
    assert scene.seq() == 2
    assert scene.ledger.asked.count("document") == 2


def test_products_share_the_position_and_each_keeps_its_document() -> None:
    scene = Scene()
    scene.publish(1)
    for product in (LIST, "datex2/payload.xml", LIST, "datex2/payload.xml"):
        scene.documents.newest(product)
    assert scene.ledger.asked == ["position", "document", "document"]


def test_before_the_first_publication_it_is_empty_only_if_that_is_the_truth() -> None:
    empty = Scene().documents.newest(LIST)
    assert json.loads(empty.data)["features"] == []
    assert (empty.seq, empty.published_at) == (0, SINCE)
    with pytest.raises(NotYetError):
        Scene(since=None).documents.newest(LIST)


def test_the_first_publication_ends_the_emptiness() -> None:
    scene = Scene()
    assert scene.seq() == 0
    scene.publish(1)
    scene.time += CHECK_S
    assert scene.seq() == 1


def test_what_is_published_while_the_beginning_is_looked_at_is_served() -> None:
    scene = Scene(since=None)
    scene.begun.empty_since = lambda: scene.publish(1)  # type: ignore[method-assign]  # the publisher is quick
    assert scene.seq() == 1


def test_an_outage_is_bridged_by_the_last_good_document() -> None:
    scene = Scene()
    scene.publish(1)
    first = scene.documents.newest(LIST)
    scene.ledger.away = True
    scene.time += 60
    assert scene.documents.newest(LIST) is first
    with pytest.raises(DatabaseUnavailableError):
        scene.documents.newest("datex2/payload.xml")


def test_a_database_that_is_back_is_asked_again() -> None:
    scene = Scene()
    scene.publish(1)
    assert scene.seq() == 1
    scene.publish(1, 2)
    scene.ledger.away = True
    scene.time += CHECK_S
    assert scene.seq() == 1
    scene.ledger.away = False
    assert scene.seq() == 2


def test_nobody_waits_for_whoever_asks_a_database_that_says_nothing() -> None:
    scene, asked, speaks = Scene(), threading.Event(), threading.Event()
    scene.publish(1)
    first = scene.documents.newest(LIST)
    scene.time += CHECK_S

    def silent() -> Any:
        asked.set()
        assert speaks.wait(10)

    scene.ledger.position = silent  # type: ignore[method-assign]
    asking = threading.Thread(target=scene.documents.newest, args=[LIST])
    asking.start()
    assert asked.wait(10)
    scene.time += SILENT_S
    assert scene.documents.newest(LIST) is first
    assert asking.is_alive()
    speaks.set()
    asking.join(10)


def test_the_same_bytes_have_the_same_tag_and_the_same_compressed_bytes() -> None:
    one, two = (Served(Document(b"x" * 100, seq, SINCE)) for seq in (1, 2))
    assert one.tag == two.tag
    assert one.gzipped == two.gzipped
    assert one.gzipped[4:8] == bytes(4)  # no time in the header
    assert gzip.decompress(one.gzipped) == one.data
    assert Served(Document(b"y", 1, SINCE)).tag != one.tag
