"""What the public will read of a case: the same sentence that the feed publishes, and who is named."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from services.permits.application.desk import Filed
from services.permits.domain.case import IN_FORCE, Case
from services.permits.domain.errors import RefusedError
from services.permits.domain.requirements import EARLIEST, begin
from services.permits.web.context import caller_now, office
from services.permits.web.form import NEEDED, Form
from services.permits.web.times import moment
from services.permits.web.words import COMMANDS
from shared.clock import from_micros
from shared.contracts.permits import Control, Measure, MeasureKind, Occupation, Permit
from shared.headline import Status, headline
from shared.words import KINDS


class Told(NamedTuple):
    """A measure as ``headline`` wants to know it."""

    measure: MeasureKind
    control: Control | None
    street: str
    from_street: str | None
    to_street: str | None
    lanes_total: int | None
    lanes_closed: int | None
    residual_width_m: float | None
    speed_limit_kph: int | None
    detour: str | None
    start: datetime
    end: datetime | None
    occupation: Occupation
    status: Status


def headlines(permit: Permit, now: datetime, *, revoked: bool = False) -> list[str]:
    """A sentence per measure, as the feed would say it if the order were given now, or ``revoked``."""
    told = [_told(measure, permit, now) for measure in permit.measures]
    return [
        headline(
            one._replace(status="cancelled") if revoked else one,
            expected_days=permit.expected_days,
            house_numbers=measure.house_numbers,
        )
        for one, measure in zip(told, permit.measures, strict=True)
    ]


def headlines_now(permit: Permit) -> list[str]:
    return headlines(permit, from_micros(office().clock.now()))


def _told(measure: Measure, permit: Permit, now: datetime) -> Told:
    over = measure.end is not None and measure.end <= now
    begun = measure.start <= now and permit.occupation == "whole"
    kept = {name: getattr(measure, name) for name in Told._fields if hasattr(measure, name)}
    status: Status = "ended" if over else "active" if begun else "planned"
    return Told(measure=measure.kind, occupation=permit.occupation, status=status, **kept)


def headlines_of(form: Form, filed: Filed | None = None) -> list[str]:
    """Those of a form that is still being filled in; none until it would be accepted, ``errors`` says why.

    ``filed``: the case that the form is about, None for a new one.
    """
    values = form.merged(filed.case.known) if filed else form.values()
    if form.errors:
        return []
    try:
        content = office().preview(values, caller_now(), filed)
    except RefusedError as refused:
        form.refuse(refused)
        return []
    return headlines_now(content.permit)


def waiting(form: Form) -> str:
    """Why a form has no preview yet: something is still to come, or the first of what is wrong."""
    said = [sentence for _, sentence in form.faults]
    if not said or not set(said).isdisjoint(NEEDED.values()):
        return "Die Vorschau erscheint, sobald Art, Ort und Beginn angegeben sind."
    return f"Noch keine Vorschau: {said[0]}"


def outline(fields: Mapping[str, str]) -> str:
    """One line that tells forms that were begun apart."""
    street, kind = fields.get("measures-0-street", "").strip(), fields.get("measures-0-kind", "")
    words = [text for text in (street, KINDS.get(kind, "")) if text]
    return ", ".join(words) or fields.get("title", "").strip() or "Antrag ohne Angaben"


def consequences(case: Case, action: str, *, clerk: bool, now: datetime) -> str:
    """What follows from an action, before it is taken."""
    start = begin(case)
    early = f"Die Anordnung gilt erst ab {moment(start)}. " if start > now else ""
    when = f"als geplant, gültig ab {moment(start)}" if start > now else "gültig ab sofort"
    if action == "extend" and not clerk:
        return "Die Behörde entscheidet über die Verlängerung; bis dahin gilt das bisherige Ende."
    return {
        "submit": "Der Antrag geht an die Behörde. Veröffentlicht wird erst, was sie anordnet.",
        "approve": f"Wird sofort veröffentlicht: {when}.",
        "reject": "Der Vorgang ist damit abgeschlossen, nichts wird veröffentlicht. "
        "Ein neuer Antrag mit denselben Angaben bleibt möglich.",
        "withdraw": "Der Antrag wird geschlossen, nichts wird veröffentlicht.",
        "start": f"{early}Karte und Datenfeed zeigen die Maßnahmen als laufend. Die Meldung lässt sich zurücknehmen.",
        "interrupt": "Karte und Datenfeed zeigen die Maßnahmen als unterbrochen; die Anordnung bleibt.",
        "resume": "Karte und Datenfeed zeigen die Maßnahmen wieder als laufend.",
        "end": "Die Maßnahmen werden als beendet veröffentlicht und verschwinden nach 24 Stunden aus der Karte. "
        "Die Meldung lässt sich zurücknehmen.",
        "extend": "Das neue Ende wird sofort veröffentlicht.",
        "refuse-extension": "Das bisherige Ende bleibt.",
        "revert-start": "Die Meldung gilt als nicht gemacht, die Veröffentlichung wird berichtigt. "
        "Der Verlauf behält beides.",
        "revert-end": "Die Arbeiten laufen wieder, die Veröffentlichung wird berichtigt. Der Verlauf behält beides.",
        "revoke": "Karte und Datenfeed zeigen 24 Stunden lang, dass die Maßnahmen entfallen. "
        "Der Vorgang ist damit abgeschlossen.",
    }.get(action, "")


def later(case: Case, offered: tuple[str, ...]) -> str:
    """From when on works can be reported, where that is not yet; empty where it is."""
    if case.status != "approved" or "end" in offered:
        return ""
    if "start" not in offered:
        return f"Melden lässt sich der Beginn der Arbeiten ab dem {moment(begin(case) - EARLIEST)}."
    since = moment(begin(case))
    return f"Das Ende der Arbeiten lässt sich melden, sobald ihr Beginn gemeldet ist, sonst ab dem {since}."


def corrections(case: Case, offered: tuple[str, ...], *, clerk: bool) -> list[str]:
    """How to put right what was entered by mistake, at the present state of the case."""
    ways = {
        "revert-start": f"Beginn falsch gemeldet: „{COMMANDS['revert-start']}“, dann richtig melden.",
        "revert-end": f"Ende irrtümlich gemeldet: „{COMMANDS['revert-end']}“.",
        "resume": f"Irrtümlich als unterbrochen gemeldet: „{COMMANDS['resume']}“.",
        "amend": "Ort, Zeit oder Maßnahme falsch angeordnet: „Anordnung ändern“. Das Aktenzeichen bleibt."
        if case.status in IN_FORCE
        else "Etwas falsch beantragt: „Antrag ändern“, solange nicht entschieden ist.",
        "revoke": f"Zu Unrecht angeordnet oder nicht mehr nötig: „{COMMANDS['revoke']}“.",
    }
    if clerk and not case.extension:
        ways["extend"] = f"Verlängerung zu Unrecht abgelehnt: „{COMMANDS['extend']}“, mit dem beantragten Ende."
    found = [sentence for action, sentence in ways.items() if action in offered]
    if case.status in {"rejected", "withdrawn", "revoked"}:
        found.append("Der Vorgang bleibt geschlossen. Die Angaben lassen sich in einen neuen Antrag übernehmen.")
    return found
