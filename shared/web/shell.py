"""What every endpoint and page of an app may use; built once by ``create_app``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import current_app

from shared.clock import Clock
from shared.settings import Settings
from shared.web.accounts import Accounts
from shared.web.actor import Actor
from shared.web.assets import Assets
from shared.web.buckets import Buckets, Rate
from shared.web.doors import Role
from shared.web.keys import ApiKeys
from shared.web.lateness import Lateness
from shared.web.metrics import Metrics

EXTENSION = "leitbake"
BURST_S = 5


class NavigationItem(NamedTuple):
    """``roles`` empty: for everybody."""

    href: str
    label: str
    roles: tuple[Role, ...] = ()


NAVIGATION = (
    NavigationItem("/", "Karte"),
    NavigationItem("/permits/", "Vorgänge", ("clerk", "contractor")),
    NavigationItem("/beacons/", "Warnleuchten", ("fleet", "clerk", "ops")),
    NavigationItem("/feed/", "Daten"),
    NavigationItem("/ops/", "Betrieb", ("ops",)),
)

# Where the work of a role begins; the others begin at the map.
DESKS: dict[Role, str] = {
    "clerk": "/permits/",
    "contractor": "/permits/",
    "fleet": "/beacons/",
    "ops": "/ops/",
    "admin": "/ops/",
}


@dataclass(frozen=True)
class Shell:
    name: str
    settings: Settings
    clock: Clock
    keys: ApiKeys
    accounts: Accounts
    buckets: Buckets
    metrics: Metrics
    assets: Assets
    lateness: Lateness

    @property
    def rate(self) -> Rate:
        """What a key or an address may ask for, unless the endpoint says otherwise."""
        per_s = self.settings.requests_per_s
        return Rate(per_s, BURST_S * per_s)

    def navigation(self, actor: Actor) -> Sequence[NavigationItem]:
        return [item for item in NAVIGATION if not item.roles or actor.has(*item.roles)]

    def desk(self, actor: Actor) -> NavigationItem:
        """Where the work of who looks begins."""
        href = DESKS.get(actor.role, "/")
        return next(item for item in NAVIGATION if item.href == href)


def shell() -> Shell:
    """The shell of the app that handles this request."""
    found: Shell = current_app.extensions[EXTENSION]
    return found
