"""Why a ping was not taken, in words of our own: those of a library change with its version."""

import re

import msgspec

INSTANT = "an RFC 3339 instant with offset"
WANTED = {
    "device_id": "1 to 64 of the characters A-Z a-z 0-9 . _ : -",
    "event_time": INSTANT,
    "fix_time": INSTANT,
    "received_time": INSTANT,
    "lon": "a number from -180 to 180",
    "lat": "a number from -90 to 90",
    "accuracy_m": "a number from 0 to 100000",
    "fix": "ok, cached, failed or none",
    "sequence": "a whole number from 0",
    "satellites": "a whole number from 0",
    "hdop": "a number from 0",
    "moving": "true or false",
    "fallen": "true or false",
    "lamp": "on, off, fault or unknown",
    "battery_pct": "a number from 0 to 100",
    "resolution_m": "a number from 0",
}
_MEMBER = re.compile(r"at `\$\.(\w+)")
_MISSING = re.compile(r"missing required field `(\w+)`")


def reason_of(error: Exception) -> str:
    """What decoding a ping raised, as a sentence for whoever builds the device."""
    if isinstance(error, UnicodeDecodeError):
        return "the text is not UTF-8"
    if isinstance(error, RecursionError):
        return "the JSON is nested too deeply"
    if isinstance(error, OverflowError):
        return "a time lies outside the calendar"
    if not isinstance(error, msgspec.ValidationError):
        return "the JSON is not readable"
    missing, member = _MISSING.search(str(error)), _MEMBER.search(str(error))
    if missing:
        return f"{missing[1]} is missing"
    return f"{member[1]} must be {WANTED[member[1]]}" if member else "a ping is a JSON object"


GERMAN = (
    (r"unknown device", "Gerät ist nicht angemeldet"),
    (r"this key may not speak for the device", "Der Schlüssel gilt nicht für dieses Gerät"),
    (r"larger than (\d+) bytes", r"Größer als \1 Byte"),
    (r"the text is not UTF-8", "Der Text ist nicht in UTF-8 kodiert"),
    (r"the JSON is nested too deeply", "Das JSON ist zu tief verschachtelt"),
    (r"the JSON is not readable", "Das JSON ist nicht lesbar"),
    (r"a time lies outside the calendar", "Eine Zeit liegt außerhalb des Kalenders"),
    (r"the body is no ping, array or NDJSON", "Der Inhalt ist keine Meldung, JSON-Liste oder NDJSON"),
    (r"a ping is a JSON object", "Eine Meldung ist ein JSON-Objekt"),
    (r"event_time is older than 30 days", "event_time ist älter als 30 Tage"),
    (r"(\w+) has no offset", r"\1 ohne Zeitzone"),
    (r"(\w+) lies in the future", r"\1 liegt in der Zukunft"),
    (r"(\w+) is missing", r"\1 fehlt"),
    (r"lon and lat are missing with fix (\w+)", r"lon und lat fehlen bei fix \1"),
    (r"(\w+) is larger than \d+", r"\1 ist zu groß"),
    (r"(\w+) must be .*", r"\1 hat keinen zulässigen Wert"),
)


def german(reason: str) -> str:
    """The same for those who run the city; a reason that is not known stands as it is."""
    for pattern, said in GERMAN:
        match = re.fullmatch(pattern, reason)
        if match:
            return match.expand(said)
    return reason
