"""The application form: from the fields of a page to values of the office and back, every error at its field.

A field's name is the domain's path with dashes: ``measures[0].end`` is ``measures-0-end``. What was typed stays.
"""

import itertools
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from services.permits.application.streets import Section
from services.permits.domain.content import Content
from services.permits.domain.errors import RefusedError
from services.permits.domain.measures import ServiceArea, positions
from services.permits.domain.people import Personal
from services.permits.web.times import NoSuchTimeError, days_text, from_days, from_local, local_input, outside_period
from shared.contracts.base import Geometry
from shared.contracts.permits import Measure

MEASURES_MAX = 50
TEXTS = ("title", "works_kind", "district", "phase", "authorisation", "occupation", "mobility")
MEASURE_TEXTS = (
    "key", "kind", "street", "direction", "from_street", "to_street", "house_numbers", "daily_from", "daily_to",
    "control", "side", "detour", "standard_plan", "note",
)  # fmt: skip
OF_SECTION = ("street", "from_street", "to_street", "house_numbers")
WHOLE = ("lanes_total", "lanes_closed", "speed_limit_kph")
PERSONAL = (
    "applicant_email", "applicant_phone", "responsible_name", "responsible_phone", "responsible_proof", "client",
)  # fmt: skip
# As they stand on the page; measures come after who applies, and what is not named here last.
ON_PAGE = (
    "title", "works_kind", "authorisation", "occupation", "district", "expected_days", "phase", "mobility",
    "permit_number", "received_via", "received_at", "applicant", *PERSONAL, "measures",
)  # fmt: skip
IN_MEASURE = (
    "kind", "street", "from_street", "to_street", "geometry", "house_numbers", "direction", "start", "end",
    "daily_from", "daily_to", "weekdays", "except_dates", "affects", "exempt", "control", "standard_plan",
    "lanes_total", "lanes_closed", "residual_width_m", "speed_limit_kph", "detour", "note",
)  # fmt: skip
PLACES = "Bitte geben Sie Punkte als „Länge,Breite“ an, durch Leerzeichen getrennt, etwa 8.2700,50.0000 8.2710,50.0005."


