"""The words of the fleet pages: kinds, states, alarms, reasons and instants in German. Pure: ``now`` is given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.beacons.application.fleet_alarms import Acknowledgement
from services.beacons.application.fleet_binding import Binding
from services.beacons.application.fleet_light import Fate, SeenFix, Verdict
from services.beacons.domain.gate import german
from services.beacons.domain.stay import NEAR_M, NEAR_SIGMAS
from shared.clock import BERLIN
from shared.contracts import devices as d
from shared.contracts.base import Contract
from shared.web.role_words import ROLE_WORDS
from shared.words import listed

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
STATES = {
    "stoerung": "mit Störung",
    "ohne-signal": "ohne Signal",
    "umgefallen": "umgefallen",
    "lampe-defekt": "Lampe defekt",
    "batterie": "Batterie schwach",
    "bewegt": "vom Platz bewegt",
    "leuchtet": "leuchtet",
    "aus": "Lampe aus",
    "neu": "noch ohne Standort",
    "frei": "frei für neue Vorgänge",
    "unverwendet": "mit nicht verwendeten Meldungen",
}
TROUBLES = {"silent": "ohne Signal", "fallen": "umgefallen", "battery": "Batterie schwach", "lamp": "Lampe defekt"}


def stamp(instant: datetime | None, now: datetime) -> str:
    """``heute 14:03 Uhr``, ``gestern 23:59 Uhr``, ``02.03.2026, 14:03 Uhr``; a dash for never."""
    if instant is None:
        return "–"
    local = instant.astimezone(BERLIN)
    apart = (now.astimezone(BERLIN).date() - local.date()).days
    day = {0: "heute", 1: "gestern"}.get(apart) or f"{local:%d.%m.%Y},"
    return f"{day} {local:%H:%M} Uhr"


def exactly(instant: datetime) -> str:
    """``02.03.2026, 14:03:07 MEZ``, for those who compare with their own records."""
    local = instant.astimezone(BERLIN)
    return f"{local:%d.%m.%Y, %H:%M:%S} {'MESZ' if local.dst() else 'MEZ'}"


def metres(value: float, decimals: int = 1) -> str:
    """``3,5 m``; from 100 m on without decimals, from a kilometre on ``1,2 km``."""
    if value >= 1_000:
        return f"{value / 1_000:.1f} km".replace(".", ",")
    return f"{value:.{0 if value >= 100 else decimals}f} m".replace(".", ",")


def about(value: float) -> str:
    """A distance as people say it: ``5 m``, ``40 m``, ``1,2 km``."""
    return metres(value, 0) if value < 20 or value >= 1_000 else f"{round(value / 5) * 5} m"


def alarm(kind: str, detail: Mapping[str, Any]) -> str:
    """The alarm's name, with its size where it has one."""
    if kind == "deviation" and detail.get("deviation_m") is not None:
        return f"Lage weicht um etwa {about(detail['deviation_m'])} ab"
    if kind == "battery_low" and detail.get("battery_pct") is not None:
        return f"{ALARMS[kind]} ({detail['battery_pct']:.0f} %)"
    return ALARMS[kind]


def wgs84(lon: float, lat: float) -> str:
    """``50.001200° N, 8.262100° O``."""
    return f"{lat:.6f}° N, {lon:.6f}° O"


def sentence(words: str) -> str:
    """With a capital at the beginning; the rest stays as it is."""
    return words[:1].upper() + words[1:]


def states(row: Mapping[str, Any]) -> list[str]:
    """What is to be said of a light, troubles first."""
    said = [
        ("ohne Signal", row["silent_since"] is not None),
        ("umgefallen", row["fallen"]),
        ("Lampe defekt", row["lamp_failed"]),
        ("Batterie schwach", row["battery_low"]),
        ("vom Platz bewegt", row["moved_at"] is not None),
        ("aus dem Lager unterwegs", _on_its_way(row)),
        ("steht", row["standing_since"] is not None),
        (f"Lampe {LAMPS[row['lamp']]}", row["lamp"] in {"on", "off"}),
        ("abgemeldet", not row["registered"]),
    ]
    return [words for words, so in said if so] or ["noch nichts gehört"]


def shown(row: Mapping[str, Any]) -> str:
    """What everybody is told of a light; the live map's scripts say the same (map/lights.ts)."""
    said = [
        ("ohne Signal", row["silent_since"] is not None),
        ("vom Platz bewegt", row["moved_at"] is not None),
        ("umgefallen", row["fallen"]),
        ("Lampe defekt", row["lamp"] == "fault"),
    ]
    return ", ".join(words for words, so in said if so) or LAMPS[row["lamp"]]


def _on_its_way(row: Mapping[str, Any]) -> bool:
    """It left a stand that it was free to leave."""
    return row["lon"] is not None and row["standing_since"] is None and row["moved_at"] is None


def verdict(fix: SeenFix) -> str:
    """What became of a fix, and why."""
    if fix.verdict == "outlier":
        return f"Ausreißer: {metres(fix.distance_m)} vom Standort, erlaubt sind {metres(fix.allowed_m)}"
    return {
        "used": "verwendet",
        "replaced": "war verwendet, durch neuere abgelöst",
        "earlier": "vor dem jetzigen Standort",
        "moving": "nicht verwendet: Das Gerät meldete Bewegung",
        "too_fast": "verworfen: in der vergangenen Zeit nicht erreichbar",
    }[fix.verdict]


