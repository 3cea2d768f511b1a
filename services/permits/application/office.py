"""The office: all that API and pages ask of this service, in one place, so that both obey the same rules."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from services.permits.application.commanding import Asked, build, offers
from services.permits.application.desk import Desk, Filed, UnknownCaseError
from services.permits.application.drafting import draft
from services.permits.application.filters import SavedFilters
from services.permits.application.form_drafts import FormDrafts
from services.permits.application.house import House
from services.permits.application.intake import Intake, TakenIn
from services.permits.application.onsite import BURNING, OnSiteReads
from services.permits.application.people import People
from services.permits.application.queue import Page, Queue, Wanted
from services.permits.application.streets import StreetRegister
from services.permits.application.text import clean
from services.permits.domain.case import IN_FORCE, NEW
from services.permits.domain.commands import Amend, Draft, Erase, Submit
from services.permits.domain.content import Content
from services.permits.domain.decisions import decide
from services.permits.domain.errors import RefusedError
from services.permits.domain.imports import Incoming
from services.permits.domain.measures import ServiceArea
from services.permits.domain.people import Actor, Personal
from services.permits.domain.requirements import Context
from shared.clock import Clock, from_micros
from shared.events.ids import named

EXTENSION = "leitbake-permits"

# What an application over the internet says of its receipt.
UNTOLD = (None, "", "online")

log = structlog.get_logger()


def caller(role: str, name: str, organisations: Sequence[str] = ()) -> Actor:
    """Who stands at the door, as the events will say. Colleagues of one organisation share its cases."""
    if role in {"clerk", "admin"}:
        return Actor("clerk", name)
    whole = [organisation for organisation in organisations if "*" not in organisation]
    return Actor("contractor", whole[0] if whole else name)


@dataclass(frozen=True)
class Office:
    """Thread-safe. Every method raises ``DatabaseUnavailableError``; those that change a case wait until it shows.

    ``streets`` gives the register of the imported city, None where there is none.
    """

    desk: Desk
    queue: Queue
    people: People
    intake: Intake
    house: House
    area: ServiceArea
    clock: Clock
    onsite: OnSiteReads
    filters: SavedFilters
    form_drafts: FormDrafts
    streets: Callable[[], StreetRegister | None]

    def read(self, permit_id: str, actor: Actor) -> Filed:
        """A case that ``actor`` may see; of others' cases a contractor does not learn that they exist.

        A draft is its author's alone. Raises ``UnknownCaseError``.
        """
        filed = self.desk.read(permit_id)
        own = filed.owner is not None and filed.owner.id == actor.id
        if not own and (actor.role != "clerk" or filed.case.status == "draft"):
            raise UnknownCaseError(permit_id)
        return filed

    def seen_by(self, actor: Actor, wanted: Wanted) -> Wanted:
        """``wanted``, narrowed to what ``actor`` may see."""
        return wanted._replace(reader=actor.id) if actor.role == "clerk" else wanted._replace(owner=actor.id)

    def page(self, wanted: Wanted, actor: Actor) -> Page:
        """A page of the cases that ``actor`` may see, what burns first."""
        burning = self.onsite.in_state(*BURNING)
        return self.queue.page(self.seen_by(actor, wanted), from_micros(self.clock.now()), burning)

    def offers(self, filed: Filed, actor: Actor) -> tuple[str, ...]:
        """The commands that ``actor`` may give now."""
        return offers(filed.case, actor, from_micros(self.clock.now()))

    def submit(
        self,
        values: Mapping[str, Any],
        personal: Personal | None,
        actor: Actor,
        key: str | None = None,
        *,
        as_draft: bool = False,
    ) -> Filed:
        """A new case; ``values`` as of ``draft``, with ``permit_number``, ``received_via``, ``received_at``.

        ``key``: the same one again by the same caller is the same case. ``as_draft``: kept until the command
        ``submit``. Raises ``RefusedError``.
        """
        values, personal = clean(values), _cleaned(personal)
        permit_id = named(f"submit|{actor.id}|{key}") if key else str(uuid.uuid4())
        content = self._draft(values, permit_id, actor)
        sealed = self.people.seal(permit_id, personal)
        command = (Draft if as_draft else Submit)(
            actor=actor,
            content=content,
            personal=sealed,
            received_via=values.get("received_via") or "online",
            received_at=values.get("received_at"),
        )
        return self._settled(self.desk.execute(permit_id, command, key=_scoped(key, actor, "apply")))

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
        """Carry out the command ``name`` on a case that ``read`` gave; raises what ``Desk.execute`` raises.

        ``personal`` goes over what is kept, as ``People.seal`` has it.
        """
        values, personal = clean(values), _cleaned(personal)
        _entitled(values, actor)
        if name in {"submit", "approve"}:
            self._free(values.get("permit_number"), filed.permit_id)
        scoped = _scoped(key, actor, name)
        # Made again, a command is built on what it was first built on: else it would not be the same.
        known = self.desk.at_attempt(filed.permit_id, scoped) or filed
        if expected is None and name == "approve":
            expected = filed.version  # nobody orders what has changed since it was read
        if known.case.status not in IN_FORCE and values.get("applicant"):
            personal = msgspec.structs.replace(personal or Personal(), applicant_name="")
        before = self.people.open(known.case.personal) if personal else None
        sealed = self.people.seal(filed.permit_id, personal, before if isinstance(before, Personal) else None)
        command = build(name, Asked(values, actor, known, self.house, sealed))
        return self._settled(self.desk.execute(filed.permit_id, command, expected=expected, key=scoped))

    def take_in(self, permits: Sequence[Incoming], actor: Actor) -> list[TakenIn]:
        """Import; the report per permit, in their order."""
        taken = self.intake.take_in(permits, Actor("importer", actor.id))
        last = max((one.position for one in taken), default=0)
        if last:
            self.queue.settle(last)
        return taken

    def erase(self, filed: Filed, actor: Actor) -> Filed:
        """Destroy the key of the case's personal data, for ever, and note it in the case; again changes nothing.

        The doors let administrators alone do it. The note comes second, so that no case says what is not so; after a
        crash or a ``ConcurrencyError`` in between, erasing again writes it.
        """
        erased = self.people.erase(filed.permit_id)
        log.info("personal_data_erased", permit_id=filed.permit_id, by=actor.id, erased=erased)
        return self._settled(self.desk.execute(filed.permit_id, Erase(actor=actor)))

    def preview(self, values: Mapping[str, Any], actor: Actor, filed: Filed | None = None) -> Content:
        """The content that ``values`` would give a new case, or ``filed``; raises ``RefusedError`` as sending would."""
        values, context = clean(values), Context(from_micros(self.clock.now()), self.area)
        if filed is None or filed.case.status == "draft":
            content = self._draft(values, filed.permit_id if filed else str(uuid.UUID(int=0)), actor)
            decide(NEW, Submit(actor=actor, content=content), context)
        else:
            content = draft(values, filed.permit_id, self.house, filed.case.known)
            decide(filed.case, Amend(actor=actor, content=content), context)
        return content

    def _draft(self, values: Mapping[str, Any], permit_id: str, actor: Actor) -> Content:
        _entitled(values, actor)
        self._free(values.get("permit_number"), permit_id)
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


def _entitled(values: Mapping[str, Any], actor: Actor) -> None:
    """What the authority alone says of a case; raises ``RefusedError`` where an applicant says it."""
    if actor.role == "clerk":
        return
    if values.get("permit_number"):
        raise RefusedError("number_not_yours", "Das Aktenzeichen vergibt die Behörde.", "permit_number")
    if values.get("authorisation") == "own":
        raise RefusedError("authorisation_not_yours", "Eine eigene Anordnung trifft nur die Behörde.", "authorisation")
    for name in ("received_via", "received_at"):
        if values.get(name) not in UNTOLD:
            raise RefusedError("receipt_not_yours", "Den Eingang eines Antrags trägt die Behörde ein.", name)


def _cleaned(personal: Personal | None) -> Personal | None:
    return msgspec.convert(clean(msgspec.to_builtins(personal)), Personal) if personal else None


def _scoped(key: str | None, actor: Actor, name: str) -> str | None:
    """A key belongs to its caller and to one command."""
    return f"{actor.id}|{name}|{key}" if key else None
