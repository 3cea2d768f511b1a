"""What the doors offer is what the domain takes."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from services.permits.application.commanding import CONTRACTORS, NAMES, OFFERS, Asked, build, may, offers
from services.permits.application.desk import Filed
from services.permits.application.house import House
from services.permits.domain.case import Case, Status
from services.permits.domain.decisions import decide
from services.permits.domain.errors import RefusedError
from services.permits.domain.events import ExtensionRequested
from services.permits.domain.people import Actor
from tests.unit.services.permits.makers import CLERK, at, content, context

HOUSE = House("de-mainz", "Straßenverkehrsbehörde Mainz")
VALUES = {
    "reason": "weil",
    "end": datetime(2026, 4, 1, tzinfo=UTC),
    "measures": [
        {"key": "1", "kind": "detour", "street": "Rheinstraße", "start": at(5),
         "geometry": {"type": "Point", "coordinates": (8.27, 50.0)}}
    ],
}  # fmt: skip


def possible(case: Case, name: str) -> bool:
    """Whether the state of the case, not the input, lets the command through."""
    values = VALUES if name == "amend" else {k: v for k, v in VALUES.items() if k != "measures"}
    command = build(name, Asked(values, CLERK, Filed("0d5b7d5e-6a4c-5c62-9a53-0c1f6c1c9a11", case, ()), HOUSE))
    try:
        decide(case, command, context(at(10)))
    except RefusedError as refused:
        return not refused.code.startswith("case_")
    return True


@pytest.mark.parametrize("status", [status for status in get_args(Status) if status != "new"])
def test_a_case_is_offered_exactly_the_commands_that_it_takes(status: Status) -> None:
    asked = ExtensionRequested(actor=CLERK, at=at(6), ends={"x": at(28)})
    begun = at(5) if status in {"active", "interrupted"} else None
    case = Case(status=status, content=content(), started_at=begun, extension=asked)
    assert set(OFFERS.get(status, ())) == {name for name in NAMES if possible(case, name)}


def test_a_contractor_is_offered_only_its_own_commands() -> None:
    contractor, stranger = Actor("contractor", "k-1"), Actor("importer", "k-2")
    case = Case(status="approved", content=content())
    assert offers(case, contractor, at(6)) == ("start", "end", "extend")
    assert offers(case, stranger, at(6)) == ()
    assert offers(Case(status="submitted", content=content()), contractor, at(1)) == ("amend", "withdraw")
    assert offers(Case(status="ended", content=content()), contractor, at(6)) == ("revert-end",)
    assert [name for name in NAMES if may(contractor, name)] == [name for name in NAMES if name in CONTRACTORS]
    assert all(may(CLERK, name) for name in NAMES)


def test_nothing_is_offered_that_would_be_refused_whatever_is_typed() -> None:
    contractor, case = Actor("contractor", "k-1"), Case(status="approved", content=content())
    assert offers(case, contractor, at(3)) == ("extend",)
    assert offers(case, contractor, at(4)) == ("start", "extend"), "setting up begins on the day before"
    assert offers(case, CLERK, at(3)) == ("start", "extend", "amend", "revoke")
    assert {"interrupt", "end"} < set(offers(case, CLERK, at(5)))
    early = Case(status="active", content=content(), started_at=at(3))
    assert {"interrupt", "end", "revert-start"} < set(offers(early, CLERK, at(3)))
    assert "revert-start" not in offers(Case(status="active", content=content()), CLERK, at(6))
