"""A permit, its lights and a log, as short as tests want them; and strategies over all of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from services.navfeed.domain.feature import Feature
from services.navfeed.domain.publisher import Publisher, SituationUpdate
from services.navfeed.domain.rows import Row
from shared.clock import SECOND_US, Micros, to_micros
from shared.contracts.base import Contract, LineString, Point, Polygon
from shared.contracts.permits import Measure, MeasureKind, Permit, PermitApproved
from shared.contracts.sites import MeasuredExtent, SiteEvent
from shared.contracts.topics import PERMITS, SITES
from shared.eventlog.port import Partition, Record
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.projection.protocols import Rows

LINE = LineString(((8.2600, 50.0000), (8.2610, 50.0000), (8.2620, 50.0000)))
AREA = Polygon((((8.26, 50.0), (8.263, 50.0), (8.263, 50.0003), (8.26, 50.0003), (8.26, 50.0)),))
POINT = Point((8.26, 50.0))
PERMIT_ID = "p1"
SITE_ID = "p1-a"
NAMESPACE = "de-mainz"


def at(text: str) -> datetime:
    """``"03-02 08:00"`` of 2026, UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


START, END = at("03-02 08:00"), at("03-13 16:00")


def measure(**changes: Any) -> Measure:
    plain: dict[str, Any] = {
        "id": "de-mainz-m1",
        "key": "1",
        "kind": "road_closed",
        "geometry": LINE,
        "street": "Rheinstraße",
        "start": START,
        "end": END,
    }
    return Measure(**(plain | changes))


def permit(*measures: Measure, **changes: Any) -> Permit:
    plain: dict[str, Any] = {
        "permit_id": PERMIT_ID,
        "permit_number": "AO-2026-17",
        "authority": "Landeshauptstadt Mainz, Straßenverkehrsbehörde",
    }
    return Permit(measures=measures or (measure(),), **(plain | changes))


def site(event: type[SiteEvent], when: str, **changes: Any) -> SiteEvent:
    plain: dict[str, Any] = {
        "site_id": SITE_ID,
        "permit_id": PERMIT_ID,
        "measure_ids": ("de-mainz-m1",),
        "at": at(when),
        "lights": ("LT-1", "LT-2"),
    }
    return event(**(plain | changes))


def extent(east_m: float = 0.0, **changes: Any) -> MeasuredExtent:
    """The ordered line, moved to the east, carried by lights at both ends."""
    shift = east_m / (111_195.0 * 0.6427876)
    plain: dict[str, Any] = {
        "measure_id": "de-mainz-m1",
        "line": LineString(tuple((lon + shift, lat) for lon, lat in LINE.coordinates)),
        "accuracy_m": 4.2,
        "deviation_m": abs(east_m),
        "place_from": "measured",
        "place_to": "measured",
    }
    return MeasuredExtent(**(plain | changes))


class PlainRows(dict[str, Any], Rows):
    """Rows as the runner gives them, over JSON, so that what cannot be stored is noticed."""

    def __init__(self) -> None:
        super().__init__()
        self.awake: set[str] = set()

    def __setitem__(self, key: str, row: Any) -> None:
        self.awake.add(key)
        super().__setitem__(key, msgspec.json.decode(msgspec.json.encode(row), type=Row))

    def prefixed(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self if key.startswith(prefix)))


