"""Kill -9 at named points, in real processes under load: nothing acknowledged is lost, nothing has effect twice."""

import signal
import time

import pytest

from tests.faults.city import ROUNDS, City, drained, end, go, held, set_up, wait_for
from tests.faults.conftest import Recovered
from tests.faults.dying import HEALTHY, POINTS

PERMITS = 6
# The first passing is a beginning, the fourth is in the middle; Kafka's topics take their time, so once is enough.
GRID = [
    *(("embedded", point, 1) for point in POINTS),
    *(pytest.param("embedded", point, 4, marks=pytest.mark.long) for point in POINTS),
    *(pytest.param("kafka", point, 3, marks=pytest.mark.long) for point in POINTS),
]


@pytest.mark.parametrize(("city", "point", "count"), GRID, indirect=["city"])
def test_a_worker_killed_under_load_loses_nothing_and_does_nothing_twice(
    city: City, point: str, count: int, recovered: Recovered
) -> None:
    dying, healthy = city.work(point, str(count)), city.work(HEALTHY, "0")
    go(dying)
    for round_ in range(ROUNDS):
        for number in range(PERMITS):
            if round_ == 0:
                city.order(number)
            city.ping_all(number, round_)
        time.sleep(0.1)
    assert dying.wait(60) == -signal.SIGKILL, f"the worker never passed {point!r} {count} times"
    go(healthy)
    recovered(f"worker killed {point}, {count}", wait_for(lambda: drained(city), 60))
    wait_for(lambda: set_up(city) == PERMITS and drained(city), 60)
    end(healthy)
    assert held(city).features == PERMITS
