from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.domain import commands, events
from services.permits.domain.case import EVOLVE, NEW, Case, Status, evolve, fold
from services.permits.domain.decisions import DECISIONS, decide, decide_all
from services.permits.domain.errors import RefusedError
from services.permits.domain.people import Actor, Sealed
from services.permits.domain.publish import PUBLISH
from services.permits.domain.requirements import SENTENCES
from shared.contracts.base import LineString
from tests.unit.services.permits.makers import CLERK, approved, at, content, context, measure

NOW = at(6)
FIRM = Actor("contractor", "firma-1")
SUBMIT = commands.Submit(actor=CLERK, content=content())
DRAFT = commands.Draft(actor=CLERK, content=content())
APPROVE = commands.Approve(actor=CLERK)
START = commands.Start(actor=CLERK)
END = commands.End(actor=CLERK)
INTERRUPT = commands.Interrupt(actor=CLERK)
RESUME = commands.Resume(actor=CLERK)
EXTEND = commands.Extend(actor=CLERK, end=at(28))
ASK = commands.Extend(actor=FIRM, end=at(27), reason="Frost")
REFUSE = commands.RefuseExtension(actor=CLERK, reason="Das Stadtfest beginnt.")
AMEND = commands.Amend(actor=CLERK, content=content(measure(side="left")))
REVOKE = commands.Revoke(actor=CLERK, reason="Gefahr im Verzug")
REJECT = commands.Reject(actor=CLERK, reason="Der Plan fehlt.")
REVERT_START = commands.RevertStart(actor=CLERK, reason="Andere Baustelle.")
REVERT_END = commands.RevertEnd(actor=CLERK)
ERASE = commands.Erase(actor=CLERK)
WITHDRAW = commands.Withdraw(actor=CLERK)


def refusal(case: Case, command: commands.Command, now: datetime = NOW) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        decide(case, command, context(now))
    return caught.value


def after(*wanted: commands.Command, now: datetime = NOW, case: Case = NEW) -> Case:
    for event in decide_all(case, wanted, context(now)):
        case = evolve(case, event)
    return case


def test_a_permit_goes_its_whole_way() -> None:
    happened = decide_all(NEW, [SUBMIT, APPROVE, START, INTERRUPT, RESUME, EXTEND, AMEND, END], context(at(6)))
    assert [event.TYPE for event in happened] == [
        "permits.submitted.v1",
        "permits.approved.v1",
        "permits.works_started.v1",
        "permits.interrupted.v1",
        "permits.resumed.v1",
        "permits.extended.v1",
        "permits.amended.v1",
        "permits.works_ended.v1",
    ]
    assert fold(happened).status == "ended"


ALLOWED: dict[Status, set[type[commands.Command]]] = {
    "new": {commands.Draft, commands.Submit},
    "draft": {commands.Submit, commands.Withdraw},
    "submitted": {commands.Approve, commands.Reject, commands.Amend, commands.Withdraw},
    "approved": {
        commands.Start, commands.End, commands.Extend, commands.Interrupt, commands.Amend, commands.Revoke,
    },
    "active": {
        commands.End, commands.Extend, commands.Interrupt, commands.Amend, commands.Revoke, commands.RevertStart,
    },
    "interrupted": {
        commands.End, commands.Extend, commands.Resume, commands.Amend, commands.Revoke, commands.RevertStart,
    },
    "ended": {commands.RevertEnd},
    "rejected": set(),
    "withdrawn": set(),
    "revoked": set(),
}  # fmt: skip
WAYS: dict[Status, list[commands.Command]] = {
    "new": [],
    "draft": [DRAFT],
    "submitted": [SUBMIT],
    "approved": [SUBMIT, APPROVE],
    "active": [SUBMIT, APPROVE, START],
    "interrupted": [SUBMIT, APPROVE, START, INTERRUPT],
    "ended": [SUBMIT, APPROVE, START, END],
    "rejected": [SUBMIT, REJECT],
    "withdrawn": [SUBMIT, WITHDRAW],
    "revoked": [SUBMIT, APPROVE, REVOKE],
}
EVERY = [
    DRAFT, SUBMIT, APPROVE, REJECT, WITHDRAW, START, END, EXTEND, INTERRUPT, RESUME, AMEND, REVOKE, REVERT_START,
    REVERT_END,
]  # fmt: skip


@pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("status", list(WAYS))
def test_a_command_is_carried_out_exactly_where_the_life_cycle_has_it(
    status: Status, command: commands.Command
) -> None:
    case = after(*WAYS[status])
    assert case.status == status
    if type(command) in ALLOWED[status]:
        assert len(decide(case, command, context(at(7)))) == 1
    else:
        error = refusal(case, command, at(7))
        assert error.code == f"case_{status}"
        assert error.field is None
        assert error.sentence.endswith(".")


