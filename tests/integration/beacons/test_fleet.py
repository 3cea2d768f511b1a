"""Registry, alarms, sites, lights and pages over HTTP, on the view that the worker makes."""

import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from services.beacons.application.reads import FleetReads
from services.beacons.application.registry import entry_of
from services.beacons.application.shown import LightSource
from shared.contracts import devices as d
from shared.contracts import sites as s
from shared.contracts.topics import PERMITS, PINGS, SITES
from shared.eventlog.port import Mark, Message
from shared.projection import generations, live
from shared.web.auth import undeclared
from tests.integration.beacons.conftest import ROLES, Depot
from tests.support.city import approved
from tests.support.doors import said

API = "/beacons/api/v1"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
CENTRE = (8.27, 50.0)


def stand(lon: float = 8.27) -> d.Stand:
    return d.Stand(lon=lon, lat=50.0, sigma_m=1.5, since=AT, observed_at=AT, fixes=12)


def placed(depot: Depot, device: str, lon: float = 8.27) -> None:
    depot.tell(d.LightPlaced(device_id=device, stand=stand(lon), lamp="on"), f"light:{device}")


def set_up(depot: Depot, *lights: str, site: str = "p1-a", permit: str | None = "p1") -> None:
    fact = s.SetUpDetected(site_id=site, permit_id=permit, measure_ids=("m1",), at=AT, lights=lights)
    depot.tell(fact, f"site:{site}", SITES.name)


def moved_away(depot: Depot, device: str) -> None:
    depot.tell(d.LightMovedAway(device_id=device, at=AT), f"light:{device}")


@pytest.fixture
def street(depot: Depot) -> Depot:
    """Two lights at an ordered site, one beside it on its own."""
    depot.register("LT-1", "LT-2", "LT-3")
    depot.log.send([Message(PERMITS.name, approved())])
    for device, lon in (("LT-1", 8.27), ("LT-2", 8.271), ("LT-3", 8.3)):
        placed(depot, device, lon)
    set_up(depot, "LT-1", "LT-2")
    return depot


def ask(depot: Depot, address: str, role: Any = "fleet", **more: Any) -> TestResponse:
    return depot.client.get(API + address, headers=depot.key(role), **more)


# --- who may do what

NO_ALARM = "00000000-0000-0000-0000-000000000000"
STAFF = {"fleet", "clerk", "ops", "admin"}
DOORS: list[tuple[str, str, set[str]]] = [
    ("POST", "/pings", {"device", "fleet", "admin"}),
    ("GET", "/devices", STAFF),
    ("POST", "/devices", {"fleet", "admin"}),
    ("GET", "/devices/LT-1", STAFF),
    ("PUT", "/devices/LT-1", {"fleet", "admin"}),
    ("DELETE", "/devices/LT-9", {"fleet", "admin"}),
    ("GET", "/devices/LT-1/quarantine", STAFF),
    ("GET", "/devices/LT-1/fixes", STAFF),
    ("GET", "/devices/LT-1/pings", STAFF),
    ("GET", "/fleet.geojson", STAFF),
    ("GET", "/depots.geojson", STAFF),
    ("GET", "/alarms", STAFF),
    ("POST", f"/alarms/{NO_ALARM}/acknowledge", {"fleet", "clerk", "admin"}),
    ("GET", "/sites", STAFF),
    ("GET", "/lights.geojson", {*ROLES, "public"}),
    ("HEAD", "/lights/stream", {*ROLES, "public"}),
    ("GET", "../../", STAFF),
    ("GET", "../../lichter/LT-1", STAFF),
    ("GET", "../../devices/LT-1", STAFF),
    ("GET", "../../alarme", STAFF),
    ("GET", f"../../alarme/{NO_ALARM}", STAFF),
    ("POST", f"../../alarme/{NO_ALARM}", {"fleet", "clerk", "admin"}),
    ("GET", "../../setup", {"contractor", "fleet", "clerk", "admin"}),
    ("GET", "../../setup/LT-1", {"contractor", "fleet", "clerk", "admin"}),
    ("POST", "../../setup/LT-1", {"contractor", "fleet", "clerk", "admin"}),
    ("GET", "../../codes", {"fleet", "clerk", "admin"}),
    ("GET", "../../openapi.json", {*ROLES, "public"}),
]


