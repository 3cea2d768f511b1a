"""Law 8 through all stages: late and re-ordered pings across set-up, move and clearing end in the same sites.

Two things may differ and are said here: instants that were told before the late ping came (a set-up, a clearing; by
no more than the horizon), and the id of a suspected site, which bears for life the name of a light known when it was
found.
"""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.beacons.domain.gate import LATENESS_US
from services.beacons.domain.rows import AnyRow, LightRow, SiteRow
from services.beacons.domain.sites import SitesDecider
from services.navfeed.domain.feature import Feature
from services.navfeed.domain.lines import moved_m
from services.navfeed.domain.publisher import Publisher
from services.suite.backtest import in_order
from shared.clock import HOUR_US, MINUTE_US, SECOND_US, Micros, to_micros
from shared.contracts.base import LineString
from shared.contracts.topics import DEVICES, PERMITS, SITES
from shared.events.envelope import Event
from tests.support.city import START_US, approved, ping, registered, rows
from tests.support.stages import as_events, decided, lights

EVERY_US = 10 * MINUTE_US
HORIZON_US = LATENESS_US - 2 * MINUTE_US
SET_UP_US, MOVE_US, CLEAR_US = (START_US + hours * HOUR_US for hours in (1, 3, 5))
# A story told up to here and heard to its end: after the set-up, after the move, after the clearing.
CHAPTERS = {"set up": MOVE_US, "moved": CLEAR_US, "cleared": CLEAR_US + 3 * HOUR_US}
NEAR_M = 10.0
NUMBER = "45-2026-0001"
Delay = Callable[[str, Micros], Micros]


class Said(NamedTuple):
    device: str
    at: Micros
    along_m: float
    across_m: float


