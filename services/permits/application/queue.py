"""The read side: pages of the works queue, numbers that are taken, and contents for the export."""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import sql
from psycopg.rows import class_row

from services.permits.domain.case import Case
from services.permits.domain.content import Content
from shared.db.errors import DatabaseUnavailableError
from shared.db.pool import Connection, Database
from shared.eventstore.as_log import OWN_STORE
from shared.projection.generations import NoGenerationError, reading
from shared.projection.live import applied

VIEW = "cases"
OPEN = ("submitted", "approved", "active", "interrupted")
# Enough for a clerk to see what was just done; a view that lags longer is said to lag by ``/readyz``.
SETTLE_S, STEP_S = 2.0, 0.02

# What wants somebody's work comes first, then what is quiet, closed cases last; within each by what is due, the latest
# change first. The id makes the order total.
ORDER = sql.SQL(
    " ORDER BY is_open DESC, is_open AND (status = 'submitted' OR extension OR due_at <= %(now)s IS TRUE"
    " OR permit_id = ANY(%(burning)s)) DESC, due_at, changed_at DESC, permit_id"
)
COLUMNS = sql.SQL(
    "permit_id, version, status, permit_number, owner, district, streets, kinds, starts_at, ends_at, due_at, source,"
    " received_via, received_at, submitted_at, changed_at, content,"
    " is_open AND extension AS extension"
)
# Ids alone are sorted: with their content the rows of a city would not fit into the memory of a sort.
SQL_PAGE = sql.SQL(
    "SELECT {} FROM cases JOIN (SELECT permit_id FROM cases{}{} LIMIT %(limit)s OFFSET %(offset)s) AS shown"
    " USING (permit_id){}"
)
CONDITIONS = {
    "status": "status = ANY(%(status)s)",
    "street": "EXISTS (SELECT FROM unnest(streets) AS street WHERE lower(street) LIKE %(street)s)",
    "district": "lower(district) = lower(%(district)s)",
    "q": "search LIKE %(q)s",
    "owner": "owner = %(owner)s",
    "reader": "(status <> 'draft' OR owner = %(reader)s)",
    # A case that nobody has assigned yet is everybody's.
    "districts": "(district IS NULL OR lower(district) = ANY(%(districts)s))",
    "unassigned": "district IS NULL",
    "permit_ids": "permit_id = ANY(%(permit_ids)s)",
    "extension": "is_open AND extension",
}


class Wanted(NamedTuple):
    """Which cases; ``owner``: only those this applicant handed in; ``reader``: of drafts only this one's.

    ``districts``: those in one of these or in none; ``unassigned``: in none. ``permit_ids``: only these, None: all.
    ``extension``: only those with an extension asked for and not decided yet. ``page`` counts from 1.
    """

    status: tuple[str, ...] = ()
    street: str = ""
    district: str = ""
    q: str = ""
    owner: str | None = None
    reader: str | None = None
    districts: tuple[str, ...] = ()
    unassigned: bool = False
    permit_ids: tuple[str, ...] | None = None
    extension: bool = False
    page: int = 1
    size: int = 50


class Row(NamedTuple):
    """A case in the queue; ``due_at`` is None where nothing burns, ``extension``: one is asked for, not decided yet."""

    permit_id: str
    version: int
    status: str
    permit_number: str
    owner: str
    district: str | None
    streets: list[str]
    kinds: list[str]
    starts_at: datetime
    ends_at: datetime | None
    due_at: datetime | None
    source: str | None
    received_via: str
    received_at: datetime | None
    submitted_at: datetime
    changed_at: datetime
    content: dict[str, Any]
    extension: bool

    @property
    def case(self) -> Case:
        """What the view knows of the case: enough to export it."""
        return Case(
            content=msgspec.convert(self.content, Content),
            source=self.source,
            received_via=self.received_via,
            received_at=self.received_at,
        )


class Page(NamedTuple):
    rows: list[Row]
    total: int
    page: int
    size: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