def test_every_role_gets_through_its_own_doors_only(depot: Depot) -> None:
    depot.register("LT-1")
    found = {}
    for method, path, _ in DOORS:
        address = f"/beacons/{path[6:]}" if path.startswith("../../") else API + path
        allowed = set()
        for role in [*ROLES, "public"]:
            headers = {} if role == "public" else depot.key(role)
            status = depot.client.open(
                address, method=method, headers=headers | {"Accept": "application/json"}
            ).status_code
            assert status != 500, (method, path, role)
            if status not in {401, 403}:
                allowed.add(role)
        found[method, path] = allowed
    assert found == {(method, path): allowed for method, path, allowed in DOORS}


def test_every_endpoint_says_who_may_call_it_and_stands_in_the_table(depot: Depot) -> None:
    assert undeclared(depot.app) == []
    marks = {"LT-1": "<device_id>", "LT-9": "<device_id>", NO_ALARM: "<uuid:alarm_id>"}
    told = {(method, re.sub("|".join(marks), lambda found: marks[found[0]], path)) for method, path, _ in DOORS}
    for rule in depot.app.url_map.iter_rules():
        if rule.rule.startswith(API):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                name = "HEAD" if rule.rule.endswith("/stream") else method
                assert (name, rule.rule.removeprefix(API)) in told


def test_the_description_is_a_valid_openapi_document(depot: Depot) -> None:
    document = said(depot.client.get("/beacons/openapi.json"))
    validate(document)
    assert set(document["paths"][f"{API}/devices/{{device_id}}"]) >= {"get", "put", "delete"}
    assert "application/x-ndjson" in document["paths"][f"{API}/pings"]["post"]["requestBody"]["content"]


# --- the registry


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


# --- alarms and sites


def test_an_alarm_has_the_shape_of_the_interface_and_knows_its_order(street: Depot) -> None:
    street.tell(d.LightFell(device_id="LT-1", at=AT), "light:LT-1")
    (alarm,) = said(ask(street, "/alarms"))["alarms"]
    assert alarm.pop("id")
    assert datetime.fromisoformat(alarm.pop("at")) == AT
    assert alarm == {
        "kind": "fell",
        "device_id": "LT-1",
        "site_id": "p1-a",
        "permit_number": "45-2026-0001",
        "lonlat": [8.27, 50.0],
        "closed_at": None,
        "detail": {},
        "acknowledged": None,
    }


@pytest.mark.parametrize("site_first", [True, False])
def test_an_alarm_knows_its_site_in_whatever_order_a_rebuild_hears_of_them(depot: Depot, site_first: bool) -> None:
    """Topics have no order among each other; the light stands elsewhere by now, its old alarms do not."""

    def sites() -> None:
        for site, lights in (("a", ("LT-1",)), ("a", ()), ("b", ("LT-1",))):
            at = AT + timedelta(minutes=1) if site == "b" else AT
            fact = s.SetUpDetected(site_id=site, permit_id=site, measure_ids=("m1",), at=at, lights=lights)
            depot.tell(fact, f"site:{site}", SITES.name)

    def lights() -> None:
        placed(depot, "LT-1")
        for minute in (-1, 0, 2, 20):  # also after the event time, but before that it left was known
            depot.tell(d.LightFell(device_id="LT-1", at=AT + timedelta(minutes=minute)), "light:LT-1")

    for tell in (sites, lights) if site_first else (lights, sites):
        tell()
    told = said(ask(depot, "/alarms"))["alarms"]
    assert [alarm["site_id"] for alarm in reversed(told)] == [None, "a", "a", "b"]
    assert {tuple(alarm["lonlat"]) for alarm in told} == {(8.27, 50.0)}


