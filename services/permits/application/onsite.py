"""What the lights say of each case's sites: a view of the sites' topic, and its reader for queue and case page."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from shared.contracts import sites as s
from shared.contracts.base import Contract
from shared.contracts.topics import SITES
from shared.db.pool import Database
from shared.eventlog.port import Record
from shared.events.codec import decode
from shared.events.envelope import Event
from shared.projection.generations import NoGenerationError, reading

# Ordered by what a clerk looks at first.
OnSite = Literal["overrunning", "not_set_up", "deviates", "silent", "set_up", "cleared"]
STATES: tuple[OnSite, ...] = get_args(OnSite)
# Something is wrong on site: such a case comes before quiet ones.
BURNING: tuple[OnSite, ...] = STATES[:3]

SQL_TABLES = """
CREATE TABLE sites (
    site_id text PRIMARY KEY,
    permit_id text NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL,
    observed_at timestamptz NOT NULL,
    lights int NOT NULL,
    deviation_m double precision,
    apart boolean NOT NULL DEFAULT false,
    extents jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX sites_permit ON sites (permit_id);
CREATE INDEX sites_state ON sites (state);
CREATE TABLE suspected (site_id text PRIMARY KEY, at timestamptz NOT NULL, street text);
"""
SQL_STATE = """
INSERT INTO sites (site_id, permit_id, state, since, observed_at, lights)
VALUES (%(site_id)s, %(permit_id)s, %(state)s, %(at)s, %(at)s, %(lights)s)
ON CONFLICT (site_id) DO UPDATE SET
    state = CASE WHEN excluded.state = 'set_up' AND sites.apart THEN 'deviates' ELSE excluded.state END,
    apart = sites.apart AND excluded.state <> 'cleared', observed_at = excluded.observed_at,
    since = CASE WHEN sites.state = excluded.state THEN sites.since ELSE excluded.since END,
    lights = CASE WHEN excluded.lights > 0 THEN excluded.lights ELSE sites.lights END
"""
SQL_EXTENTS = """
UPDATE sites SET extents = %(extents)s, observed_at = %(at)s, lights = %(lights)s, deviation_m = %(deviation_m)s,
    apart = sites.apart AND %(apart)s,
    state = CASE WHEN state = 'deviates' AND NOT %(apart)s THEN 'set_up' ELSE state END
WHERE site_id = %(site_id)s
"""
SQL_DEVIATES = """
UPDATE sites SET deviation_m = %(deviation_m)s, apart = true, since = %(at)s, observed_at = %(at)s,
    state = CASE WHEN state = 'set_up' THEN 'deviates' ELSE state END
WHERE site_id = %(site_id)s
"""
SQL_SUSPECTED = """
INSERT INTO suspected VALUES (%(site_id)s, %(at)s, %(street)s)
ON CONFLICT (site_id) DO UPDATE SET at = excluded.at, street = excluded.street
"""
APART_M = 25.0  # as the sites' own stage says (domain.md § 2)

Tx = Connection[Any]


class OnSiteView:
    """The ``View`` of the sites that belong to a case, and of those that are suspected to have no order."""

    name = "onsite"
    version = 2
    topics = (SITES.name,)

    def create(self, tx: Tx) -> None:
        tx.execute(SQL_TABLES)

    def decode(self, event: Event) -> Contract | None:
        fact = decode(event)
        return fact if isinstance(fact, s.SiteEvent) and type(fact) in _handlers(fact) else None

    def apply(self, tx: Tx, facts: Sequence[tuple[Any, Record]]) -> None:
        for fact, _ in facts:
            _handlers(fact)[type(fact)](tx, fact)


def _state(state: OnSite) -> Callable[[Tx, Any], None]:
    def handle(tx: Tx, fact: s.SiteEvent) -> None:
        said = {"site_id": fact.site_id, "permit_id": fact.permit_id, "state": state, "at": fact.at}
        tx.execute(SQL_STATE, said | {"lights": len(fact.lights)})

    return handle


def _measured(tx: Tx, fact: s.ExtentMeasured | s.ExtentChanged) -> None:
    deviation_m = max((extent.deviation_m for extent in fact.extents), default=0.0)
    said = {"site_id": fact.site_id, "at": fact.at, "lights": len(fact.lights), "deviation_m": deviation_m}
    extents = Jsonb(msgspec.to_builtins(fact.extents))
    tx.execute(SQL_EXTENTS, said | {"extents": extents, "apart": deviation_m > APART_M})


def _deviates(tx: Tx, fact: s.DeviationDetected) -> None:
    tx.execute(SQL_DEVIATES, {"site_id": fact.site_id, "at": fact.at, "deviation_m": fact.deviation_m})


def _suspected(tx: Tx, fact: s.UnpermittedSiteSuspected) -> None:
    tx.execute(SQL_SUSPECTED, {"site_id": fact.site_id, "at": fact.at, "street": fact.street})


def _gone(tx: Tx, fact: s.ClearedDetected) -> None:
    tx.execute("DELETE FROM suspected WHERE site_id = %s", (fact.site_id,))


Handlers = dict[type[Contract], Callable[[Tx, Any], None]]
ORDERED: Handlers = {
    s.SetUpDetected: _state("set_up"),
    s.ExtentMeasured: _measured,
    s.ExtentChanged: _measured,
    s.DeviationDetected: _deviates,
    s.SiteBecameSilent: _state("silent"),
    s.SiteRecovered: _state("set_up"),
    s.ClearedDetected: _state("cleared"),
    s.NotSetUp: _state("not_set_up"),
    s.Overrunning: _state("overrunning"),
}
UNORDERED: Handlers = {s.UnpermittedSiteSuspected: _suspected, s.ClearedDetected: _gone}


def _handlers(fact: s.SiteEvent) -> Handlers:
    return ORDERED if fact.permit_id else UNORDERED


class Site(NamedTuple):
    """A site of a case. ``since``: when its state began; ``extents`` as measured, in the order's drawing direction."""

    permit_id: str
    site_id: str
    state: OnSite
    since: datetime
    observed_at: datetime
    lights: int
    deviation_m: float | None
    extents: list[s.MeasuredExtent]


class OnSiteReads:
    """Reads the live generation; while there is none, nothing is known of any site. Thread-safe.

    All methods raise ``DatabaseUnavailableError``.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, permit_ids: Collection[str]) -> dict[str, list[Site]]:
        """The sites of cases, those first that a clerk looks at first."""
        query = """SELECT permit_id, site_id, state, since, observed_at, lights, deviation_m, extents FROM sites
                   WHERE permit_id = ANY(%s) ORDER BY array_position(%s, state), since, site_id"""
        found: dict[str, list[Site]] = {}
        for *members, extents in self._rows(query, (list(permit_ids), list(STATES))):
            site = Site._make([*members, msgspec.convert(extents, list[s.MeasuredExtent])])
            found.setdefault(site.permit_id, []).append(site)
        return found

    def in_state(self, *states: str) -> list[str]:
        """The cases that have a site in one of these states."""
        query = "SELECT DISTINCT permit_id FROM sites WHERE state = ANY(%s)"
        return [row[0] for row in self._rows(query, (list(states),))]

    def suspected(self) -> list[str | None]:
        """The streets of the sites that are suspected to have no order, the newest first; None: not known."""
        return [row[0] for row in self._rows("SELECT street FROM suspected ORDER BY at DESC, site_id", ())]

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            with reading(self._database, OnSiteView.name) as tx:
                return tx.execute(query, values).fetchall()
        except NoGenerationError:
            return []