def test_every_command_event_and_status_is_in_its_table() -> None:
    leaves = {t for base in (commands.Command, commands.Report) for t in base.__subclasses__()} - {commands.Report}
    assert set(DECISIONS) == leaves
    assert set(EVOLVE) == set(PUBLISH) == set(events.REGISTRY.values())
    assert set(SENTENCES) == set(WAYS)


def test_approving_twice_is_refused_in_german() -> None:
    assert refusal(approved(), APPROVE).sentence == "Der Vorgang ist bereits angeordnet."
    assert refusal(after(START, case=approved()), APPROVE).sentence == "Der Vorgang ist bereits angeordnet."


def test_a_start_in_the_future_is_refused() -> None:
    error = refusal(approved(), commands.Start(actor=CLERK, at=at(8)), at(7))
    assert (error.code, error.field) == ("in_the_future", "at")


def test_a_firm_that_begins_days_before_its_order_is_refused_and_sets_up_the_day_before() -> None:
    early = approved(measure(start=at(10), end=at(20)))
    assert refusal(early, commands.Start(actor=FIRM), at(8)).code == "before_order"
    for actor, now in ((FIRM, at(9)), (CLERK, at(8))):
        [event] = decide(early, commands.Start(actor=actor), context(now))
        assert isinstance(event, events.WorksStarted)


def test_works_of_long_ago_are_a_mistyped_year_but_in_a_file() -> None:
    old = content(measure(start=at(6).replace(year=2020), end=None))
    error = refusal(NEW, commands.Submit(actor=FIRM, content=old))
    assert (error.code, error.field) == ("long_ago", "measures[0].start")
    [event] = decide(NEW, commands.Submit(actor=CLERK, content=old, source="alt"), context(NOW))
    assert isinstance(event, events.Submitted)


def test_an_end_before_the_start_is_refused() -> None:
    case = after(commands.Start(actor=CLERK, at=at(8)), now=at(9), case=approved())
    assert refusal(case, commands.End(actor=CLERK, at=at(7)), at(9)).code == "before_last_report"


def test_an_end_without_a_reported_start_needs_the_ordered_period_to_have_begun() -> None:
    assert refusal(approved(), END, at(4)).code == "not_started"
    assert after(END, now=at(6), case=approved()).ended_at == at(6)


def test_a_resumption_before_the_interruption_is_refused() -> None:
    case = after(START, INTERRUPT, now=at(8), case=approved())
    assert refusal(case, commands.Resume(actor=CLERK, at=at(7)), at(9)).code == "before_last_report"


def test_a_start_that_was_wrong_leaves_the_order_as_it_was() -> None:
    begun = after(START, INTERRUPT, now=at(8), case=approved())
    assert after(REVERT_START, now=at(9), case=begun) == approved()
    earlier = commands.Start(actor=CLERK, at=at(6))
    assert after(REVERT_START, earlier, now=at(9), case=begun).started_at == at(6)


def test_a_start_that_nobody_reported_cannot_be_taken_back() -> None:
    going = after(INTERRUPT, RESUME, case=approved())
    assert refusal(going, REVERT_START).code == "no_report"


@pytest.mark.parametrize("way", [[], [START], [START, INTERRUPT]], ids=["approved", "active", "interrupted"])
def test_an_end_that_was_wrong_leads_back_to_where_the_works_were(way: list[commands.Command]) -> None:
    before = after(*way, now=at(6), case=approved())
    ended = after(END, now=at(9), case=before)
    assert after(REVERT_END, now=at(10), case=ended) == before
    assert after(REVERT_END, commands.End(actor=CLERK, at=at(8)), now=at(10), case=ended).ended_at == at(8)


def test_a_start_is_taken_back_only_after_the_end() -> None:
    ended = after(START, END, case=approved())
    assert refusal(ended, REVERT_START).sentence == "Nehmen Sie zuerst die Meldung des Endes zurück."
    assert after(REVERT_END, REVERT_START, case=ended) == approved()


@pytest.mark.parametrize("status", [status for status in WAYS if status != "new"])
def test_personal_data_may_be_erased_at_any_time_once_and_changes_nothing_else(status: Status) -> None:
    case = after(*WAYS[status])
    erased = after(ERASE, now=at(9), case=case)
    assert erased == msgspec.structs.replace(case, erased_at=at(9))
    assert decide(erased, ERASE, context(at(10))) == []


def test_an_erasure_between_an_end_and_its_correction_stays() -> None:
    assert after(START, END, ERASE, REVERT_END, case=approved()).erased_at == NOW


def test_a_time_without_offset_is_refused() -> None:
    naive = at(6).replace(tzinfo=None)
    assert refusal(approved(), commands.Start(actor=CLERK, at=naive)).code == "no_offset"
    assert refusal(approved(), commands.Extend(actor=CLERK, end=naive)).code == "no_offset"


