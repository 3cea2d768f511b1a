import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.permits.adapters.geojson_import import Imported, Origin
from services.permits.adapters.mapping import available, load_format, read_foreign
from services.permits.domain.case import NEW, evolve
from services.permits.domain.decisions import decide_all
from services.permits.domain.imports import steps
from services.permits.domain.people import Actor
from shared.contracts.base import LineString, Point
from tests.unit.services.permits.makers import at, context

ORIGIN = Origin("de-berlin")
IMPORTER = Actor("importer", "viz")
LINE = [[13.40, 52.50], [13.41, 52.51]]


def recorded(name: str) -> bytes:
    folder = Path(os.environ.get("LEITBAKE_TESTDATA", Path(__file__).parents[6] / "shared" / "data"))
    file = folder / "roadworks" / name
    if not file.exists():
        pytest.skip(f"LEITBAKE_TESTDATA has no roadworks/{name}")
    return file.read_bytes()


def berlin(**changes: Any) -> dict[str, Any]:
    properties = {
        "id": "1",
        "subtype": "Baustelle",
        "severity": "keine Sperrung",
        "validity": {"from": "30.05.2022 10:00", "to": "22.12.2022 23:59"},
        "direction": "Beidseitig",
        "street": "Turmstraße (Moabit)",
        "section": "in beiden Richtungen zwischen Bremer Straße und Stromstraße",
        "content": "Leitungsbau, Fahrbahn auf einen Fahrstreifen verengt",
        **changes,
    }
    return {"geometry": {"type": "LineString", "coordinates": LINE}, "properties": properties}


def read_berlin(*features: dict[str, Any]) -> Imported:
    return read_foreign({"features": list(features)}, load_format("berlin_viz"), ORIGIN)


def test_a_berlin_feature_says_all_that_it_knows() -> None:
    imported = read_berlin(berlin())
    permit = imported.permits[0].content.permit
    measure = permit.measures[0]
    assert (permit.permit_number, permit.district, permit.authority) == (
        "1", "Moabit", "Verkehrsinformationszentrale Berlin",
    )  # fmt: skip
    assert (measure.street, measure.from_street, measure.to_street) == ("Turmstraße", "Bremer Straße", "Stromstraße")
    assert (measure.kind, measure.direction) == ("lanes_closed", "both")
    assert measure.end is not None
    assert measure.start.isoformat() == "2022-05-30T08:00:00+00:00"  # summer time in Berlin
    assert measure.end.isoformat() == "2022-12-22T22:59:00+00:00"  # winter time
    assert imported.permits[0].content.extra["1"]["source:direction"] == "Beidseitig"


@pytest.mark.parametrize(
    ("changes", "members"),
    [
        ({"content": "Gleisbau, Vollsperrung für Kfz-Verkehr"},
         {"kind": "road_closed", "affects": ("car", "truck", "bus")}),
        ({"content": "Gleisbau, Fahrtrichtung gesperrt, auch für Radverkehr", "section": "Richtung Mitte"},
         {"kind": "direction_closed", "direction": "forward", "affects": ("car", "truck", "bus", "bicycle")}),
        ({"content": "Gegenverkehrsregelung mit Baustellenampel"}, {"kind": "alternating", "control": "signals"}),
        ({"content": "Fahrbahn auf einen Fahrtstreifen verengt"}, {"kind": "lanes_closed"}),
        ({"content": "Fahrbahnverengung (bis 10/22)"}, {"kind": "narrowed"}),
        ({"content": "Linksabbiegen nicht möglich"}, {"kind": "turn_banned"}),
        ({"content": "Fahrstreifenverschwenkungen, Geschwindigkeit 30 km/h"},
         {"kind": "lane_shift", "speed_limit_kph": 30}),
        ({"content": "Einfahrt gesperrt", "severity": "Vollsperrung"}, {"kind": "other"}),
        ({"content": "gesperrt, Bauarbeiten", "severity": "Vollsperrung"}, {"kind": "road_closed"}),
        ({"content": None}, {"kind": "other"}),
        ({"content": "Vollsperrung (BVG frei)"}, {"exempt": ("bus",)}),
        ({"content": "Arbeiten (täglich von 20:00 Uhr bis 06:00 Uhr)"}, {"daily_from": "20:00", "daily_to": "06:00"}),
        ({"direction": "Einseitig", "section": None}, {"direction": "forward"}),
        ({"street": "A111 (Reinickendorf-Zubringer)"}, {"street": "A111 (Reinickendorf-Zubringer)"}),
        ({"street": "Treskowallee (Karlshorst)\\n"}, {"street": "Treskowallee"}),
        ({"validity": {"from": "30.05.2022 10:00", "to": None}}, {"end": None}),
    ],
)  # fmt: skip
def test_berlins_words_become_measures(changes: dict[str, Any], members: dict[str, Any]) -> None:
    measure = read_berlin(berlin(**changes)).permits[0].content.permit.measures[0]
    assert {name: getattr(measure, name) for name in members} == members


