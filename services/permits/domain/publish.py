"""What the world is told of a store event: exactly one contract event each, of the same stream and version."""

from collections.abc import Callable
from typing import Any

from services.permits.domain import events
from shared.contracts import permits as public
from shared.contracts.base import Contract


def publish(event: events.StoreEvent) -> Contract:
    """The public side of ``event``; pure, and ``PermitProgressed`` where nothing in it is public."""
    return PUBLISH[type(event)](event)


def _progressed(_: events.StoreEvent) -> Contract:
    return public.PermitProgressed()


def _approved(event: events.Approved) -> Contract:
    return public.PermitApproved(event.content.permit)


def _amended(event: events.Amended) -> Contract:
    return public.PermitAmended(event.content.permit)


def _extended(event: events.Extended) -> Contract:
    return public.PermitExtended(event.ends)


PUBLISH: dict[type[events.StoreEvent], Callable[[Any], Contract]] = {
    events.Drafted: _progressed,
    events.Submitted: _progressed,
    events.Corrected: _progressed,
    events.Approved: _approved,
    events.Rejected: _progressed,
    events.Withdrawn: _progressed,
    events.WorksStarted: lambda event: public.WorksStarted(event.at),
    events.WorksEnded: lambda event: public.WorksEnded(event.at),
    events.StartReverted: lambda event: public.StartReverted(event.at),
    events.EndReverted: lambda event: public.EndReverted(event.at, interrupted=event.status == "interrupted"),
    events.Interrupted: lambda event: public.WorksInterrupted(event.at),
    events.Resumed: lambda event: public.WorksResumed(event.at),
    events.Extended: _extended,
    events.ExtensionRequested: _progressed,
    events.ExtensionRefused: _progressed,
    events.Amended: _amended,
    events.Revoked: lambda event: public.PermitRevoked(event.at),
    events.PersonalDataErased: _progressed,
}