@pytest.mark.parametrize(("end", "code"), [(at(19), "not_later"), (at(20), "not_later"), (at(5), "in_the_past")])
def test_an_extension_to_an_earlier_end_is_refused(end: datetime, code: str) -> None:
    assert refusal(approved(), commands.Extend(actor=CLERK, end=end)).code == code


def test_an_extension_without_names_leaves_an_earlier_phase_over() -> None:
    case = approved(measure("1", end=at(10)), measure("2"), measure("3"))
    extended = after(EXTEND, case=case)
    assert [m.end for m in extended.known.permit.measures] == [at(10), at(28), at(28)]


def test_an_extension_of_named_measures_moves_these_alone() -> None:
    case = approved(measure("1"), measure("2"))
    first = case.known.permit.measures[0].id
    extended = after(commands.Extend(actor=CLERK, end=at(28), measures=(first,)), case=case)
    assert [m.end for m in extended.known.permit.measures] == [at(28), at(20)]
    assert refusal(case, commands.Extend(actor=CLERK, end=at(28), measures=("x",))).code == "unknown_measure"


def test_what_a_contractor_asks_for_changes_nothing_until_a_clerk_decides() -> None:
    asked = after(ASK, case=approved())
    assert asked.known == approved().known
    assert asked.extension is not None
    assert (asked.status, asked.extension.ends, asked.extension.reason) == ("approved", {measure().id: at(27)}, "Frost")
    granted = after(commands.Extend(actor=CLERK), case=asked)
    assert (granted.known.permit.measures[0].end, granted.extension) == (at(27), None)
    otherwise = after(EXTEND, case=asked)
    assert (otherwise.known.permit.measures[0].end, otherwise.extension) == (at(28), None)
    refused = after(REFUSE, case=asked)
    assert (refused.known, refused.extension, refused.reason) == (asked.known, None, "Das Stadtfest beginnt.")


def test_a_second_request_takes_the_place_of_the_first() -> None:
    asked = after(ASK, commands.Extend(actor=FIRM, end=at(29)), case=approved())
    assert after(commands.Extend(actor=CLERK), case=asked).known.permit.measures[0].end == at(29)


def test_a_request_is_held_to_what_an_extension_is_held_to() -> None:
    assert refusal(approved(), commands.Extend(actor=FIRM, end=at(19))).code == "not_later"
    asked = after(ASK, case=approved())
    assert refusal(asked, commands.Extend(actor=CLERK), at(28)).code == "in_the_past"


def test_nothing_asked_for_can_be_neither_granted_nor_refused() -> None:
    assert (refusal(approved(), commands.Extend(actor=CLERK)).code, refusal(approved(), REFUSE).code) == (
        "end_missing", "no_request",
    )  # fmt: skip
    assert refusal(after(ASK, case=approved()), commands.RefuseExtension(actor=CLERK, reason=" ")).field == "reason"


def test_a_draft_may_be_wrong_and_is_checked_when_it_is_handed_in() -> None:
    wrong = content(measure(end=at(1)))
    draft = after(commands.Draft(actor=FIRM, content=wrong))
    assert draft.status == "draft"
    assert refusal(draft, commands.Submit(actor=FIRM, content=wrong)).field == "measures[0].end"
    assert after(SUBMIT, case=draft).status == "submitted"


def test_an_open_end_cannot_be_extended() -> None:
    assert refusal(approved(measure(end=None)), EXTEND).code == "open_end"


def test_an_amendment_that_changes_nothing_is_no_event() -> None:
    assert decide(approved(), commands.Amend(actor=CLERK, content=content()), context(at(6))) == []


def test_an_application_is_changed_until_it_is_decided_and_an_order_by_the_authority_alone() -> None:
    by_firm = msgspec.structs.replace(AMEND, actor=FIRM, reason="Vertippt")
    [event] = decide(after(SUBMIT), by_firm, context(NOW))
    assert (event.TYPE, PUBLISH[type(event)](event).TYPE) == (
        "permits.corrected.v1",
        "de.leitbake.permit.progressed.v1",
    )
    changed = evolve(after(SUBMIT), event)
    assert (changed.status, changed.known.permit.measures[0].side) == ("submitted", "left")
    assert after(APPROVE, case=changed).known.permit.measures[0].side == "left"
    assert refusal(approved(), by_firm).sentence == "Eine Anordnung ändert nur die Behörde."
    by_file = msgspec.structs.replace(AMEND, actor=Actor("importer", "viz"))
    assert refusal(after(SUBMIT), by_file).code == "case_submitted"