def test_alarms_are_filtered_and_paged_newest_first(street: Depot) -> None:
    for minute, device in enumerate(("LT-1", "LT-2", "LT-3")):
        street.tell(d.LightFell(device_id=device, at=AT + timedelta(minutes=minute)), f"light:{device}")
    street.tell(d.LightRecovered(device_id="LT-2", at=AT + timedelta(minutes=4), trouble="fallen"), "light:LT-2")
    suspect = s.UnpermittedSiteSuspected(site_id="x1", at=AT, lights=("LT-3",), centre=CENTRE)
    street.tell(suspect, "site:x1", SITES.name)

    def told(query: str) -> list[tuple[str, str | None]]:
        return [(alarm["kind"], alarm["device_id"]) for alarm in said(ask(street, f"/alarms?{query}"))["alarms"]]

    assert told("kind=fell") == [("fell", "LT-3"), ("fell", "LT-2"), ("fell", "LT-1")]
    assert told("kind=fell&open=true") == [("fell", "LT-3"), ("fell", "LT-1")]
    assert told("open=false&device_id=LT-2") == [("recovered", "LT-2"), ("fell", "LT-2")]
    (alarm,) = said(ask(street, "/alarms?kind=unpermitted_site_suspected"))["alarms"]
    assert (alarm["permit_number"], alarm["lonlat"], alarm["site_id"]) == (None, list(CENTRE), "x1")
    seen, query = [], "limit=2"
    while True:
        page = said(ask(street, f"/alarms?{query}"))
        seen += [datetime.fromisoformat(alarm["at"]) for alarm in page["alarms"]]
        if page["next"] is None:
            break
        query = f"limit=2&after={page['next']}"
    assert len(seen) == 5
    assert all(newer >= older for newer, older in pairwise(seen))
    assert ask(street, "/alarms?kind=party").status_code == 422
    assert ask(street, "/alarms?after=x").status_code == 422


def test_sites_are_told_as_the_lights_see_them(street: Depot) -> None:
    (site,) = said(ask(street, "/sites"))["sites"]
    assert (site["site_id"], site["permit_number"], site["state"]) == ("p1-a", "45-2026-0001", "set_up")
    assert site["lights"] == ["LT-1", "LT-2"]
    assert said(ask(street, "/sites?state=cleared"))["sites"] == []


# --- lights for everybody


def shown(depot: Depot, **headers: str) -> dict[str, Any]:
    answer = depot.client.get(f"{API}/lights.geojson", headers=headers)
    assert answer.mimetype == "application/geo+json"
    return {light["properties"]["device_id"]: light for light in said(answer)["features"]}


def test_everybody_sees_lights_at_ordered_sites_and_only_staff_their_batteries(street: Depot) -> None:
    street.tell(d.LightBatteryLow(device_id="LT-1", at=AT, battery_pct=9.0), "light:LT-1")
    public = shown(street)
    assert sorted(public) == ["LT-1", "LT-2"]
    assert public["LT-1"]["geometry"] == {"type": "Point", "coordinates": [8.27, 50.0]}
    properties = public["LT-1"]["properties"]
    assert datetime.fromisoformat(properties.pop("observed_at")) == AT
    assert properties == {
        "device_id": "LT-1", "lamp": "on", "silent": False, "moved": False, "fallen": False, "battery_pct": None,
        "site_id": "p1-a",
    }  # fmt: skip
    for role, battery in (("fleet", 9.0), ("clerk", 9.0), ("contractor", None), ("device", None)):
        seen = shown(street, **street.key(role))  # type: ignore[arg-type]  # a role
        assert seen["LT-1"]["properties"]["battery_pct"] == battery, role


