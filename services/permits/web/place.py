"""Where a measure is, from the fields of the form: a section of a street by its name, or what was drawn."""

import difflib

from services.permits.application.street_names import NoSuchPlaceError
from services.permits.application.streets import StreetRegister
from services.permits.web.form import Form

CHOSEN, DRAWN = "section", "drawn"
FIELDS = {"street": "street", "from": "from_street", "to": "to_street"}


def default_ways(form: Form, register: StreetRegister | None) -> None:
    """Say how each measure's place is given where nobody said it: by street, unless there is something drawn."""
    for number in form.numbers:
        name = f"measures-{number}-place"
        drawn = register is None or form.fields.get(f"measures-{number}-geometry", "").strip()
        form.fields.setdefault(name, DRAWN if drawn else CHOSEN)
        if register is None:
            form.fields[name] = DRAWN


def resolve(form: Form, register: StreetRegister | None) -> None:
    """Find the sections that were chosen; what is not in the register stands at its field."""
    default_ways(form, register)
    for number in form.numbers:
        prefix = f"measures-{number}-"
        if (
            register is None
            or form.fields[f"{prefix}place"] != CHOSEN
            or not form.fields.get(f"{prefix}street", "").strip()
        ):
            continue
        places = [form.fields.get(prefix + name, "") for name in FIELDS.values()]
        try:
            form.take_section(number, register.section(*places))
        except NoSuchPlaceError as error:
            form.errors[prefix + FIELDS[error.field]] = error.sentence + _meant(error.field, places[0], register)


def _meant(field: str, typed: str, register: StreetRegister) -> str:
    """The nearest names, for readers without suggestions while they type."""
    labels = [street.label for street in register.search(typed[:4])] if field == "street" else []
    found = difflib.get_close_matches(typed, labels, n=3)
    return f" Meinten Sie {' oder '.join(found)}?" if found else ""


def suggestions(form: Form, register: StreetRegister | None) -> dict[int, list[str]]:
    """What crosses each measure's street, for the fields of both ends; nothing for streets that are not known."""
    found: dict[int, list[str]] = {}
    for number in form.numbers if register else ():
        street = form.fields.get(f"measures-{number}-street", "").strip()
        try:
            found[number] = register.crossings(street) if register and street else []
        except NoSuchPlaceError:
            found[number] = []
    return found
