"""What happened to a case: every event with who and when, and what it changed."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from services.permits.application.desk import Entry, Filed
from services.permits.domain.case import NEW, Case, evolve
from services.permits.domain.content import Content
from services.permits.domain.events import ExtensionRequested
from services.permits.web.form import of_content
from services.permits.web.times import from_local, moment
from services.permits.web.words import FIELDS, ROLES, event_words, typed
from shared.web.shell import shell

# A report is entered a moment after it was so; only a longer gap is worth a word.
SAME = timedelta(minutes=1)
# Too long to be told beside each other.
ONLY_NAMED = ("geometry", "conditions", "note", "detour")


class Step(NamedTuple):
    """A line of the timeline; ``entered`` where it was entered later than it was so."""

    version: int
    what: str
    who: str
    at: datetime
    entered: datetime | None
    reason: str | None
    changes: list[str]


def timeline(filed: Filed, *, clerk: bool) -> list[Step]:
    """Every event, the latest first; names of staff for staff only."""
    names, case, steps = _names() if clerk else {}, NEW, []
    for entry in filed.history:
        before, case = case, evolve(case, entry.fact)
        steps.append(_step(entry, names, list(_changes(before, case, entry))))
    return steps[::-1]


def _step(entry: Entry, names: Mapping[str, str], changes: list[str]) -> Step:
    actor, fact = entry.fact.actor, entry.fact
    late = abs(entry.recorded - fact.at) > SAME
    name, role = names.get(actor.id), ROLES[actor.role]
    who = name if name and name.startswith(role) else f"{role}, {name}" if name else role
    reason = getattr(fact, "reason", None)
    return Step(entry.version, event_words(fact), who, fact.at, entry.recorded if late else None, reason, changes)


def _changes(before: Case, after: Case, entry: Entry) -> Iterator[str]:
    if isinstance(entry.fact, ExtensionRequested):
        yield from (f"bis {moment(end)}" for end in sorted({end for end in entry.fact.ends.values() if end}))
    elif before.content is not None and after.content is not None:
        yield from differences(before.content, after.content)


def differences(before: Content, after: Content) -> Iterator[str]:
    """``Maßnahme 1: Ende: 5. März 2026, 17:00 Uhr (bisher offen)``, in the words that stand at the form's fields."""
    old, new = _told(before), _told(after)
    for key in sorted({key for key, _ in old} ^ {key for key, _ in new}):
        yield f"Maßnahme {key} {'hinzugefügt' if (key, 'kind') in new else 'entfernt'}"
    for (key, name), text in new.items():
        was = old.get((key, name)) if (key, "kind") in old or not key else text
        if name in FIELDS and was is not None and was != text:
            label = f"Maßnahme {key}: {FIELDS[name]}" if key else FIELDS[name]
            yield (
                f"{label} geändert"
                if name in ONLY_NAMED
                else f"{label}: {_said(name, text)} (bisher {_said(name, was)})"
            )


def _told(content: Content) -> dict[tuple[str, str], str]:
    """The form's fields by measure key (empty: the case's own) and name."""
    fields = of_content(content).fields
    told = {}
    for field, text in fields.items():
        measure = re.fullmatch(r"measures-(\d+)-(.+)", field)
        told[(fields[f"measures-{measure[1]}-key"], measure[2]) if measure else ("", field)] = text
    return told


def _said(name: str, text: str) -> str:
    if name in ("start", "end"):
        return moment(from_local(text)) if text else "offen"
    return typed(name, text) or "ohne Angabe"


def _names() -> dict[str, str]:
    """Accounts and keys by id."""
    keys = {key.id: f"Schlüssel „{key.label}“" for key in shell().keys.all()}
    return keys | {account.id: account.name for account in shell().accounts.all()}
