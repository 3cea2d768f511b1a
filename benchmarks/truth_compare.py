"""What was told of a simulated day, set against what happened."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from services.beacons.application.door import event_of, read_ping
from services.beacons.application.registry import read_csv
from services.beacons.domain.sites import SitesDecider
from services.navfeed.adapters.rendering import Imprint
from services.permits.adapters import geojson_import
from services.suite.backtest import Recording, Replayed, replay
from services.suite.simulate import Scenario, devices_csv, permits, pings
from services.suite.simulate.scenario import Leg, Light, Site
from shared.clock import MINUTE_US, Micros, to_micros
from shared.contracts import devices as d
from shared.contracts import sites as s
from shared.contracts.base import Contract
from shared.contracts.permits import PermitApproved
from shared.events.codec import decode, follow_up
from shared.events.envelope import Event
from shared.geo.crs import metric_line, to_metric, to_metric_array
from shared.geo.linear import project
from shared.geo.network import RoadNetwork

NAMESPACE = "de-mainz"
IMPRINT = Imprint("Stadt Mainz", "dl-de/by-2-0", "Stadt Mainz", "DE-Mainz")
AFTER_US = 60 * MINUTE_US  # an incident that is told later than this was missed
EXPLAINED_US = 20 * MINUTE_US  # a move told within this of a true one is no false one
NEAR_M = 60.0  # a suspicion this close to a site without an order means it
ALARMS: dict[str, type[Any]] = {
    "moved_away": d.LightMovedAway,
    "became_silent": d.LightBecameSilent,
    "battery_low": d.LightBatteryLow,
    "lamp_failed": d.LightLampFailed,
    "fell": d.LightFell,
}


class Said(NamedTuple):
    fact: Any
    recorded: Micros


class Outcome(NamedTuple):
    """An ordered site, its true lights, and what was told of it."""

    site: Site
    lights: frozenset[str]
    told: Sequence[Said]

    def all(self, *kinds: type[Contract]) -> list[Said]:
        return [said for said in self.told if isinstance(said.fact, kinds)]

    @property
    def extent(self) -> Any | None:
        """The last word on where it stands."""
        found = self.all(s.ExtentMeasured, s.ExtentChanged)
        return found[-1].fact if found else None

    def end_errors(self) -> list[float]:
        """Metres along the street between told and true ends of the first measure."""
        return [] if self.extent is None else _apart(self.site, self.extent.extents[0].line.coordinates)

    def line_errors(self) -> list[float]:
        """Metres that the told line of the first measure is off the true one at its worst place."""
        if self.extent is None or self.site.line is None:
            return []
        told = metric_line(self.extent.extents[0].line.coordinates)
        return [float(told.hausdorff_distance(metric_line(self.site.line.coordinates)))]

    def order_errors(self) -> list[float]:
        return _apart(self.site, self.site.features[0]["geometry"]["coordinates"])

    def set_up_delay(self) -> float | None:
        """Minutes from the first light that stands."""
        found, stand = self.all(s.SetUpDetected), self.site.stand
        return (found[0].recorded - stand.begins) / MINUTE_US if found and stand else None

    def cleared_delay(self) -> float | None:
        """Minutes from the last light that is fetched."""
        found, stand = self.all(s.ClearedDetected), self.site.stand
        return (found[-1].recorded - stand.ends) / MINUTE_US if found and stand and stand.ends else None


class Report(NamedTuple):
    """``outcomes`` of real sites and of ``ghosts``; the others are counts, pairs are (found, true)."""

    outcomes: Sequence[Outcome]
    ghosts: Sequence[Outcome]
    suspects: "Suspects"
    incidents: dict[str, tuple[int, int]]
    false_alarms: int
    false_moves: int
    foreign: int
    left_out: int
    bound: int

    def errors(self, of: Callable[[Outcome], list[float]] = Outcome.end_errors) -> list[float]:
        return sorted(error for outcome in self.outcomes for error in of(outcome))

    def delays(self, of: Callable[[Outcome], float | None]) -> list[float]:
        return sorted(delay for outcome in self.outcomes if (delay := of(outcome)) is not None)

    def missed(self) -> list[str]:
        return [outcome.site.key for outcome in self.outcomes if not outcome.all(s.SetUpDetected)]

    def invented(self) -> list[str]:
        return [outcome.site.key for outcome in self.ghosts if outcome.all(s.SetUpDetected)]

    def not_cleared(self) -> list[str]:
        gone = (o for o in self.outcomes if o.site.stand and o.site.stand.ends)
        return [outcome.site.key for outcome in gone if not outcome.all(s.ClearedDetected)]

    def cleared_falsely(self) -> list[str]:
        """Sites that were told to be cleared more often than they were."""
        return [
            outcome.site.key
            for outcome in self.outcomes
            if len(outcome.all(s.ClearedDetected)) > bool(outcome.site.stand and outcome.site.stand.ends)
        ]


def recording(scenario: Scenario) -> Recording:
    """What importers and door would have put on the log."""
    start, end = scenario.start, scenario.end
    imported = geojson_import.read(geojson_import.load(permits(scenario)), geojson_import.Origin(NAMESPACE))
    orders = [incoming.content.permit for incoming in imported.permits]
    approved = [_contract(PermitApproved(order), f"permit:{order.permit_id}", start) for order in orders]
    devices, _ = read_csv(devices_csv(scenario))
    registry = [_contract(device, f"registry:{device.device_id}", start) for device in devices]
    sent = [event_of(read_ping(one.item), one.item, one.line, one.received) for one in pings(scenario)]
    return Recording(approved, registry, [lambda: [event for event in sent if event.recorded < end]], start, end)


def run(
    scenario: Scenario, progress: Callable[[str], None] = lambda _: None, network: RoadNetwork | None = None
) -> Report:
    """``network``: the streets along which sites are measured; else they are along the orders' lines."""
    progress("pings")
    inputs = recording(scenario)
    sites = SitesDecider(network=network)
    replayed = replay(inputs, namespace=NAMESPACE, imprint=IMPRINT, sites=sites, network=network, progress=progress)
    return compare(scenario, replayed)


