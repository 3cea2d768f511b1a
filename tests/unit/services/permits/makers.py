"""A permit, a case, an actor: what the tests of the permit service begin with."""

from datetime import UTC, datetime
from typing import Any

from services.permits.domain import commands, ids
from services.permits.domain.case import NEW, Case, fold
from services.permits.domain.content import Content
from services.permits.domain.decisions import decide_all
from services.permits.domain.measures import GERMANY
from services.permits.domain.people import Actor
from services.permits.domain.requirements import Context
from shared.contracts.base import LineString
from shared.contracts.permits import Measure, Permit

CLERK = Actor("clerk", "u-17")
PERMIT_ID = "0d5b7d5e-6a4c-5c62-9a53-0c1f6c1c9a11"
LINE = LineString(((8.2700, 50.0000), (8.2710, 50.0005)))


def at(day: int, hour: int = 7) -> datetime:
    """An instant of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def measure(key: str = "1", **changes: Any) -> Measure:
    members: dict[str, Any] = {
        "id": ids.measure_id("de-mainz", PERMIT_ID, key),
        "key": key,
        "kind": "road_closed",
        "geometry": LINE,
        "street": "Große Bleiche",
        "start": at(5),
        "end": at(20),
    }
    return Measure(**{**members, **changes})


def permit(*measures: Measure, **changes: Any) -> Permit:
    members: dict[str, Any] = {
        "permit_id": PERMIT_ID,
        "permit_number": "61-2026-0815",
        "authority": "Straßenverkehrsbehörde Mainz",
        "measures": measures or (measure(),),
    }
    return Permit(**{**members, **changes})


def content(*measures: Measure, **changes: Any) -> Content:
    return Content(permit=permit(*measures, **changes))


def context(now: datetime) -> Context:
    return Context(now, GERMANY)


def approved(*measures: Measure) -> Case:
    """Submitted and approved on 1 March."""
    wanted = (commands.Submit(actor=CLERK, content=content(*measures)), commands.Approve(actor=CLERK))
    return fold(decide_all(NEW, wanted, context(at(1))))
