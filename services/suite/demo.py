"""The demo city: works ordered and lights registered through the public doors, then a fleet that lives."""

import json
import os
import secrets
import sys
from pathlib import Path
from typing import NamedTuple

from services.beacons.adapters.depots import DEPOTS
from services.suite.client import Doors, UnreachableError
from services.suite.demo_firm import put_on_desk
from services.suite.simulate import DoorClosedError, Scenario, demo, depots, devices_csv, drive, permits
from shared.clock import DAY_US, Micros, WallClock
from shared.db.pool import Database
from shared.geo.imported import imported
from shared.projection.worker import stop_on_signals
from shared.settings import Settings
from shared.web.accounts import Accounts, LoginTakenError
from shared.web.doors import Role
from shared.web.keys import ApiKeys

ACCESS = "demo-access.json"
KEPT = "demo-settings.json"
FRESH_US = DAY_US // 4
FIRM_SCOPE = "organisation:tiefbau-musterfirma-gmbh"
LOGINS: dict[str, tuple[Role, str]] = {
    "sachbearbeitung": ("clerk", "Sachbearbeitung Amt 61"),
    "firma": ("contractor", "Tiefbau Musterfirma GmbH"),
    "bauhof": ("fleet", "Bauhof"),
    "leitstelle": ("ops", "Leitstelle"),
}


# A watcher has minutes, a city has days: the demo's sites are given less time.
PACE = {
    "LEITBAKE_CLEAR_HOLD_S": "60",
    "LEITBAKE_SETTLE_S": "20",
    "LEITBAKE_NOT_SET_UP_S": "120",
}
# On streets that do not exist it names no real city.
INVENTED = {
    "LEITBAKE_CITY": "Gutenau",
    "LEITBAKE_PUBLISHER": "Stadt Gutenau (erfunden)",
    "LEITBAKE_ATTRIBUTION": "Gutenau am Rhein ist erfunden",
    "LEITBAKE_CONTACT_EMAIL": "baustellen@gutenau.example",
}


NAMESPACE = "LEITBAKE_NAMESPACE"


def keep_settings(data_dir: Path, *, invented: bool) -> None:
    """Take the demo's settings where none are given, and note it for later commands on the same data."""
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = PACE | INVENTED | _namespace(data_dir) if invented else PACE | _namespace(data_dir, begun=True)
    (data_dir / KEPT).write_text(json.dumps(settings))
    use_kept_settings(data_dir)


def _namespace(data_dir: Path, *, begun: bool = False) -> dict[str, str]:
    """Ids are for life: a folder keeps the namespace it began with, which in older ones was that of no demo."""
    path = data_dir / KEPT
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return {NAMESPACE: kept[NAMESPACE]} if NAMESPACE in kept else {}
    if begun or (data_dir / "postgres").exists():
        return {}
    return {NAMESPACE: os.environ.get(NAMESPACE, "de-gutenau")}


def use_kept_settings(data_dir: Path) -> None:
    """What the data was decided with, unless the environment says otherwise."""
    path = data_dir / KEPT
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        os.environ.update({name: value for name, value in kept.items() if name not in os.environ})


class Access(NamedTuple):
    """Keys and passwords of the demo, made by chance at its first start and kept in the data folder.

    ``began``: when the demo's works were ordered (µs); they are ordered anew when that is long ago.
    """

    clerk_key: str
    fleet_key: str
    passwords: dict[str, str]
    began: Micros
    firm_key: str = ""


def prepare(settings: Settings, url: str, seed: int) -> Access:
    """Accounts, keys, permits and devices; a second time changes nothing."""
    access = _access(settings, url)
    scenario = _scenario(settings.data_dir, seed, access.began)
    clerk, fleet = Doors(settings.origin, access.clerk_key), Doors(settings.origin, access.fleet_key)
    clerk.post("/permits/api/v1/imports?format=geojson", json.dumps(permits(scenario)).encode(), "application/geo+json")
    fleet.post("/beacons/api/v1/devices", devices_csv(scenario).encode(), "text/csv")
    if access.firm_key:  # folders of before have none
        elsewhere = _scenario(settings.data_dir, seed + 1, access.began)
        put_on_desk(Doors(settings.origin, access.firm_key), clerk, elsewhere, access.began)
    return access


def keep_depots(data_dir: Path, seed: int) -> None:
    """Where the demo's lights rest, before the workers read it."""
    (data_dir / DEPOTS).write_text(json.dumps(depots(_scenario(data_dir, seed, 0))))


def greeting(settings: Settings, access: Access) -> str:
    """Where to look, and how to come in."""
    lines = [
        "",
        "The city is alive:",
        f"  Live map         {settings.origin}/",
        f"  Permits          {settings.origin}/permits/",
        f"  Lights           {settings.origin}/beacons/",
        f"  Feed             {settings.origin}/feed/",
        f"  GeoJSON          {settings.origin}/feed/v1/roadworks.geojson",
        f"  DATEX II         {settings.origin}/feed/v1/datex2/payload.xml",
        "",
        "Demo log-ins:",
        *(f"  {login:<16} {password}" for login, password in access.passwords.items()),
        "Demo API keys (clerk, fleet):",
        f"  {access.clerk_key}",
        f"  {access.fleet_key}",
        "",
    ]
    return "\n".join(lines)


def _access(settings: Settings, url: str) -> Access:
    path = settings.data_dir / ACCESS
    now = WallClock().now()
    if path.exists():
        access = Access(**json.loads(path.read_text()))
        if now - access.began < FRESH_US:
            return access
        access = access._replace(began=now)
    else:
        access = _new_access(settings, url, now)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(access._asdict(), file)
    return access


def _new_access(settings: Settings, url: str, now: Micros) -> Access:
    database = Database(url, "web")
    keys = ApiKeys(database, WallClock())
    accounts = Accounts(database, WallClock(), session_hours=settings.session_hours)
    passwords = {login: secrets.token_urlsafe(9) for login in LOGINS}
    for login, (role, name) in LOGINS.items():
        try:
            accounts.create(login, passwords[login], role, name, [FIRM_SCOPE] if role == "contractor" else [])
        except LoginTakenError:  # a first start that was cut short: its password was never shown
            known = next(account for account in accounts.all() if account.login == login)
            accounts.set_password(known.id, passwords[login])
    clerk, fleet = keys.create("clerk", "Demo").token, keys.create("fleet", "Demo").token
    firm = keys.create("contractor", "Demo", [FIRM_SCOPE]).token
    access = Access(clerk, fleet, passwords, now, firm)
    database.close()
    return access


def _scenario(data_dir: Path, seed: int, began: Micros) -> Scenario:
    city = imported(data_dir)
    if city is None:
        raise FileNotFoundError(f"no city in {data_dir}")
    return demo(city, seed, began)


def live(origin: str, seed: int) -> None:
    """Play the fleet against the doors at ``origin`` until SIGTERM."""
    stop = stop_on_signals()
    data_dir = Path(os.environ["LEITBAKE_DATA_DIR"])
    access = Access(**json.loads((data_dir / ACCESS).read_text()))
    doors = Doors(origin, access.fleet_key)

    def post(items: list[bytes]) -> None:
        try:
            doors.pings(items)
        except UnreachableError as error:
            raise DoorClosedError(str(error)) from error

    drive(_scenario(data_dir, seed, access.began), post, WallClock().now, stop.wait, stop.is_set)


if __name__ == "__main__":
    live(sys.argv[1], int(sys.argv[2]))