class Feed:
    """Drives a ``Publisher`` as the grid runner does: records and timers in the order of log time."""

    def __init__(self) -> None:
        self.publisher = Publisher(NAMESPACE)
        self.rows = PlainRows()
        self.updates: list[tuple[Micros, SituationUpdate]] = []
        self._versions: dict[str, int] = {}

    def tell(self, when: str, fact: Contract) -> list[Feature]:
        """``fact`` arrives at log time ``when``; the features that the permit has then."""
        now = to_micros(at(when))
        self.until(now)
        event = self._event(fact, now)
        topic = SITES.name if isinstance(fact, SiteEvent) else PERMITS.name
        decoded = self.publisher.decode(event)
        if decoded is not None:
            self.publisher.fold(self.rows, decoded, Record(Partition(topic, 0), 0, now, event))
        self._decide(now)
        return self.features

    def at(self, when: str) -> list[Feature]:
        """Let time pass up to and including ``when``."""
        self.until(to_micros(at(when)) + 1)
        return self.features

    def until(self, end: Micros) -> None:
        while (due := min((row.due for row in self.rows.values() if row.due is not None), default=end)) < end:
            self.rows.awake |= {key for key, row in self.rows.items() if row.due is not None and row.due <= due}
            self._decide(due)

    @property
    def features(self) -> list[Feature]:
        return list(self.updates[-1][1].features) if self.updates else []

    def _decide(self, now: Micros) -> None:
        awake = sorted(self.rows.awake)
        output = self.publisher.decide(self.rows, awake, now)
        self.rows.awake = set()
        self.updates += [(now, update) for update in output.writes]

    def _event(self, fact: Contract, now: Micros) -> Event:
        stream = f"site:{fact.site_id}" if isinstance(fact, SiteEvent) else f"permit:{PERMIT_ID}"
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        time = now - SECOND_US
        return Event(
            id=f"{stream}/{version}",
            type=fact.TYPE,
            stream=stream,
            version=version,
            time=time,
            recorded=now,
            data=encode(fact),
        )


def published(feature: Feature, version: int = 1, version_time: datetime | None = None) -> Feature:
    """As the ledger hands it to a renderer."""
    return replace(feature, version=version, version_time=version_time or at("03-01 12:00"))


def features_of(*measures: Measure, now: str = "03-05 12:00", **changes: Any) -> list[Feature]:
    """Published features of a permit approved in February."""
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(*measures, **changes)))
    return [published(feature) for feature in feed.at(now)]


KINDS: tuple[MeasureKind, ...] = get_args(MeasureKind)

lon = st.floats(8.0, 8.6)
lat = st.floats(49.8, 50.2)
lines = st.lists(st.tuples(lon, lat), min_size=2, max_size=6).map(lambda ps: LineString(tuple(ps)))
points = st.tuples(lon, lat).map(Point)
areas = st.lists(st.tuples(lon, lat), min_size=3, max_size=6).map(lambda ps: Polygon(((*ps, ps[0]),)))
texts = st.text(max_size=20)
widths = st.none() | st.floats(0, 20)
counts = st.none() | st.integers(-1, 30)
times_of_day = st.none() | st.times().map(lambda time: time.strftime("%H:%M"))
starts = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of a strategy are naive


@st.composite
def measures(draw: st.DrawFn, number: int = 1) -> Measure:
    start = draw(starts)
    return Measure(
        id=f"de-mainz-m{number}",
        key=str(number),
        kind=draw(st.sampled_from(KINDS)),
        geometry=draw(st.one_of(lines, points, areas)),
        street=draw(texts),
        direction=draw(st.sampled_from(["both", "forward", "backward"])),
        start=start,
        end=draw(st.none() | st.timedeltas(timedelta(hours=-1), timedelta(days=400)).map(lambda d: start + d)),
        daily_from=draw(times_of_day),
        daily_to=draw(times_of_day),
        weekdays=draw(st.none() | st.lists(st.integers(1, 7), max_size=7).map(tuple)),
        except_dates=tuple(draw(st.lists(st.dates(start.date(), start.date() + timedelta(days=30)), max_size=3))),
        control=draw(st.none() | st.sampled_from(["signals", "flagging", "priority_signs"])),
        lanes_total=draw(counts),
        lanes_closed=draw(counts),
        residual_width_m=draw(widths),
        speed_limit_kph=draw(st.none() | st.integers(5, 100)),
        side=draw(st.none() | st.sampled_from(["left", "right", "both"])),
        house_numbers=draw(st.none() | texts),
        from_street=draw(st.none() | texts),
        to_street=draw(st.none() | texts),
        affects=tuple(draw(st.lists(st.sampled_from(["car", "truck", "bus", "bicycle", "foot"]), unique=True))),
        exempt=tuple(draw(st.lists(st.sampled_from(["residents", "bus", "bicycle", "emergency"]), unique=True))),
        detour=draw(st.none() | texts),
    )
