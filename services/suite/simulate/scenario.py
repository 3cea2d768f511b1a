"""What really happens in a simulated city: sites, lights, and how well the lights can tell. Plain data.

Instants are µs, places WGS 84 lon-lat. A scenario is made once by seed (``day``, ``demo``) and never changed.
"""

from typing import Any, Literal

import msgspec

from shared.clock import Micros
from shared.contracts.base import LineString, LonLat
from shared.contracts.devices import Lamp

Behaviour = Literal[
    "normal",
    "late",  # set up hours after the order began
    "moved",  # one light is moved a few metres, another runs off
    "shifted",  # stands 30-40 m beside the order
    "early",  # cleared long before the order ends
    "ghost",  # ordered, lights bound to it, and nobody comes
    "unpermitted",  # stands where nothing is ordered
    "silent",  # its lights fall silent
    "battery",
    "lamp",
    "fallen",
    "planned",  # ordered for later, without lights (demo only)
]
IncidentKind = Literal["nudged", "moved_away", "became_silent", "battery_low", "lamp_failed", "fell"]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """How lights speak. Errors per axis in metres, times in seconds, the rest shares of all messages.

    The place errs by ``drift_m`` that persists over ``drift_s``, as between houses, and by ``white_m`` that does not;
    both are scaled per light by a factor out of 0.6 to 1.6.
    """

    interval_s: float = 300.0
    jitter_s: float = 10.0
    drift_m: float = 4.0
    drift_s: float = 1200.0
    white_m: float = 1.5
    outlier: float = 0.004  # a fix 40-160 m away that claims to be good
    lost: float = 0.02
    late: float = 0.01  # 1-30 minutes on the way
    cached: float = 0.01  # the last fix sent again, with its old time
    failed: float = 0.005
    twice: float = 0.003  # heard by two gateways


class Leg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a light does from ``start`` until its next leg; ``moving``: on the way to where that begins."""

    start: Micros
    place: LonLat
    lamp: Lamp = "on"
    moving: bool = False
    fallen: bool = False
    speaks: bool = True
    battery_pct: int | None = None  # from here on, whatever it was


class Incident(msgspec.Struct, frozen=True):
    kind: IncidentKind
    at: Micros


class Light(msgspec.Struct, frozen=True, kw_only=True):
    """One light of a site.

    ``permit_number``: bound to it in the registry. ``held``: spans in which its gateway had no connection; what it said
    then arrives at their ends.
    """

    device_id: str
    site: str
    legs: tuple[Leg, ...]
    permit_number: str | None = None
    held: tuple[tuple[Micros, Micros], ...] = ()
    incidents: tuple[Incident, ...] = ()


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """When lights stood there: the first from ``begins``, all from ``complete``, the last until ``ends`` (None: on)."""

    begins: Micros
    complete: Micros
    ends: Micros | None = None


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """One site, ordered or real or both.

    ``features``: its order as GeoJSON (interfaces.md § Permits), none where nothing is ordered. ``line``: from the one
    true end to the other along the street, in the order's direction; None where nobody came.
    """

    key: str
    behaviour: Behaviour
    street: str
    permit_number: str | None
    features: tuple[dict[str, Any], ...]
    line: LineString | None = None
    stand: Stand | None = None


class Depot(msgspec.Struct, frozen=True):
    name: str
    place: LonLat
    radius_m: float


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """``[start, end)``; with ``period`` (µs) all that lights do repeats from ``start`` on, for ever."""

    seed: int
    city: str
    start: Micros
    end: Micros
    signal: Signal
    depots: tuple[Depot, ...]
    sites: tuple[Site, ...]
    lights: tuple[Light, ...]
    period: Micros | None = None
