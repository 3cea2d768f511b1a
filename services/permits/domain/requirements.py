"""What a command needs to be carried out: the state it takes, sound content, instants that can be. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from services.permits.domain import commands
from services.permits.domain.case import Case, Status
from services.permits.domain.content import Content
from services.permits.domain.errors import Problem, RefusedError
from services.permits.domain.measures import ServiceArea, check_permit, lacks
from services.permits.domain.people import Actor

# Setting up begins on the day before; who closes a street earlier than that does it without an order (§ 45 StVO).
EARLIEST = timedelta(days=1)
LONG_AGO = timedelta(days=366)
SENTENCES: dict[Status, str] = {
    "new": "Der Vorgang ist noch nicht beantragt.",
    "draft": "Der Antrag ist noch nicht eingereicht.",
    "submitted": "Der Vorgang ist noch nicht angeordnet.",
    "approved": "Der Vorgang ist bereits angeordnet.",
    "rejected": "Der Antrag ist bereits abgelehnt.",
    "withdrawn": "Der Antrag ist zurückgezogen.",
    "active": "Die Arbeiten laufen bereits.",
    "interrupted": "Die Arbeiten sind unterbrochen.",
    "ended": "Die Arbeiten sind bereits beendet.",
    "revoked": "Die Anordnung ist aufgehoben.",
}


class Context(NamedTuple):
    """What a decision needs besides case and command: the present (aware) and where this city lies."""

    now: datetime
    area: ServiceArea


def require(case: Case, *allowed: Status, **instead: str) -> None:
    """Refuse unless the case stands at one of ``allowed``; ``instead`` words a status better for this command."""
    if case.status not in allowed:
        raise RefusedError(f"case_{case.status}", instead.get(case.status, SENTENCES[case.status]))


def sound(content: Content, context: Context, *, imported: bool) -> None:
    """Refuse content that is wrong; what an import leaves unsaid is its source's business."""
    problems = check_permit(content.permit, context.area)
    if not imported:
        problems += lacks(content.permit, content.notes)
    if problems:
        raise RefusedError("invalid", problems[0].sentence, problems[0].field, tuple(problems))


def not_of_long_ago(content: Content, context: Context, before: Content | None = None) -> None:
    """Who applies for works of long ago has mistyped the year; only files bring old orders.

    What ``before`` said already was asked then.
    """
    said = {measure.start for measure in before.permit.measures} if before else set()
    problems = tuple(
        Problem(f"measures[{index}].start", "Der Beginn liegt mehr als ein Jahr zurück. Stimmt das Jahr?")
        for index, measure in enumerate(content.permit.measures)
        if measure.start < context.now - LONG_AGO and measure.start not in said
    )
    if problems:
        raise RefusedError("long_ago", problems[0].sentence, problems[0].field, problems)


def reasoned(text: str) -> str:
    if not text.strip():
        raise RefusedError("reason_missing", "Bitte geben Sie eine Begründung an.", "reason")
    return text.strip()


def aware(moment: datetime, field: str) -> None:
    if moment.utcoffset() is None:
        raise RefusedError("no_offset", "Der Zeitpunkt hat keine Zeitzone.", field)


def reported(case: Case, report: commands.Report, context: Context) -> datetime:
    """The instant of a report: not in the future, not before the last report."""
    at = report.at or context.now
    aware(at, "at")
    if at > context.now:
        raise RefusedError("in_the_future", "Der gemeldete Zeitpunkt liegt in der Zukunft.", "at")
    if case.reported_at is not None and at < case.reported_at:
        raise RefusedError("before_last_report", "Der Zeitpunkt liegt vor der letzten Meldung.", "at")
    return at


def not_too_early(case: Case, actor: Actor, at: datetime) -> None:
    """Works begin with their order; who ordered them may say that they began before."""
    if not may_begin(case, actor, at):
        sentence = "Die Anordnung gilt noch nicht. Ein früherer Beginn muss erst angeordnet werden."
        raise RefusedError("before_order", sentence, "at")


def may_begin(case: Case, actor: Actor, at: datetime) -> bool:
    return actor.role != "contractor" or at >= begin(case) - EARLIEST


def under_way(case: Case, report: commands.Report, context: Context) -> datetime:
    """The instant of a report about works that run."""
    at = reported(case, report, context)
    if not runs(case, at):
        sentence = "Die Arbeiten haben noch nicht begonnen: Die Anordnung gilt noch nicht, kein Beginn ist gemeldet."
        raise RefusedError("not_started", sentence, "at")
    return at


def runs(case: Case, at: datetime) -> bool:
    """Whether works may have begun: a start was reported, or the ordered period has begun."""
    return case.started_at is not None or at >= begin(case)


def begin(case: Case) -> datetime:
    """Of the ordered period."""
    return min(measure.start for measure in case.known.permit.measures)
