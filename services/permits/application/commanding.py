"""Commands by the names of the public doors: which ones a case takes now, who may give them, how they are built."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from services.permits.application.desk import Filed
from services.permits.application.drafting import draft
from services.permits.application.house import House
from services.permits.domain import commands as c
from services.permits.domain.case import IN_FORCE, Case, Status
from services.permits.domain.people import Actor, Sealed
from services.permits.domain.requirements import may_begin, runs

# What the state of a case allows; the domain has the last word.
OFFERS: Mapping[Status, tuple[str, ...]] = {
    "draft": ("submit", "withdraw"),
    "submitted": ("approve", "reject", "amend", "withdraw"),
    "approved": ("start", "interrupt", "end", "extend", "refuse-extension", "amend", "revoke"),
    "active": ("interrupt", "end", "extend", "refuse-extension", "amend", "revert-start", "revoke"),
    "interrupted": ("resume", "end", "extend", "refuse-extension", "amend", "revert-start", "revoke"),
    "ended": ("revert-end",),
}
# Who may report may take a wrong report back.
CONTRACTORS = ("submit", "amend", "withdraw", "start", "end", "extend", "revert-start", "revert-end")
NAMES = (
    "submit", "approve", "reject", "withdraw", "start", "end", "extend", "refuse-extension", "interrupt", "resume",
    "amend", "revert-start", "revert-end", "revoke",
)  # fmt: skip


def offers(case: Case, actor: Actor, now: datetime) -> tuple[str, ...]:
    """What ``actor`` may do with the case at ``now``; nothing is offered that would be refused whatever is typed."""
    moot = _moot(case, actor, now)
    return tuple(name for name in OFFERS.get(case.status, ()) if may(actor, name) and name not in moot)


def _moot(case: Case, actor: Actor, now: datetime) -> set[str]:
    moot = {
        "revert-start": case.started_at is None,
        "refuse-extension": case.extension is None,
        "start": not may_begin(case, actor, now),
        "amend": actor.role == "contractor" and case.status in IN_FORCE,
    }
    if not runs(case, now):
        moot |= {"interrupt": True, "end": True}
    return {name for name, is_so in moot.items() if is_so}


def may(actor: Actor, name: str) -> bool:
    return actor.role == "clerk" or (actor.role == "contractor" and name in CONTRACTORS)


class Asked(NamedTuple):
    """``values`` are members of the command's struct, for ``amend`` those of ``draft``; ``sealed``: new personal data.

    ``filed`` is the case as the caller knows it.
    """

    values: Mapping[str, Any]
    actor: Actor
    filed: Filed
    house: House
    sealed: Sealed | None = None


def build(name: str, asked: Asked) -> c.Command:
    """The command ``name``; raises ``RefusedError`` for content that has the wrong form."""
    return BUILDERS[name](asked)


def _submit(asked: Asked) -> c.Command:
    """Hand in a draft, as it stands or with the content that ``values`` say."""
    case = asked.filed.case
    content = draft(asked.values, asked.filed.permit_id, asked.house) if asked.values.get("measures") else case.known
    return c.Submit(
        actor=asked.actor,
        content=content,
        personal=asked.sealed or case.personal,
        received_via=asked.values.get("received_via") or case.received_via,
        received_at=asked.values.get("received_at") or case.received_at,
    )


def _approve(asked: Asked) -> c.Command:
    values, content = asked.values, None
    if values.get("conditions") is not None and asked.filed.case.content is not None:
        content = msgspec.structs.replace(asked.filed.case.content, conditions=tuple(values["conditions"]))
    number = values.get("permit_number") or None
    return c.Approve(actor=asked.actor, content=content, permit_number=number, reason=values.get("reason") or None)


def _amend(asked: Asked) -> c.Command:
    values = asked.values if asked.actor.role == "clerk" else _by_applicant(asked)
    content = draft(values, asked.filed.permit_id, asked.house, asked.filed.case.content)
    reason = asked.values.get("reason") or None
    return c.Amend(actor=asked.actor, content=content, reason=reason, personal=asked.sealed)


def _by_applicant(asked: Asked) -> Mapping[str, Any]:
    """Conditions are the authority's, and so are notes where the applicant, who does not read them, adds none."""
    notes = asked.filed.case.known.notes
    measures = [
        {**given, "note": given.get("note") or notes.get(given.get("key") or str(number))}
        for number, given in enumerate(asked.values.get("measures", ()), 1)
    ]
    return {**asked.values, "measures": measures, "conditions": None}


def _plain(command: type[c.Command], *members: str) -> Callable[[Asked], c.Command]:
    def build_plain(asked: Asked) -> c.Command:
        return command(actor=asked.actor, **{name: asked.values[name] for name in members if asked.values.get(name)})

    return build_plain


def _with_reason(command: type[c.Reject | c.Revoke | c.RefuseExtension]) -> Callable[[Asked], c.Command]:
    def build_reasoned(asked: Asked) -> c.Command:
        return command(actor=asked.actor, reason=asked.values.get("reason") or "")

    return build_reasoned


BUILDERS: Mapping[str, Callable[[Asked], c.Command]] = {
    "submit": _submit,
    "approve": _approve,
    "reject": _with_reason(c.Reject),
    "withdraw": _plain(c.Withdraw, "reason"),
    "start": _plain(c.Start, "at"),
    "end": _plain(c.End, "at"),
    "extend": _plain(c.Extend, "end", "measures", "reason"),
    "refuse-extension": _with_reason(c.RefuseExtension),
    "interrupt": _plain(c.Interrupt, "at", "reason"),
    "resume": _plain(c.Resume, "at"),
    "amend": _amend,
    "revert-start": _plain(c.RevertStart, "reason"),
    "revert-end": _plain(c.RevertEnd, "reason"),
    "revoke": _with_reason(c.Revoke),
}
