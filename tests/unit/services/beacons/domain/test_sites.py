from typing import Any

import msgspec
import pytest

from services.beacons.domain.areas import site_id
from shared.contracts.devices import (
    LightFell,
    LightMovedAway,
    LightPlaced,
)
from shared.contracts.permits import (
    PermitProgressed,
)
from shared.contracts.sites import (
    SetUpDetected,
)
from shared.events.codec import PoisonError, UnknownTypeError, encode
from shared.events.envelope import Event
from tests.unit.services.beacons.domain.city import (
    City,
    approved,
    at,
    line,
    measure,
    permit,
    rows_of_lights,
    stand,
)
from tests.unit.services.beacons.domain.sites import ordered


def test_facts_that_do_not_matter_are_skipped_and_unknown_ones_are_poison() -> None:
    city = City()
    city.tell("permit:p-1", PermitProgressed())
    city.tell("light:L1", LightFell(device_id="L1", at=at(0)))
    assert len(city.rows) == 0
    event = Event(
        id="1", type="de.leitbake.light.teleported.v9", stream="light:L1", version=1, time=0, recorded=0, data=b"{}"
    )
    with pytest.raises(UnknownTypeError):
        city.decider.decode(event)


def test_a_work_area_out_of_reach_or_endless_is_poison() -> None:
    for points in (((0, 0), (60_000, 0)), ((6_495_600, -5_561_000), (6_495_700, -5_561_000))):
        fact = approved(measure("a", line(*points)))
        event = Event(id="1", type=fact.TYPE, stream="permit:p-1", version=1, time=0, recorded=0, data=encode(fact))
        with pytest.raises(PoisonError):
            City().decider.decode(event)


def test_only_what_a_light_concerns_is_looked_at() -> None:
    city = City()
    for number in range(300):
        order = permit(measure(f"m{number}", line((0, 300 * number), (100, 300 * number))), number=f"n{number}")
        city.fold(f"permit:p-{number}", msgspec.structs.replace(approved(), permit=order))
    city.decide()
    for number in range(300):
        for spot in (0, 100):
            placed = LightPlaced(device_id=f"L{number}-{spot}", stand=stand(1, spot, 300 * number), lamp="on")
            city.fold(f"light:L{number}-{spot}", placed)
    city.decide()
    assert len(city.of(SetUpDetected)) == 300
    city.fold("light:L7-0", LightMovedAway(device_id="L7-0", at=at(2)))
    city.decide()
    assert city.looked <= {f"site:{site_id('p-7', 'mz-m7')}", "light:L7-0"}


def test_the_order_in_which_facts_of_one_instant_are_told_does_not_show() -> None:
    def told(reverse: bool) -> list[Any]:
        city = ordered()
        facts = [
            (name, LightPlaced(device_id=name, stand=stand(1, east, north), lamp="on"))
            for name, east, north in rows_of_lights()
        ]
        for name, fact in reversed(facts) if reverse else facts:
            city.fold(f"light:{name}", fact)
        city.decide()
        city.wait_until(60)
        return [*city.said, {key: city.rows[key] for key in city.rows}]

    assert told(reverse=False) == told(reverse=True)
