"""Devices over HTTP: entered, changed, listed, retired, refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.beacons.application.registry import entry_of
from tests.integration.beacons.depot import API, Depot, ask
from tests.support.doors import said


def put(depot: Depot, device: str, **entry: Any) -> TestResponse:
    return depot.client.put(f"{API}/devices/{device}", json={"kind": "barrier", **entry}, headers=depot.key("fleet"))


def test_a_device_is_registered_changed_listed_and_retired(depot: Depot) -> None:
    assert said(put(depot, "LT-7", vendor="Muster")) == {"device_id": "LT-7", "changed": True}
    assert said(put(depot, "LT-7", vendor="Muster"))["changed"] is False
    depot.work()
    entry = said(ask(depot, "/devices/LT-7"))
    assert (entry["kind"], entry["vendor"], entry["registered"]) == ("barrier", "Muster", True)
    assert entry["state"]["lonlat"] is None
    delete = depot.client.delete(f"{API}/devices/LT-7", headers=depot.key("fleet"))
    assert (delete.status_code, delete.data) == (204, b"")
    assert depot.client.delete(f"{API}/devices/LT-7", headers=depot.key("fleet")).status_code == 404
    depot.work()
    assert said(ask(depot, "/devices"))["devices"] == []
    assert said(ask(depot, "/devices/LT-7"))["registered"] is False


@pytest.mark.parametrize(
    ("device", "entry"),
    [
        ("LT-7", {"kind": "ufo"}),
        ("LT-7", {"expected_interval_s": 0}),
        ("LT-7", {"expected_interval_s": 2**40}),
        ("LT-7", {"vendor": "a\x00b"}),
        ("LT-7", {"vendor": "a\u202eb"}),
        ("LT-7", {"permit_number": "61\u20661"}),
        ("%2E%2E", {}),
        ("%2E", {}),
        ("LT-7", {"unheard": 1}),
        ("LT-7%0A", {}),
        ("LT%207", {}),
        ("x" * 65, {}),
    ],
)
def test_a_wrong_entry_is_refused_in_german_and_never_stored(depot: Depot, device: str, entry: dict[str, Any]) -> None:
    answer = put(depot, device, **entry)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert depot.beacons.store.last() == 0


def test_devices_are_paged_in_the_order_of_their_ids_and_filtered(street: Depot) -> None:
    pages: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        page = said(ask(street, f"/devices?limit=2&after={after}"))
        pages.append([device["device_id"] for device in page["devices"]])
        after = page["next"]
    assert pages == [["LT-1", "LT-2"], ["LT-3"]]

    def ids(query: str) -> list[str]:
        return [device["device_id"] for device in said(ask(street, f"/devices?{query}"))["devices"]]

    assert ids("site_id=p1-a") == ["LT-1", "LT-2"]
    assert ids("permit_number=45-2026-0001") == ["LT-1", "LT-2"]
    assert ids("kind=barrier") == []
    assert ids("search=t-3") == ["LT-3"]
    assert ids("search=%25") == []
    assert ask(street, "/devices?limit=0").status_code == 422
    assert ask(street, "/devices?kind=ufo").status_code == 422


CSV = """device_id,kind,vendor,profile,expected_interval_s,permit_number
LT-1,warning_light,Muster,,600,45-2026-0001
LT-2,ufo,,,,
,barrier,,,,
LT-1,barrier,,,,
LT-3,delineator,,,-5,
LT-4,sign,"a
b",,,
LT-5,trailer,,,,
"""


def upload(depot: Depot, body: bytes, media_type: str = "text/csv") -> TestResponse:
    return depot.client.post(f"{API}/devices", data=body, content_type=media_type, headers=depot.key("fleet"))


def test_an_entry_of_another_media_type_is_told_so(depot: Depot) -> None:
    path, data = f"{API}/devices/LT-7", b'{"kind": "barrier"}'
    for media_type in ("text/plain", ""):
        answer = depot.client.put(path, data=data, content_type=media_type, headers=depot.key("fleet"))
        assert answer.status_code == 415, media_type
    assert depot.beacons.store.last() == 0


def test_what_is_wrong_with_an_entry_is_said_in_our_words() -> None:
    for values, sentence in [
        ({"device_id": "LT 7", "kind": "barrier"}, "device_id: Möglich sind 1 bis 64 Zeichen"),
        ({"device_id": "..", "kind": "barrier"}, "device_id: Eine Kennung braucht mehr als Punkte."),
        ({"device_id": "LT-7"}, "kind: Möglich sind: warning_light"),
        ({"device_id": "LT-7", "kind": "ufo"}, "kind: Möglich sind: warning_light"),
        ({"device_id": "LT-7", "kind": "sign", "expected_interval_s": "x"}, "expected_interval_s: Erwartet wird"),
        ({"device_id": "LT-7", "kind": "sign", "vendor": "\u202e"}, "vendor: Steuerzeichen sind nicht erlaubt."),
    ]:
        with pytest.raises(ValueError, match=sentence):
            entry_of(values)


def test_a_csv_file_is_entered_line_by_line_with_a_report(depot: Depot) -> None:
    report = said(upload(depot, b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode()))
    assert (report["entered"], report["unchanged"], report["refused"]) == (2, 0, 5)
    assert [(line["number"], line["outcome"]) for line in report["report"]] == [
        (2, "entered"), (3, "refused"), (4, "refused"), (5, "refused"), (6, "refused"), (8, "refused"), (9, "entered"),
    ]  # fmt: skip
    assert report["report"][3]["reason"] == "Das Gerät steht schon in Zeile 2."
    again = said(upload(depot, CSV.encode()))
    assert (again["entered"], again["unchanged"]) == (0, 2)
    depot.work()
    entry = said(ask(depot, "/devices/LT-1"))
    assert (entry["expected_interval_s"], entry["permit_number"]) == (600, "45-2026-0001")


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"\xff\xfe", "text/csv", 400),
        (b"", "text/csv", 400),
        (b"id;kind\n1;2\n", "text/csv", 400),
        (b'device_id,kind\n"LT-1,barrier\n', "text/csv", 400),
        (b"device_id,kind\nLT-1,barrier\n", "application/json", 415),
        (b"x" * (16 * 1024 * 1024 + 1), "text/csv", 413),
    ],
)
def test_a_file_that_is_no_registry_is_refused_as_a_whole(
    depot: Depot, body: bytes, media_type: str, status: int
) -> None:
    assert upload(depot, body, media_type).status_code == status
    assert depot.beacons.store.last() == 0


def test_refused_pings_are_told_with_german_reasons(street: Depot) -> None:
    ping = {"device_id": "LT-1", "event_time": datetime.now(UTC).isoformat(), "lon": 0.0, "lat": 0.0}
    assert said(street.send(json.dumps(ping)))["accepted"] == 1
    street.work()
    (refused,) = said(ask(street, "/devices/LT-1/quarantine"))["refused"]
    assert refused["reason"] == "null_island"
    assert refused["words"] == "Die Position ist 0° Nord, 0° Ost: Das Gerät kennt seinen Ort nicht."
    assert refused["ping"]["lon"] == 0.0
    assert said(ask(street, "/devices/LT-2/quarantine"))["refused"] == []
    assert ask(street, "/devices/LT-9/quarantine").status_code == 404
    assert (
        "Das Gerät kennt seinen Ort nicht" in street.client.get("/beacons/lichter/LT-1", headers=street.key("ops")).text
    )