def story(until: Micros) -> list[Said]:
    """Six lights of a site come one after the other, those at the east end move on by 18 m, all go home.

    Four more stand for a while where nothing is ordered.
    """
    told: list[Said] = []
    for n, (device, along) in enumerate(rows(8, 112)):
        moved = along + (18 if along > 60 else 0)
        places = [(-3_000 - 150 * n, 0), (along, 0), (moved, 0), (-3_000 - 150 * n, 0)]
        instants = [START_US, SET_UP_US + n * 6 * MINUTE_US, MOVE_US + n * 3 * MINUTE_US, CLEAR_US, until]
        told += walk(device, places, instants)
    for n in range(4):
        places = [(-3_000 - 150 * n, 600), (1_500 + 8 * n, 200), (-3_000 - 150 * n, 600)]
        told += walk(f"SU-000{n}", places, [START_US, SET_UP_US + n * 4 * MINUTE_US, CLEAR_US + HOUR_US // 2, until])
    return [said for said in told if said.at < until]


def walk(device: str, places: list[tuple[int, int]] | list[Any], instants: list[Micros]) -> Iterator[Said]:
    for (along, across), (first, last) in zip(places, pairwise(instants), strict=True):
        for number, at in enumerate(range(first, last, EVERY_US)):
            wobble = ((number * 7 + int(device[-1]) * 3) % 5 - 2) * 0.6
            yield Said(device, at, along + wobble, across - wobble)


def any_delay(chance: random.Random) -> Delay:
    return lambda _device, _at: chance.randrange(HORIZON_US)


def some_late(chance: random.Random) -> Delay:
    return lambda _device, _at: chance.randrange(HORIZON_US) if chance.random() < 0.5 else 2 * SECOND_US


def kept_per_light(chance: random.Random) -> Delay:
    """Each light keeps what it has and sends it at once."""
    phase = {f"{kind}-000{n}": chance.randrange(HORIZON_US) for kind in ("LT", "SU") for n in range(6)}
    return lambda device, at: (phase[device] - at) % HORIZON_US + SECOND_US


def kept_and_sent_backwards(chance: random.Random) -> Delay:
    """A gateway without a line: what it heard last comes first."""
    phase = chance.randrange(HORIZON_US)
    return lambda _device, at: (wait := (phase - at) % HORIZON_US) + wait // 60 + SECOND_US


def some_lights_always_late(chance: random.Random) -> Delay:
    late = {f"LT-000{n}" for n in chance.sample(range(6), 3)}
    return lambda device, _at: HORIZON_US if device in late else 2 * SECOND_US


WAYS = [any_delay, some_late, kept_per_light, kept_and_sent_backwards, some_lights_always_late]


class City(NamedTuple):
    """What is true at the end. ``suspects``: sites without an order, by their lights."""

    sites: dict[str, Any]
    suspects: list[Any]
    bindings: dict[str, Any]
    ends: dict[str, list[tuple[float, float]]]
    features: tuple[Feature, ...]


def lived(until: Micros, delay: Delay) -> City:
    pings = [ping(*said, delay_us=delay(said.device, said.at)) for said in story(until)]
    said = lights(sorted(pings, key=lambda event: (event.recorded, event.id)), (START_US, until + 4 * HOUR_US))
    devices = [registered(device, NUMBER) for device in ("LT-0000", "LT-0004")]
    facts: dict[str, list[Event]] = {
        PERMITS.name: [approved()],
        DEVICES.name: in_order([*devices, *as_events(said)]),
    }
    found = decided(SitesDecider(), facts, [PERMITS, DEVICES])
    inputs = {PERMITS.name: facts[PERMITS.name], SITES.name: in_order(as_events(found))}
    feed = decided(Publisher("de-mainz"), inputs, [PERMITS, SITES])
    decode = msgspec.msgpack.Decoder(AnyRow).decode
    return city_of([decode(data) for data in found.rows.values() if data], feed.writes[-1].content.features)


def city_of(rows_: list[Any], features: tuple[Feature, ...]) -> City:
    sites = {row.site_id: row for row in rows_ if isinstance(row, SiteRow)}
    ordered = {name for name, row in sites.items() if row.permit_id}
    return City(
        {name: life(sites[name]) for name in ordered},
        sorted(life(row) for name, row in sites.items() if name not in ordered),
        {
            row.device_id: (row.standing, row.lamp, row.silent, row.site if row.site in ordered else bool(row.site))
            for row in rows_
            if isinstance(row, LightRow)
        },
        {name: [(told.start_m, told.end_m) for told in sites[name].ends] for name in ordered},
        features,
    )


def life(row: SiteRow) -> tuple[Any, ...]:
    return row.phase, row.lights, row.crew, row.silent, row.ghost, row.overrunning, row.deviating


@pytest.fixture(scope="module")
def punctual() -> dict[str, City]:
    return {chapter: lived(until, lambda _device, _at: 2 * SECOND_US) for chapter, until in CHAPTERS.items()}


def test_the_story_sets_up_moves_and_clears(punctual: dict[str, City]) -> None:
    phases = [[phase for phase, *_ in city.sites.values()] for city in punctual.values()]
    assert phases == [["set_up"], ["set_up"], ["cleared"]]
    assert [len(city.suspects) for city in punctual.values()] == [1, 1, 1]
    [(_, before)], [(_, after)] = (next(iter(punctual[chapter].ends.values())) for chapter in ("set up", "moved"))
    assert after - before > NEAR_M
    assert [city.features[0].on_site for city in punctual.values()] == ["silent", "silent", "cleared"]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(CHAPTERS)), st.sampled_from(WAYS), st.integers(0, 10_000))
def test_late_and_reordered_pings_end_in_the_same_sites(
    punctual: dict[str, City], chapter: str, way: Callable[[random.Random], Delay], seed: int
) -> None:
    expected = punctual[chapter]
    city = lived(CHAPTERS[chapter], way(random.Random(seed)))
    assert (city.sites, city.suspects, city.bindings) == (expected.sites, expected.suspects, expected.bindings)
    for site, ends in city.ends.items():
        for told, wanted in zip(ends, expected.ends[site], strict=True):
            assert max(abs(one - other) for one, other in zip(told, wanted, strict=True)) <= NEAR_M
    for one, other in zip(city.features, expected.features, strict=True):
        assert_same_feature(one, other)


def assert_same_feature(one: Feature, other: Feature) -> None:
    assert (one.id, one.status, one.on_site, one.provenance) == (
        other.id,
        other.status,
        other.on_site,
        other.provenance,
    )
    assert isinstance(one.geometry, LineString)
    assert isinstance(other.geometry, LineString)
    assert moved_m(one.geometry, other.geometry) <= NEAR_M
    assert abs(to_micros(one.start) - to_micros(other.start)) <= LATENESS_US
    assert one.end is not None
    assert other.end is not None
    assert abs(to_micros(one.end) - to_micros(other.end)) <= LATENESS_US
