import msgspec
import pytest

from services.suite.simulate import DoorClosedError, Scenario, demo, drive, live
from shared.clock import MINUTE_US, SECOND_US, Micros, SteeredClock, to_micros
from shared.contracts.pings import Ping
from shared.eventlog.port import LogUnavailableError
from shared.geo.citymap import CityMap

T0: Micros = 1_772_431_200_000_000


@pytest.fixture(scope="module")
def show(town: CityMap) -> Scenario:
    return demo(town, 1, T0, sites=14, lights=60)


class Door:
    """Notes what is posted and when; ``closed`` decides by minute."""

    def __init__(self, closed: list[tuple[float, float]], error: type[Exception] = DoorClosedError) -> None:
        self.clock = SteeredClock(T0)
        self.got: list[tuple[float, bytes]] = []
        self.largest = 0
        self._closed, self._error = closed, error

    @property
    def minute(self) -> float:
        return (self.clock.now() - T0) / MINUTE_US

    def post(self, items: list[bytes]) -> None:
        self.largest = max(self.largest, len(items))
        if any(low <= self.minute < high for low, high in self._closed):
            raise self._error("closed")
        self.got += [(self.minute, item) for item in items]

    def play(self, show: Scenario, minutes: float) -> "Door":
        def wait(seconds: float) -> None:
            self.clock.advance(round(seconds * SECOND_US))

        drive(show, self.post, self.clock.now, wait, lambda: self.minute >= minutes)
        return self

    @property
    def items(self) -> list[bytes]:
        return [item for _, item in self.got]


@pytest.fixture(scope="module")
def played(show: Scenario) -> Door:
    return Door([]).play(show, 6)


def of(door: Door, show: Scenario, behaviour: str) -> list[tuple[float, Ping]]:
    """Minute of arrival and message of the lights of a site."""
    keys = {site.key for site in show.sites if site.behaviour == behaviour}
    lights = {light.device_id for light in show.lights if light.site in keys}
    said = [(minute, msgspec.json.decode(item, type=Ping)) for minute, item in door.got]
    return [(minute, ping) for minute, ping in said if ping.device_id in lights]


def test_every_light_tells_its_last_minutes_at_once(show: Scenario, played: Door) -> None:
    at_once = [msgspec.json.decode(item, type=Ping) for minute, item in played.got if minute < 0.05]
    assert {ping.device_id for ping in at_once} == {light.device_id for light in show.lights}
    assert min(to_micros(ping.event_time) for ping in at_once) < T0 - 20 * MINUTE_US


def test_lights_go_on_speaking_every_ten_seconds(show: Scenario, played: Door) -> None:
    normal = of(played, show, "normal")
    lights = {ping.device_id for _, ping in normal}
    live_ones = [ping for minute, ping in normal if 1 <= minute < 5]
    assert len(live_ones) / len(lights) == pytest.approx(24, abs=3)


def test_a_site_is_set_up_within_the_first_minute(show: Scenario, played: Door) -> None:
    lit = [(minute, ping) for minute, ping in of(played, show, "late") if ping.lamp == "on"]
    assert 0.7 < min(minute for minute, _ in lit) < 1
    first = min(to_micros(ping.event_time) for _, ping in lit)
    assert T0 - 8 * MINUTE_US < first < T0 - 6 * MINUTE_US


def test_a_site_is_cleared_early_at_minute_three_and_stood_before(show: Scenario, played: Door) -> None:
    said = of(played, show, "early")
    assert {ping.lamp for minute, ping in said if minute < 2.9} == {"on"}
    assert {ping.lamp for minute, ping in said if minute > 3.1} == {"off"}


def test_one_stands_unordered_from_minute_four(show: Scenario, played: Door) -> None:
    site = next(site for site in show.sites if site.behaviour == "unpermitted")
    said = of(played, show, "unpermitted")
    assert site.features == ()
    assert 4 <= min(minute for minute, ping in said if ping.lamp == "on") < 4.1


def test_nobody_comes_to_a_ghost(show: Scenario, played: Door) -> None:
    assert {ping.lamp for _, ping in of(played, show, "ghost")} == {"off"}


def test_all_repeats_after_the_period(show: Scenario) -> None:
    later = msgspec.structs.replace(show, start=T0 - 60 * MINUTE_US)
    moved = msgspec.structs.replace(
        later,
        lights=tuple(
            msgspec.structs.replace(
                light,
                legs=tuple(msgspec.structs.replace(leg, start=leg.start - 60 * MINUTE_US) for leg in light.legs),
                held=tuple((low - 60 * MINUTE_US, high - 60 * MINUTE_US) for low, high in light.held),
            )
            for light in show.lights
        ),
    )
    assert Door([]).play(moved, 1.5).items == Door([]).play(show, 1.5).items


@pytest.mark.parametrize("error", [DoorClosedError, LogUnavailableError, ConnectionRefusedError])
def test_what_the_door_does_not_take_comes_later_and_nothing_is_lost(
    show: Scenario, played: Door, error: type[Exception]
) -> None:
    door = Door([(0.0, 0.3), (2.0, 3.5)], error).play(show, 6)
    assert door.items == played.items
    assert not [minute for minute, _ in door.got if minute < 0.3 or 2.0 <= minute < 3.5]


def test_other_errors_are_not_hidden(show: Scenario) -> None:
    with pytest.raises(ZeroDivisionError):
        Door([(0.0, 9.0)], ZeroDivisionError).play(show, 1)


def test_batches_stay_small(played: Door) -> None:
    assert played.largest == live.BATCH


def test_a_full_memory_forgets_the_oldest(show: Scenario, played: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "KEPT", 100)
    door = Door([(0.0, 5.0)]).play(show, 5.01)
    assert len(door.items) <= 100 + len(show.lights)
    assert door.items[-20:] == [item for minute, item in played.got if minute < 5.01][-20:]