@dataclass
class Form:
    """``fields`` as typed, by the name of their input; ``errors`` German sentences by the same names.

    ``sections``: the pieces of streets that were chosen by name, by the number of their measure.
    """

    fields: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    sections: dict[int, Section] = field(default_factory=dict)

    @property
    def attempt(self) -> str:
        """Sent along with the form, so that a double click makes one case."""
        return self.fields.setdefault("attempt", uuid.uuid4().hex)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Names and sentences of ``errors``, in the order of the page."""
        return sorted(self.errors.items(), key=lambda fault: _stands(fault[0]))

    @property
    def named(self) -> str:
        """The applicant, where the public may read who that is."""
        public = self.fields.get("applicant_kind") == "organisation"
        return self.fields.get("applicant", "").strip() if public else ""

    @property
    def numbers(self) -> list[int]:
        """Of the measures on the page, in order; at least one."""
        found = {int(match[1]) for name in self.fields if (match := re.match(r"measures-(\d{1,3})-", name))}
        return sorted(found)[:MEASURES_MAX] or [0]

    def add_measure(self) -> None:
        """One more, in the same street."""
        last = self.numbers[-1]
        self.fields[f"measures-{last + 1}-street"] = self.fields.get(f"measures-{last}-street", "")

    def remove_measure(self, number: int) -> None:
        if len(self.numbers) > 1:
            self.fields = {n: v for n, v in self.fields.items() if not n.startswith(f"measures-{number}-")}

    def places(self, area: ServiceArea) -> list[tuple[str, Geometry]]:
        """Kind and place of each measure whose place can be read and lies in ``area``."""
        found = []
        for number in self.numbers:
            text = self.fields.get(f"measures-{number}-geometry", "").strip()
            try:
                place = msgspec.convert(_geometry(text), Geometry) if text else None
            except UnreadableFieldError:
                continue  # stands at its field once the form is sent
            if place is not None and all(map(area.holds, positions(place))):
                found.append((self.fields.get(f"measures-{number}-kind", ""), place))
        return found

    def take_section(self, number: int, section: Section) -> None:
        """The measure lies there; an Ortsteil that nobody named is the section's."""
        self.sections[number] = section
        self.fields[f"measures-{number}-geometry"] = geometry_text(section.line)
        if section.district and not self.fields.get("district", "").strip():
            self.fields["district"] = section.district

    def refuse(self, refused: RefusedError) -> None:
        """Put what the domain says at its fields; the domain counts measures from 0 without gaps."""
        problems = refused.problems or (((refused.field or ""), refused.sentence),)
        for path, sentence in problems:
            self.errors.setdefault(self._name(path), sentence)

    def _name(self, path: str) -> str:
        match = re.match(r"measures\[(\d+)\]\.?(.*)", path)
        if not match:
            return "measures" if path.startswith("measures") else path
        return f"measures-{self.numbers[int(match[1])]}-{match[2].partition('.')[0].partition('[')[0] or 'kind'}"

    def values(self) -> dict[str, Any]:
        """Values for the office; ``errors`` has what could not be read."""
        fields = self.fields
        values: dict[str, Any] = {name: fields[name] for name in TEXTS if name in fields}
        values["measures"] = [self._measure(number) for number in self.numbers]
        values["applicant"] = self.named or None
        for name in ("permit_number", "received_via"):
            if fields.get(name, "").strip():
                values[name] = fields[name]
        if "conditions" in fields:
            values["conditions"] = [line.strip() for line in fields["conditions"].splitlines() if line.strip()]
        values["expected_days"] = None
        values |= self._read({"expected_days": _whole, "received_at": from_local}, "")
        return values

    def merged(self, known: Content) -> dict[str, Any]:
        """Values to change ``known`` by: what the page does not show of a measure stays as it is."""
        values, before = self.values(), {measure.key: measure for measure in known.permit.measures}
        free = (str(number) for number in itertools.count(1) if str(number) not in before)
        for number, given in zip(self.numbers, values["measures"], strict=True):
            measure = before.get(given["key"])
            if measure is None:
                given["key"] = next(free)
                continue
            given.update(_beneath(measure, given))
            if f"measures-{number}-except_dates" not in self.fields:  # a form that was begun before it had this field
                given["except_dates"] = measure.except_dates
        return values

    def show(self, personal: Personal) -> None:
        """Personal fields as they are kept."""
        self.fields |= {name: text for name in PERSONAL if (text := getattr(personal, name))}
        if personal.applicant_name and not self.fields.get("applicant"):
            self.fields["applicant"] = personal.applicant_name

    def personal(self, *, shown: bool = False) -> Personal | None:
        """Personal fields; ``shown``: what is kept stood in them, so that an empty one is taken out."""
        fields = {name: self.fields[name].strip() for name in PERSONAL if name in self.fields}
        if self.fields.get("applicant_kind") != "organisation":
            fields["applicant_name"] = self.fields.get("applicant", "").strip()
        said = {name: text for name, text in fields.items() if text or shown}
        return msgspec.convert(said, Personal) if said else None

    def _measure(self, number: int) -> dict[str, Any]:
        prefix = f"measures-{number}-"
        texts = {name: self.fields.get(prefix + name, "") for name in MEASURE_TEXTS}
        readers: dict[str, Any] = {"start": from_local, "end": from_local, "except_dates": from_days}
        readers |= dict.fromkeys(WHOLE, _whole) | {"residual_width_m": _width, "geometry": _geometry}
        for name, sentence in NEEDED.items():
            if not self.fields.get(prefix + name, "").strip() and not self._excused(prefix, name):
                self.errors.setdefault(prefix + name, sentence)
        days = self.fields.get(f"{prefix}weekdays", "").split()
        section, read = self.sections.get(number), self._read(readers, prefix)
        outside = outside_period(read.get("except_dates", ()), read.get("start"), read.get("end"))
        if outside:
            self.errors.setdefault(f"{prefix}except_dates", f"Nicht im Zeitraum: {days_text(outside)}.")
        return {
            **texts,
            **({name: getattr(section, name) or "" for name in OF_SECTION} if section else {}),
            **read,
            "weekdays": [int(day) for day in days if day.isdecimal()] or None,
            **{name: self.fields.get(prefix + name, "").split() for name in PEOPLE},
        }

    def _excused(self, prefix: str, name: str) -> bool:
        """A chosen section has no field for its place: what is missing stands at the street and its ends."""
        return name == "geometry" and self.fields.get(f"{prefix}place") == "section"

    def _read(self, readers: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        values = {}
        for name, reader in readers.items():
            text = self.fields.get(prefix + name, "").strip()
            if not text:
                continue
            try:
                values[name] = reader(text)
            except (NoSuchTimeError, UnreadableFieldError) as error:
                self.errors.setdefault(prefix + name, str(error))
        return values


def _beneath(measure: Measure, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields do not show: seconds of a time, holes of an area that was not touched."""
    kept: dict[str, Any] = {}
    for name in ("start", "end"):
        if local_input(given.get(name)) == local_input(getattr(measure, name)):
            kept[name] = getattr(measure, name)
    if given.get("geometry") == _geometry(geometry_text(measure.geometry)):
        kept["geometry"] = msgspec.to_builtins(measure.geometry)
    return kept


PEOPLE = ("affects", "exempt")
BOXES = ("weekdays", *PEOPLE)
NEEDED = {
    "kind": "Bitte wählen Sie die Art der Maßnahme.",
    "street": "Die Straße fehlt.",
    "start": "Der Beginn fehlt.",
    "geometry": "Der Ort fehlt.",
}


def _stands(name: str) -> tuple[int, int, int]:
    """Where a field stands on the page: its section, its measure, its place there."""
    measure = re.match(r"measures-(\d+)-(.+)", name)
    if measure:
        place = IN_MEASURE.index(measure[2]) if measure[2] in IN_MEASURE else len(IN_MEASURE)
        return 1, int(measure[1]), place
    return (0, 0, ON_PAGE.index(name)) if name in ON_PAGE else (2, 0, 0)


class UnreadableFieldError(ValueError):
    """The message is German and stands at the field."""


def of_request(fields: Iterable[tuple[str, str]]) -> Form:
    """What a browser sent; boxes of one name (``BOXES``) become words."""
    form = Form()
    for name, text in fields:
        if name not in {"csrf_token", "do"}:
            form.fields[name] = f"{form.fields[name]} {text}" if name in form.fields else text
    return form


def of_content(content: Content) -> Form:
    """The form that would have made this content, for changing it."""
    permit = content.permit
    fields = {name: str(getattr(permit, name) or "") for name in (*TEXTS, "expected_days")}
    fields |= {"applicant_kind": "organisation" if permit.applicant else "person", "applicant": permit.applicant or ""}
    fields["conditions"] = "\n".join(content.conditions)
    for number, measure in enumerate(permit.measures):
        prefix = f"measures-{number}-"
        for name in (*MEASURE_TEXTS, *WHOLE, "residual_width_m"):
            value = content.notes.get(measure.key) if name == "note" else getattr(measure, name)
            fields[prefix + name] = "" if value is None else str(value)
        fields[f"{prefix}start"], fields[f"{prefix}end"] = local_input(measure.start), local_input(measure.end)
        fields[f"{prefix}except_dates"] = days_text(measure.except_dates)
        fields[f"{prefix}geometry"] = geometry_text(measure.geometry)
        for name in BOXES:
            fields[prefix + name] = " ".join(str(it) for it in getattr(measure, name) or ())
    return Form(fields)


def geometry_text(geometry: Geometry) -> str:
    return " ".join(f"{lon},{lat}" for lon, lat in positions(geometry))


def _geometry(text: str) -> dict[str, Any]:
    """One position is a point, a closed ring an area, anything else a line."""
    try:
        places = [tuple(float(figure) for figure in pair.split(",")) for pair in re.split(r"[\s;]+", text.strip())]
    except ValueError as error:
        raise UnreadableFieldError(PLACES) from error
    if any(len(place) != 2 or not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90) for place in places):
        raise UnreadableFieldError(PLACES)
    if len(places) == 1:
        return {"type": "Point", "coordinates": places[0]}
    if len(places) > 3 and places[0] == places[-1]:
        return {"type": "Polygon", "coordinates": [places]}
    return {"type": "LineString", "coordinates": places}


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text):
        raise UnreadableFieldError("Bitte geben Sie eine ganze Zahl an.")
    return int(text)


def _width(text: str) -> float:
    if not re.fullmatch(r"\d{1,3}([.,]\d{1,2})?", text):
        raise UnreadableFieldError("Bitte geben Sie eine Breite in Metern an, etwa 3,00.")
    return float(text.replace(",", "."))


def parse_moment(form: Form, name: str) -> datetime | None:
    """One optional instant of a small form; a fault stands in ``errors``."""
    found: datetime | None = form._read({name: from_local}, "").get(name)  # noqa: SLF001 - the same module
    return found