def compare(scenario: Scenario, replayed: Replayed) -> Report:
    told = [Said(decode(event), event.recorded) for event in replayed.events if not event.stream.startswith("measure:")]
    outcomes = list(_outcomes(scenario, told))
    real = [outcome for outcome in outcomes if outcome.site.line is not None]
    bound = [(frozenset(o.extent.lights), o.lights) for o in real if o.extent is not None]
    astray = _astray(scenario)
    return Report(
        outcomes=real,
        ghosts=[outcome for outcome in outcomes if outcome.site.line is None],
        suspects=_suspects(scenario, told),
        incidents={kind: _recall(scenario, told, kind) for kind in ALARMS},
        false_alarms=sum(_false_alarms(scenario, told, kind) for kind in ALARMS if kind != "moved_away"),
        false_moves=_false_moves(scenario, told),
        foreign=sum(len(found - own) for found, own in bound),
        left_out=sum(len(own - found - astray) for found, own in bound),
        bound=sum(len(own) for _, own in bound),
    )


def _contract(payload: Contract, stream: str, at: Micros) -> Event:
    return follow_up(payload, decider="import", stream=stream, version=1, decided=at, cause=None)


def _outcomes(scenario: Scenario, told: Sequence[Said]) -> Iterator[Outcome]:
    orders = [said.fact.permit for said in told if isinstance(said.fact, PermitApproved)]
    ids = {order.permit_number: order.permit_id for order in orders}
    for site in scenario.sites:
        if site.permit_number is None:
            continue
        permit = ids[site.permit_number]
        own = [said for said in told if isinstance(said.fact, s.SiteEvent) and said.fact.permit_id == permit]
        yield Outcome(site, frozenset(o.device_id for o in scenario.lights if o.site == site.key), own)


def _apart(site: Site, coordinates: Sequence[Any]) -> list[float]:
    assert site.line is not None
    line = metric_line(site.line.coordinates)
    ends = project(line, to_metric_array(np.array([coordinates[0], coordinates[-1]])), extended=True).offset.tolist()
    return [abs(ends[0]), abs(ends[1] - line.length)]


def _astray(scenario: Scenario) -> frozenset[str]:
    """Lights that stand at no site any more."""
    return frozenset(o.device_id for o in scenario.lights if any(i.kind == "moved_away" for i in o.incidents))


class Suspects(NamedTuple):
    """Sites without an order, how many of them were found, and what was suspected elsewhere."""

    true: int
    found: int
    in_depots: int
    elsewhere: int


def _suspects(scenario: Scenario, told: Sequence[Said]) -> Suspects:
    spots = [
        shapely.Point(to_metric(*said.fact.centre))
        for said in told
        if isinstance(said.fact, s.UnpermittedSiteSuspected)
    ]
    true = [metric_line(o.line.coordinates).buffer(NEAR_M) for o in scenario.sites if o.line and not o.permit_number]
    depots = [shapely.Point(to_metric(*depot.place)).buffer(depot.radius_m) for depot in scenario.depots]
    wrong = [spot for spot in spots if not any(ground.contains(spot) for ground in true)]
    in_depots = sum(any(depot.contains(spot) for depot in depots) for spot in wrong)
    found = sum(any(ground.contains(spot) for spot in spots) for ground in true)
    return Suspects(len(true), found, in_depots, len(wrong) - in_depots)


def _recall(scenario: Scenario, told: Sequence[Said], kind: str) -> tuple[int, int]:
    true = [(o.device_id, i.at) for o in scenario.lights for i in o.incidents if i.kind == kind]
    said = [(one.fact.device_id, one.recorded) for one in told if isinstance(one.fact, ALARMS[kind])]
    return sum(any(who == name and 0 <= when - at <= AFTER_US for who, when in said) for name, at in true), len(true)


def _false_alarms(scenario: Scenario, told: Sequence[Said], kind: str) -> int:
    true = {o.device_id for o in scenario.lights if any(i.kind == kind for i in o.incidents)}
    return sum(isinstance(one.fact, ALARMS[kind]) and one.fact.device_id not in true for one in told)


def _false_moves(scenario: Scenario, told: Sequence[Said]) -> int:
    moves = {light.device_id: list(_moves(light)) for light in scenario.lights}
    said = [one.fact for one in told if isinstance(one.fact, d.LightMovedAway)]
    return sum(not any(abs(to_micros(o.at) - move) <= EXPLAINED_US for move in moves[o.device_id]) for o in said)


def _moves(light: Light) -> Iterator[Micros]:
    before: Leg | None = None
    for leg in light.legs:
        if before is not None and (leg.moving or leg.place != before.place):
            yield leg.start
        before = leg
