"""What is known of the works behind the pages, in the words of those who are on call."""

import re
from collections.abc import Mapping
from datetime import datetime

from services.beacons.application.reasons import german
from services.beacons.domain.gate import GERMAN
from services.suite.ops.application.rebuilding import Stopped
from services.suite.ops.application.verdict import Finding, Kind
from shared.clock import BERLIN, DAY_US, HOUR_US, MINUTE_US, SECOND_US, Micros, from_micros
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, SITUATIONS
from shared.words import thousands

SERVICES = {"permits": "Vorgänge", "beacons": "Warnleuchten", "navfeed": "Feed"}
REASONS: Mapping[str, str] = {str(word): said for word, said in GERMAN.items()}
TASKS = {
    "lights": "Meldungen auswerten",
    "sites": "Arbeitsstellen bestimmen",
    "publisher": "Feed veröffentlichen",
    "cases": "Sicht der Vorgänge",
    "fleet": "Sicht der Warnleuchten",
    "onsite": "Sicht: vor Ort je Vorgang",
    "orders": "Sicht: Anordnungen je Warnleuchte",
}
TOPIC_WORDS = {
    PERMITS.name: "Vorgänge",
    PINGS.name: "Meldungen der Warnleuchten",
    DEVICES.name: "Zustände der Warnleuchten",
    SITES.name: "Arbeitsstellen",
    SITUATIONS.name: "Veröffentlichte Maßnahmen",
}
PARKED = (
    (r"an earlier event of this stream is parked", "Ein früheres Ereignis dieses Stroms ist geparkt."),
    (r"unknown type (\S+)", r"Die Art \1 ist hier unbekannt: Ein neuerer Dienst hat es geschrieben."),
    (r"version (\d+) came after (\d+): .*", r"Fassung \1 kam nach Fassung \2: Dazwischen fehlen Ereignisse."),
    (r"two measures of the permit have one id", "Zwei Maßnahmen des Vorgangs haben dieselbe Kennung."),
    (r"measure (\S+) belongs to another permit", r"Die Maßnahme \1 gehört zu einem anderen Vorgang."),
    (r"(\S+): time without offset", r"In \1 fehlt einem Zeitpunkt die Zeitzone."),
    (r"(\S+): a stand outside of EPSG:25832", r"In \1 liegt ein Standort außerhalb von Deutschland."),
    (
        r"measure (\S+): no work area in the reach .*",
        r"Das Baufeld von \1 liegt außerhalb von Deutschland oder ist über 50 km groß.",
    ),
    (r"an extension of a case that .*", "Verlängert wird ein Vorgang, der nie beantragt wurde."),
    (r"([a-z_.]+\.v\d+): (.+)", r"\1 ist nicht lesbar: \2"),
)
SAID: Mapping[Kind, str] = {
    "log_away": "Das Ereignisprotokoll antwortet nicht. Nichts kommt voran.",
    "database_away": "Die Datenbank von „{service}“ antwortet nicht.",
    "clock_jumped": "„{task}“ wartet auf die Uhr, noch {span}: Sie war vorgesprungen. {waiting}.",
    "nobody_consumes": "„{task}“: Niemand arbeitet daran. {waiting}.",
    "nobody_relays": "Postausgang von „{service}“: Niemand leert ihn. {waiting}.",
    "consumer_behind": "„{task}“ hängt {span} zurück. {waiting}.",
    "outbox_waits": "Postausgang von „{service}“ staut sich seit {age}. {waiting}.",
    "door_silent": "Die Tür für Meldungen steht seit {age} still. Verstummte Leuchten werden nicht erkannt.",
    "parked": "„{task}“: {amount} geparkt, der älteste seit {age}. Diese Änderungen fehlen in allem, was folgt.",
    "rebuild_stopped": "„{task}“: Ein Neuaufbau ist abgebrochen.",
}
REMEDIES: Mapping[Kind, str] = {
    "log_away": "Läuft der Server des Protokolls (Kafka oder PostgreSQL)? Die Arbeiter gehen von selbst weiter.",
    "database_away": "Läuft PostgreSQL, und darf die Rolle des Dienstes hinein? Die Arbeiter gehen von selbst weiter.",
    "clock_jumped": "Geht die Uhr jetzt richtig? Nichts geht verloren; entschieden wird, sobald sie dort ankommt.",
    "nobody_consumes": "Läuft „leitbake work {name}“? Seine Logdatei sagt, warum es endete.",
    "nobody_relays": "Läuft „leitbake work {name}“? Seine Logdatei sagt, warum es endete.",
    "consumer_behind": "Sinkt die Zahl, holt er auf. Steht sie, sagt seine Logdatei, woran es hängt.",
    "outbox_waits": "Sinkt die Zahl, holt er auf. Steht sie, ist das Ereignisprotokoll nicht erreichbar.",
    "door_silent": "Läuft der Dienst der Warnleuchten („leitbake serve“)?",
    "parked": "Ansehen, Ursache beheben, dann erneut versuchen; verwerfen nur, was nie gelten soll.",
    "rebuild_stopped": "Noch einmal neu aufbauen; der abgebrochene Stand wird dabei aufgeräumt.",
}
STOPPED: Mapping[Stopped | None, str] = {
    "database_away": "Die Datenbank antwortete nicht.",
    "log_away": "Das Ereignisprotokoll antwortete nicht.",
    "taken_over": "Ein anderer Neuaufbau hat ihn abgelöst.",
    None: "Sein Prozess endete.",
}
HREFS: Mapping[Kind, str] = {
    "parked": "/ops/geparkt",
    "outbox_waits": "/ops/#postausgang",
    "nobody_relays": "/ops/#postausgang",
    "rebuild_stopped": "/ops/#sichten",
    "log_away": "/ops/#aufbewahrung",
    "database_away": "/ops/#postausgang",
}


