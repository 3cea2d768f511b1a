"""Times for people: Europe/Berlin in words, deadlines in working days, and what they type into a date field."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from services.permits.application.queue import Row
from shared.clock import BERLIN
from shared.holidays import is_holiday
from shared.words import thousands

MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip
FAR_DAYS = 60


class NoSuchTimeError(ValueError):
    """Not a wall time of Berlin; the message is German."""


def moment(instant: datetime) -> str:
    """``5. März 2026, 07:00 Uhr``."""
    local = instant.astimezone(BERLIN)
    return f"{day(local.date())}, {local:%H:%M} Uhr"


def clock_time(instant: datetime) -> str:
    """``14:03 Uhr``."""
    return f"{instant.astimezone(BERLIN):%H:%M} Uhr"


def day(when: date) -> str:
    return f"{when.day}. {MONTHS[when.month - 1]} {when.year}"


def local_input(instant: datetime | None) -> str:
    """The value of a ``datetime-local`` field."""
    return "" if instant is None else instant.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")


def from_local(text: str) -> datetime:
    """What was typed into a ``datetime-local`` field (or as ``5.3.2026 7:00``), Berlin's wall time.

    An hour that comes twice means the first one. Raises ``NoSuchTimeError``.
    """
    for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"):
        try:
            local = datetime.strptime(text.strip(), form).replace(tzinfo=BERLIN)
        except ValueError:
            continue
        return _existing(local)
    raise NoSuchTimeError("Bitte geben Sie Datum und Uhrzeit an, etwa 05.03.2026 07:00.")


def _existing(local: datetime) -> datetime:
    try:
        instant = local.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise NoSuchTimeError("Dieses Datum liegt außerhalb des möglichen Bereichs.") from error
    if instant.astimezone(BERLIN).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoSuchTimeError("Diese Uhrzeit gibt es an diesem Tag nicht: Die Uhren werden umgestellt.")
    return local


def days_text(days: Iterable[date]) -> str:
    """``24.12.2026, 31.12.2026``, as ``from_days`` reads it."""
    return ", ".join(f"{when.day:02}.{when.month:02}.{when.year:04}" for when in days)


def from_days(text: str) -> list[date]:
    """Days as they are typed, separated by commas, semicolons or blanks, each once. Raises ``NoSuchTimeError``."""
    words = re.split(r"[,;\s]+", re.sub(r"\.\s+", ".", text))
    return sorted({_day(word) for word in words if word})


def _day(word: str) -> date:
    """``24.12.2026`` or ``2026-12-24``."""
    form = "%d.%m.%Y" if re.fullmatch(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", word) else "%Y-%m-%d"
    try:
        return datetime.strptime(word, form).replace(tzinfo=BERLIN).date()
    except ValueError as error:
        raise NoSuchTimeError(f"„{word[:20]}“ ist kein Tag. Bitte etwa 24.12.2026, 31.12.2026 angeben.") from error


def outside_period(days: Iterable[date], start: datetime | None, end: datetime | None) -> list[date]:
    """Those that Berlin's calendar has before ``start`` or after ``end``; none while these are in the wrong order."""
    first = start.astimezone(BERLIN).date() if start else date.min
    last = end.astimezone(BERLIN).date() if end else date.max
    return [when for when in days if first <= last and not first <= when <= last]


def due_words(row: Row, now: datetime, land: str) -> str:
    """How long until the case burns: until works begin undecided, or the ordered period is over.

    ``land``: whose public holidays are no working days.
    """
    if row.due_at is None:
        return "offenes Ende" if row.status in {"approved", "active", "interrupted"} else "—"
    what = "Beginn" if row.status == "submitted" else "Ende"
    due, today = row.due_at.astimezone(BERLIN).date(), now.astimezone(BERLIN).date()
    if row.due_at <= now and what == "Beginn":
        return f"Beginn war {'heute' if due == today else _ago((today - due).days)}, noch nicht angeordnet"
    if row.due_at <= now:
        return f"{what} {'heute' if due == today else _ago((today - due).days)} überschritten"
    left = 0 if (due - today).days > FAR_DAYS else working_days(today, due, land)
    if not left:
        return f"{what} {_on(due, today)}"
    return (
        f"noch {left} {'Werktag' if left == 1 else 'Werktage'} bis {'zum Beginn' if what == 'Beginn' else 'zum Ende'}"
    )


def begin_words(row: Row, now: datetime) -> str:
    """When ordered works begin that have not begun; empty where they have, or where the deadline tells it."""
    if row.status != "approved" or row.starts_at <= now:
        return ""
    begin, today = row.starts_at.astimezone(BERLIN).date(), now.astimezone(BERLIN).date()
    return f"Beginn {_on(begin, today)}"


def _on(when: date, today: date) -> str:
    return {0: "heute", 1: "morgen", 2: "übermorgen"}.get((when - today).days) or f"am {day(when)}"


def _ago(days: int) -> str:
    return "gestern" if days == 1 else f"vor {thousands(days)} Tagen"


def working_days(after: date, until: date, land: str) -> int:
    """Werktage: every day but Sundays and public holidays (§ 3 BUrlG); ``after`` not counted, ``until`` counted."""
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return sum(when.isoweekday() != 7 and not is_holiday(when, land) for when in days)
