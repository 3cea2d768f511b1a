"""Importing and exporting: a report per feature, the same file again changes nothing, our own export comes home."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.integration.permits.desk import Caller, World, application
from tests.integration.permits.test_cases import submitted

DATA = Path(os.environ.get("LEITBAKE_TESTDATA", Path(__file__).parents[4] / "shared" / "data"))


def feature(number: str | None = "A-1", **properties: Any) -> dict[str, Any]:
    geometry = {"type": "LineString", "coordinates": [[8.27, 50.0], [8.271, 50.0005]]}
    said = {
        "permit_number": number,
        "measure": "road_closed",
        "street": "Rheinstraße",
        "start": "2026-03-05T07:00:00+01:00",
        "end": "2026-03-20T17:00:00+01:00",
    }
    return {"type": "Feature", "geometry": geometry, "properties": said | properties}


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def taken(caller: Caller, data: bytes, query: str = "") -> dict[str, Any]:
    answer = caller.post(f"/imports{query}", data)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.get_json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return (report["created"], report["changed"], report["unchanged"], report["refused"])


def events(world: World) -> int:
    return world.permits.store.last()


def test_a_file_imported_twice_is_approved_once_and_reported_per_feature(world: World, clerk: Caller) -> None:
    data = collection(
        feature(),
        feature(measure="detour"),
        feature("A-2", measure="hole", end="soon"),
        feature("A-3", measure="Vollsperrung"),
        feature(None),
    )
    first = taken(clerk, data)
    assert counts(first) == (2, 0, 0, 2)
    told = [(f["outcome"], f["effect"]) for f in first["features"]]
    assert told == [
        ("taken", "created"),
        ("taken", "created"),
        ("refused", "refused"),
        ("repaired", "created"),
        ("refused", "refused"),
    ]
    assert all(f["sentences"] for f in first["features"] if f["outcome"] != "taken")
    case = clerk.get(f"/permits/{first['features'][0]['permit_id']}").get_json()
    assert (case["status"], case["version"], len(case["measures"])) == ("approved", 2, 2)
    before = events(world)
    assert before == 4
    assert counts(taken(clerk, data)) == (0, 0, 2, 2)
    assert events(world) == before


def test_a_changed_file_amends_and_keeps_the_ids(clerk: Caller) -> None:
    permit_id = taken(clerk, collection(feature()))["features"][0]["permit_id"]
    before = clerk.get(f"/permits/{permit_id}").get_json()
    report = taken(clerk, collection(feature(end="2026-04-01T00:00:00Z")))
    assert counts(report) == (0, 1, 0, 0)
    after = clerk.get(f"/permits/{permit_id}").get_json()
    assert after["measures"][0]["id"] == before["measures"][0]["id"]
    assert after["measures"][0]["end"] == "2026-04-01T00:00:00+00:00"


def test_our_own_export_comes_home_and_changes_nothing(world: World, clerk: Caller) -> None:
    body = application(
        title="  Fernwärme   Nord ",
        applicant="Stadtwerke Mainz AG",
        conditions=["Gehweg frei halten"],
        measure={"note": "eilt", "weekdays": [1, 2], "except": ["2026-03-10"], "residual_width_m": 3.5},
        permit_number="61-2026-0815",
    )
    permit_id = clerk.post("/permits", body).get_json()["id"]
    assert clerk.post(f"/permits/{permit_id}/approve").status_code == 200
    taken(clerk, collection(feature()))
    exported = clerk.get("/permits.geojson")
    assert exported.mimetype == "application/geo+json"
    assert len(exported.get_json()["features"]) == 2
    before = events(world)
    report = taken(clerk, exported.data)
    assert counts(report) == (0, 0, 2, 0)
    assert permit_id in {f["permit_id"] for f in report["features"]}
    assert events(world) == before
    document = exported.get_json()
    next(f for f in document["features"] if f["properties"]["permit_number"] != "A-1")["properties"]["street"] = "Markt"
    changed = json.dumps(document).encode()
    assert counts(taken(clerk, changed)) == (0, 1, 1, 0)
    case = clerk.get(f"/permits/{permit_id}").get_json()
    assert (case["measures"][0]["street"], case["version"]) == ("Markt", 3)


def test_an_organisation_without_a_legal_form_survives_the_round_trip(world: World, clerk: Caller) -> None:
    browser = world.session("clerk")
    form = {
        "applicant_kind": "organisation", "applicant": "Müller Bau", "permit_number": "61-9", "do": "submit",
        "measures-0-kind": "road_closed", "measures-0-street": "Rheinstraße", "measures-0-start": "2026-03-05T07:00",
        "measures-0-geometry": "8.27,50.0 8.271,50.0005",
    }  # fmt: skip
    permit_id = browser.post("/permits/neu", form).headers["Location"].rpartition("/")[2]
    clerk.post(f"/permits/{permit_id}/approve")
    assert counts(taken(clerk, clerk.get("/permits.geojson").data)) == (0, 0, 1, 0)
    assert clerk.get(f"/permits/{permit_id}").get_json()["applicant"] == "Müller Bau"


def test_the_export_holds_what_is_in_force_and_only_ones_own(clerk: Caller, contractor: Caller) -> None:
    submitted(clerk, permit_number="61-1")
    own = submitted(contractor)
    clerk.post(f"/permits/{own}/approve", {"permit_number": "61-2"})
    taken(clerk, collection(feature()))
    numbers = [f["properties"]["permit_number"] for f in clerk.get("/permits.geojson").get_json()["features"]]
    assert numbers == ["61-2", "A-1"]
    assert len(contractor.get("/permits.geojson").get_json()["features"]) == 1
    assert len(clerk.get("/permits.geojson?status=submitted").get_json()["features"]) == 1


def test_another_source_with_the_same_number_is_another_permit(clerk: Caller) -> None:
    own = submitted(clerk, permit_number="A-1")
    report = taken(clerk, collection(feature(source="nachbarstadt")))
    assert counts(report) == (1, 0, 0, 0)
    assert report["features"][0]["permit_id"] != own


def test_what_the_domain_refuses_is_told_at_the_feature(clerk: Caller) -> None:
    submitted(clerk, permit_number="A-1")
    report = taken(clerk, collection(feature()))
    assert counts(report) == (0, 0, 0, 1)
    assert report["features"][0]["sentences"][-1] == "Der Vorgang ist noch nicht angeordnet."


@pytest.mark.parametrize("number", ["A\0", "A\u202e1", "A\nB", "x" * 201, "", None, []])
def test_a_number_that_is_none_is_refused_with_its_reason_and_the_others_get_in(clerk: Caller, number: Any) -> None:
    report = taken(clerk, collection(feature(number), feature("A-2")))
    assert counts(report) == (1, 0, 0, 1)
    assert [line["effect"] for line in report["features"]] == ["refused", "created"]
    assert report["features"][0]["sentences"][0].startswith("Das Aktenzeichen ")


def test_two_sources_with_one_number_in_a_file_are_told_apart(clerk: Caller) -> None:
    report = taken(clerk, collection(feature(), feature(source="nachbarstadt", colour="\u202e")))
    assert [line["effect"] for line in report["features"]] == ["created", "refused"]
    assert report["features"][1]["sentences"] == ["Die Angaben enthalten unzulässige Zeichen."]


def test_a_character_that_no_table_keeps_is_refused_and_the_others_get_in(clerk: Caller) -> None:
    report = taken(clerk, collection(feature(colour="a\u0000b"), feature("A-2")))
    assert counts(report) == (1, 0, 0, 1)
    assert clerk.get("/permits").get_json()["total"] == 1


@pytest.mark.parametrize(
    ("data", "query", "status"),
    [
        (b"{", "", 422),
        (b"[]", "", 422),
        (b"\xff", "", 422),
        (collection(), "?format=kml", 422),
        (collection(), "", 200),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(clerk: Caller, data: bytes, query: str, status: int) -> None:
    assert clerk.post(f"/imports{query}", data).status_code == status


@pytest.mark.parametrize(("name", "file"), [("berlin_viz", "berlin_viz_2022"), ("bw_roadworks", "bw_roadworks")])
def test_real_files_of_others_come_in_and_stay_as_they_are(
    world: World, clerk: Caller, name: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = DATA / "roadworks" / f"{file}.geojson"
    if not path.exists():
        pytest.skip(f"no test data at LEITBAKE_TESTDATA ({path.name})")
    first = taken(clerk, path.read_bytes(), f"?format={name}")
    outcomes = Counter(f["outcome"] for f in first["features"])
    with capsys.disabled():
        print(f"\n{file}: {dict(sorted(outcomes.items()))}, permits {counts(first)}")  # noqa: T201  # a figure to look at
    assert first["created"] > 0
    assert first["refused"] == outcomes["refused"]
    before = events(world)
    again = taken(clerk, path.read_bytes(), f"?format={name}")
    assert counts(again) == (0, 0, first["created"], first["refused"])
    assert events(world) == before
    assert clerk.get("/permits?page_size=200").get_json()["total"] == first["created"]
