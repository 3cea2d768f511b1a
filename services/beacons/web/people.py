"""What every page of the fleet needs: the present instant, who acts, and rows in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.beacons.application.fleet_alarms import acknowledgement
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.fleet_orders import Order
from services.beacons.application.reads import Row
from services.beacons.web.words import acknowledged, alarm, stamp, streets, wgs84
from shared.clock import from_micros
from shared.web.shell import shell

RECENT = 200


def now_of(fleet: FleetDoors) -> datetime:
    return from_micros(fleet.clock.now())


def names() -> dict[str, str]:
    """Accounts and keys by id; for staff only."""
    keys = {key.id: f"Schlüssel „{key.label}“" for key in shell().keys.all()}
    return keys | {account.id: account.name for account in shell().accounts.all()}


def alarms_in_words(fleet: FleetDoors, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows of ``FleetReads.alarms`` with ``words place when closed done note permit_id streets``."""
    now, orders = now_of(fleet), fleet.orders.by_number(row["permit_number"] for row in rows)
    done = {row["id"]: acknowledgement(row) for row in rows}
    known = names() if any(done.values()) else {}
    return [_alarm(row, done[row["id"]], known, now) | order_of(orders, row["permit_number"]) for row in rows]


def order_of(orders: Mapping[str, Order], number: str | None) -> dict[str, Any]:
    """``permit_id`` of the order with this number (None: not ordered) and its ``streets`` in words."""
    order = orders.get(number or "")
    return {"permit_id": order and order.permit_id, "streets": streets(order.streets) if order else ""}


def _alarm(row: Row, done: Any, known: Mapping[str, str], now: datetime) -> dict[str, Any]:
    return row | {
        "words": alarm(row["kind"], row["detail"] or {}),
        "place": wgs84(row["lon"], row["lat"]) if row["lon"] is not None else None,
        "when": stamp(row["at"], now),
        "closed": stamp(row["closed_at"], now) if row["closed_at"] else None,
        "done": acknowledged(done, known, now) if done else None,
        "note": done.note if done else None,
    }
