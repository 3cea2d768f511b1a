from datetime import datetime

import msgspec
import pytest

from services.permits.domain import events
from services.permits.domain.content import Content
from services.permits.domain.people import Sealed
from services.permits.domain.publish import publish
from shared.contracts import permits as public
from shared.contracts.base import REGISTRY, Contract
from shared.events.codec import PoisonError, UnknownTypeError
from tests.unit.services.permits.makers import CLERK, at, measure, permit

INTERNAL = "geheim"
CONTENT = Content(permit=permit(), notes={"1": INTERNAL}, extra={"1": {"x": INTERNAL}}, conditions=(INTERNAL,))
SEALED = Sealed("p-1", INTERNAL)
END: dict[str, datetime | None] = {measure().id: at(28)}
PAIRS = [
    (events.Drafted(actor=CLERK, at=at(1), content=CONTENT, personal=SEALED), public.PermitProgressed()),
    (events.ExtensionRequested(actor=CLERK, at=at(5), ends=END, reason=INTERNAL), public.PermitProgressed()),
    (events.ExtensionRefused(actor=CLERK, at=at(5), reason=INTERNAL), public.PermitProgressed()),
    (events.Submitted(actor=CLERK, at=at(1), content=CONTENT, personal=SEALED), public.PermitProgressed()),
    (events.Approved(actor=CLERK, at=at(1), content=CONTENT, reason=INTERNAL), public.PermitApproved(permit())),
    (events.Rejected(actor=CLERK, at=at(1), reason=INTERNAL), public.PermitProgressed()),
    (events.Corrected(actor=CLERK, at=at(1), content=CONTENT, reason=INTERNAL), public.PermitProgressed()),
    (events.Withdrawn(actor=CLERK, at=at(1), reason=INTERNAL), public.PermitProgressed()),
    (events.WorksStarted(actor=CLERK, at=at(2)), public.WorksStarted(at(2))),
    (events.WorksEnded(actor=CLERK, at=at(3)), public.WorksEnded(at(3))),
    (events.StartReverted(actor=CLERK, at=at(3), reason=INTERNAL), public.StartReverted(at(3))),
    (
        events.EndReverted(actor=CLERK, at=at(3), status="interrupted", reason=INTERNAL),
        public.EndReverted(at(3), interrupted=True),
    ),
    (events.Interrupted(actor=CLERK, at=at(4), reason=INTERNAL), public.WorksInterrupted(at(4))),
    (events.Resumed(actor=CLERK, at=at(5)), public.WorksResumed(at(5))),
    (events.Extended(actor=CLERK, at=at(6), ends=END, reason=INTERNAL), public.PermitExtended(END)),
    (
        events.Amended(actor=CLERK, at=at(6), content=CONTENT, reason=INTERNAL, personal=SEALED),
        public.PermitAmended(permit()),
    ),
    (events.Revoked(actor=CLERK, at=at(7), reason=INTERNAL), public.PermitRevoked(at(7))),
    (events.PersonalDataErased(actor=CLERK, at=at(8)), public.PermitProgressed()),
]


@pytest.mark.parametrize(("event", "told"), PAIRS, ids=lambda e: type(e).__name__)
def test_each_store_event_tells_the_world_exactly_one_thing(event: events.StoreEvent, told: Contract) -> None:
    assert publish(event) == told
    assert publish(event).TYPE in REGISTRY


@pytest.mark.parametrize("event", [event for event, _ in PAIRS], ids=lambda e: type(e).__name__)
def test_nothing_of_actor_reason_note_or_person_leaves_the_house(event: events.StoreEvent) -> None:
    wire = msgspec.json.encode(publish(event)).decode()
    assert INTERNAL not in wire
    assert CLERK.id not in wire


@pytest.mark.parametrize("event", [event for event, _ in PAIRS], ids=lambda e: type(e).__name__)
def test_a_stored_event_is_read_back_as_it_was(event: events.StoreEvent) -> None:
    assert events.decode(event.TYPE, events.encode(event)) == event


def test_every_store_event_is_told_in_these_tests() -> None:
    assert {type(event) for event, _ in PAIRS} == set(events.REGISTRY.values())
    assert all(name.startswith("permits.") and name.endswith(".v1") for name in events.REGISTRY)


def test_stored_bytes_that_are_no_event_are_poison() -> None:
    with pytest.raises(UnknownTypeError):
        events.decode("permits.unheard_of.v1", b"{}")
    with pytest.raises(PoisonError):
        events.decode("permits.revoked.v1", b"{}")


@pytest.mark.parametrize("name", ["Erika Mustermann", "erika@example.org", ""])
def test_an_actor_is_never_a_name(name: str) -> None:
    data = msgspec.json.encode({"actor": {"role": "clerk", "id": name}, "at": at(1)})
    with pytest.raises(PoisonError):
        events.decode("permits.works_started.v1", data)
