"""The office: all that API and pages ask of this service, in one place, so that both obey the same rules."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from services.permits.application.commanding import Asked, build
from services.permits.application.desk import Desk, Filed, UnknownCaseError
from services.permits.application.drafting import draft
from services.permits.application.house import House
from services.permits.application.intake import Intake, TakenIn
from services.permits.application.people import People
from services.permits.application.queue import Queue, Wanted
from services.permits.application.text import clean
from services.permits.domain.case import NEW
from services.permits.domain.commands import Submit
from services.permits.domain.content import Content
from services.permits.domain.decisions import Context, decide
from services.permits.domain.errors import RefusedError
from services.permits.domain.imports import Incoming
from services.permits.domain.measures import ServiceArea
from services.permits.domain.people import Actor, Personal
from shared.clock import Clock, from_micros
from shared.events.codec import NAMESPACE

EXTENSION = "leitbake-permits"

log = structlog.get_logger()


def caller(role: str, name: str, organisations: Sequence[str] = ()) -> Actor:
    """Who stands at the door, as the events will say. Colleagues of one organisation share its cases."""
    if role in {"clerk", "admin"}:
        return Actor("clerk", name)
    whole = [organisation for organisation in organisations if "*" not in organisation]
    return Actor("contractor", whole[0] if whole else name)


@dataclass(frozen=True)
class Office:
    """Thread-safe. Every method raises ``DatabaseUnavailableError``; those that change a case wait until it shows."""

    desk: Desk
    queue: Queue
    people: People
    intake: Intake
    house: House
    area: ServiceArea
    clock: Clock

    def read(self, permit_id: str, actor: Actor) -> Filed:
        """A case that ``actor`` may see; of others' cases a contractor does not learn that they exist.

        Raises ``UnknownCaseError``.
        """
        filed = self.desk.read(permit_id)
        if actor.role != "clerk" and (filed.owner is None or filed.owner.id != actor.id):
            raise UnknownCaseError(permit_id)
        return filed

    def seen_by(self, actor: Actor, wanted: Wanted) -> Wanted:
        """``wanted``, narrowed to what ``actor`` may see."""
        return wanted if actor.role == "clerk" else wanted._replace(owner=actor.id)

    def submit(
        self, values: Mapping[str, Any], personal: Personal | None, actor: Actor, key: str | None = None
    ) -> Filed:
        """A new case; ``values`` as of ``draft``, with ``permit_number``, ``received_via``, ``received_at``.

        ``key``: the same one again by the same caller is the same case. Raises ``RefusedError``.
        """
        values, personal = clean(values), _cleaned(personal)
        permit_id = str(uuid.uuid5(NAMESPACE, f"submit|{actor.id}|{key}") if key else uuid.uuid4())
        content = self._draft(values, permit_id, actor)
        sealed = self.people.seal(permit_id, personal)
        command = Submit(
            actor=actor,
            content=content,
            personal=sealed,
            received_via=values.get("received_via") or "online",
            received_at=values.get("received_at"),
        )
        return self._settled(self.desk.execute(permit_id, command, key=_scoped(key, actor, "submit")))

    def command(
        self,
        filed: Filed,
        name: str,
        values: Mapping[str, Any],
        actor: Actor,
        *,
        personal: Personal | None = None,
        expected: int | None = None,
        key: str | None = None,
    ) -> Filed:
        """Carry out the command ``name`` on a case that ``read`` gave; raises what ``Desk.execute`` raises."""
        values, personal = clean(values), _cleaned(personal)
        if name == "approve":
            self._free(values.get("permit_number"), filed.permit_id)
        sealed = self.people.seal(filed.permit_id, personal)
        command = build(name, Asked(values, actor, filed, self.house, sealed))
        scoped = _scoped(key, actor, name)
        return self._settled(self.desk.execute(filed.permit_id, command, expected=expected, key=scoped))

    def take_in(self, permits: Sequence[Incoming], actor: Actor) -> list[TakenIn]:
        """Import; the report per permit, in their order."""
        taken = self.intake.take_in(permits, Actor("importer", actor.id))
        last = max((one.position for one in taken), default=0)
        if last:
            self.queue.settle(last)
        return taken

    def erase(self, filed: Filed, actor: Actor) -> bool:
        """Destroy the key of the case's personal data, for ever; whether there was one."""
        erased = self.people.erase(filed.permit_id)
        log.info("personal_data_erased", permit_id=filed.permit_id, by=actor.id, erased=erased)
        return erased

    def preview(self, values: Mapping[str, Any], actor: Actor) -> Content:
        """The content that ``values`` would give a new case; raises ``RefusedError`` as ``submit`` would."""
        content = self._draft(clean(values), str(uuid.UUID(int=0)), actor)
        decide(NEW, Submit(actor=actor, content=content), Context(from_micros(self.clock.now()), self.area))
        return content

    def _draft(self, values: Mapping[str, Any], permit_id: str, actor: Actor) -> Content:
        number = values.get("permit_number")
        if number and actor.role != "clerk":
            raise RefusedError("number_not_yours", "Das Aktenzeichen vergibt die Behörde.", "permit_number")
        self._free(number, permit_id)
        return draft(values, permit_id, self.house)

    def _free(self, number: str | None, permit_id: str) -> None:
        """Two cases with one number would be one permit in every export. Two at the same instant may slip through."""
        holder = self.queue.holders([number.strip()]).get(number.strip()) if number and number.strip() else None
        if holder not in {None, permit_id}:
            raise RefusedError("number_taken", "Das Aktenzeichen ist bereits vergeben.", "permit_number")

    def _settled(self, filed: Filed) -> Filed:
        if filed.position:
            self.queue.settle(filed.position)
        return filed


def _cleaned(personal: Personal | None) -> Personal | None:
    return msgspec.convert(clean(msgspec.to_builtins(personal)), Personal) if personal else None


def _scoped(key: str | None, actor: Actor, name: str) -> str | None:
    """A key belongs to its caller and to one command."""
    return f"{actor.id}|{name}|{key}" if key else None
