"""Lights for everybody and for staff, as a list and as a stream."""

import json
import re
import threading
from datetime import datetime
from typing import Any

from services.beacons.application.reads import FleetReads
from services.beacons.application.shown import LightSource
from shared.contracts import devices as d
from shared.contracts import sites as s
from shared.contracts.topics import SITES
from shared.projection import generations, live
from shared.web.doors import Role
from tests.integration.beacons.depot import API, AT, CENTRE, Depot, ask, placed
from tests.support.doors import said


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
    batteries: dict[Role, float | None] = {"fleet": 9.0, "clerk": 9.0, "contractor": None, "device": None}
    for role, battery in batteries.items():
        seen = shown(street, **street.key(role))
        assert seen["LT-1"]["properties"]["battery_pct"] == battery, role


def test_everybody_reads_the_lights_of_a_measure_as_a_list(street: Depot) -> None:
    street.tell(d.LightFell(device_id="LT-2", at=AT), "light:LT-2")
    page = street.client.get("/beacons/baustellen/m1").text
    rows = re.findall(r'scope="row">(\S+)</th>\s*<td[^>]*>([^<]+)</td>', page)
    assert rows == [("LT-1", "leuchtet"), ("LT-2", "umgefallen")]
    assert 'href="/baustellen/m1"' in page
    assert "Hier sind zurzeit keine Warnleuchten erkannt." in street.client.get("/beacons/baustellen/m2").text


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
    for chunk in answer.iter_encoded():
        blocks += [block for block in chunk.decode().split("\n\n") if "event: " in block]
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


def test_before_a_worker_ran_the_doors_say_503_instead_of_an_empty_fleet(depot: Depot) -> None:
    with depot.beacons.database.connection() as connection:
        connection.execute("UPDATE generations SET live = false")
    for address in ("/devices", "/lights.geojson", "/alarms"):
        answer = ask(depot, address)
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
    assert depot.send("{}").status_code == 503
