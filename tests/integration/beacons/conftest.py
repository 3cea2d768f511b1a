"""A beacon service, empty, with a street of three lights, or with one light at ordered works."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.contracts.topics import PERMITS
from shared.eventlog.port import Message
from tests.integration.beacons.depot import Depot, placed, set_up
from tests.integration.beacons.fleet import NUMBER, ordered, ping
from tests.support.city import approved


@pytest.fixture
def depot(city_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Depot]:
    monkeypatch.setattr("services.beacons.application.known.REFRESH_S", 0.0)
    made = Depot(city_url(), tmp_path)
    yield made
    made.close()


@pytest.fixture
def street(depot: Depot) -> Depot:
    """Two lights at an ordered site, one beside it on its own."""
    depot.register("LT-1", "LT-2", "LT-3")
    depot.log.send([Message(PERMITS.name, approved())])
    for device, lon in (("LT-1", 8.27), ("LT-2", 8.271), ("LT-3", 8.3)):
        placed(depot, device, lon)
    set_up(depot, "LT-1", "LT-2")
    return depot


@pytest.fixture
def standing(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> Depot:
    """LT-1 stands at ordered works, with one far fix among the good ones; LT-2 was never heard."""
    monkeypatch.setattr("services.beacons.application.fleet_setup.SHOWN_WITHIN_S", 0.0)
    depot.register("LT-1", "LT-2", "XB-3")
    ordered(depot, "p1", NUMBER, "Müller Tiefbau GmbH")
    for minutes in range(28, 0, -3):
        ping(depot, "LT-1", minutes, along_m=60.0 if minutes == 7 else 10.0 + minutes % 2, battery_pct=60 + minutes)
    depot.work()
    return depot
