"""Importing permits: each is brought to what the file says, in one append; importing again changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import msgspec

from services.permits.application.desk import Desk, Filed, StaleError
from services.permits.application.house import House
from services.permits.application.people import People
from services.permits.application.queue import Queue
from services.permits.application.text import texts
from services.permits.domain import ids
from services.permits.domain.commands import Amend, Command
from services.permits.domain.errors import RefusedError
from services.permits.domain.imports import Incoming, steps
from services.permits.domain.people import Actor, Personal
from shared.eventstore.port import ConcurrencyError
from shared.text import unfit

# A permit of a file that does not say where it comes from may be one of ours that went out and came back.
NAMELESS_SOURCE = "import"
ATTEMPTS = 3

Effect = Literal["created", "changed", "unchanged", "refused"]


class TakenIn(NamedTuple):
    """What became of one permit; ``sentences`` say why it was refused, in German."""

    permit_id: str
    effect: Effect
    sentences: tuple[str, ...] = ()
    position: int = 0


class Intake:
    """Takes in the permits of a file, one transaction each. Thread-safe."""

    def __init__(self, desk: Desk, queue: Queue, people: People, house: House) -> None:
        self._desk, self._queue, self._people, self._house = desk, queue, people, house

    def take_in(self, permits: Sequence[Incoming], actor: Actor) -> list[TakenIn]:
        """In their order. Raises ``DatabaseUnavailableError``: what was taken in by then stays, import again."""
        return [self._one(incoming, actor) for incoming in self._at_home(permits)]

    def _at_home(self, permits: Sequence[Incoming]) -> Iterable[Incoming]:
        """A number that one of our cases has already means that case, whatever id the file leads to."""
        nameless = {p.content.permit.permit_number for p in permits if p.source == NAMELESS_SOURCE}
        holders = self._queue.holders(nameless) if nameless else {}
        for incoming in permits:
            holder = holders.get(incoming.content.permit.permit_number)
            if incoming.source == NAMELESS_SOURCE and holder is not None and holder != incoming.permit_id:
                yield self._moved(incoming, self._desk.read(holder))
            else:
                yield incoming

    def _moved(self, incoming: Incoming, filed: Filed) -> Incoming:
        permit = incoming.content.permit
        known = {measure.key: measure.id for measure in filed.case.known.permit.measures}
        measures = tuple(
            msgspec.structs.replace(
                measure,
                id=known.get(measure.key) or ids.measure_id(self._house.namespace, filed.permit_id, measure.key),
            )
            for measure in permit.measures
        )
        permit = msgspec.structs.replace(permit, permit_id=filed.permit_id, measures=measures)
        applicant, personal = filed.case.known.permit.applicant, incoming.personal
        if personal is not None and applicant is not None and personal.applicant_name == applicant:
            # Said to be an organisation when it applied, whatever its name looks like.
            permit = msgspec.structs.replace(permit, applicant=applicant)
            personal = msgspec.structs.replace(personal, applicant_name=None)
            personal = None if personal == Personal() else personal
        content = msgspec.structs.replace(incoming.content, permit=permit)
        return msgspec.structs.replace(incoming, content=content, personal=personal)

    def _one(self, incoming: Incoming, actor: Actor) -> TakenIn:
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(incoming, actor)
            except RefusedError as refused:
                told = tuple(problem.sentence for problem in refused.problems) or (refused.sentence,)
                return TakenIn(incoming.permit_id, "refused", told)
            except (ConcurrencyError, StaleError):
                continue
        return TakenIn(
            incoming.permit_id, "refused", ("Der Vorgang wird gerade von anderen geändert; bitte erneut einlesen.",)
        )

    def _attempt(self, incoming: Incoming, actor: Actor) -> TakenIn:
        said = msgspec.to_builtins((incoming.content, incoming.personal, incoming.received_via))
        if any(map(unfit, texts(said))):
            raise RefusedError("unprintable", "Die Angaben enthalten unzulässige Zeichen.")
        filed = self._desk.look_up(incoming.permit_id)
        wanted = steps(filed.case, incoming, actor)
        if not wanted or _says_nothing_new(filed, wanted, incoming):
            return TakenIn(incoming.permit_id, "unchanged")
        sealed = self._people.seal(incoming.permit_id, incoming.personal)
        done = self._desk.execute(
            incoming.permit_id, *steps(filed.case, incoming, actor, sealed), expected=filed.version
        )
        effect: Effect = "changed" if filed.history else "created"
        return TakenIn(incoming.permit_id, effect if done.position else "unchanged", (), done.position)


def _says_nothing_new(filed: Filed, wanted: Sequence[Command], incoming: Incoming) -> bool:
    """A case that was not imported has no digest: an export of it that comes back is known by its content."""
    [first, *_] = wanted
    return isinstance(first, Amend) and first.content == filed.case.content and incoming.personal is None
