"""A scenario as files: what goes in at the public doors (interfaces.md), and the truth behind it."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec

from services.suite.simulate.pings import pings
from services.suite.simulate.scenario import Light, Scenario, Site
from shared.clock import Micros, rfc3339

COLUMNS = ("device_id", "kind", "vendor", "profile", "expected_interval_s", "permit_number")
VENDOR = "Simulator"

Json = dict[str, Any]


def write(scenario: Scenario, folder: Path) -> None:
    """``permits.geojson devices.csv depots.geojson pings.ndjson truth.json``; raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in (("permits", permits(scenario)), ("depots", depots(scenario))):
        (folder / f"{name}.geojson").write_bytes(_pretty(document))
    (folder / "devices.csv").write_text(devices_csv(scenario), encoding="utf-8", newline="")
    with (folder / "pings.ndjson").open("wb") as file:
        # Cut at the end: what straggles in later would make the rest of the fleet look silent.
        file.writelines(sent.line + b"\n" for sent in pings(scenario) if sent.received < scenario.end)
    (folder / "truth.json").write_bytes(_pretty(truth(scenario)))


def permits(scenario: Scenario) -> Json:
    """All orders, a feature per measure."""
    return {"type": "FeatureCollection", "features": [feature for site in scenario.sites for feature in site.features]}


def devices_csv(scenario: Scenario) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    interval = round(scenario.signal.interval_s)
    for light in scenario.lights:
        lines.writerow([light.device_id, "warning_light", VENDOR, "", interval, light.permit_number or ""])
    return text.getvalue()


def depots(scenario: Scenario) -> Json:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": list(depot.place)},
            "properties": {"name": depot.name, "radius_m": depot.radius_m},
        }
        for depot in scenario.depots
    ]
    return {"type": "FeatureCollection", "features": features}


def truth(scenario: Scenario) -> Json:
    """What happened, times in RFC 3339, places WGS 84 lon-lat.

    ``sites``: ``key behaviour street permit_number lights``, ``line`` (GeoJSON between the true ends along the street;
    null: nobody came), ``begins`` (first light stands), ``complete`` (all do), ``ends`` (the last one is fetched; null:
    stands on). ``incidents``: ``device_id site kind at`` with ``kind`` ``nudged moved_away became_silent battery_low
    lamp_failed fell``.
    """
    return {
        "seed": scenario.seed,
        "city": scenario.city,
        "start": rfc3339(scenario.start),
        "end": rfc3339(scenario.end),
        "sites": [_site(site, scenario) for site in scenario.sites],
        "incidents": [incident for light in scenario.lights for incident in _incidents(light)],
    }


def _site(site: Site, scenario: Scenario) -> Json:
    stand = site.stand
    return {
        "key": site.key,
        "behaviour": site.behaviour,
        "street": site.street,
        "permit_number": site.permit_number,
        "lights": [light.device_id for light in scenario.lights if light.site == site.key],
        "line": None if site.line is None else msgspec.to_builtins(site.line),
        "begins": _said(stand.begins if stand else None),
        "complete": _said(stand.complete if stand else None),
        "ends": _said(stand.ends if stand else None),
    }


def _incidents(light: Light) -> list[Json]:
    return [
        {"device_id": light.device_id, "site": light.site, "kind": incident.kind, "at": rfc3339(incident.at)}
        for incident in light.incidents
    ]


def _said(instant: Micros | None) -> str | None:
    return None if instant is None else rfc3339(instant)


def _pretty(document: Json) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=1)
