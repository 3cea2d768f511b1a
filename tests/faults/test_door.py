"""Kill -9 of the doors (gunicorn) at named points under load, judged by what the clients were told."""

from pathlib import Path

import pytest

from tests.faults.city import City, drained, held, set_up, wait_for
from tests.faults.conftest import Recovered
from tests.faults.dying import DOOR_POINTS, TURNS
from tests.faults.load import traffic
from tests.support.front import opened

SITES = 4
DYING = ("tests.faults.dying:doors()", "--config=python:tests.faults.doors_conf")


@pytest.mark.parametrize("city", ["embedded", pytest.param("kafka", marks=pytest.mark.long)], indirect=True)
def test_what_a_killed_door_had_acknowledged_is_on_the_log_and_has_its_effect_once(
    city: City, tmp_path: Path, recovered: Recovered
) -> None:
    with opened(city.url, tmp_path, city.environment | {TURNS: str(tmp_path)}, DYING) as front:
        with traffic(city, front, range(SITES)) as clients:
            wait_for((tmp_path / f"turn-{len(DOOR_POINTS)}").exists, 120)
            clients.hear(100)
            front.kill_doors()
            clients.hear(200)
        recovered("doors killed five times: drained", wait_for(lambda: drained(city), 60))
        wait_for(lambda: set_up(city) == SITES and drained(city), 60)
        front.stop_working()
    assert any(answer.status == 0 for answer in clients.answers), "nobody noticed that the doors were gone"
    assert held(city).features == SITES
    assert submitted(city) == SITES


def submitted(city: City) -> int:
    store = city.services.permits.store
    return sum(found.event.type == "permits.submitted.v1" for found in store.after(0, store.last()))
