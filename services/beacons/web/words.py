"""The words of the fleet pages: kinds, states, alarms and instants in German. Pure: ``now`` is given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.clock import BERLIN

KINDS = {
    "warning_light": "Warnleuchte",
    "delineator": "Leitbake",
    "barrier": "Absperrschranke",
    "signal": "Signalgeber",
    "sign": "Schild",
    "trailer": "Anhänger",
    "other": "Sonstiges",
}
LAMPS = {"on": "leuchtet", "off": "aus", "fault": "defekt", "unknown": "unbekannt"}
ALARMS = {
    "moved_away": "Vom Platz bewegt",
    "became_silent": "Ohne Signal",
    "fell": "Umgefallen",
    "battery_low": "Batterie schwach",
    "lamp_failed": "Lampe defekt",
    "recovered": "Wieder in Ordnung",
    "not_set_up": "Nicht eingerichtet",
    "unpermitted_site_suspected": "Arbeitsstelle ohne Anordnung vermutet",
    "overrunning": "Frist überschritten",
    "deviation": "Lage weicht ab",
}
SITES = {
    "set_up": "eingerichtet",
    "silent": "ohne Signal",
    "cleared": "abgebaut",
    "not_set_up": "nicht eingerichtet",
    "suspected": "ohne Anordnung vermutet",
}


def stamp(instant: datetime | None, now: datetime) -> str:
    """``heute 14:03 Uhr``, ``gestern 23:59 Uhr``, ``02.03.2026, 14:03 Uhr``; a dash for never."""
    if instant is None:
        return "–"  # noqa: RUF001  # a dash
    local = instant.astimezone(BERLIN)
    apart = (now.astimezone(BERLIN).date() - local.date()).days
    day = {0: "heute", 1: "gestern"}.get(apart) or f"{local:%d.%m.%Y},"
    return f"{day} {local:%H:%M} Uhr"


def states(row: Mapping[str, Any]) -> list[str]:
    """What is to be said of a light, troubles first."""
    said = [
        ("ohne Signal", row["silent_since"] is not None),
        ("umgefallen", row["fallen"]),
        ("Lampe defekt", row["lamp_failed"]),
        ("Batterie schwach", row["battery_low"]),
        ("vom Platz bewegt", row["moved_at"] is not None),
        ("steht", row["standing_since"] is not None),
        (f"Lampe {LAMPS[row['lamp']]}", row["lamp"] in {"on", "off"}),
        ("abgemeldet", not row["registered"]),
    ]
    return [words for words, so in said if so] or ["noch nichts gehört"]
