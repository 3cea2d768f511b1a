"""Who may do what at the doors of the fleet."""

import re

from openapi_spec_validator import validate

from shared.web.auth import undeclared
from tests.integration.beacons.depot import API, ROLES, Depot
from tests.support.doors import said

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