@pytest.mark.parametrize("words", ["Straße wieder frei", "die gemeldete Störung besteht nicht mehr"])
def test_a_message_that_takes_another_back_orders_nothing(words: str) -> None:
    imported = read_berlin(berlin(content=words))
    assert imported.permits == ()
    assert "hebt eine frühere Meldung auf" in imported.report[0].sentences[0]


def test_features_that_are_none_are_refused_by_a_mapping_too() -> None:
    imported = read_foreign({"features": [None, 1, {}, {"properties": 3}]}, load_format("berlin_viz"), ORIGIN)
    assert [report.outcome for report in imported.report] == ["refused"] * 4


@pytest.mark.parametrize("name", available())
def test_every_mapping_that_comes_with_the_service_is_sound(name: str) -> None:
    assert load_format(name).fields.keys() >= {"permit_number", "street", "start", "end"}


def test_a_mapping_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        load_format("../berlin_viz")


def test_every_berlin_feature_of_a_real_day_comes_in_or_is_refused_with_a_true_reason() -> None:
    imported = read_foreign(recorded("berlin_viz_2022.geojson"), load_format("berlin_viz"), ORIGIN)
    outcomes = Counter(report.outcome for report in imported.report)
    reasons = Counter(report.sentences[0] for report in imported.report if report.outcome == "refused")
    measures = [measure for permit in imported.permits for measure in permit.content.permit.measures]
    kinds = Counter(measure.kind for measure in measures)
    print(f"berlin: {dict(outcomes)}, {dict(kinds)}, refused: {dict(reasons)}")  # noqa: T201 - counts for the reader
    assert len(imported.report) == 241
    assert outcomes["taken"] + outcomes["repaired"] == len(measures) == 225
    assert reasons == {
        "Die Meldung hebt eine frühere Meldung auf; sie ordnet nichts an.": 13,
        "Die Meldung betrifft eine Störung, keine Arbeitsstelle.": 2,
        "Das Merkmal hat keinen Ort.": 1,
    }
    assert Counter(type(measure.geometry) for measure in measures) == {Point: 186, LineString: 39}
    assert kinds["other"] <= 8
    assert len({measure.id for measure in measures}) == 225


def test_importing_a_real_day_twice_changes_nothing() -> None:
    data = recorded("berlin_viz_2022.geojson")
    first, second = (read_foreign(data, load_format("berlin_viz"), ORIGIN) for _ in range(2))
    assert first == second
    for permit, again in zip(first.permits, second.permits, strict=True):
        case = NEW
        for event in decide_all(case, steps(case, permit, IMPORTER), context(at(1))):
            case = evolve(case, event)
        assert case.status == "approved"
        assert steps(case, again, IMPORTER) == ()


def test_the_roadworks_of_baden_wuerttemberg_come_in_as_lines() -> None:
    imported = read_foreign(recorded("bw_roadworks.geojson"), load_format("bw_roadworks"), ORIGIN)
    measures = [permit.content.permit.measures[0] for permit in imported.permits]
    assert [report.outcome for report in imported.report] == ["taken"] * 3
    assert [(m.kind, m.direction) for m in measures] == [
        ("road_closed", "both"), ("other", "forward"), ("other", "forward"),
    ]  # fmt: skip
    assert all(isinstance(measure.geometry, LineString) for measure in measures)
