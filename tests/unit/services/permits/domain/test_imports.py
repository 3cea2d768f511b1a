from collections.abc import Sequence

import msgspec
import pytest

from services.permits.domain import events
from services.permits.domain.case import NEW, Case, evolve
from services.permits.domain.content import Content
from services.permits.domain.decisions import decide_all
from services.permits.domain.errors import RefusedError
from services.permits.domain.imports import Incoming, steps
from services.permits.domain.people import Actor, Sealed
from shared.contracts.permits import Measure
from tests.unit.services.permits.makers import at, context, measure, permit

IMPORTER = Actor("importer", "viz")


def incoming(digest: str, *measures: Measure, refused: tuple[str, ...] = ()) -> Incoming:
    return Incoming(content=Content(permit=permit(*measures)), digest=digest, source="viz", refused=refused)


def bring(case: Case, file: Incoming) -> tuple[Case, Sequence[events.StoreEvent]]:
    happened = decide_all(case, steps(case, file, IMPORTER, Sealed("p-1", "eA==")), context(at(1)))
    for event in happened:
        case = evolve(case, event)
    return case, happened


def test_a_new_permit_is_submitted_and_approved_by_the_importer() -> None:
    case, happened = bring(NEW, incoming("a"))
    assert [type(event) for event in happened] == [events.Submitted, events.Approved]
    assert {event.actor for event in happened} == {IMPORTER}
    assert (case.status, case.source, case.received_via, case.personal) == (
        "approved", "viz", "import", Sealed("p-1", "eA=="),
    )  # fmt: skip


def test_importing_again_changes_nothing() -> None:
    case, _ = bring(NEW, incoming("a"))
    assert bring(case, incoming("a")) == (case, [])


def test_changed_content_is_an_amendment_once() -> None:
    case, _ = bring(NEW, incoming("a"))
    case, happened = bring(case, incoming("b", measure(street="Kleine Bleiche")))
    assert [type(event) for event in happened] == [events.Amended]
    assert bring(case, incoming("b", measure(street="Kleine Bleiche"))) == (case, [])


def test_measures_keep_their_order_and_new_ones_follow() -> None:
    case, _ = bring(NEW, incoming("a", measure("b"), measure("a")))
    case, _ = bring(case, incoming("b", measure("0"), measure("a"), measure("b")))
    assert [m.key for m in case.known.permit.measures] == ["b", "a", "0"]


def test_a_measure_that_cannot_be_read_this_time_is_not_ended_by_it() -> None:
    case, _ = bring(NEW, incoming("a", measure("1"), measure("2"), measure("3")))
    case, _ = bring(case, incoming("b", measure("1"), refused=("2",)))
    assert [m.key for m in case.known.permit.measures] == ["1", "2"]


def test_conditions_that_no_file_knows_outlive_an_import() -> None:
    first = incoming("a")
    ordered = msgspec.structs.replace(first.content, conditions=("Zufahrt freihalten",))
    case, _ = bring(NEW, msgspec.structs.replace(first, content=ordered))
    case, _ = bring(case, incoming("b", measure(street="Kleine Bleiche")))
    assert case.known.conditions == ("Zufahrt freihalten",)


def test_a_change_to_an_ended_permit_is_refused_in_words() -> None:
    case, _ = bring(NEW, incoming("a"))
    ended = evolve(case, events.WorksEnded(actor=IMPORTER, at=at(6)))
    assert bring(ended, incoming("a")) == (ended, [])
    with pytest.raises(RefusedError, match="bereits beendet"):
        bring(ended, incoming("b"))
