"""Instants in addresses: RFC 3339 with offset, nothing looser."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.web.conditional import LIVE, PAST
from shared.web.problems import ProblemError

AT: dict[str, Any] = {
    "in": "query",
    "name": "at",
    "schema": {"type": "string", "format": "date-time"},
    "description": "Zeitreise: was zu diesem Zeitpunkt ausgeliefert wurde (RFC 3339 mit Zeitzone)",
}
# A publication that was under way at an instant may still be committed a little later.
SETTLED = timedelta(minutes=1)
FORM = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+ -]\d\d:\d\d)", re.ASCII)


def instant(text: str) -> datetime:
    """The instant in UTC; raises ``ValueError`` with a German sentence.

    A blank before the offset counts as ``+``: that is what an address makes of a plus that nobody escaped.
    """
    if not FORM.fullmatch(text):
        raise ValueError("at: Hier wird ein Zeitpunkt mit Zeitzone erwartet (etwa 2026-03-02T07:00:00+01:00).")
    try:
        return datetime.fromisoformat(text[:10] + "T" + text[11:].upper().replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("at: Diesen Zeitpunkt gibt es nicht.") from error


def past(text: str, now: datetime) -> tuple[datetime, str]:
    """The instant that ``?at=`` names, and how its answer may be cached; raises ``ProblemError`` (400)."""
    try:
        when = instant(text)
    except ValueError as error:
        raise ProblemError(400, detail=str(error)) from error
    if when > now:
        raise ProblemError(400, detail="at: Der Zeitpunkt liegt in der Zukunft.")
    return when, PAST if now - when >= SETTLED else LIVE
