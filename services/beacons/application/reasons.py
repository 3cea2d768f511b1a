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
