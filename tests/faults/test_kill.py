"""Kill -9 at named points, in real processes under load: nothing acknowledged is lost, nothing has effect twice."""

import signal
import time

import pytest

from tests.faults.city import ROUNDS, City, drained, end, go, held, set_up, wait_for
from tests.faults.conftest import Recovered
from tests.faults.dying import ANYBODY, HEALTHY, POINTS, passing

PERMITS = 6
EACH = [(point, who) for point in POINTS for who in passing(point)]
# Whoever comes in the middle, then each of them at its first. Kafka takes its time: there each point and each of them
# once.
GRID = [
    *(("embedded", point, ANYBODY, 4) for point in POINTS),
    *(pytest.param("embedded", point, who, 1, marks=pytest.mark.long) for point, who in EACH),
    *(
        pytest.param("kafka", point, passing(point)[number % len(passing(point))], 1, marks=pytest.mark.long)
        for number, point in enumerate(POINTS)
    ),
]


@pytest.mark.parametrize(("city", "point", "who", "count"), GRID, indirect=["city"])
def test_a_worker_killed_under_load_loses_nothing_and_does_nothing_twice(
    city: City, point: str, who: str, count: int, recovered: Recovered
) -> None:
    dying, healthy = city.work(point, who, str(count)), city.work(HEALTHY)
    go(dying)
    for round_ in range(ROUNDS):
        for number in range(PERMITS):
            if round_ == 0:
                city.order(number)
            city.ping_all(number, round_)
        time.sleep(0.1)
    assert dying.wait(60) == -signal.SIGKILL, f"{who} never passed {point!r} {count} times"
    go(healthy)
    recovered(f"worker killed {point}, {who} {count}", wait_for(lambda: drained(city), 60))
    wait_for(lambda: set_up(city) == PERMITS and drained(city), 60)
    end(healthy)
    assert held(city).features == PERMITS
