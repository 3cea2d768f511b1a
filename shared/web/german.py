"""What schemas and HTTP say in English, in German: every problem is read by a city's people."""

import re
from typing import NamedTuple


class Words(NamedTuple):
    title: str
    detail: str


STATUS: dict[int, Words] = {
    400: Words("Anfrage nicht lesbar", "Die Anfrage ist unvollständig oder beschädigt."),
    401: Words("Anmeldung erforderlich", "Bitte melden Sie sich an oder geben Sie einen gültigen Schlüssel an."),
    403: Words("Nicht erlaubt", "Ihre Rolle darf das nicht."),
    404: Words("Nicht gefunden", "Unter dieser Adresse gibt es nichts."),
    405: Words("Methode nicht erlaubt", "Diese Adresse kennt diese Methode nicht."),
    406: Words("Format nicht verfügbar", "Keines der gewünschten Formate wird angeboten."),
    409: Words("Konflikt", "Der Stand hat sich inzwischen geändert. Bitte laden Sie neu."),
    410: Words("Nicht mehr vorhanden", "Das Gesuchte wurde entfernt."),
    412: Words("Stand veraltet", "Der Stand hat sich inzwischen geändert. Bitte laden Sie neu."),
    413: Words("Anfrage zu groß", "Die Anfrage ist größer als hier erlaubt."),
    414: Words("Adresse zu lang", "Die Adresse mit ihren Angaben ist länger, als hier angenommen wird."),
    415: Words("Format nicht unterstützt", "Dieses Format wird hier nicht angenommen."),
    416: Words("Bereich nicht vorhanden", "Der verlangte Ausschnitt liegt außerhalb der Datei."),
    417: Words("Erwartung nicht erfüllbar", "Der Kopf Expect verlangt, was es hier nicht gibt."),
    422: Words("Angaben fehlerhaft", "Bitte berichtigen Sie die genannten Angaben."),
    428: Words("Vorbedingung fehlt", "Bitte geben Sie an, welchen Stand Sie ändern wollen (If-Match)."),
    429: Words("Zu viele Anfragen", "Bitte warten Sie einen Augenblick."),
    431: Words("Kopfzeilen zu groß", "Die Kopfzeilen der Anfrage sind zu lang oder zu viele."),
    500: Words("Interner Fehler", "Das hätte nicht geschehen dürfen. Bitte nennen Sie bei Rückfragen die Kennung."),
    501: Words("Übertragung nicht unterstützt", "Diese Art der Übertragung wird hier nicht angenommen."),
    503: Words("Vorübergehend nicht verfügbar", "Bitte versuchen Sie es in wenigen Sekunden noch einmal."),
}
OTHER = Words("Anfrage nicht ausführbar", "Die Anfrage kann so nicht beantwortet werden.")

PHRASES = {
    "Missing data for required field.": "Diese Angabe fehlt.",
    "Field may not be null.": "Diese Angabe darf nicht leer sein.",
    "Unknown field.": "Diese Angabe ist hier nicht vorgesehen.",
    "Invalid input type.": "Hier wird ein Objekt erwartet.",
    "Invalid type.": "Die Angabe hat eine falsche Form.",
    "Invalid value.": "Dieser Wert ist nicht gültig.",
    "Invalid input.": "Dieser Wert ist nicht gültig.",
    "Invalid JSON body.": "Das ist kein gültiges JSON.",
    "Not a valid URL.": "Das ist keine gültige Internetadresse.",
    "Not a valid boolean.": "Hier wird ja oder nein (true, false) erwartet.",
    "Not a valid date.": "Das ist kein gültiges Datum.",
    "Not a valid email address.": "Das ist keine gültige E-Mail-Adresse.",
    "Not a valid integer.": "Hier wird eine ganze Zahl erwartet.",
    "Not a valid list.": "Hier wird eine Liste erwartet.",
    "Not a valid mapping type.": "Hier wird ein Objekt erwartet.",
    "Not a valid number.": "Hier wird eine Zahl erwartet.",
    "Not a valid period of time.": "Das ist keine gültige Dauer.",
    "Not a valid string.": "Hier wird Text erwartet.",
    "Not a valid tuple.": "Hier wird eine Liste erwartet.",
    "Not a valid utf-8 string.": "Der Text ist nicht in UTF-8 kodiert.",
    "Not a valid UUID.": "Das ist keine gültige UUID.",
    "Not a valid datetime.": "Das ist kein gültiger Zeitpunkt (etwa 2026-03-02T07:00:00+01:00).",
    "Not a valid naive datetime.": "Hier wird ein Zeitpunkt ohne Zeitzone erwartet.",
    "Not a valid aware datetime.": "Der Zeitpunkt braucht eine Zeitzone (etwa +01:00).",
    "Not a valid time.": "Das ist keine gültige Uhrzeit.",
    "Number too large.": "Die Zahl ist zu groß.",
    "Special numeric values (nan or infinity) are not permitted.": "Hier wird eine endliche Zahl erwartet.",
    "String does not match expected pattern.": "Die Angabe hat nicht die erwartete Form.",
}
PATTERNS = [
    (r"Not a valid IP(?:v[46])? (?:address|interface)\.", "Das ist keine gültige IP-Adresse."),
    (r"Must be one of: (.*)\.", r"Möglich sind: \1."),
    (r"Must be equal to (.*)\.", r"Hier wird genau \1 erwartet."),
    (r"One or more of the choices you made was not in: (.*)\.", r"Möglich sind nur: \1."),
    (r"One or more of the choices you made was in: (.*)\.", r"Nicht möglich sind: \1."),
    (r"Shorter than minimum length (\d+)\.", r"Mindestens \1 Zeichen oder Einträge."),
    (r"Longer than maximum length (\d+)\.", r"Höchstens \1 Zeichen oder Einträge."),
    (r"Length must be between (\d+) and (\d+)\.", r"Zwischen \1 und \2 Zeichen oder Einträge."),
    (r"Length must be (\d+)\.", r"Genau \1 Zeichen oder Einträge."),
    (r"Must be (greater than or equal to|greater than) (\S+) and (less than or equal to|less than) (\S+)\.", None),
    (r"Must be (greater than or equal to|greater than|less than or equal to|less than) (\S+)\.", None),
]
BOUNDS = {
    "greater than or equal to": "mindestens",
    "greater than": "größer als",
    "less than or equal to": "höchstens",
    "less than": "kleiner als",
}


def words(status: int) -> Words:
    return STATUS.get(status, OTHER if status < 500 else STATUS[500])


def german(message: str) -> str:
    """The German sentence for what marshmallow or webargs say; our own validators are German already."""
    if message in PHRASES:
        return PHRASES[message]
    for pattern, sentence in PATTERNS:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return match.expand(sentence) if sentence else _bounds(match.groups())
    return message


def _bounds(groups: tuple[str, ...]) -> str:
    pairs = zip(groups[::2], groups[1::2], strict=True)
    return "Der Wert muss " + " und ".join(f"{BOUNDS[word]} {limit}" for word, limit in pairs) + " sein."
