"""Setting a light up on the street: who may bind which light to which order, and binding it."""

import re
import time
from collections.abc import Callable
from typing import Any

from services.beacons.application.fleet_orders import Ordered, Row
from services.beacons.application.reads import FleetReads
from services.beacons.application.registry import Registry, entry_of
from shared.web.actor import Actor

REGISTRY = ("device_id", "kind", "vendor", "profile", "expected_interval_s")
SHOWN_WITHIN_S = 2.0
LOOK_S = 0.05
GERMAN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class NotYoursError(Exception):
    """The light or the order is somebody else's; the message is German."""


def owns(actor: Actor, applicant: str | None) -> bool:
    """Contractors own what their organisation applied for: its ``slug`` is that of the account, or in its scope.

    An account applies in its own name, so that name is an organisation's where it has a scope of that kind.
    """
    if actor.role != "contractor":
        return True
    if applicant is None or not actor.patterns("organisation"):
        return False
    return slug(applicant) == slug(actor.name) or actor.allows("organisation", slug(applicant))


def own(actor: Actor, found: list[Ordered]) -> list[Ordered]:
    return [one for one in found if owns(actor, one.applicant)]


def slug(name: str) -> str:
    """``Müller Tiefbau GmbH`` as it stands in scopes: ``mueller-tiefbau-gmbh``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().translate(GERMAN_LETTERS)).strip("-")


def check_light(actor: Actor, device: Row, order: Row | None) -> None:
    """``order``: the one that the light is bound to by hand, if it is known here. Raises ``NotYoursError``."""
    if actor.patterns("devices") and not actor.allows("devices", device["device_id"]):
        raise NotYoursError("Diese Leuchte gehört nicht zu Ihrem Zugang.")
    if device["permit_number"] and not owns(actor, order["applicant"] if order else None):
        raise NotYoursError("Diese Leuchte ist einem Vorgang zugeordnet, der nicht zu Ihrer Firma gehört.")


class SetUp:
    """Binding by hand. Thread-safe; raises ``ConcurrencyError`` where somebody else changes the entry at once."""

    def __init__(self, registry: Registry, reads: FleetReads, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._registry, self._reads, self._sleep = registry, reads, sleep

    def bind(self, device: Row, permit_number: str | None) -> None:
        """Bind the device to an order, or to none; waits a moment until the pages show it."""
        entry: dict[str, Any] = {name: device[name] for name in REGISTRY if device[name] is not None}
        if permit_number:
            entry["permit_number"] = permit_number
        self._registry.register([entry_of(entry)])
        for _ in range(round(SHOWN_WITHIN_S / LOOK_S)):
            shown = self._reads.device(device["device_id"])
            if shown is None or shown["permit_number"] == permit_number:
                return
            self._sleep(LOOK_S)
