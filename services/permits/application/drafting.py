"""From what a door was given to the content of a case: one place for JSON and form."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from services.permits.application.house import House
from services.permits.application.text import invalid, one_line
from services.permits.domain import ids
from services.permits.domain.content import Content
from shared.contracts.permits import Permit

UNSAID = (None, "")
_MISSING = re.compile(r"missing required field `(\w+)`")
_PATH = re.compile(r"`\$\.?(.*)`$")


def draft(values: Mapping[str, Any], permit_id: str, house: House, known: Content | None = None) -> Content:
    """The content out of ``values``: members of ``Permit``, and ``measures`` with members of ``Measure``.

    A measure may have a ``note`` and leave out ``key`` (its order then); None and empty mean unsaid. ``known`` is the
    content before an amendment: its keys keep their ids, and what ``values`` do not say of the permit stays. Raises
    ``RefusedError``.
    """
    measures = [
        {"key": str(number), **{name: value for name, value in given.items() if value not in UNSAID}}
        for number, given in enumerate(values.get("measures", ()), 1)
    ]
    if not measures:
        raise invalid("measures", "Es fehlt eine Maßnahme.")
    known_ids = {measure.key: measure.id for measure in known.permit.measures} if known else {}
    notes = {measure["key"]: note for measure in measures if (note := str(measure.pop("note", "")).strip())}
    for measure in measures:
        measure |= {name: one_line(value) for name, value in measure.items()}
        key = measure["key"]
        measure["id"] = known_ids.get(key) or ids.measure_id(house.namespace, permit_id, key)
    kept = {"permit_number": values.get("permit_number") or "", "authority": house.authority}
    kept |= msgspec.to_builtins(known.permit) if known else {}
    members = {name: one_line(values[name]) for name in PERMIT_MEMBERS if name in values}
    said = {
        name: value for name, value in {**kept, **members}.items() if value not in UNSAID or name == "permit_number"
    }
    permit = _converted({**said, "permit_id": permit_id, "measures": measures})
    extra = {key: known.extra[key] for key in sorted(known.extra) if key in notes or key in known_ids} if known else {}
    conditions = values.get("conditions")
    if conditions is None:
        conditions = known.conditions if known else ()
    return Content(permit=permit, notes=notes, extra=extra, conditions=tuple(conditions))


PERMIT_MEMBERS = tuple(
    field.name
    for field in msgspec.structs.fields(Permit)
    if field.name not in {"permit_id", "permit_number", "authority", "measures"}
)


def _converted(members: Mapping[str, Any]) -> Permit:
    try:
        return msgspec.convert(members, Permit)
    except msgspec.ValidationError as error:
        found, missing = _PATH.search(str(error)), _MISSING.search(str(error))
        field = found[1] if found else ""
        if missing:
            raise invalid(f"{field}.{missing[1]}".lstrip("."), "Diese Angabe fehlt.") from error
        raise invalid(field, "Diese Angabe hat eine falsche Form.") from error