class Queue:
    """Reads the live view. All methods raise ``DatabaseUnavailableError``, also while no worker has built it yet.

    Thread-safe.
    """

    def __init__(self, database: Database, settle_s: float = SETTLE_S) -> None:
        self._database, self._settle_s = database, settle_s

    def page(self, wanted: Wanted, now: datetime, burning: Sequence[str] = ()) -> Page:
        """One page in the order of what burns at ``now``; ``burning``: cases where something is wrong on site."""
        where, values = _where(wanted)
        limit = {"limit": wanted.size, "offset": (wanted.page - 1) * wanted.size}
        order = {"now": now, "burning": list(burning)}
        query = SQL_PAGE.format(COLUMNS, where, ORDER, ORDER)
        with self._reading() as tx:
            found = tx.execute(sql.SQL("SELECT count(*) FROM cases") + where, values).fetchone()
            cursor = tx.cursor(row_factory=class_row(Row))
            rows = cursor.execute(query, values | order | limit).fetchall()
        return Page(rows, found[0] if found else 0, wanted.page, wanted.size)

    def everything(self, wanted: Wanted) -> list[Row]:
        """All cases at once, for the export, ordered by number."""
        where, values = _where(wanted)
        query = sql.SQL("SELECT {} FROM cases").format(COLUMNS) + where + sql.SQL(" ORDER BY permit_number, permit_id")
        with self._reading() as tx:
            return tx.cursor(row_factory=class_row(Row)).execute(query, values).fetchall()

    def holders(self, numbers: Collection[str]) -> dict[str, str]:
        """Permit ids by file number; of two cases with one number, that of our own comes first, then the older."""
        query = """SELECT DISTINCT ON (permit_number) permit_number, permit_id FROM cases
                   WHERE permit_number = ANY(%s) ORDER BY permit_number, source IS NOT NULL, submitted_at, permit_id"""
        with self._reading() as tx:
            return dict(tx.execute(query, (sorted(numbers),)).fetchall())

    def districts(self) -> list[str]:
        query = "SELECT DISTINCT district FROM cases WHERE district IS NOT NULL ORDER BY district"
        with self._reading() as tx:
            return [row[0] for row in tx.execute(query)]

    def settle(self, position: int) -> bool:
        """Wait until readers see the event at ``position``, at most about two seconds; whether they do."""
        deadline = time.monotonic() + self._settle_s
        while not self._shows(position):
            if time.monotonic() >= deadline:
                return False
            time.sleep(STEP_S)
        return True

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with reading(self._database, VIEW) as tx:
                yield tx
        except NoGenerationError as error:
            raise DatabaseUnavailableError("the view of cases was never built: is the worker running?") from error

    def _shows(self, position: int) -> bool:
        try:
            return applied(self._database, VIEW, OWN_STORE) > position
        except NoGenerationError:
            return False


def _where(wanted: Wanted) -> tuple[sql.Composable, dict[str, Any]]:
    values = {
        "status": list(wanted.status),
        "street": f"%{_literal(wanted.street.strip().lower())}%" if wanted.street.strip() else "",
        "district": wanted.district.strip(),
        "q": f"%{_literal(wanted.q.strip().casefold())}%" if wanted.q.strip() else "",
        "owner": wanted.owner,
        "reader": wanted.reader,
        "districts": [district.lower() for district in wanted.districts],
        "unassigned": wanted.unassigned,
        "permit_ids": None if wanted.permit_ids is None else list(wanted.permit_ids),
        "extension": wanted.extension,
    }
    used = [sql.SQL(CONDITIONS[name]) for name, value in values.items() if value or (name, value) == ("permit_ids", [])]
    return (sql.SQL(" WHERE ") + sql.SQL(" AND ").join(used) if used else sql.SQL("")), values


def _literal(text: str) -> str:
    """``%`` and ``_`` as people mean them, not as patterns."""
    return "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in text)


def statuses(chosen: Sequence[str]) -> tuple[str, ...]:
    """``open`` stands for all that still wants somebody's work."""
    return tuple(dict.fromkeys(name for word in chosen for name in (OPEN if word == "open" else (word,))))
