"""Single properties of imported features to the types of the contracts: read, tidied, or set aside with a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from shared.contracts.permits import Measure, Permit

# ours in the file -> the struct's
RENAMED = {"measure": "kind", "except": "except_dates"}
TIMES = ("start", "end", "received_at")


def _types(struct: type[msgspec.Struct], without: set[str]) -> dict[str, Any]:
    back = {theirs: ours for ours, theirs in RENAMED.items()}
    return {back.get(f.name, f.name): f.type for f in msgspec.structs.fields(struct) if f.name not in without}


MEASURE_TYPES = _types(Measure, {"id", "key", "geometry", "start", "end"})
PERMIT_TYPES = _types(Permit, {"permit_id", "permit_number", "measures", "applicant"})
PERMIT_TYPES["expected_days"] = Annotated[int, msgspec.Meta(ge=1)]


@dataclass
class Findings:
    """What is to be said about one feature, in German: why refused, what was repaired, what is missing.

    ``unread`` keeps properties that were set aside, as they were given.
    """

    refused: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    unread: dict[str, Any] = field(default_factory=dict)

    def refuse(self, sentence: str) -> None:
        self.refused.append(sentence)


def read_values(properties: Mapping[str, Any], types: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The properties named in ``types`` that can be read, by the struct's names; the others only leave a sentence."""
    values = {}
    for name, type_ in types.items():
        given = properties.get(name)
        if given is None or (isinstance(given, str) and not given.strip()):
            continue
        value = _read(name, given, type_, findings)
        if value is not None:
            values[RENAMED.get(name, name)] = value
    return values


def _read(name: str, given: Any, type_: Any, findings: Findings) -> Any:
    plain = " ".join(given.split()) if isinstance(given, str) else given
    try:
        return msgspec.convert(plain, type_)
    except msgspec.ValidationError:
        pass
    tidy = TIDY.get(name, _word)(plain)
    try:
        value = msgspec.convert(tidy, type_, strict=False)
    except msgspec.ValidationError:
        findings.unread[name] = given
        if name == "measure":
            findings.repaired.append(f"Die Art der Maßnahme „{given}“ ist unbekannt; sie wurde als „other“ übernommen.")
            return "other"
        findings.repaired.append(f"Die Angabe {name} = „{given}“ ist nicht lesbar und bleibt unberücksichtigt.")
        return None
    if _shown(value) != str(given):
        findings.repaired.append(f"Die Angabe {name} = „{given}“ wurde als „{_shown(value)}“ gelesen.")
    return value


def read_time(name: str, given: Any, zone: ZoneInfo, findings: Findings) -> datetime | None:
    """An instant in UTC from RFC 3339; without offset it is wall time of ``zone``. A bare end date is included."""
    try:
        moment = datetime.fromisoformat(given.strip())
    except (AttributeError, ValueError):
        findings.refuse(f"Der Zeitpunkt {name} = „{given}“ ist nicht lesbar.")
        return None
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", given.strip()):
        moment += timedelta(days=1 if name == "end" else 0)
        findings.repaired.append(f"{name} = „{given}“ hat keine Uhrzeit und wurde als ganzer Tag gelesen.")
    if moment.utcoffset() is None:
        moment = moment.replace(tzinfo=zone)
        findings.repaired.append(f"{name} = „{given}“ hat keine Zeitzone und wurde als Ortszeit {zone.key} gelesen.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        findings.refuse(f"Der Zeitpunkt {name} = „{given}“ ist nicht lesbar.")
        return None


_DAYS = {name: day for day, names in enumerate(("mo", "di tu", "mi we", "do th", "fr", "sa", "so su"), 1)
         for name in names.split()}  # fmt: skip


def _word(value: Any) -> Any:
    """A figure in German or English spelling, or a word of a list of words in any case."""
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        return value
    return value.replace(",", ".") if re.fullmatch(r"-?\d+,\d+", value) else value.lower()


def _words(value: Any) -> Any:
    items = re.split(r"[\s,;]+", value) if isinstance(value, str) else value
    return [_word(item) for item in items if item != ""] if isinstance(items, list) else items


def _days(value: Any) -> Any:
    """ISO weekdays from numbers or names, also as ``Mo-Fr``."""
    items = re.split(r"[\s,;]+", value) if isinstance(value, str) else value
    if not isinstance(items, list):
        return value
    days: list[Any] = []
    for item in items:
        ends = [_day(part) for part in re.split(r"[-–]", str(item))]
        whole = len(ends) == 2 and set(ends) <= set(range(1, 8)) and ends[0] <= ends[1]
        days += range(ends[0], ends[1] + 1) if whole else ends
    return list(dict.fromkeys(days))


def _day(word: str) -> Any:
    return int(word) if word.isdecimal() else _DAYS.get(word.strip(" .").lower()[:2], word)


def _clock(value: Any) -> Any:
    """``7:00`` and ``07:00:00`` as ``07:00``; midnight as the end of a day as ``00:00``."""
    match = re.fullmatch(r"(\d{1,2})[:.](\d{2})(:00)?( Uhr)?", value) if isinstance(value, str) else None
    return f"{int(match[1]) % 24:02d}:{match[2]}" if match and int(match[1]) <= 24 else value


TIDY = {
    "affects": _words,
    "exempt": _words,
    "except": _words,
    "weekdays": _days,
    "daily_from": _clock,
    "daily_to": _clock,
}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(item) for item in value)
    return value.isoformat() if isinstance(value, date) else str(value)