def sentence(finding: Finding, now: Micros) -> str:
    many = "Ströme" if finding.amount != 1 else "Strom"
    return SAID[finding.kind].format(
        service=SERVICES.get(finding.service, finding.service),
        task=task(finding.subject),
        age=duration(now - finding.since) if finding.since is not None else "",
        span=duration(abs(now - finding.since), "Tage") if finding.since is not None else "",
        waiting=waiting(finding.amount),
        amount=f"{thousands(finding.amount)} {many}",
    )


def remedy(finding: Finding) -> str:
    return REMEDIES[finding.kind].format(name=finding.service)


def href(finding: Finding) -> str:
    return HREFS.get(finding.kind, "/ops/#verbraucher")


def task(group: str) -> str:
    """What a group does; a view's group carries its generation."""
    name = group.partition("@")[0]
    return TASKS.get(name, name)


def reason(word: str) -> str:
    """Why a message was refused, by the gate or at the door; reasons that are no word of theirs stand as they are."""
    return REASONS.get(word) or german(word)


def parked_reason(text: str) -> str:
    """Why a record was parked; what an application says beyond the usual stands as it is."""
    for pattern, said in PARKED:
        match = re.fullmatch(pattern, text)
        if match:
            return match.expand(said)
    return text


def waiting(amount: int) -> str:
    if not amount:
        return "Zurzeit wartet nichts"
    return "Eine Nachricht wartet" if amount == 1 else f"{thousands(amount)} Nachrichten warten"


def duration(micros: Micros, days: str = "Tagen") -> str:
    """``40 s``, ``5 min``, ``3 h``, ``2 Tagen``; ``days`` in the case that the sentence asks for."""
    micros = max(0, micros)
    if micros < 2 * MINUTE_US:
        return f"{micros // SECOND_US} s"
    if micros < 2 * HOUR_US:
        return f"{micros // MINUTE_US} min"
    return f"{micros // HOUR_US} h" if micros < 2 * DAY_US else f"{micros // DAY_US} {days}"


def moment(instant: Micros, now: Micros) -> str:
    """``14:03:07 Uhr`` today, ``3.3.2026, 14:03:07 Uhr`` on other days."""
    local, today = _local(instant), _local(now)
    clock = f"{local:%H:%M:%S} Uhr"
    return clock if local.date() == today.date() else f"{local.day}.{local.month}.{local.year}, {clock}"


def _local(instant: Micros) -> datetime:
    return from_micros(instant).astimezone(BERLIN)