def test_what_staff_sees_stays_out_of_shared_caches(street: Depot) -> None:
    answer = ask(street, "/lights.geojson")
    assert "private" in answer.headers["Cache-Control"]
    assert {"Authorization", "X-API-Key", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


def test_a_suspected_site_is_never_shown_to_the_public(depot: Depot) -> None:
    depot.register("LT-1")
    placed(depot, "LT-1")
    suspect = s.UnpermittedSiteSuspected(site_id="x1", at=AT, lights=("LT-1",), centre=CENTRE)
    depot.tell(suspect, "site:x1", SITES.name)
    assert shown(depot) == {}
    assert LightSource(FleetReads(depot.beacons.database)).after(0, 10)[-1].kind == "light.removed"


def test_a_cleared_sites_lights_vanish_from_list_and_stream(street: Depot) -> None:
    source = LightSource(FleetReads(street.beacons.database))
    before = source.newest()
    cleared = s.ClearedDetected(site_id="p1-a", permit_id="p1", at=AT, lights=("LT-1",))
    street.tell(cleared, "site:p1-a", SITES.name)
    assert shown(street) == {}
    told = {json.loads(item.data)["id"]: item.kind for item in source.after(before, 10)}
    assert told == {"LT-1": "light.removed", "LT-2": "light.removed"}


def test_the_stream_tells_of_changes_and_is_resumed_by_its_ids(street: Depot) -> None:
    since = LightSource(FleetReads(street.beacons.database)).newest()
    answer = street.client.get(f"{API}/lights/stream?since={since}", buffered=False)
    told = threading.Timer(0.2, street.tell, (d.LightFell(device_id="LT-1", at=AT), "light:LT-1"))
    told.start()
    blocks = []
    for chunk in answer.response:
        blocks += [block for block in chunk.decode().split("\n\n") if "event: " in block]  # type: ignore[union-attr]  # bytes of ours
        if blocks:
            break
    answer.close()
    told.join()
    fields = dict(line.split(": ", 1) for line in blocks[0].splitlines())
    assert fields["event"] == "light.updated"
    assert int(fields["id"]) > since
    feature = json.loads(fields["data"])
    assert feature["properties"]["fallen"] is True
    assert feature["properties"]["battery_pct"] is None
    assert street.client.get(f"{API}/lights/stream?since=x").status_code == 400


def test_a_rebuilt_view_numbers_anew_and_nobody_who_follows_misses_it(street: Depot) -> None:
    reads = FleetReads(street.beacons.database)
    old = reads.newest()
    assert reads.registered(old) == (False, [])
    live.rebuild(street.beacons.fleet, street.log, street.beacons.database, lambda _: None)
    assert generations.live(street.beacons.database, "fleet").number == 2
    assert reads.newest() > old
    assert {row["device_id"] for row in reads.changed(old, 10)} == {"LT-1", "LT-2", "LT-3"}
    anew, devices = reads.registered(old)
    assert anew
    assert {device.device_id for device in devices} == {"LT-1", "LT-2", "LT-3"}


# --- ticks


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


def test_before_a_worker_ran_the_doors_say_503_instead_of_an_empty_fleet(depot: Depot) -> None:
    with depot.beacons.database.connection() as connection:
        connection.execute("UPDATE generations SET live = false")
    for address in ("/devices", "/lights.geojson", "/alarms"):
        answer = ask(depot, address)
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
    assert depot.send("{}").status_code == 503


def test_to_leave_a_depot_is_no_alarm_and_to_leave_a_site_is_one(street: Depot) -> None:
    resting = d.Stand(lon=8.4004, lat=50.1, sigma_m=1.5, since=AT, observed_at=AT, fixes=12)
    street.tell(d.LightPlaced(device_id="LT-3", stand=resting, lamp="off"), "light:LT-3")
    moved_away(street, "LT-3")
    assert said(ask(street, "/alarms"))["alarms"] == []
    on_its_way = said(ask(street, "/devices/LT-3"))["state"]
    assert (on_its_way["standing_since"], on_its_way["moved_at"]) == (None, None)
    moved_away(street, "LT-1")
    (alarm,) = said(ask(street, "/alarms"))["alarms"]
    assert (alarm["kind"], alarm["device_id"]) == ("moved_away", "LT-1")
