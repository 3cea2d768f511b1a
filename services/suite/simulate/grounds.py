"""Where everything of a scenario is: sites on streets, their lights, depots. Without time."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from services.suite.simulate import layout
from services.suite.simulate.orders import Order, features
from services.suite.simulate.scenario import Behaviour, Depot, Site, Stand
from services.suite.simulate.stretches import ROOM_M, Stretch, far_places, lonlats, pick
from shared.clock import Micros, from_micros
from shared.contracts.base import LineString, LonLat
from shared.geo.citymap import CityMap
from shared.geo.crs import XY, lonlat_positions
from shared.geo.districts import Districts
from shared.geo.linear import cut

BY_THE_METRE_M = 2.5  # how exactly a foreman follows the plan
SHIFT_M = (30.0, 40.0)
BOUND_SHARE = 0.5
ALWAYS_BOUND = frozenset({"ghost", "late"})
NEVER_THERE = frozenset({"ghost", "planned"})
DEPOT_NAMES = ("Städtischer Bauhof", "Materialhof")  # wherever the seed puts them
DEPOT_RADIUS_M = 75.0
DEPOTS_APART_M = 400.0
FIRST_NUMBER = 101


class Ground(NamedTuple):
    """A site without its times.

    ``places`` of its lights while they work, ``home`` while they do not, in the same order; ``start`` and ``end``
    metres along the stretch's path, where it truly stands.
    """

    key: str
    behaviour: Behaviour
    stretch: Stretch
    start: float
    end: float
    bound: bool
    district: str | None = None
    devices: tuple[str, ...] = ()
    places: tuple[LonLat, ...] = ()
    home: tuple[LonLat, ...] = ()

    def number(self, begins: Micros) -> str | None:
        """The file number of its order; None where nothing is ordered."""
        if self.behaviour == "unpermitted":
            return None
        return f"45-{from_micros(begins).year}-{FIRST_NUMBER + int(self.key[1:]):04d}"


def lay_out(
    city: CityMap, behaviours: Sequence[Behaviour], lights: int, rng: Random
) -> tuple[list[Ground], tuple[Depot, ...]]:
    """A ground per behaviour, ``lights`` spread over them evenly; raises ``TooFewStreetsError``."""
    stretches = pick(city, rng, len(behaviours))
    centres = far_places(city, rng, [stretch.path for stretch in stretches], len(DEPOT_NAMES), DEPOTS_APART_M)
    depots = tuple(
        Depot(name, place, DEPOT_RADIUS_M) for name, place in zip(DEPOT_NAMES, lonlats(centres), strict=False)
    )
    grounds = [
        _ground(index, behaviour, stretch, rng)
        for index, (behaviour, stretch) in enumerate(zip(behaviours, stretches, strict=True))
    ]
    districts, first = Districts(city), 0
    for index, count in enumerate(_shares(behaviours, lights)):
        ground, home = grounds[index], layout.in_depot(centres[index % len(centres)], count, first)
        grounds[index] = ground._replace(
            district=districts.at(*lonlats([XY(*ground.stretch.piece().coords[0])])[0]),
            devices=tuple(f"LT-{first + number + 1:04d}" for number in range(count)),
            places=tuple(layout.around_site(ground.stretch, ground.start, ground.end, count, rng)),
            home=tuple(home),
        )
        first += count
    return grounds, depots


def _shares(behaviours: Sequence[Behaviour], lights: int) -> Iterator[int]:
    """How many lights each site has."""
    manned = sum(behaviour != "planned" for behaviour in behaviours)
    left = lights % manned if manned else 0
    for behaviour in behaviours:
        if behaviour == "planned":
            yield 0
            continue
        yield lights // manned + (left > 0)
        left -= 1


def _ground(index: int, behaviour: Behaviour, stretch: Stretch, rng: Random) -> Ground:
    shift = rng.uniform(*SHIFT_M) if behaviour == "shifted" else 0.0
    if stretch.path.length - stretch.end < ROOM_M:
        shift = -shift
    return Ground(
        key=f"S{index:02d}",
        behaviour=behaviour,
        stretch=stretch,
        start=stretch.start + shift + rng.gauss(0, BY_THE_METRE_M),
        end=stretch.end + shift + rng.gauss(0, BY_THE_METRE_M),
        bound=behaviour in ALWAYS_BOUND or (behaviour != "unpermitted" and rng.random() < BOUND_SHARE),
    )


def site_of(ground: Ground, ordered: tuple[Micros, Micros] | None, stand: Stand | None, rng: Random) -> Site:
    """The site, ordered for ``[start, end)`` and standing as told."""
    number = None if ordered is None else ground.number(ordered[0])
    order = None if ordered is None or number is None else Order(number, *ordered, ground.district)
    there = ground.behaviour not in NEVER_THERE
    line = cut(ground.stretch.path, ground.start, ground.end) if there else None
    return Site(
        key=ground.key,
        behaviour=ground.behaviour,
        street=ground.stretch.street,
        permit_number=number,
        features=() if order is None else features(ground.stretch, order, rng),
        line=None if line is None else LineString(lonlat_positions(line)),
        stand=stand,
    )


def bound_to(ground: Ground, site: Site) -> str | None:
    """The permit that the registry names for the ground's lights."""
    return site.permit_number if ground.bound else None
