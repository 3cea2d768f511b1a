"""The ping door: everything hostile is refused with its reason, everything acknowledged is on the log."""

import io
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.beacons.api.pings import BODY_BYTES
from services.beacons.application.door import MAX_ITEM_BYTES, MAX_ITEMS
from shared.contracts.pings import Ping
from shared.contracts.topics import PINGS
from shared.db.pool import Database
from shared.eventlog.port import Mark
from shared.events.codec import decode
from tests.integration.beacons.depot import Depot
from tests.support.doors import said
from tests.support.front import wait_for

NOW = datetime.now(UTC)


def ping(device: str = "LT-1", **changes: Any) -> dict[str, Any]:
    plain = {
        "device_id": device,
        "event_time": NOW.isoformat(),
        "lon": 8.27,
        "lat": 50.0,
        "accuracy_m": 4.5,
        "lamp": "on",
    }
    return {key: value for key, value in (plain | changes).items() if value is not ...}


def raw(**changes: Any) -> bytes:
    return json.dumps(ping(**changes)).encode()


@pytest.fixture
def door(depot: Depot) -> Depot:
    depot.register("LT-1", "LT-2")
    return depot


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (raw(), "application/json"),
        (b"\n " + raw() + b"\n", "application/json; charset=utf-8"),
        (b"[" + raw() + b"]", "application/json"),
        (raw() + b"\r\n\r\n", "application/x-ndjson"),
    ],
)
def test_one_ping_an_array_or_lines_are_all_taken(door: Depot, body: bytes, media_type: str) -> None:
    answer = door.send(body, media_type)
    assert (answer.status_code, said(answer)) == (202, {"accepted": 1, "rejected": []})
    assert [event.key for event in door.stored()] == ["LT-1"]


def test_the_stored_bytes_keep_what_we_do_not_know_and_gain_the_time_of_the_door(door: Depot) -> None:
    before = datetime.now(UTC)
    door.send(raw(vendor_flags={"a": [1, None]}))
    (event,) = door.stored()
    data = json.loads(event.data)
    assert data["vendor_flags"] == {"a": [1, None]}
    assert {key: data[key] for key in ping()} == ping()
    assert before <= datetime.fromisoformat(data["received_time"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    "item",
    [
        raw(received_time="2020-01-01T00:00:00Z"),
        raw(received_time=None),
        raw()[:-1] + b',"received\\u005ftime":"2020-01-01T00:00:00Z"}',
        raw()[:-1] + b',"\\u0072eceived_time":null}',
    ],
)
def test_nobody_but_the_door_says_when_a_ping_was_received(door: Depot, item: bytes) -> None:
    assert said(door.send(item)) == {"accepted": 1, "rejected": []}
    (event,) = door.stored()
    stored = decode(event)
    assert isinstance(stored, Ping)
    assert stored.received_time is not None
    assert abs(stored.received_time - datetime.now(UTC)) < timedelta(minutes=1)
    assert len(json.loads(event.data, object_pairs_hook=list)) == len(set(json.loads(event.data)))


HOSTILE: list[tuple[bytes, str]] = [
    (b"{", "the JSON is not readable"),
    (b"null", "a ping is a JSON object"),
    (b"[]", "a ping is a JSON object"),
    (b'"LT-1"', "a ping is a JSON object"),
    (b"\xff\xfe{}", "the text is not UTF-8"),
    (raw()[:-1] + b',"note":"\xff"}', "the text is not UTF-8"),
    (raw()[:-1] + b',"received_time":null,"note":"\\ud800"}', "the JSON is not readable"),
    (b"[" * 3_000, "a ping is a JSON object"),
    (raw()[:-1] + b',"note":' + b"[" * 3_500, "nested too deeply"),
    (raw(device_id=...), "device_id is missing"),
    (raw(device_id=""), "device_id"),
    (raw(device_id="LT-1' OR 1=1"), "device_id"),
    (raw(device_id="LT-1\n"), "device_id must be 1 to 64 of"),
    (raw(device_id=5), "device_id"),
    (raw(event_time=...), "event_time"),
    (raw(event_time="2026-11-21T08:00:03"), "no offset"),
    (raw(event_time="yesterday"), "event_time"),
    (raw(event_time=1_772_431_200), "event_time"),
    (raw(event_time="2026-02-30T08:00:00Z"), "event_time"),
    (raw(event_time="0001-01-01T00:00:00+23:59"), "older than 30 days"),
    (raw(event_time="9999-12-31T23:59:59-23:59"), "future"),
    (raw(event_time=(NOW + timedelta(days=1)).isoformat()), "event_time lies in the future"),
    (raw(event_time=(NOW - timedelta(days=31)).isoformat()), "older than 30 days"),
    (raw(fix_time="2026-11-21T08:00:03"), "fix_time has no offset"),
    (raw(fix_time=(NOW + timedelta(days=1)).isoformat()), "fix_time lies in the future"),
    (raw(lon=180.1), "lon"),
    (raw(lat=-90.5), "lat"),
    (raw(lon="8.27"), "lon"),
    (raw(lon=...), "lon and lat are missing"),
    (raw(lat=None), "lon and lat are missing"),
    (raw()[:-1] + b',"lat":NaN}', "the JSON is not readable"),
    (raw()[:-1] + b',"lat":1e400}', "lat must be a number from -90 to 90"),
    (raw(accuracy_m=-1), "accuracy_m"),
    (raw(battery_pct=101), "battery_pct"),
    (raw(fix="maybe"), "fix must be ok, cached, failed or none"),
    (raw(lamp="disco"), "lamp"),
    (raw(sequence=2**70), "sequence"),
    (raw(satellites=2**53), "satellites"),
    (raw(note="x" * MAX_ITEM_BYTES), "larger than"),
    (raw(device_id="LT-9"), "unknown device"),
]


def test_every_bad_line_is_refused_alone_with_its_reason(door: Depot) -> None:
    for item, reason in HOSTILE:
        answer = door.send(b"\n".join([raw(), item, raw(device_id="LT-2")]))
        assert answer.status_code == 202
        body = said(answer)
        assert (body["accepted"], [it["index"] for it in body["rejected"]]) == (2, [1]), (item[:200], body)
        assert reason.lower() in body["rejected"][0]["reason"].lower(), item[:200]
    assert sorted({event.key for event in door.stored()}) == ["LT-1", "LT-2"]
    assert len(door.stored()) == 2 * len(HOSTILE)


@pytest.mark.parametrize("fix", ["none", "failed"])
def test_a_ping_without_a_fix_needs_no_place(door: Depot, fix: str) -> None:
    assert said(door.send(raw(fix=fix, lon=..., lat=...)))["accepted"] == 1


def test_a_body_that_cannot_be_read_as_a_whole_is_refused_as_a_whole(door: Depot) -> None:
    for body in (b"", b"  \n", b"[", b"[1,", b"{", b"{}{}", b"[" * 100_000, b"\xff"):
        answer = door.send(body, "application/json")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), body[:20]
    assert door.stored() == []


