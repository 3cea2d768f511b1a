"""What is ordered: believable works in German, as features of the permits' GeoJSON."""

from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import shapely

from services.suite.simulate.stretches import Stretch
from shared.clock import BERLIN, Micros, from_micros
from shared.geo.crs import lonlat_positions

Properties = dict[str, Any]
NO_STOPPING_AHEAD = timedelta(days=3)
SPEED_ZONE_M = 25.0  # a lower speed begins this far before the works


class Works(NamedTuple):
    """One kind of works: its measures, and the classes of streets where one would order them."""

    title: str
    works_kind: str
    applicant: str
    measures: tuple[Properties, ...]
    streets: frozenset[str]


SMALL = frozenset({"residential", "living_street", "unclassified"})
LARGE = frozenset({"primary", "secondary", "tertiary"})
ANY = SMALL | LARGE
CLOSED: Properties = {"measure": "road_closed", "exempt": ["residents", "emergency"]}
FOOTWAY: Properties = {"measure": "footway_closed", "affects": ["foot"]}
SIGNALS: Properties = {"measure": "alternating", "control": "signals"}
PRIORITY: Properties = {"measure": "alternating", "control": "priority_signs"}
LANE: Properties = {"measure": "lanes_closed", "lanes_total": 2, "lanes_closed": 1}
ONE_WAY: Properties = {"measure": "direction_closed", "direction": "forward"}
NARROW: Properties = {"measure": "narrowed", "residual_width_m": 3.0}
SLOW: Properties = {"measure": "speed_limit", "speed_limit_kph": 30}
NO_STOPPING: Properties = {"measure": "no_stopping", "affects": ["car", "truck"]}

WORKS = (
    Works("Erneuerung der Wasserleitung", "water", "Stadtwerke Rheinhessen GmbH", (CLOSED, FOOTWAY), SMALL),
    Works("Kanalsanierung", "sewer", "Wirtschaftsbetrieb Abwasser AöR", (CLOSED,), SMALL),
    Works("Glasfaserausbau", "telecoms", "Glasfaser Mittelrhein GmbH", (NARROW, FOOTWAY, NO_STOPPING), ANY),
    Works("Fernwärmeanschluss", "heating", "Heizkraftwerke Rheinhessen GmbH", (SIGNALS, SLOW), LARGE),
    Works("Erneuerung des Gasanschlusses", "gas", "Netzgesellschaft Rheinhessen mbH", (NARROW,), ANY),
    Works("Instandsetzung der Fahrbahndecke", "road", "Straßenbau Nahetal GmbH", (ONE_WAY, FOOTWAY), ANY),
    Works("Aufbau eines Baukrans", "crane", "Hochbau Domstadt GmbH", (PRIORITY, NO_STOPPING), ANY),
    Works("Arbeiten an Stromkabeln", "electricity", "Netzgesellschaft Rheinhessen mbH", (LANE, SLOW), LARGE),
    Works("Gerüst an einer Fassade", "building", "Gerüstbau Auer GmbH", (NARROW, FOOTWAY), ANY),
    Works("Störungsbeseitigung am Wasserrohrnetz", "water", "Stadtwerke Rheinhessen GmbH", (SIGNALS, FOOTWAY), ANY),
)  # fmt: skip


class Order(NamedTuple):
    """What the features of one permit have in common."""

    permit_number: str
    start: Micros
    end: Micros
    district: str | None


def features(stretch: Stretch, order: Order, rng: Random) -> tuple[Properties, ...]:
    """The measures of one permit on a stretch, the main one first; WGS 84, times in RFC 3339."""
    works = rng.choice([works for works in WORKS if stretch.highway in works.streets])
    side = rng.choice(("left", "right"))
    common = {
        "permit_number": order.permit_number,
        "title": works.title,
        "works_kind": works.works_kind,
        "applicant": works.applicant,
        "street": stretch.street,
        "from_street": stretch.from_street,
        "to_street": stretch.to_street,
        "district": order.district,
    }
    said = {name: value for name, value in common.items() if value is not None}
    made = []
    for number, measure in enumerate(works.measures, 1):
        own = {"side": side} if measure["measure"] in {"footway_closed", "narrowed", "no_stopping"} else {}
        ahead = NO_STOPPING_AHEAD if measure["measure"] == "no_stopping" else timedelta()
        times = {"start": _said(from_micros(order.start) - ahead), "end": _said(from_micros(order.end))}
        line = _line(stretch, measure["measure"])
        geometry = {"type": "LineString", "coordinates": [list(place) for place in lonlat_positions(line)]}
        properties = {**said, "measure_id": str(number), **measure, **own, **times}
        made.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return tuple(made)


def _line(stretch: Stretch, kind: str) -> shapely.LineString:
    return stretch.piece(shorter_m=-SPEED_ZONE_M) if kind == "speed_limit" else stretch.piece()


def _said(moment: datetime) -> str:
    """Wall time with its offset, as offices write it."""
    return moment.astimezone(BERLIN).isoformat(timespec="seconds")
