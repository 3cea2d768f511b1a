"""What becomes of a command: events, or a refusal in German. Pure; the present is given.

Reports are facts: they may come late and about a start nobody reported (lights detect it), but never about the future
and never from before the last report.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from services.permits.domain import commands, events
from services.permits.domain.case import IN_FORCE, Case, Status, evolve
from services.permits.domain.errors import RefusedError
from services.permits.domain.people import Role
from services.permits.domain.requirements import (
    Context,
    aware,
    not_of_long_ago,
    not_too_early,
    reasoned,
    reported,
    require,
    sound,
    under_way,
)
from shared.contracts.permits import Permit

Events = list[events.StoreEvent]
AMENDABLE: dict[Role, tuple[Status, ...]] = {
    "clerk": ("submitted", *IN_FORCE),
    "contractor": ("submitted",),
    "importer": IN_FORCE,
}


def decide(case: Case, command: commands.Command, context: Context) -> Events:
    """The events of ``command``; empty if there is nothing to change. Raises ``RefusedError``."""
    return DECISIONS[type(command)](case, command, context)


def decide_all(case: Case, wanted: Iterable[commands.Command], context: Context) -> Events:
    """The events of several commands in a row, for one append. Raises ``RefusedError``; then none of them happens."""
    happened: Events = []
    for command in wanted:
        new = decide(case, command, context)
        for event in new:
            case = evolve(case, event)
        happened += new
    return happened


def _draft(case: Case, command: commands.Draft, context: Context) -> Events:
    """What it says is checked once it is handed in."""
    require(case, "new", draft="Diesen Entwurf gibt es schon.")
    return [
        events.Drafted(
            actor=command.actor,
            at=context.now,
            content=command.content,
            personal=command.personal,
            received_via=command.received_via,
            received_at=command.received_at,
        )
    ]


def _submit(case: Case, command: commands.Submit, context: Context) -> Events:
    require(case, "new", "draft", submitted="Der Vorgang ist bereits beantragt.")
    sound(command.content, context, imported=command.source is not None)
    if command.source is None:
        not_of_long_ago(command.content, context)
    return [
        events.Submitted(
            actor=command.actor,
            at=context.now,
            content=command.content,
            personal=command.personal,
            received_via=command.received_via,
            received_at=command.received_at,
            source=command.source,
            digest=command.digest,
        )
    ]


def _approve(case: Case, command: commands.Approve, context: Context) -> Events:
    ordered = "Der Vorgang ist bereits angeordnet."
    require(case, "submitted", active=ordered, interrupted=ordered)
    content = command.content or case.known
    number = (command.permit_number or content.permit.permit_number).strip()
    if not number:
        raise RefusedError("number_missing", "Das Aktenzeichen fehlt.", "permit_number")
    if content.permit.permit_id != case.known.permit.permit_id:
        raise RefusedError("other_permit", "Der Inhalt gehört zu einem anderen Vorgang.", "permit_id")
    content = msgspec.structs.replace(content, permit=msgspec.structs.replace(content.permit, permit_number=number))
    sound(content, context, imported=case.source is not None)
    return [events.Approved(actor=command.actor, at=context.now, content=content, reason=command.reason)]


def _reject(case: Case, command: commands.Reject, context: Context) -> Events:
    require(case, "submitted")
    return [events.Rejected(actor=command.actor, at=context.now, reason=reasoned(command.reason))]


def _withdraw(case: Case, command: commands.Withdraw, context: Context) -> Events:
    ordered = "Der Vorgang ist bereits angeordnet; die Anordnung kann nur aufgehoben werden."
    require(case, "draft", "submitted", approved=ordered)
    return [events.Withdrawn(actor=command.actor, at=context.now, reason=command.reason)]


def _start(case: Case, command: commands.Start, context: Context) -> Events:
    require(case, "approved", interrupted="Der Beginn der Arbeiten ist bereits gemeldet.")
    at = reported(case, command, context)
    not_too_early(case, command.actor, at)
    return [events.WorksStarted(actor=command.actor, at=at)]


def _end(case: Case, command: commands.End, context: Context) -> Events:
    require(case, *IN_FORCE)
    return [events.WorksEnded(actor=command.actor, at=under_way(case, command, context))]


def _revert_start(case: Case, command: commands.RevertStart, context: Context) -> Events:
    require(case, "active", "interrupted", ended="Nehmen Sie zuerst die Meldung des Endes zurück.")
    if case.started_at is None:
        raise RefusedError("no_report", "Ein Beginn der Arbeiten ist nicht gemeldet.")
    return [events.StartReverted(actor=command.actor, at=context.now, reason=command.reason)]


def _revert_end(case: Case, command: commands.RevertEnd, context: Context) -> Events:
    require(case, "ended")
    status = case.before_end.status if case.before_end else "approved"
    back = msgspec.convert(status, events.Running)
    return [events.EndReverted(actor=command.actor, at=context.now, status=back, reason=command.reason)]


def _interrupt(case: Case, command: commands.Interrupt, context: Context) -> Events:
    require(case, "approved", "active", interrupted="Die Arbeiten sind bereits unterbrochen.")
    at = under_way(case, command, context)
    return [events.Interrupted(actor=command.actor, at=at, reason=command.reason)]


def _resume(case: Case, command: commands.Resume, context: Context) -> Events:
    require(case, "interrupted", approved="Die Arbeiten sind nicht unterbrochen.")
    return [events.Resumed(actor=command.actor, at=reported(case, command, context))]


def _extend(case: Case, command: commands.Extend, context: Context) -> Events:
    """A clerk extends; everybody else asks for it."""
    require(case, *IN_FORCE)
    asked = case.extension.ends if case.extension is not None else {}
    end = command.end or next(iter(asked.values()), None)
    if end is None:
        raise RefusedError("end_missing", "Bitte geben Sie das neue Ende an.", "end")
    named = command.measures or (tuple(asked) if command.end is None else _last(case.known.permit))
    ends = _new_ends(case.known.permit, named, end, context)
    event = events.Extended if command.actor.role == "clerk" else events.ExtensionRequested
    return [event(actor=command.actor, at=context.now, ends=ends, reason=command.reason)]


def _new_ends(permit: Permit, named: tuple[str, ...], end: datetime, context: Context) -> dict[str, datetime | None]:
    aware(end, "end")
    if end <= context.now:
        raise RefusedError("in_the_past", "Das neue Ende liegt in der Vergangenheit.", "end")
    ends = {measure.id: measure.end for measure in permit.measures}
    for name in named:
        if name not in ends:
            raise RefusedError("unknown_measure", f"Der Vorgang hat keine Maßnahme {name}.", "measures")
        old = ends[name]
        if old is None:
            raise RefusedError("open_end", "Das Ende ist offen und lässt sich nicht verlängern.", "end")
        if end <= old:
            raise RefusedError("not_later", "Das neue Ende muss nach dem bisherigen liegen.", "end")
    return dict.fromkeys(sorted(set(named)), end)


def _refuse_extension(case: Case, command: commands.RefuseExtension, context: Context) -> Events:
    require(case, *IN_FORCE)
    if case.extension is None:
        raise RefusedError("no_request", "Es ist keine Verlängerung beantragt.")
    return [events.ExtensionRefused(actor=command.actor, at=context.now, reason=reasoned(command.reason))]


def _last(permit: Permit) -> tuple[str, ...]:
    """The measures that end last: an earlier phase stays over when the permit is extended."""
    ends = [measure.end for measure in permit.measures]
    last = None if None in ends else max(end for end in ends if end is not None)
    return tuple(measure.id for measure in permit.measures if measure.end == last)


def _amend(case: Case, command: commands.Amend, context: Context) -> Events:
    """An applicant changes what is not decided yet, a file what is ordered, a clerk both."""
    require(
        case,
        *AMENDABLE.get(command.actor.role, ()),
        **dict.fromkeys(IN_FORCE, "Eine Anordnung ändert nur die Behörde."),
    )
    old, new = case.known.permit, command.content.permit
    if (new.permit_id, new.permit_number) != (old.permit_id, old.permit_number):
        raise RefusedError("other_permit", "Das Aktenzeichen eines Vorgangs ändert sich nicht.", "permit_number")
    ids = {measure.key: measure.id for measure in old.measures}
    if any(ids.get(measure.key, measure.id) != measure.id for measure in new.measures):
        raise RefusedError("other_measure_id", "Eine bekannte Maßnahme behält ihre Kennung.", "measures")
    sound(command.content, context, imported=case.source is not None)
    if command.content == case.content and command.personal is None and command.digest in {None, case.digest}:
        return []
    if case.status == "submitted":
        return [_correction(case, command, context)]
    return [
        events.Amended(
            actor=command.actor,
            at=context.now,
            content=command.content,
            reason=command.reason,
            personal=command.personal,
            digest=command.digest,
        )
    ]


def _correction(case: Case, command: commands.Amend, context: Context) -> events.Corrected:
    if case.source is None:
        not_of_long_ago(command.content, context, case.known)
    return events.Corrected(
        actor=command.actor,
        at=context.now,
        content=command.content,
        reason=command.reason,
        personal=command.personal,
    )


def _revoke(case: Case, command: commands.Revoke, context: Context) -> Events:
    require(case, *IN_FORCE, revoked="Die Anordnung ist bereits aufgehoben.")
    return [events.Revoked(actor=command.actor, at=context.now, reason=reasoned(command.reason))]


def _erase(case: Case, command: commands.Erase, context: Context) -> Events:
    if case.erased_at is not None:
        return []
    return [events.PersonalDataErased(actor=command.actor, at=context.now)]


DECISIONS: dict[type[commands.Command], Callable[[Case, Any, Context], Events]] = {
    commands.Draft: _draft,
    commands.Submit: _submit,
    commands.Approve: _approve,
    commands.Reject: _reject,
    commands.Withdraw: _withdraw,
    commands.Start: _start,
    commands.End: _end,
    commands.RevertStart: _revert_start,
    commands.RevertEnd: _revert_end,
    commands.Extend: _extend,
    commands.RefuseExtension: _refuse_extension,
    commands.Interrupt: _interrupt,
    commands.Resume: _resume,
    commands.Amend: _amend,
    commands.Revoke: _revoke,
    commands.Erase: _erase,
}
