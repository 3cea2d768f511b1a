"""Bad requests by endpoint of the APIs, and the status of the problem that each is answered."""

from typing import NamedTuple

from services.navfeed.adapters.rendering import PRODUCTS

JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"
NOBODY = "00000000-0000-4000-8000-000000000000"
PERMITS, BEACONS, FEED = "/permits/api/v1", "/beacons/api/v1", "/feed/v1"
COMMANDS = {
    "amend": b'{"measures": []}',
    "approve": b'{"conditions": "frei"}',
    "end": b'{"at": "gestern"}',
    "extend": b'{"end": "morgen"}',
    "interrupt": b'{"at": "2026-03-02T06:00:00"}',
    "refuse-extension": b'{"reason": 1}',
    "reject": b"{}",
    "resume": b'{"at": 5}',
    "revert-end": b'{"reason": 5}',
    "revert-start": b'{"reason": []}',
    "revoke": b"{}",
    "start": b'{"at": "2026-02-31T06:00:00Z"}',
    "submit": b'{"measures": []}',
    "withdraw": b'{"reason": {}}',
}


class Bad(NamedTuple):
    """``door`` is the endpoint as ``doors.txt`` names it; ``path`` with its query is what is asked of it."""

    door: str
    path: str
    status: int
    body: bytes = b""
    media_type: str = JSON


def _get(rule: str, *asked: tuple[str, int]) -> list[Bad]:
    """``asked``: what stands for the rule's variables and query, and the status."""
    return [Bad(f"GET {rule}", path, status) for path, status in asked]


def _commands() -> list[Bad]:
    found = []
    for name, body in COMMANDS.items():
        door, path = f"POST {PERMITS}/permits/<string:permit_id>/{name}", f"{PERMITS}/permits/{NOBODY}/{name}"
        found += [Bad(door, path, 422, body), Bad(door, path, 400, b"{"), Bad(door, path, 415, b"{}", CSV)]
    return found


# They take nothing that could be wrong.
WITHOUT_INPUT = {
    f"GET {BEACONS}/depots.geojson",
    f"GET {BEACONS}/lights.geojson",
    f"GET {FEED}/roadworks.schema.json",
}
BAD = [
    *_commands(),
    Bad(
        f"POST {PERMITS}/permits/<string:permit_id>/erase-personal-data",
        f"{PERMITS}/permits/x/erase-personal-data",
        404,
    ),
    *_get(f"{PERMITS}/permits", (f"{PERMITS}/permits?page=0", 422), (f"{PERMITS}/permits?status=verloren", 422)),
    *_get(f"{PERMITS}/permits.geojson", (f"{PERMITS}/permits.geojson?status=verloren", 422)),
    *_get(f"{PERMITS}/permits/<string:permit_id>", (f"{PERMITS}/permits/{NOBODY}", 404)),
    Bad(f"POST {PERMITS}/permits", f"{PERMITS}/permits", 422, b"{}"),
    Bad(f"POST {PERMITS}/permits", f"{PERMITS}/permits", 400, b"{"),
    Bad(f"POST {PERMITS}/permits", f"{PERMITS}/permits", 422, b'{"title": "x", "measures": [{"measure": "fog"}]}'),
    Bad(f"POST {PERMITS}/imports", f"{PERMITS}/imports?format=fax", 422, b"{}"),
    Bad(f"POST {PERMITS}/imports", f"{PERMITS}/imports", 422, b"no file"),
    *_get(f"{PERMITS}/streets", (f"{PERMITS}/streets?q=" + "x" * 300, 422)),
    Bad(f"POST {PERMITS}/streets/drawn", f"{PERMITS}/streets/drawn", 422, b"{}"),
    *_get(f"{PERMITS}/streets/places", (f"{PERMITS}/streets/places", 422)),
    *_get(f"{PERMITS}/streets/section", (f"{PERMITS}/streets/section", 422)),
    *_get(f"{BEACONS}/alarms", (f"{BEACONS}/alarms?limit=0", 422), (f"{BEACONS}/alarms?kind=langweilig", 422)),
    Bad(
        f"POST {BEACONS}/alarms/<uuid:alarm_id>/acknowledge",
        f"{BEACONS}/alarms/{NOBODY}/acknowledge",
        404,
        b'{"note": "x"}',
    ),
    Bad(f"POST {BEACONS}/alarms/<uuid:alarm_id>/acknowledge", f"{BEACONS}/alarms/x/acknowledge", 404, b"{}"),
    *_get(f"{BEACONS}/devices", (f"{BEACONS}/devices?limit=viele", 422)),
    Bad(f"POST {BEACONS}/devices", f"{BEACONS}/devices", 415, b"{}"),
    Bad(f"POST {BEACONS}/devices", f"{BEACONS}/devices", 400, b"name;art\nx;y\n", CSV),
    *_get(f"{BEACONS}/devices/<device_id>", (f"{BEACONS}/devices/LT-9999", 404)),
    Bad(f"PUT {BEACONS}/devices/<device_id>", f"{BEACONS}/devices/LT-1", 422, b'{"kind": "ufo"}'),
    Bad(f"PUT {BEACONS}/devices/<device_id>", f"{BEACONS}/devices/LT-1", 400, b"{"),
    Bad(f"DELETE {BEACONS}/devices/<device_id>", f"{BEACONS}/devices/LT-9999", 404),
    *_get(f"{BEACONS}/devices/<device_id>/fixes", (f"{BEACONS}/devices/LT-9999/fixes", 404)),
    *_get(f"{BEACONS}/devices/<device_id>/pings", (f"{BEACONS}/devices/LT-9999/pings", 404)),
    *_get(f"{BEACONS}/devices/<device_id>/quarantine", (f"{BEACONS}/devices/LT-9999/quarantine?limit=0", 422)),
    *_get(f"{BEACONS}/fleet.geojson", (f"{BEACONS}/fleet.geojson?zustand=ufo", 422)),
    *_get(f"{BEACONS}/lights/stream", (f"{BEACONS}/lights/stream?since=gestern", 400)),
    Bad(f"POST {BEACONS}/pings", f"{BEACONS}/pings", 400, b"{"),
    Bad(f"POST {BEACONS}/pings", f"{BEACONS}/pings", 415, b"{}", CSV),
    *_get(f"{BEACONS}/sites", (f"{BEACONS}/sites?limit=0", 422)),
    *_get(f"{FEED}/changes", (f"{FEED}/changes?since=gestern", 400), (f"{FEED}/changes?since=-1", 400)),
    *(
        Bad(f"GET {FEED}/{product}", f"{FEED}/{product}?at={instant}", status)
        for product in PRODUCTS
        for instant, status in (("gestern", 400), ("2026-03-02T06:00:00", 400), ("2999-01-01T00:00:00Z", 400))
    ),
    *_get(f"{FEED}/measures/<measure_id>", (f"{FEED}/measures/de-mainz-none", 404)),
    *_get(f"{FEED}/measures/<measure_id>/history", (f"{FEED}/measures/de-mainz-none/history", 404)),
    *_get(f"{FEED}/stream", (f"{FEED}/stream?since=gestern", 400)),
]
