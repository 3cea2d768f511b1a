"""What was published of a measure, in words: each version against the one before it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.navfeed.application.ledger import Entry
from services.navfeed.web.shown import Roadwork, Shown, roadwork, sentence
from services.navfeed.web.times import ending, moment
from services.navfeed.web.words import badges


class Step(NamedTuple):
    """``version``: of the stored bytes."""

    when: str
    words: str
    version: int


def steps(history: Sequence[tuple[Entry, datetime, str]], now: datetime) -> list[Step]:
    """Newest first; ``history`` as the ledger tells it, oldest first."""
    told: list[Step] = []
    before: Roadwork | None = None
    for entry, published_at, _ in history:
        after = None if entry.change == "removed" else roadwork(entry.data)
        words = _words(before, after, now) if after else "nach 24 Stunden aus der Karte genommen"
        told.append(Step(moment(published_at, now), sentence(words), entry.version))
        before = after or before
    return told[::-1]


def _words(before: Roadwork | None, after: Roadwork, now: datetime) -> str:
    new = after.properties
    labels = ", ".join(badge.label for badge in badges(new))
    if before is None:
        return f"erstmals veröffentlicht: {labels}"
    old = before.properties
    said = [labels] if badges(new) != badges(old) else []
    said += [f"Beginn {moment(new.start, now)}"] if new.start != old.start else []
    said += [_end(new, now)] if new.end != old.end and new.status != "ended" else []
    said += ["Lage geändert"] if before.geometry != after.geometry and not said else []
    said += _other(old, new) if not said else []
    return "; ".join(said) or "Angaben ergänzt"


def _end(measure: Shown, now: datetime) -> str:
    return f"Ende jetzt {ending(measure.end, now)}" if measure.end else "Ende jetzt offen"


def _other(old: Shown, new: Shown) -> list[str]:
    changed = {"detour": "Umleitung geändert", "schedule": "Tägliche Zeiten geändert", "headline": "Text geändert"}
    return [words for name, words in changed.items() if getattr(old, name) != getattr(new, name)]
