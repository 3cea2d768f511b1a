"""What people type, made safe to keep: no characters that the database refuses, no endless texts, sane instants.

A view that meets a NUL would park the whole case, so it is refused at the door.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from services.permits.domain.errors import Problem, RefusedError
from shared.text import unfit

TEXT_MAX = 4_000
YEARS = range(1990, 2200)
UNFIT = "Der Text enthält unzulässige Zeichen."


def clean(value: Any, field: str = "") -> Any:
    """``value`` with texts stripped and instants in UTC, through all mappings and lists; raises ``RefusedError``."""
    if isinstance(value, str):
        return _text(value, field)
    if isinstance(value, datetime):
        return _instant(value, field)
    if isinstance(value, Mapping):
        return {name: clean(inner, f"{field}.{name}" if field else str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(clean(inner, f"{field}[{index}]") for index, inner in enumerate(value))
    return value


def one_line(value: Any) -> Any:
    """Runs of white space as one blank, as an import reads them, so that an export comes back unchanged."""
    return " ".join(value.split()) if isinstance(value, str) else value


def texts(value: Any) -> Iterator[str]:
    """Every text in ``value``, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from (*texts(name), *texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def invalid(field: str, sentence: str) -> RefusedError:
    return RefusedError("invalid", sentence, field, (Problem(field, sentence),))


def _text(text: str, field: str) -> str:
    if len(text) > TEXT_MAX:
        raise invalid(field, f"Der Text ist zu lang (höchstens {TEXT_MAX} Zeichen).")
    if unfit(text):
        raise invalid(field, UNFIT)
    return text.strip()


def _instant(moment: datetime, field: str) -> datetime:
    if moment.year not in YEARS:
        raise invalid(field, "Der Zeitpunkt liegt außerhalb des möglichen Bereichs.")
    return moment if moment.utcoffset() is None else moment.astimezone(UTC)
