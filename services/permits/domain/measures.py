"""What a measure must be beyond its types. Pure; every problem is said at once, in German.

``check`` finds what is wrong and can never be published; ``lacks`` finds what an order of ours has to say and an
imported one may leave out.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import shapely

from services.permits.domain.errors import Problem
from shared.contracts.base import Geometry, LineString, LonLat, Point, Polygon
from shared.contracts.permits import Measure, Permit
from shared.geo.crs import metric_shape

SPEED_MIN_KPH, SPEED_MAX_KPH = 3, 130
LANES_MAX = 20
EXCEPT_MAX = 366
FIRST_YEAR, LAST_YEAR = 2000, 2199
# Whole motorway works are 12 km long; what is longer is a slip of the pen that would close a region's roads.
LENGTH_MAX_KM, DETOUR_MAX_KM = 25, 100


class ServiceArea(NamedTuple):
    """Where this city's measures may lie: a box in WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, position: LonLat) -> bool:
        lon, lat = position
        return self.west <= lon <= self.east and self.south <= lat <= self.north


GERMANY = ServiceArea(5.8, 47.2, 15.1, 55.1)


def positions(geometry: Geometry) -> tuple[LonLat, ...]:
    """Every position of ``geometry``, in its order."""
    if isinstance(geometry, Point):
        return (geometry.coordinates,)
    if isinstance(geometry, LineString):
        return geometry.coordinates
    return tuple(itertools.chain.from_iterable(geometry.coordinates))


def check_permit(permit: Permit, area: ServiceArea) -> list[Problem]:
    """All problems of the permit and its measures, with paths such as ``measures[0].end``."""
    found = []
    if not permit.measures:
        found.append(Problem("measures", "Es fehlt eine Maßnahme."))
    for name in ("key", "id"):
        values = [getattr(measure, name) for measure in permit.measures]
        if len(set(values)) < len(values):
            found.append(Problem("measures", f"Zwei Maßnahmen haben dieselbe Kennung ({name})."))
    if permit.expected_days is not None and permit.expected_days < 1:
        found.append(Problem("expected_days", "Die Zahl der Tage muss mindestens 1 sein."))
    for index, measure in enumerate(permit.measures):
        found += [Problem(f"measures[{index}].{field}", sentence) for field, sentence in check(measure, area)]
    return found


def check(measure: Measure, area: ServiceArea) -> list[Problem]:
    """What makes the measure unfit for publication; fields are those of ``Measure``."""
    return [*_place(measure, area), *_period(measure), *_window(measure), *_figures(measure)]


def lacks(permit: Permit, notes: Mapping[str, str]) -> list[Problem]:
    """What the kinds of the measures need to be said and is not; ``notes`` are words by measure key."""
    return [
        Problem(f"measures[{index}].{field}", sentence)
        for index, measure in enumerate(permit.measures)
        for field, sentence in lacking(measure, notes.get(measure.key))
    ]


def lacking(measure: Measure, note: str | None = None) -> list[Problem]:
    """What this measure's kind needs to be said and is not."""
    match measure.kind:
        case "lanes_closed" if measure.lanes_closed is None or measure.lanes_total is None:
            return [Problem("lanes_closed", "Wie viele Fahrstreifen von wie vielen gesperrt sind, fehlt.")]
        case "narrowed" if measure.residual_width_m is None and not note:
            return [Problem("residual_width_m", "Bei einer Einengung fehlt die Restbreite oder eine Bemerkung.")]
        case "speed_limit" if measure.speed_limit_kph is None:
            return [Problem("speed_limit_kph", "Die zulässige Geschwindigkeit fehlt.")]
        case "direction_closed" if measure.direction == "both":
            return [Problem("direction", "Bei einer Richtungssperrung fehlt die gesperrte Richtung.")]
        case _:
            return []