def fate(became: Fate) -> str:
    """What became of a raw ping's position."""
    if isinstance(became, SeenFix):
        return verdict(became)
    told: Mapping[str, str] = {
        "pending": "noch nicht verarbeitet",
        "thinned": "nicht verwendet: Aus denselben zwei Minuten zählt eine andere",
        "forgotten": "älter als alle Positionen, auf denen der Standort beruht",
    }
    return told.get(became) or german(became)


VERDICTS: Mapping[Verdict, str] = {
    "used": "verwendet",
    "replaced": "durch neuere abgelöst",
    "earlier": "vor dem jetzigen Standort",
    "outlier": "Ausreißer",
    "moving": "in Bewegung",
    "too_fast": "unerreichbar fern",
}


def tally(fixes: Sequence[SeenFix]) -> str:
    """``12 verwendet, 20 durch neuere abgelöst und 2 Ausreißer``: together all fixes of the table."""
    counts = Counter(fix.verdict for fix in fixes)
    return listed([f"{counts[one]} {said}" for one, said in VERDICTS.items() if counts[one]])


def every(seconds: int | None) -> str:
    """How often a light speaks: ``alle 10 s``, ``alle 10 Minuten``; empty where nobody said."""
    if not seconds:
        return ""
    return f"alle {seconds} s" if seconds < 120 else f"alle {round(seconds / 60)} Minuten"


def battery(low: float, high: float, first: datetime, now: datetime) -> str:
    between = f"immer {high:.0f} %" if round(low) == round(high) else f"zwischen {low:.0f} und {high:.0f} %"
    return f"seit {stamp(first, now)} {between}"


def gate_rule() -> str:
    return f"Grenze für Ausreißer: {NEAR_M:.0f} m oder {NEAR_SIGMAS:.0f} Streuungen, je nachdem, was größer ist."


def why(binding: Binding, number: str | None) -> str:
    """Why the light counts where it counts; ``number`` of the order."""
    near = "" if binding.distance_m is None else f" Sie steht {about(binding.distance_m)} neben der angeordneten Stelle"
    return {
        "by_hand": f"Von Hand dem Vorgang {number} zugeordnet.{near}.",
        "by_hand_elsewhere": f"Von Hand dem Vorgang {number} zugeordnet, steht aber mehr als 200 m davon entfernt"
        " und zählt deshalb nicht.",
        "near": f"Durch Nähe dem Vorgang {number} zugeordnet.{near}; Grenze ist {about(binding.reach_m or 0)}.",
        "suspected": "Steht mit mindestens zwei weiteren, wo nichts angeordnet ist:"
        " Arbeitsstelle ohne Anordnung vermutet.",
        "depot": f"Steht im Lager „{binding.depot}“ und zählt dort zu keiner Arbeitsstelle.",
        "nowhere": "In der Nähe ist nichts angeordnet; sie ist auch keinem Vorgang von Hand zugeordnet.",
        "not_standing": "Noch kein fester Standort: Erst eine stehende Leuchte kann zugeordnet werden.",
    }[binding.reason]


def story(fact: Contract) -> str:
    """One line of a light's history."""
    return STORIES[type(fact)](fact)


def _placed(fact: d.LightPlaced) -> str:
    return f"Steht an neuem Ort, Standardabweichung {metres(fact.stand.sigma_m)}, aus {fact.stand.fixes} Positionen"


def _registered(fact: d.DeviceRegistered) -> str:
    return f"Register: Vorgang {fact.permit_number} zugeordnet" if fact.permit_number else "Register: ohne Zuordnung"


STORIES: dict[type[Contract], Callable[[Any], str]] = {
    d.LightPlaced: _placed,
    d.LightMovedAway: lambda _: "Hat den Platz verlassen",
    d.LampChanged: lambda fact: f"Lampe {LAMPS[fact.lamp]}",
    d.LightBecameSilent: lambda _: "Ohne Signal",
    d.LightFell: lambda _: "Umgefallen",
    d.LightBatteryLow: lambda fact: f"Batterie schwach ({fact.battery_pct:.0f} %)",
    d.LightLampFailed: lambda _: "Lampe defekt",
    d.LightRecovered: lambda fact: f"Behoben: {TROUBLES[fact.trouble]}",
    d.DeviceRegistered: _registered,
    d.DeviceRetired: lambda _: "Register: abgemeldet",
}


def acknowledged(done: Acknowledgement, names: Mapping[str, str], now: datetime) -> str:
    """``heute 14:03 Uhr, Bauhof, Frau Muster``."""
    role, name = ROLE_WORDS.get(done.role, done.role), names.get(done.by, "")
    who = name if name.startswith(role) else ", ".join(part for part in (role, name) if part)
    return f"{stamp(done.at, now)}, {who}"


def site(row: Mapping[str, Any]) -> str:
    """What its lights say of a light's site; empty where it has none."""
    if not row["site_id"]:
        return ""
    words = SITES.get(row["site_state"], "")
    return f"{words}, die Lage weicht ab" if row["deviation_m"] and row["site_state"] == "set_up" else words


def streets(names: Sequence[str]) -> str:
    """``Rheinallee``, ``Am Markt und Rheinallee``, ``Am Markt, Rheinallee und 3 weitere``."""
    if len(names) <= 2:
        return " und ".join(names)
    return f"{', '.join(names[:2])} und {'eine' if len(names) == 3 else len(names) - 2} weitere"


def place(measure: Any) -> str:
    """``Rheinallee zwischen A-Straße und B-Straße``."""
    if measure.from_street and measure.to_street:
        return f"{measure.street} zwischen {measure.from_street} und {measure.to_street}"
    return f"{measure.street} {measure.house_numbers}" if measure.house_numbers else str(measure.street)
