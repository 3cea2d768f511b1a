"""German words of the pages: what machines call by keys, in the terms that clerks use."""

from collections.abc import Mapping

from services.permits.domain.case import Status
from services.permits.domain.events import StoreEvent, Submitted
from shared.contracts.permits import Control, Direction, MeasureKind

KINDS: Mapping[MeasureKind, str] = {
    "road_closed": "Vollsperrung",
    "direction_closed": "Richtungssperrung",
    "alternating": "Halbseitige Sperrung",
    "lanes_closed": "Fahrstreifeneinschränkung",
    "contraflow": "Überleitung",
    "lane_shift": "Verschwenkung",
    "narrowed": "Einengung",
    "footway_closed": "Gehwegsperrung",
    "cycleway_closed": "Radwegsperrung",
    "no_stopping": "Haltverbot",
    "speed_limit": "Geschwindigkeitsbeschränkung",
    "turn_banned": "Abbiegeverbot",
    "stop_closed": "Haltestelle entfällt",
    "detour": "Umleitung",
    "other": "Sonstige",
}
DIRECTIONS: Mapping[Direction, str] = {
    "both": "beide Richtungen",
    "forward": "in Richtung der gezeichneten Linie",
    "backward": "gegen die Richtung der gezeichneten Linie",
}
CONTROLS: Mapping[Control, str] = {
    "signals": "Lichtsignalanlage",
    "flagging": "Handregelung",
    "priority_signs": "Vorrangschilder",
}
STATUSES: Mapping[Status, str] = {
    "submitted": "Beantragt",
    "approved": "Angeordnet",
    "active": "Arbeiten laufen",
    "interrupted": "Unterbrochen",
    "ended": "Beendet",
    "rejected": "Abgelehnt",
    "withdrawn": "Zurückgezogen",
    "revoked": "Widerrufen",
}
COMMANDS: Mapping[str, str] = {
    "approve": "Anordnung erteilen",
    "reject": "Antrag ablehnen",
    "withdraw": "Antrag zurückziehen",
    "start": "Beginn der Arbeiten melden",
    "interrupt": "Unterbrechung melden",
    "resume": "Fortsetzung melden",
    "end": "Ende der Arbeiten melden",
    "extend": "Verlängern",
    "amend": "Anordnung ändern",
    "revoke": "Anordnung widerrufen",
}
EVENTS: Mapping[str, str] = {
    "permits.submitted.v1": "Antrag eingegangen",
    "permits.approved.v1": "Anordnung erteilt",
    "permits.rejected.v1": "Antrag abgelehnt",
    "permits.withdrawn.v1": "Antrag zurückgezogen",
    "permits.works_started.v1": "Beginn der Arbeiten gemeldet",
    "permits.works_ended.v1": "Ende der Arbeiten gemeldet",
    "permits.interrupted.v1": "Unterbrechung gemeldet",
    "permits.resumed.v1": "Fortsetzung gemeldet",
    "permits.extended.v1": "Verlängert",
    "permits.amended.v1": "Anordnung geändert",
    "permits.revoked.v1": "Anordnung widerrufen",
}
ROLES: Mapping[str, str] = {
    "applicant": "Antragsteller",
    "contractor": "Baufirma",
    "clerk": "Sachbearbeitung",
    "importer": "Einlesen einer Datei",
    "system": "System",
}
AUTHORISATIONS = {
    "single": "Einzelanordnung",
    "annual": "Jahresanordnung",
    "emergency": "Notmaßnahme",
    "own": "eigene Anordnung der Behörde",
}
OCCUPATIONS = {"whole": "im ganzen Zeitraum", "within": "an einzelnen Tagen im Zeitraum"}
RECEIVED_VIA = {
    "online": "online",
    "paper": "auf Papier",
    "mail": "per E-Mail",
    "phone": "telefonisch",
    "import": "aus einer Datei",
}
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
FIELDS = {"reason": "Begründung", "at": "Zeitpunkt", "end": "Neues Ende", "permit_number": "Aktenzeichen",
          "conditions": "Auflagen", "title": "Bezeichnung"}  # fmt: skip


def event_words(fact: StoreEvent) -> str:
    if isinstance(fact, Submitted) and fact.source is not None:
        return f"Eingelesen (Quelle: {fact.source})"
    return EVENTS[fact.TYPE]


def weekday(number: int) -> str:
    """ISO: 1 is Monday."""
    return WEEKDAYS[number - 1]
