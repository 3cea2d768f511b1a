"""The ledger in PostgreSQL. One publisher writes; readers see whole publications only."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.navfeed.adapters.rendering import PRODUCTS
from services.navfeed.application.ledger import Changed, Document, Entry, Known, Piece, Publication
from services.navfeed.domain.feature import Feature
from shared.clock import Micros
from shared.db.pool import Connection, Database

# The database's clock, and never before the last publication, so that ?at= finds what was served.
SQL_NOW = """
SELECT (extract(epoch FROM greatest(clock_timestamp(), (SELECT max(published_at) FROM publications))) * 1000000)::bigint
"""
SQL_SERVED = """
SELECT data FROM served JOIN pieces USING (digest)
WHERE kind = %s AND first <= %s AND (last IS NULL OR last > %s) ORDER BY id
"""
SQL_MEASURE = """
INSERT INTO measures (id, situation_id, created, removed, over, feature) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET removed = excluded.removed, over = excluded.over, feature = excluded.feature
"""

pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Feature).decode


class PostgresLedger:
    """The ``Ledger`` of the service's own schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self, tx: Connection) -> Micros:
        return int(_one(tx, SQL_NOW))

    def known(self, tx: Connection, situation_id: str) -> Mapping[str, Known]:
        rows = tx.execute("SELECT id, feature, created, removed FROM measures WHERE situation_id = %s", (situation_id,))
        return {row[0]: Known(unpack(row[1]), row[2], row[3]) for row in rows}

    def pieces_of(self, tx: Connection, situation_id: str) -> int:
        return int(_one(tx, "SELECT count(*) FROM publications WHERE situation_id = %s", (situation_id,)))

    def over(self, tx: Connection) -> Sequence[Feature]:
        return [unpack(row[0]) for row in tx.execute("SELECT feature FROM measures WHERE over ORDER BY id")]

    def write(self, tx: Connection, publication: Publication) -> int:
        p = publication
        seq = int(_one(tx, "SELECT coalesce(max(seq), 0) + 1 FROM publications"))
        values = (seq, p.published_at, p.situation_id, p.cause, p.code)
        tx.execute("INSERT INTO publications VALUES (%s, %s, %s, %s, %s)", values)
        with tx.cursor() as cursor:
            cursor.executemany("INSERT INTO frames VALUES (%s, %s, %s, %s)", [(seq, *frame) for frame in p.frames])
        for piece in p.pieces:
            _serve(tx, seq, piece)
        for changed in p.changes:
            self._note(tx, seq, p.situation_id, changed, p.pieces)
        return seq

    def _note(self, tx: Connection, seq: int, situation: str, changed: Changed, pieces: Sequence[Piece]) -> None:
        feature, removed = changed.feature, changed.change == "removed"
        data = next((p.data for p in pieces if p.id == feature.id and p.data is not None), None)
        if data is None:
            data = msgspec.json.encode({"id": feature.id, "version": feature.version})
        tx.execute(
            "INSERT INTO changes VALUES (%s, %s, %s, %s, %s)", (seq, feature.id, feature.version, changed.change, data)
        )
        over = changed.change == "ended"
        tx.execute(SQL_MEASURE, (feature.id, situation, changed.created, removed, over, pack(feature)))

    def document(self, product: str, at: datetime | None = None) -> Document | None:
        kind, separator, _ = PRODUCTS[product]
        with self._database.transaction() as tx:
            # One snapshot: the newest publication and its pieces belong together.
            tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = tx.execute(
                "SELECT seq, published_at FROM publications WHERE %(at)s::timestamptz IS NULL OR published_at <= %(at)s"
                " ORDER BY published_at DESC, seq DESC LIMIT 1",
                {"at": at},
            ).fetchone()
            if row is None:
                return None
            seq, published_at = row
            frame = tx.execute(
                "SELECT opening, closing FROM frames WHERE seq = %s AND product = %s", (seq, product), binary=True
            ).fetchone()
            if frame is None:
                return None
            pieces = [bytes(piece[0]) for piece in tx.execute(SQL_SERVED, (kind, seq, seq), binary=True)]
        return Document(frame[0] + separator.join(pieces) + frame[1], seq, published_at)

    def position(self) -> tuple[int, datetime] | None:
        with self._database.connection() as connection:
            row = connection.execute("SELECT seq, published_at FROM publications ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    def measure(self, measure_id: str) -> Entry | None:
        history = self.history(measure_id)
        return history[-1][0] if history else None

    def history(self, measure_id: str) -> Sequence[tuple[Entry, datetime, str]]:
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT seq, change, id, version, data, published_at, cause FROM changes JOIN publications USING (seq)"
                " WHERE id = %s ORDER BY version",
                (measure_id,),
            ).fetchall()
        return [(Entry(*row[:5]), row[5], row[6]) for row in rows]

    def changes(self, since: int, limit: int) -> Sequence[Entry]:
        with self._database.connection() as connection:
            # A publication is never cut in two, however long: a reader goes on by its position.
            rows = connection.execute(
                "SELECT seq, change, id, version, data FROM changes WHERE seq > %s"
                " ORDER BY seq FETCH FIRST %s ROWS WITH TIES",
                (since, limit),
            ).fetchall()
        rows.sort(key=lambda row: (row[0], row[2]))
        return [Entry(*row) for row in rows]


def _serve(tx: Connection, seq: int, piece: Piece) -> None:
    tx.execute("UPDATE served SET last = %s WHERE kind = %s AND id = %s AND last IS NULL", (seq, piece.kind, piece.id))
    if piece.data is not None:
        digest = hashlib.sha256(piece.data).digest()
        tx.execute("INSERT INTO pieces VALUES (%s, %s) ON CONFLICT DO NOTHING", (digest, piece.data))
        tx.execute(
            "INSERT INTO served (kind, id, first, digest) VALUES (%s, %s, %s, %s)", (piece.kind, piece.id, seq, digest)
        )


def _one(tx: Connection, query: str, values: Sequence[Any] = ()) -> Any:
    row = tx.execute(query, values).fetchone()
    assert row is not None, query  # noqa: S101  # aggregates always give a row
    return row[0]
