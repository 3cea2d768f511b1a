"""German words of the pages: what machines call by keys, in the terms that clerks use."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from services.permits.domain.case import Status
from services.permits.domain.events import StoreEvent, Submitted
from shared.contracts.permits import Control, Direction, Exemption, MeasureKind, Traveller
from shared.words import KINDS, listed

# Colour and form of a measure on the map, as on the public one.
GROUPS: Mapping[MeasureKind, str] = {
    "road_closed": "closed",
    "direction_closed": "closed",
    "alternating": "restricted",
    "lanes_closed": "restricted",
    "contraflow": "restricted",
    "lane_shift": "narrow",
    "narrowed": "narrow",
    "speed_limit": "narrow",
    "turn_banned": "narrow",
    "footway_closed": "path",
    "cycleway_closed": "path",
    "no_stopping": "note",
    "stop_closed": "note",
    "detour": "note",
    "other": "note",
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
    "draft": "Entwurf",
    "submitted": "Beantragt",
    "approved": "Angeordnet",
    "active": "Arbeiten laufen",
    "interrupted": "Unterbrochen",
    "ended": "Beendet",
    "rejected": "Abgelehnt",
    "withdrawn": "Zurückgezogen",
    "revoked": "Aufgehoben",
}
COMMANDS: Mapping[str, str] = {
    "submit": "Antrag einreichen",
    "approve": "Anordnung erteilen",
    "reject": "Antrag ablehnen",
    "withdraw": "Antrag zurückziehen",
    "start": "Beginn der Arbeiten melden",
    "interrupt": "Unterbrechung melden",
    "resume": "Fortsetzung melden",
    "end": "Ende der Arbeiten melden",
    "revert-start": "Gemeldeten Beginn zurücknehmen",
    "revert-end": "Gemeldetes Ende zurücknehmen",
    "extend": "Verlängern",
    "refuse-extension": "Verlängerung ablehnen",
    "amend": "Anordnung ändern",
    "revoke": "Anordnung aufheben (Rücknahme oder Widerruf)",
}
# What is said once it is done; a contractor asks for an extension, and an application is corrected.
DONE: Mapping[str, str] = {
    "submit": "Der Antrag ist eingereicht.",
    "approve": "Die Anordnung ist erteilt.",
    "reject": "Der Antrag ist abgelehnt.",
    "withdraw": "Der Antrag ist zurückgezogen.",
    "start": "Der Beginn der Arbeiten ist gemeldet.",
    "interrupt": "Die Unterbrechung ist gemeldet.",
    "resume": "Die Fortsetzung ist gemeldet.",
    "end": "Das Ende der Arbeiten ist gemeldet.",
    "revert-start": "Der gemeldete Beginn ist zurückgenommen.",
    "revert-end": "Das gemeldete Ende ist zurückgenommen.",
    "extend": "Das neue Ende ist angeordnet.",
    "ask-extension": "Die Verlängerung ist beantragt.",
    "refuse-extension": "Die Verlängerung ist abgelehnt.",
    "correct": "Der Antrag ist geändert.",
    "amend": "Die Änderung ist angeordnet.",
    "revoke": "Die Anordnung ist aufgehoben.",
}
HANDED_IN = "Der Antrag kommt in die Liste der Vorgänge."
UNDECIDED = "Veröffentlicht wird erst, was angeordnet ist."


class FormWords(NamedTuple):
    """What the form is called, what sending it does, and the button that sends it."""

    heading: str
    then: str
    send: str


FORMS: Mapping[Literal["new", "draft", "submitted", "order"], FormWords] = {
    "new": FormWords("Neuer Antrag", f"{HANDED_IN} {UNDECIDED}", "Antrag einreichen"),
    "draft": FormWords("Entwurf bearbeiten", f"{HANDED_IN} {UNDECIDED}", "Antrag einreichen"),
    "submitted": FormWords(
        "Antrag ändern", f"Entschieden wird über den geänderten Antrag. {UNDECIDED}", "Antrag ändern"
    ),
    "order": FormWords(
        "Anordnung ändern",
        "Die Änderung wird sofort veröffentlicht; Maßnahmen, die hier fehlen, enden damit.",
        "Änderung anordnen",
    ),
}
EVENTS: Mapping[str, str] = {
    "permits.drafted.v1": "Entwurf angelegt",
    "permits.submitted.v1": "Antrag eingegangen",
    "permits.corrected.v1": "Antrag geändert",
    "permits.approved.v1": "Anordnung erteilt",
    "permits.rejected.v1": "Antrag abgelehnt",
    "permits.withdrawn.v1": "Antrag zurückgezogen",
    "permits.works_started.v1": "Beginn der Arbeiten gemeldet",
    "permits.works_ended.v1": "Ende der Arbeiten gemeldet",
    "permits.start_reverted.v1": "Meldung des Beginns zurückgenommen",
    "permits.end_reverted.v1": "Meldung des Endes zurückgenommen",
    "permits.interrupted.v1": "Unterbrechung gemeldet",
    "permits.resumed.v1": "Fortsetzung gemeldet",
    "permits.extended.v1": "Verlängert",
    "permits.extension_requested.v1": "Verlängerung beantragt",
    "permits.extension_refused.v1": "Verlängerung abgelehnt",
    "permits.amended.v1": "Anordnung geändert",
    "permits.revoked.v1": "Anordnung aufgehoben",
    "permits.personal_data_erased.v1": "Personendaten gelöscht",
}
ROLES: Mapping[str, str] = {
    "applicant": "Antragsteller",
    "contractor": "Baufirma",
    "clerk": "Sachbearbeitung",
    "importer": "Datenübernahme",
    "system": "System",
}
AUTHORISATIONS = {
    "single": "Einzelanordnung",
    "annual": "Jahresanordnung",
    "emergency": "Notmaßnahme",
    "own": "eigene Anordnung der Behörde",
}
OCCUPATIONS = {"whole": "im ganzen Zeitraum", "within": "an einzelnen Tagen im Zeitraum"}
MOBILITIES = {"stationary": "ortsfest", "moving": "beweglich"}
# Codes that imports bring; what people type stays as it is.
WORKS_KINDS = {
    "water": "Wasser",
    "gas": "Gas",
    "electricity": "Strom",
    "telecoms": "Telekommunikation",
    "heating": "Fernwärme",
    "sewer": "Kanal",
    "roads": "Straßenbau",
    "road": "Straßenbau",
    "building": "Hochbau",
    "crane": "Kran",
    "event": "Veranstaltung",
}
RECEIVED_VIA = {
    "online": "online",
    "paper": "auf Papier",
    "mail": "per E-Mail",
    "phone": "telefonisch",
    "import": "aus einer Datei",
}
WEEKDAYS: Mapping[int, str] = {
    1: "Montag",
    2: "Dienstag",
    3: "Mittwoch",
    4: "Donnerstag",
    5: "Freitag",
    6: "Samstag",
    7: "Sonntag",
}
TRAVELLERS: Mapping[Traveller, str] = {
    "car": "Auto",
    "truck": "Lkw",
    "bus": "Bus",
    "bicycle": "Fahrrad",
    "foot": "zu Fuß",
}
EXEMPTIONS: Mapping[Exemption, str] = {
    "residents": "Anwohner",
    "bus": "Linienbusse",
    "bicycle": "Fahrräder",
    "emergency": "Rettungsdienste",
}
FIELDS = {
    "reason": "Begründung",
    "at": "Zeitpunkt",
    "end": "Ende",
    "permit_number": "Aktenzeichen",
    "conditions": "Auflagen",
    "title": "Bezeichnung",
    "works_kind": "Art der Arbeiten",
    "district": "Ortsteil",
    "phase": "Bauabschnitt",
    "expected_days": "Zahl der Tage",
    "authorisation": "Art der Anordnung",
    "occupation": "Beanspruchung",
    "mobility": "Arbeitsstelle",
    "applicant": "Antragsteller",
    "applicant_email": "E-Mail",
    "applicant_phone": "Telefon",
    "responsible_name": "Verantwortliche Person",
    "responsible_phone": "Telefon der verantwortlichen Person",
    "responsible_proof": "Nachweis nach MVAS",
    "client": "Auftraggeber",
    "kind": "Art der Maßnahme",
    "street": "Straße",
    "from_street": "von",
    "to_street": "bis",
    "house_numbers": "Hausnummern",
    "geometry": "Ort",
    "direction": "Richtung",
    "start": "Beginn",
    "daily_from": "täglich ab",
    "daily_to": "täglich bis",
    "weekdays": "Wochentage",
    "except_dates": "außer an diesen Tagen",
    "affects": "betrifft",
    "exempt": "ausgenommen",
    "control": "Verkehrsregelung",
    "lanes_total": "Fahrstreifen insgesamt",
    "lanes_closed": "davon gesperrt",
    "residual_width_m": "Restbreite in Metern",
    "speed_limit_kph": "Geschwindigkeit in km/h",
    "detour": "Umleitung",
    "standard_plan": "Regelplan",
    "note": "Bemerkung",
}
BOXES: dict[str, Mapping[Any, str]] = {
    "weekdays": {str(number): day for number, day in WEEKDAYS.items()},
    "affects": TRAVELLERS,
    "exempt": EXEMPTIONS,
}
CODES: dict[str, Mapping[Any, str]] = {
    "kind": KINDS,
    "direction": DIRECTIONS,
    "control": CONTROLS,
    "authorisation": AUTHORISATIONS,
    "occupation": OCCUPATIONS,
    "mobility": MOBILITIES,
}


def typed_words(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """What somebody typed into a form, by the words that stood at its fields; fields that nobody sees are left out."""
    found = []
    for name, text in fields.items():
        measure = re.fullmatch(r"measures-(\d+)-(.+)", name)
        plain = measure[2] if measure else name
        if plain in FIELDS:
            label = f"Maßnahme {int(measure[1]) + 1}: {FIELDS[plain]}" if measure else FIELDS[plain]
            found.append((label, typed(plain, text)))
    return found


def typed(name: str, text: str) -> str:
    """A field's text as people say it."""
    if name in BOXES:
        return named([word for word in text.split() if word in BOXES[name]], BOXES[name])
    return CODES[name].get(text, text) if name in CODES else text


def event_words(fact: StoreEvent) -> str:
    if isinstance(fact, Submitted) and fact.source is not None:
        # A file that names no source is called "import".
        return "Aus einer Datei eingelesen" + (f" (Quelle: {fact.source})" if fact.source != "import" else "")
    return EVENTS[fact.TYPE]


def named(values: Iterable[Any] | None, words: Mapping[Any, str]) -> str:
    """``Montag und Mittwoch``; empty for nothing."""
    return listed([words[value] for value in values or ()])
