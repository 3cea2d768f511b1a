"""What we know of a measure and from whom: badges and German sentences.

Pure, over the properties that the feed serves. Sentences have no full stop and begin small, as in the middle of a text.
"""

import math
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from services.navfeed.domain.feature import Claim, Provenance, Status
from services.navfeed.domain.rows import OnSite
from services.navfeed.web.times import at, day, ending, relative_day, since
from shared.contracts.base import Geometry, LineString
from shared.geo.crs import metric_shape

# Below that the order and the lights agree: lights stand a little beside the drawn line.
DEVIATES_FROM_M = 25.0
COMPASS = ("nördlich", "nordöstlich", "östlich", "südöstlich", "südlich", "südwestlich", "westlich", "nordwestlich")


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """Those properties of a feature that say what is known; times aware."""

    status: Status
    on_site: OnSite
    provenance: Provenance
    start: datetime
    end: datetime | None
    ordered: Claim
    measured: Claim | None
    deviation_m: float | None
    place_accuracy_m: float | None
    observed_at: datetime | None


# How the line is drawn, and how the symbol is filled.
Look = Literal["ordered", "measured", "not_set_up", "silent"]


class Badge(NamedTuple):
    """``icon`` names one of our own symbols; only a passed deadline is ``urgent``."""

    icon: str
    label: str
    urgent: bool = False


def badges(truth: Truth) -> list[Badge]:
    found = [Badge("late", "Frist überschritten", urgent=True)] if truth.status == "overrunning" else []
    found.append(_place_badge(truth))
    if truth.status == "planned":
        found.append(Badge("calendar", "Geplant"))
    if truth.status == "suspended":
        found.append(Badge("pause", "Unterbrochen"))
    return found


def sentences(truth: Truth, now: datetime) -> list[str]:
    """Up to three, the most important first; of what is cancelled there is nothing to say."""
    late = truth.status == "overrunning" and truth.ordered.end
    return [*([f"sollte {ending(late, now)} enden"] if late else []), *_place_words(truth, now)]


def look(truth: Truth) -> Look:
    """A measured line keeps its colour when its lights fall silent; of nobody's site only the order is drawn."""
    if truth.on_site == "not_set_up":
        return "not_set_up"
    if truth.provenance.place != "measured":
        return "ordered"
    return "silent" if truth.on_site == "silent" else "measured"


def deviates(truth: Truth) -> bool:
    """Whether order and lights tell of different places, beyond what the lights may err."""
    if truth.ordered.geometry is None or truth.measured is None or truth.measured.geometry is None:
        return False
    return (truth.deviation_m or 0.0) > max(DEVIATES_FROM_M, 1.5 * (truth.place_accuracy_m or 0.0))


def _place_badge(truth: Truth) -> Badge:
    if truth.status == "cancelled":
        return Badge("ended", "Entfällt")
    if truth.status == "ended":
        return Badge("ended", "Beendet")
    if truth.on_site == "not_set_up":
        return Badge("missing", "Nicht eingerichtet")
    if truth.on_site == "silent":
        return Badge("silent", "Ohne Signal")
    if deviates(truth):
        return Badge("deviates", "Lage weicht ab")
    return Badge("measured", "Gemessen") if truth.provenance.place == "measured" else Badge("ordered", "Angeordnet")


def _place_words(truth: Truth, now: datetime) -> list[str]:
    measured = truth.provenance.place == "measured"
    if truth.status == "cancelled":
        return []
    if truth.status == "ended" and truth.end is not None:
        lights = truth.provenance.end == "measured"
        return [
            f"{'laut Warnleuchten ' if lights else ''}{since(truth.end, now)} {'abgebaut' if lights else 'beendet'}"
        ]
    if truth.on_site == "not_set_up":
        return [f"angeordnet ab {relative_day(truth.start, now)}, vor Ort noch keine Warnleuchten erkannt"]
    if truth.on_site == "silent" and truth.observed_at is not None:
        whose = ", Lage laut letzter Messung" if measured else ""
        return [f"{since(truth.observed_at, now)} ohne Signal{whose}"]
    if measured and truth.observed_at is not None:
        place = [_deviation(truth)] if deviates(truth) else []
        return [*place, f"gemessen {at(truth.observed_at, now)}{_accuracy(truth)}"]
    order = f"laut Anordnung ab {day(truth.ordered.start or truth.start, now)}"
    unbound = truth.status == "active" and truth.on_site == "unknown"
    return [order, "keine Warnleuchten zugeordnet"] if unbound else [order]


def _accuracy(truth: Truth) -> str:
    return "" if truth.place_accuracy_m is None else f", auf etwa {math.ceil(truth.place_accuracy_m)} m genau"


def _deviation(truth: Truth) -> str:
    far = round((truth.deviation_m or 0.0) / 10) * 10
    if truth.ordered.geometry is None or truth.measured is None or truth.measured.geometry is None:
        return f"steht etwa {far} m neben der angeordneten Stelle"
    (x, y), (to_x, to_y) = _middle(truth.ordered.geometry), _middle(truth.measured.geometry)
    sector = round(math.atan2(to_x - x, to_y - y) * 4 / math.pi) % 8
    return f"steht etwa {far} m weiter {COMPASS[sector]} als angeordnet"


def _middle(geometry: Geometry) -> tuple[float, float]:
    """Half-way along a line, else the centre; EPSG:25832 metres."""
    shape = metric_shape(geometry)
    point = shape.interpolate(0.5, normalized=True) if isinstance(geometry, LineString) else shape.centroid
    return point.x, point.y
