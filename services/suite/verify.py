"""``leitbake feed verify``: whether what is served is what the events say.

Decides sites and feed again from the log's first record, in memory, up to where the living ones stand, and compares
row by row, event by event, and feature by feature.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from services.navfeed.adapters.ledger_memory import MemoryLedger
from services.navfeed.application.ledger import Known
from services.navfeed.application.publishing import Publishing
from services.navfeed.domain.feature import content
from services.suite.city_services import Services
from shared.clock import SteeredClock
from shared.db.pool import Database
from shared.eventlog.port import Readable
from shared.projection.grid import Sink
from shared.projection.protocols import GridDecider
from shared.projection.sandbox import decide_again


class Verdict(NamedTuple):
    """How much was compared, and every difference as a sentence."""

    rows: int
    features: int
    differences: list[str]


def _content(known: Known | None) -> tuple[bool, bytes] | None:
    return None if known is None else (known.removed, content(known.feature))


def verify(services: Services, log: Readable) -> Verdict:
    """Compare; reads only. Run it while nobody else writes the states, or it compares two instants."""
    sites, no_feed = _compare(services.beacons.database, services.beacons.sites, log, None)
    ledger = MemoryLedger(SteeredClock(1))
    publishing = Publishing(ledger, services.navfeed.rendering)
    feed, _ = _compare(services.navfeed.database, services.navfeed.publisher, log, publishing)
    features, differences = _features(services, ledger)
    return Verdict(len(no_feed) + features, features, [*sites, *feed, *differences])


def _compare(
    database: Database, decider: GridDecider, log: Readable, sink: Sink | None
) -> tuple[list[str], dict[str, bytes]]:
    with database.transaction() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        ends = tx.execute("SELECT max(time) FROM offsets WHERE grp = %s", (decider.group,)).fetchone()
        rows = tx.execute("SELECT key, data FROM states WHERE grp = %s", (decider.group,), binary=True).fetchall()
    live = {key: bytes(data) for key, data in rows}
    end = int(ends[0] or 0) if ends else 0
    again, _ = decide_again(decider, log, end, sink=sink)
    return list(_differences(decider.group, live, {key: row.data or b"" for key, row in again.items()})), live


def _differences(group: str, live: dict[str, bytes], again: dict[str, bytes]) -> Iterator[str]:
    for key in sorted(live.keys() | again.keys()):
        if live.get(key) != again.get(key):
            one, two = (msgspec.msgpack.decode(data) if data else None for data in (live.get(key), again.get(key)))
            yield f"{group} {key}: stands as {one}, the events say {two}"


def _features(services: Services, ledger: MemoryLedger) -> tuple[int, list[str]]:
    """Latest features by content; versions and instants are the living ledger's own."""
    with services.navfeed.database.connection() as connection:
        found = connection.execute("SELECT DISTINCT situation_id FROM measures ORDER BY 1").fetchall()
        differences, count = [], 0
        for (situation,) in found:
            live, again = services.navfeed.ledger.known(connection, situation), ledger.known(None, situation)
            for measure_id in sorted(live.keys() | again.keys()):
                count += 1
                if _content(live.get(measure_id)) != _content(again.get(measure_id)):
                    differences.append(f"feed {measure_id}: served is not what the events say")
    return count, differences
