"""Instants in addresses: RFC 3339 with offset, nothing looser."""

import re
from datetime import UTC, datetime

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
