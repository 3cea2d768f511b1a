"""The measures as the live map and its list show them: everything in words is said here, the scripts only place it.

A feature's properties are an ``Item``. Words hold for a day (``gestern``): they are made once per version and day.
"""

import re
import threading
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from services.navfeed.application.documents import Served
from services.navfeed.application.ledger import Document, Entry
from services.navfeed.domain.feature import Status
from services.navfeed.web.passage import GROUP_OF, GROUPS, Group, answers
from services.navfeed.web.shown import Roadwork, Shown, parted, roadwork, roadworks, sentence
from services.navfeed.web.words import Badge, Look, badges, deviates, look, sentences
from shared.clock import BERLIN
from shared.contracts.base import Geometry
from shared.contracts.permits import MeasureKind, Traveller
from shared.geo.crs import metric_shape

RANK: dict[Status, int] = {"overrunning": 0, "active": 0, "suspended": 0, "planned": 1, "ended": 2, "cancelled": 2}
WEIGHT = list(GROUPS)
# A footway runs this near to its street's axis.
BESIDE_M = 25.0

_encode = msgspec.json.encode


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``sort``: items stand in the order of this text. ``ends``: whether lights carry the line's first and last end.

    ``ghost``: the ordered place where the lights tell of another one. ``hinders``: who does not get through freely.
    """

    id: str
    number: str
    version: int
    kind: MeasureKind
    group: Group
    look: Look
    status: Status
    late: bool = False
    start: datetime
    end: datetime | None = None
    place: str
    district: str = ""
    effect: str
    badges: list[Badge]
    words: str
    hinders: list[Traveller]
    ends: tuple[bool, bool] = (False, False)
    ghost: Geometry | None = None
    sort: str


class Listed(msgspec.Struct, frozen=True, tag_field="type", tag="Feature"):
    """A GeoJSON feature whose properties are an item."""

    id: str
    geometry: Geometry
    properties: Item


class _Made(NamedTuple):
    version: int
    day: date
    work: Roadwork
    listed: Listed
    data: bytes


def listed(work: Roadwork, now: datetime) -> Listed:
    said = work.properties
    place, effect = parted(said.headline)
    group = GROUP_OF[said.measure]
    item = Item(
        id=work.id,
        number=said.permit_number,
        version=said.version,
        kind=said.measure,
        group=group,
        look=look(said),
        status=said.status,
        late=said.status == "overrunning",
        start=said.start,
        end=said.end,
        place=place,
        district=said.district or "",
        effect=effect,
        badges=badges(said),
        words=sentence("; ".join(sentences(said, now))),
        hinders=[one.person for one in answers(said) if one.verdict != "free" and one.person != "residents"],
        ends=(said.provenance.place_from == "measured", said.provenance.place_to == "measured"),
        ghost=said.ordered.geometry if deviates(said) else None,
        sort=f"{RANK[said.status]}{WEIGHT.index(group)}{plain(said.street)} {work.id}",
    )
    return Listed(work.id, work.geometry, item)


def plain(text: str) -> str:
    """As people mean it: ``Hauptstr.`` is ``Hauptstraße``, ``Muehlgasse`` is ``Mühlgasse``; the scripts do the same."""
    folded = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return " ".join(re.sub(r"str(\.|\b)", "strasse", folded).split())


def beside(work: Roadwork, others: Iterable[Roadwork], now: datetime) -> list[Shown]:
    """Other measures of the same permit at this place, in force with it: now, or from its beginning on."""
    said, at = work.properties, max(now, work.properties.start)
    return [
        one.properties
        for one in others
        if one.id != work.id
        and one.properties.permit_number == said.permit_number
        and one.properties.start <= at
        and (one.properties.end is None or one.properties.end > at)
        and _along(work.geometry, one.geometry)
    ]


def _along(one: Geometry, other: Geometry) -> bool:
    """Whether the shorter one lies beside the longer one for half of its length or more."""
    short, long = sorted((metric_shape(one), metric_shape(other)), key=lambda shape: shape.length)
    near = short.intersection(long.buffer(BESIDE_M))
    return not near.is_empty and near.length >= short.length / 2


class Listing:
    """All measures of the newest document, sorted; thread-safe, one per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, _Made] = {}
        self._of: tuple[Served, date] | None = None
        self._items: list[Listed] = []
        self._served: Served | None = None

    def items(self, served: Served, now: datetime) -> list[Listed]:
        with self._lock:
            self._refresh(served, now)
            return self._items

    def beside(self, served: Served, work: Roadwork, now: datetime) -> list[Shown]:
        with self._lock:
            self._refresh(served, now)
            works = [made.work for made in self._made.values()]
        return beside(work, works, now)

    def document(self, served: Served, now: datetime) -> Served:
        """The same as a GeoJSON collection, kept until something is published or the day ends."""
        with self._lock:
            self._refresh(served, now)
            if self._served is None:
                pieces = [self._made[one.id].data for one in self._items]
                data = b'{"type":"FeatureCollection","features":[\n' + b",\n".join(pieces) + b"\n]}\n"
                self._served = Served(Document(data, served.seq, served.published_at))
            return self._served

    def _refresh(self, served: Served, now: datetime) -> None:
        day = now.astimezone(BERLIN).date()
        if self._of is not None and self._of[0] is served and self._of[1] == day:
            return
        self._made = {work.id: self._make(work, now, day) for work in roadworks(served.data)}
        self._items = sorted((made.listed for made in self._made.values()), key=lambda one: one.properties.sort)
        self._of, self._served = (served, day), None

    def _make(self, work: Roadwork, now: datetime, day: date) -> _Made:
        known = self._made.get(work.id)
        if known is not None and known.version == work.properties.version and known.day == day:
            return known
        made = listed(work, now)
        return _Made(work.properties.version, day, work, made, _encode(made))


def listed_data(entry: Entry, now: datetime) -> bytes:
    """A change of the ledger for the live map's own stream."""
    return _encode(listed(roadwork(entry.data), now))