def _place(measure: Measure, area: ServiceArea) -> Iterator[Problem]:
    if not measure.street.strip():
        yield Problem("street", "Die Straße fehlt.")
    places = positions(measure.geometry)
    if not all(math.isfinite(figure) for place in places for figure in place):
        yield Problem("geometry", "Die Koordinaten enthalten keine gültigen Zahlen.")
        return
    if not all(area.holds(place) for place in places):
        yield Problem("geometry", "Die Maßnahme liegt außerhalb des Zuständigkeitsgebiets.")
    else:
        yield from _size(measure)
    if isinstance(measure.geometry, LineString) and len(set(places)) < 2:
        yield Problem("geometry", "Die Linie braucht mindestens zwei verschiedene Punkte.")
    if isinstance(measure.geometry, Polygon):
        yield from _rings(measure.geometry)


def _size(measure: Measure) -> Iterator[Problem]:
    most = DETOUR_MAX_KM if measure.kind == "detour" else LENGTH_MAX_KM
    length_km = metric_shape(measure.geometry).length / 1_000
    if isinstance(measure.geometry, Polygon):
        length_km /= 2  # of its edge, there and back
    if length_km > most:
        yield Problem("geometry", f"Die Maßnahme ist {length_km:.0f} km lang; möglich sind höchstens {most} km.")


def _rings(polygon: Polygon) -> Iterator[Problem]:
    if any(ring[0] != ring[-1] for ring in polygon.coordinates):
        yield Problem("geometry", "Die Fläche ist nicht geschlossen.")
        return
    if not shapely.Polygon(polygon.coordinates[0], polygon.coordinates[1:]).is_valid:
        yield Problem("geometry", "Die Fläche schneidet sich selbst oder hat keinen Inhalt.")


def _period(measure: Measure) -> Iterator[Problem]:
    naive = [name for name in ("start", "end") if (t := getattr(measure, name)) is not None and t.utcoffset() is None]
    for name in naive:
        yield Problem(name, "Der Zeitpunkt hat keine Zeitzone.")
    if not naive and measure.end is not None and measure.end <= measure.start:
        yield Problem("end", "Das Ende muss nach dem Beginn liegen.")


def _window(measure: Measure) -> Iterator[Problem]:
    if (measure.daily_from is None) != (measure.daily_to is None):
        missing = "daily_from" if measure.daily_from is None else "daily_to"
        yield Problem(missing, "Ein Tagesfenster braucht Beginn und Ende.")
    elif measure.daily_from is not None and measure.daily_from == measure.daily_to:
        yield Problem("daily_to", "Beginn und Ende des Tagesfensters sind gleich.")
    days = measure.weekdays
    if days is not None and (not days or len(set(days)) < len(days) or not set(days) <= set(range(1, 8))):
        yield Problem("weekdays", "Die Wochentage müssen verschiedene Zahlen von 1 (Montag) bis 7 sein.")
    if len(measure.except_dates) > EXCEPT_MAX:
        yield Problem("except_dates", f"Es sind höchstens {EXCEPT_MAX} ausgenommene Tage möglich.")
    elif not all(FIRST_YEAR <= day.year <= LAST_YEAR for day in measure.except_dates):
        yield Problem("except_dates", f"Ausgenommene Tage müssen zwischen {FIRST_YEAR} und {LAST_YEAR} liegen.")


def _figures(measure: Measure) -> Iterator[Problem]:
    total, closed = measure.lanes_total, measure.lanes_closed
    if total is not None and not 1 <= total <= LANES_MAX:
        yield Problem("lanes_total", f"Die Zahl der Fahrstreifen muss zwischen 1 und {LANES_MAX} liegen.")
    if closed is not None and closed < 0:
        yield Problem("lanes_closed", "Die Zahl der gesperrten Fahrstreifen darf nicht negativ sein.")
    if total is not None and closed is not None and closed > total:
        yield Problem("lanes_closed", "Es sind mehr Fahrstreifen gesperrt, als es gibt.")
    if measure.residual_width_m is not None and not 0 < measure.residual_width_m < 100:
        yield Problem("residual_width_m", "Die Restbreite muss zwischen 0 und 100 m liegen.")
    if measure.speed_limit_kph is not None and not SPEED_MIN_KPH <= measure.speed_limit_kph <= SPEED_MAX_KPH:
        yield Problem(
            "speed_limit_kph",
            f"Die Geschwindigkeit muss zwischen {SPEED_MIN_KPH} und {SPEED_MAX_KPH} km/h liegen.",
        )