def test_a_changed_application_is_held_to_what_an_application_is_held_to() -> None:
    applied, long_ago = after(SUBMIT), content(measure(start=at(5).replace(year=2024), end=at(20)))
    assert refusal(applied, msgspec.structs.replace(AMEND, content=long_ago)).code == "long_ago"
    lain_for_long = msgspec.structs.replace(AMEND, content=content(measure(side="left")))
    assert decide(applied, lain_for_long, context(at(5).replace(year=2028))), "its start was asked for then"
    wrong = content(measure(kind="speed_limit"))
    assert refusal(applied, msgspec.structs.replace(AMEND, content=wrong)).field == "measures[0].speed_limit_kph"


def test_an_amendment_keeps_file_number_permit_and_measure_ids() -> None:
    other_number = commands.Amend(actor=CLERK, content=content(permit_number="x"))
    other_permit = commands.Amend(actor=CLERK, content=content(permit_id="x"))
    other_id = commands.Amend(actor=CLERK, content=content(measure(id="de-mainz-x")))
    assert refusal(approved(), other_number).code == "other_permit"
    assert refusal(approved(), other_permit).code == "other_permit"
    assert refusal(approved(), other_id).code == "other_measure_id"


def test_an_approval_completes_the_file_number_and_needs_one() -> None:
    applied = after(commands.Submit(actor=CLERK, content=content(permit_number="")))
    assert refusal(applied, APPROVE).field == "permit_number"
    numbered = after(commands.Approve(actor=CLERK, permit_number=" 61-1 "), case=applied)
    assert numbered.known.permit.permit_number == "61-1"


def test_an_approval_may_order_other_content_but_not_of_another_permit() -> None:
    applied = after(SUBMIT)
    ordered = after(commands.Approve(actor=CLERK, content=content(measure(kind="narrowed",
                    residual_width_m=3.0))), case=applied)  # fmt: skip
    assert ordered.known.permit.measures[0].kind == "narrowed"
    assert refusal(applied, commands.Approve(actor=CLERK, content=content(permit_id="x"))).code == "other_permit"


@pytest.mark.parametrize("wanted", [SUBMIT, APPROVE, AMEND], ids=lambda command: type(command).__name__)
def test_no_command_brings_content_that_cannot_be_published(wanted: commands.Command) -> None:
    point = (8.27, 50.0)
    bad = content(measure(geometry=LineString((point, point)), end=at(1)))
    before = {commands.Submit: NEW, commands.Approve: after(SUBMIT), commands.Amend: approved()}[type(wanted)]
    error = refusal(before, msgspec.structs.replace(wanted, content=bad))
    assert error.code == "invalid"
    assert error.field == "measures[0].geometry"
    assert {problem.field for problem in error.problems} == {"measures[0].geometry", "measures[0].end"}


def test_what_a_kind_needs_is_asked_of_people_and_not_of_imports() -> None:
    speed = content(measure(kind="speed_limit"))
    by_people = commands.Submit(actor=CLERK, content=speed)
    assert refusal(NEW, by_people).field == "measures[0].speed_limit_kph"
    approval = commands.Approve(actor=CLERK, content=speed)
    assert refusal(after(SUBMIT), approval).field == "measures[0].speed_limit_kph"
    imported = after(msgspec.structs.replace(by_people, source="viz"), APPROVE)
    assert imported.status == "approved"


@pytest.mark.parametrize("command", [commands.Reject, commands.Revoke])
def test_a_decision_against_the_applicant_needs_a_reason(
    command: type[commands.Reject] | type[commands.Revoke],
) -> None:
    case = after(SUBMIT) if command is commands.Reject else approved()
    assert refusal(case, command(actor=CLERK, reason=" ")).field == "reason"


def test_a_refused_command_in_a_row_lets_none_of_them_happen() -> None:
    with pytest.raises(RefusedError):
        decide_all(NEW, [SUBMIT, START], context(at(6)))


def test_an_amendment_keeps_the_sealed_person_unless_it_brings_another() -> None:
    sealed, other = Sealed("p-1", "eA=="), Sealed("p-1", "eQ==")
    case = after(msgspec.structs.replace(SUBMIT, personal=sealed), APPROVE)
    assert after(AMEND, case=case).personal == sealed
    assert after(msgspec.structs.replace(AMEND, personal=other), case=case).personal == other


@given(st.lists(st.tuples(st.sampled_from(EVERY), st.integers(min_value=0, max_value=60)), max_size=12))
def test_whatever_is_asked_the_reports_never_run_backwards(asked: list[tuple[commands.Command, int]]) -> None:
    case, hours = NEW, 0
    for command, wait in asked:
        hours += wait
        now = at(5 + hours // 24, hours % 24)
        try:
            happened = decide(case, command, context(now))
        except RefusedError:
            continue
        for event in happened:
            before, case = case.reported_at, evolve(case, event)
            assert event.at <= now
            corrected = isinstance(event, events.StartReverted | events.EndReverted)
            assert corrected or before is None or (case.reported_at is not None and case.reported_at >= before)
        assert case.status != "new"
