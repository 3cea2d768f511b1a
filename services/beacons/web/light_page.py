"""One light with all that is known of it, so that a doubting vendor can check every step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template

from services.beacons.application import shapes
from services.beacons.application.fleet_binding import binding_of
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.fleet_light import Known, fate
from services.beacons.application.fleet_pings import raw_pings
from services.beacons.application.reads import Refused, Row
from services.beacons.application.reasons import german
from services.beacons.application.refusals import OfDevice
from services.beacons.web import figure, words
from services.beacons.web.fleet_page import battery_words
from services.beacons.web.people import RECENT, alarms_in_words, now_of
from shared.clock import HOUR_US, from_micros
from shared.web.problems import ProblemError

RAW_HOURS = 24
RAW_SHOWN = 50
HISTORY = 30
CERTAIN = 2.45  # standard deviations per axis around the centre hold it with 95 %


def device(fleet: FleetDoors, device_id: str) -> Row:
    """The device's row; raises ``ProblemError`` (404)."""
    row = fleet.reads.device(device_id)
    if row is None:
        raise ProblemError(404, detail="Dieses Gerät ist nicht bekannt.")
    return row


def show(fleet: FleetDoors, device_id: str) -> str:
    row, now = device(fleet, device_id), now_of(fleet)
    known = fleet.lights.known([device_id]).get(device_id)
    newest_refused = fleet.reads.quarantine(device_id, RECENT)
    refused = [shapes.refused(entry) for entry in newest_refused]
    return render_template(
        "light.html",
        light=row,
        kind=words.KINDS.get(row["kind"], "Gerät"),
        states=words.sentence(", ".join(words.states(row))),
        contact=words.stamp(known.newest if known else None, now),
        battery=battery_words(known),
        patience=known.patience_s // 60 if known else None,
        silent=words.stamp(row["silent_since"], now) if row["silent_since"] else None,
        at_door=[_turned_away(it) for it in fleet.refusals.of(device_id)],
        recent=RECENT,
        refused=[entry | {"when": words.exactly(entry["at"])} for entry in refused],
        alarms=alarms_in_words(fleet, fleet.reads.alarms({"device_id": device_id}, limit=RECENT)),
        history=[(words.stamp(at, now), words.story(fact)) for at, fact in fleet.lights.history(device_id, HISTORY)],
        interval=words.every(row["expected_interval_s"]),
        rule=words.gate_rule(),
        hours=RAW_HOURS,
        **_stay(known, now),
        **_bound(fleet, row),
        **_raw(fleet, device_id, known, newest_refused),
    )


def _turned_away(it: OfDevice) -> dict[str, Any]:
    return it._asdict() | {"words": german(it.reason), "newest": words.exactly(from_micros(it.newest))}


def _stay(known: Known | None, now: datetime) -> dict[str, Any]:
    """The drawing and the table of fixes."""
    fixes = known.fixes if known else []
    stay = known.stay if known else None
    rows = [
        {
            "time": words.exactly(fix.time),
            "place": words.wgs84(fix.lon, fix.lat),
            "accuracy": words.metres(fix.accuracy_m),
            "distance": words.metres(fix.distance_m) if stay else "–",
            "verdict": fix.verdict,
            "words": words.verdict(fix),
        }
        for fix in reversed(fixes)
    ]
    told = stay and {
        "place": words.wgs84(stay.lon, stay.lat),
        "sigma": words.metres(stay.sigma_m),
        "certain": words.metres(stay.sigma_m * CERTAIN),
        "scatter": words.metres(stay.scatter_m),
        "allowed": words.metres(stay.allowed_m),
        "since": words.stamp(stay.since, now),
        "seen": words.stamp(stay.seen, now),
        "suspect": words.stamp(stay.suspect, now) if stay.suspect else None,
        "used": stay.used,
        "near": stay.near,
    }
    return {
        "fixes": rows,
        "tally": words.tally(fixes),
        "stay": told,
        "plan": figure.plan(stay, fixes) if stay else None,
    }


def _bound(fleet: FleetDoors, row: Row) -> dict[str, Any]:
    bound = binding_of(fleet.lights, row["device_id"], fleet.depots)
    number = row["order_number"]
    return {
        "why": words.why(bound, number),
        "site": words.site(row) if bound.reason != "suspected" else "",
    }


def _raw(fleet: FleetDoors, device_id: str, known: Known | None, refused: Sequence[Refused]) -> dict[str, Any]:
    """The newest raw pings in words, and the battery over the time that they span."""
    pings = list(raw_pings(fleet.log, device_id, fleet.clock.now() - RAW_HOURS * HOUR_US))
    levels = [(ping.time, pct) for ping in pings if (pct := ping.said.get("battery_pct")) is not None]
    reasons = {entry.event.data: entry.reason for entry in refused}  # more of them than pings are shown
    shown = [
        {
            "received": words.exactly(ping.time),
            "said": ping.said,
            "fate": words.fate(fate(ping.ping, known, reasons.get(ping.data)) if known else "pending"),
        }
        for ping in pings[-RAW_SHOWN:]
    ]
    level = f"{levels[-1][1]:.0f} %" if levels else None
    curve = figure.battery(levels)
    return {
        "raw": shown[::-1],
        "raw_count": len(pings),
        "curve": curve,
        "curve_words": words.battery(curve.low, curve.high, curve.first, now_of(fleet)) if curve else "",
        "level": level,
    }
