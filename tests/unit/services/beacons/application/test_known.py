"""What the ping door knows of devices, and what asking costs those who come together."""

import threading
from typing import Any

import pytest

from services.beacons.application.known import REFRESH_S, KnownDevices
from shared.db.errors import DatabaseUnavailableError
from tests.support.front import wait_for


class Reads:
    """Answers once ``may`` is set; ``away``: by raising."""

    def __init__(self) -> None:
        self.may, self.asked, self.away = threading.Event(), 0, False

    def registered(self, position: int) -> tuple[bool, list[tuple[str, bool, int]]]:
        self.asked += 1
        assert self.may.wait(10)
        if self.away:
            raise DatabaseUnavailableError
        return position == 0, [("LT-1", True, 1)]

    def entered(self, _: list[str]) -> set[str]:
        return set()


def test_the_registry_is_read_again_when_it_is_old() -> None:
    reads: Any = Reads()
    reads.may.set()
    now = 0.0
    known = KnownDevices(reads, elapsed=lambda: now)
    assert known.among(["LT-1", "LT-2"]) == {"LT-1"}
    assert known.among(["LT-1"]) == {"LT-1"}
    assert reads.asked == 1
    now += REFRESH_S
    known.among(["LT-1"])
    assert reads.asked == 2


def test_who_waits_for_a_database_that_is_away_does_not_wait_once_more() -> None:
    reads: Any = Reads()
    came, said = list[int](), list[str]()

    def elapsed() -> float:
        came.append(1)
        return len(came)

    known = KnownDevices(reads, elapsed=elapsed)

    def ask() -> None:
        with pytest.raises(DatabaseUnavailableError):
            known.among(["LT-1"])
        said.append("away")

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(came) >= len(threads), 10)
    reads.away = True
    reads.may.set()
    for thread in threads:
        thread.join(10)
    assert (reads.asked, said) == (1, ["away"] * 5)
    reads.away = False
    assert known.among(["LT-1"]) == {"LT-1"}, "whoever comes later asks anew"
