import math
from typing import Any

import pytest

from services.permits.adapters.mapping_fields import Findings
from services.permits.adapters.mapping_geometry import read_geometry
from services.permits.domain.measures import ServiceArea
from shared.contracts.base import Geometry, LineString, Point, Polygon

AREA = ServiceArea(8.0, 49.8, 8.6, 50.2)
A, B, C = [8.27, 50.0], [8.28, 50.01], [8.29, 50.0]


def got(kind: str, coordinates: Any) -> tuple[Geometry | None, Findings]:
    findings = Findings()
    return read_geometry({"type": kind, "coordinates": coordinates}, AREA, findings), findings


def collection(*parts: tuple[str, Any]) -> tuple[Geometry | None, Findings]:
    findings = Findings()
    raw = {"type": "GeometryCollection", "geometries": [{"type": t, "coordinates": c} for t, c in parts]}
    return read_geometry(raw, AREA, findings), findings


@pytest.mark.parametrize(
    ("kind", "coordinates", "geometry", "word"),
    [
        ("Point", A, Point((8.27, 50.0)), ""),
        ("LineString", [A, B], LineString(((8.27, 50.0), (8.28, 50.01))), ""),
        ("LineString", [[*A, 90.0], [*B, 91.0]], LineString(((8.27, 50.0), (8.28, 50.01))), ""),
        ("LineString", [A, A, B], LineString(((8.27, 50.0), (8.28, 50.01))), "Doppelte"),
        ("LineString", [A[::-1], B[::-1]], LineString(((8.27, 50.0), (8.28, 50.01))), "vertauscht"),
        ("Point", A[::-1], Point((8.27, 50.0)), "vertauscht"),
        ("MultiLineString", [[A, B]], LineString(((8.27, 50.0), (8.28, 50.01))), ""),
        ("MultiLineString", [[B, C], [A, B]], LineString(((8.27, 50.0), (8.28, 50.01), (8.29, 50.0))), "verbunden"),
        ("MultiLineString", [[A, B], [B, A]], LineString(((8.27, 50.0), (8.28, 50.01))), "Gegenlinie"),
        ("Polygon", [[A, B, C]], Polygon((((8.27, 50.0), (8.28, 50.01), (8.29, 50.0), (8.27, 50.0)),)), "geschlossen"),
        ("MultiPoint", [A, A], Point((8.27, 50.0)), ""),
    ],
)
def test_a_geometry_becomes_the_one_that_a_measure_has(
    kind: str, coordinates: Any, geometry: Geometry, word: str
) -> None:
    result, findings = got(kind, coordinates)
    assert result == geometry
    assert findings.refused == []
    assert bool(findings.repaired) == bool(word)
    assert word in " ".join(findings.repaired)


def test_an_area_with_a_spike_is_cleaned() -> None:
    ring = [[8.1, 50.0], [8.2, 50.0], [8.2, 50.1], [8.2, 50.0], [8.1, 50.0]]
    whole = [[8.1, 50.0], [8.2, 50.0], [8.2, 50.1], [8.1, 50.1], [8.1, 50.0]]
    assert got("Polygon", [whole])[1].repaired == []
    hole = [[8.12, 50.02], [8.14, 50.02], [8.14, 50.04], [8.12, 50.02]]
    result, findings = got("Polygon", [whole, hole, hole])
    assert isinstance(result, Polygon)
    assert findings.repaired == ["Die sich selbst berührende Fläche wurde bereinigt."]
    assert len(result.coordinates) == 2
    flat, _ = got("Polygon", [ring])  # nothing to repair it to: left for the check to refuse
    assert isinstance(flat, Polygon)


def test_a_place_inside_is_never_turned_even_if_it_would_be_inside_then_too() -> None:
    findings = Findings()
    raw = {"type": "Point", "coordinates": [20.0, 30.0]}
    assert read_geometry(raw, ServiceArea(0, 0, 60, 60), findings) == Point((20.0, 30.0))


def test_of_a_collection_the_line_is_taken() -> None:
    result, findings = collection(("Point", A), ("LineString", [A, B]))
    assert isinstance(result, LineString)
    assert len(findings.repaired) == 1


@pytest.mark.parametrize(
    ("kind", "coordinates", "word"),
    [
        ("MultiLineString", [[A, B], [[8.3, 50.1], [8.31, 50.1]]], "getrennten Linien"),
        ("MultiLineString", [[A, B], [C, B]], "getrennten Linien"),
        ("MultiPoint", [A, B], "mehreren Punkten"),
        ("LineString", [A], "nicht lesbar"),
        ("LineString", [A, [math.inf, 50.0]], "nicht lesbar"),
        ("LineString", [A, [3_461_000.0, 5_538_000.0]], "nicht lesbar"),
        ("LineString", "A", "nicht lesbar"),
        ("LineString", None, "nicht lesbar"),
        ("Polygon", [[A, B]], "nicht lesbar"),
        ("Circle", [A, B], "nicht lesbar"),
        ("MultiLineString", [], "keinen Ort"),
    ],
)
def test_what_is_no_place_is_refused_with_the_reason(kind: str, coordinates: Any, word: str) -> None:
    result, findings = got(kind, coordinates)
    assert result is None
    assert word in findings.refused[0]


def test_collections_nested_without_end_are_refused() -> None:
    raw: dict[str, Any] = {"type": "Point", "coordinates": A}
    for _ in range(5_000):
        raw = {"type": "GeometryCollection", "geometries": [raw]}
    findings = Findings()
    assert read_geometry(raw, AREA, findings) is None
    assert "nicht lesbar" in findings.refused[0]


def test_no_geometry_is_no_place() -> None:
    findings = Findings()
    assert read_geometry(None, AREA, findings) is None
    assert findings.refused == ["Das Merkmal hat keinen Ort."]
