"""What an import asks of a case: submit and approve what is new, amend what changed, nothing else."""

from datetime import datetime

import msgspec

from services.permits.domain.case import Case
from services.permits.domain.commands import Amend, Approve, Command, Submit
from services.permits.domain.content import Content
from services.permits.domain.people import Actor, Personal, Sealed


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """One permit of an imported file.

    ``digest`` is that of its content without personal fields (a digest of a name would tell it to whoever guesses).
    ``refused`` are the keys of measures that the file names but that could not be read: what the case knows of them
    stays, since a broken feature is no end of a measure.
    """

    content: Content
    digest: str
    source: str
    received_via: str = "import"
    received_at: datetime | None = None
    personal: Personal | None = None
    refused: tuple[str, ...] = ()

    @property
    def permit_id(self) -> str:
        return self.content.permit.permit_id


def steps(case: Case, incoming: Incoming, actor: Actor, sealed: Sealed | None = None) -> tuple[Command, ...]:
    """The commands that bring ``case`` to what ``incoming`` says; none if it was imported before and is unchanged.

    ``sealed`` is ``incoming.personal`` under its person's key.
    """
    if case.status == "new":
        submit = Submit(
            actor=actor,
            content=incoming.content,
            personal=sealed,
            received_via=incoming.received_via,
            received_at=incoming.received_at,
            source=incoming.source,
            digest=incoming.digest,
        )
        return (submit, Approve(actor=actor))
    if case.digest == incoming.digest:
        return ()
    return (Amend(actor=actor, content=_merged(case.known, incoming), personal=sealed, digest=incoming.digest),)


def _merged(known: Content, incoming: Incoming) -> Content:
    """The incoming content in the known order: a work area is named after its first measure, for life."""
    new = {measure.key: measure for measure in incoming.content.permit.measures}
    kept = [
        new.pop(measure.key, measure)
        for measure in known.permit.measures
        if measure.key in new or measure.key in incoming.refused
    ]
    permit = msgspec.structs.replace(incoming.content.permit, measures=(*kept, *new.values()))
    conditions = incoming.content.conditions or known.conditions
    return msgspec.structs.replace(incoming.content, permit=permit, conditions=conditions)