def test_too_many_items_are_refused_as_a_whole(door: Depot) -> None:
    assert door.send(b"\n".join([raw()] * (MAX_ITEMS + 1))).status_code == 400
    assert door.send(b"\n".join([raw()] * MAX_ITEMS)).status_code == 202


def test_a_huge_body_is_not_even_read(door: Depot) -> None:
    assert door.send(b" " * (BODY_BYTES + 1)).status_code == 413
    chunked = door.client.post(
        "/beacons/api/v1/pings",
        content_type="application/json",
        headers=door.key("fleet") | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": Endless(), "wsgi.input_terminated": True},
    )
    assert chunked.status_code == 413


class Endless(io.RawIOBase):
    """A body without end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b" " * len(buffer)
        return len(buffer)


def test_other_media_types_are_refused(door: Depot) -> None:
    for media_type in ("", "text/plain", "text/csv", "application/x-www-form-urlencoded", "application/xml"):
        assert door.send(raw(), media_type).status_code == 415, media_type


def test_a_compressed_body_is_refused(door: Depot) -> None:
    assert door.send(raw(), "application/json", **door.key("fleet"), **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize(
    ("scopes", "accepted"),
    [(("devices:LT-1",), [0]), (("devices:LT-*",), [0, 1]), ((), []), (("devices:LT-2", "devices:LT-9"), [1])],
)
def test_a_device_key_speaks_for_its_own_devices_only(
    door: Depot, scopes: tuple[str, ...], accepted: list[int]
) -> None:
    body = b"\n".join([raw(), raw(device_id="LT-2"), raw(device_id="LT-9")])
    answer = said(door.send(body, **door.key("device", *scopes)))
    assert answer["accepted"] == len(accepted)
    assert [it["index"] for it in answer["rejected"]] == [index for index in range(3) if index not in accepted]


def test_a_foreign_device_is_no_oracle_for_who_is_registered(door: Depot) -> None:
    body = b"\n".join([raw(), raw(device_id="LT-9")])
    reasons = {it["reason"] for it in said(door.send(body, **door.key("device", "devices:XX-*")))["rejected"]}
    assert reasons == {"this key may not speak for the device"}


def test_a_device_may_speak_as_soon_as_it_is_registered_and_no_more_once_it_is_retired(door: Depot) -> None:
    assert said(door.send(raw(device_id="LT-3")))["accepted"] == 0
    door.register("LT-3")
    assert said(door.send(raw(device_id="LT-3")))["accepted"] == 1
    assert door.client.delete("/beacons/api/v1/devices/LT-3", headers=door.key("fleet")).status_code == 204
    door.work()
    assert said(door.send(raw(device_id="LT-3")))["rejected"][0]["reason"] == "unknown device"


@pytest.mark.parametrize("refresh_s", [0.0, 60.0])
def test_a_device_may_speak_once_its_registration_is_answered_whatever_the_view_shows(
    door: Depot, monkeypatch: pytest.MonkeyPatch, refresh_s: float
) -> None:
    assert said(door.send(raw(device_id="LT-1")))["accepted"] == 1
    monkeypatch.setattr("services.beacons.application.known.REFRESH_S", refresh_s)
    entry, path = {"kind": "warning_light"}, "/beacons/api/v1/devices/LT-4"
    assert door.client.put(path, json=entry, headers=door.key("fleet")).status_code == 200  # and no worker steps
    body = b"\n".join([raw(device_id="LT-4"), raw(device_id="LT-5"), raw(device_id="LT-1")])
    assert said(door.send(body)) == {"accepted": 2, "rejected": [{"index": 1, "reason": "unknown device"}]}


def test_the_same_message_sent_twice_has_the_same_id(door: Depot) -> None:
    door.send(raw())
    door.send(raw())
    door.send(raw(sequence=2))
    ids = [event.id for event in door.stored()]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_without_the_log_nothing_is_acknowledged(door: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    door.app.extensions["ticker"].stop()
    door.app.extensions["ticker"].start = lambda: None
    door.log.partitions(PINGS.name)
    away = Database("postgresql://127.0.0.1:1/none", "log", timeout_s=0.1)
    with monkeypatch.context() as outage:
        outage.setattr(door.log, "_database", away)
        answer = door.send(raw())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert door.stored() == []
    assert said(door.send(raw()))["accepted"] == 1
    away.close()


def test_what_the_door_refused_is_counted_with_its_reason_and_its_device(door: Depot) -> None:
    door.send(b"\n".join([raw(device_id="LT-9"), raw(device_id="LT-9"), raw(), raw(lamp="disco"), b"{"]))
    door.send(b"nonsense", "application/json")
    wanted = {
        ("unknown device", "LT-9"): 2,
        ("lamp must be on, off, fault or unknown", "LT-1"): 1,
        ("the JSON is not readable", ""): 1,
        ("the body is no ping, array or NDJSON", ""): 1,
    }
    wait_for(lambda: sum(_refused(door).values()) == sum(wanted.values()), 20)
    assert _refused(door) == wanted
    door.send(raw(device_id="LT-9"))
    wait_for(lambda: _refused(door)["unknown device", "LT-9"] == 3, 20)
    figures = door.client.get("/beacons/metrics").text
    assert 'leitbake_pings_total{source="http"} 1.0' in figures
    assert 'leitbake_pings_rejected_total{reason="unknown device",source="http"} 3.0' in figures


def _refused(door: Depot) -> dict[tuple[str, str], int]:
    with door.beacons.database.connection() as connection:
        rows = connection.execute("SELECT reason, device, sum(amount)::int FROM door_refusals GROUP BY 1, 2").fetchall()
    return {(reason, device): amount for reason, device, amount in rows}


def test_the_first_request_opens_the_door_and_every_partition_gets_one_tick_a_slot(depot: Depot) -> None:
    assert depot.client.get("/beacons/healthz").status_code == 200
    deadline = time.monotonic() + 5
    while (found := ticks(depot)) == {} or len(found) < 8:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    depot.client.get("/beacons/healthz")
    assert [thread.name for thread in threading.enumerate()].count("ticker") == 1
    depot.app.extensions["ticker"].stop()
    assert "ticker" not in [thread.name for thread in threading.enumerate()]
    assert all(len(slots) == len(set(slots)) <= 2 for slots in ticks(depot).values())


def ticks(depot: Depot) -> dict[int, list[int]]:
    chunks = depot.log.read({partition: Mark() for partition in depot.log.partitions(PINGS.name)}, 1_000)
    return {c.partition.number: [json.loads(r.event.data)["slot"] for r in c.records] for c in chunks if c.records}
