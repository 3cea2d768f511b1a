"""Instants in the words of people who live in Europe/Berlin. Pure: ``now`` is given."""

from datetime import datetime, timedelta

from shared.clock import BERLIN
from shared.headline import MONTHS

TICK = timedelta(microseconds=1)


def clock(instant: datetime) -> str:
    """``7:05 Uhr``; full hours are short: ``17 Uhr``."""
    local = instant.astimezone(BERLIN)
    return f"{local.hour}:{local:%M} Uhr" if local.minute else f"{local.hour} Uhr"


def minute(instant: datetime) -> str:
    """``14:03 Uhr``, always with its minutes, for times that are measured."""
    return f"{instant.astimezone(BERLIN):%H:%M} Uhr"


def day(instant: datetime, now: datetime) -> str:
    """``3. März``, with its year where that is another one than now's."""
    local = instant.astimezone(BERLIN)
    year = "" if local.year == now.astimezone(BERLIN).year else f" {local.year}"
    return f"{local.day}. {MONTHS[local.month - 1]}{year}"


def relative_day(instant: datetime, now: datetime) -> str:
    """``heute``, ``gestern``, ``morgen``, else the day."""
    apart = (instant.astimezone(BERLIN).date() - now.astimezone(BERLIN).date()).days
    return {0: "heute", -1: "gestern", 1: "morgen"}.get(apart) or day(instant, now)


def at(instant: datetime, now: datetime) -> str:
    """``um 14:03 Uhr``, ``gestern um 14:03 Uhr``, ``am 3. März um 14:03 Uhr``."""
    when = relative_day(instant, now)
    if when == "heute":
        return f"um {minute(instant)}"
    return f"{'am ' if when[0].isdigit() else ''}{when} um {minute(instant)}"


def since(instant: datetime, now: datetime) -> str:
    """``seit 13:22 Uhr``, ``seit gestern 13:22 Uhr``, ``seit 3. März, 13:22 Uhr``."""
    when = relative_day(instant, now)
    if when == "heute":
        return f"seit {minute(instant)}"
    return f"seit {when}{',' if when[0].isdigit() else ''} {minute(instant)}"


def ending(end: datetime, now: datetime) -> str:
    """The exclusive end as the last moment, ``gestern 17 Uhr``: midnight belongs to the day before."""
    local = end.astimezone(BERLIN)
    midnight = local.hour == local.minute == 0
    when = relative_day(end - TICK if midnight else end, now)
    return f"{when}{',' if when[0].isdigit() else ''} {'24 Uhr' if midnight else clock(end)}"


def ago(instant: datetime, now: datetime) -> str:
    """``vor 40 s``, ``vor 5 min``, ``vor 3 h``, ``vor 2 Tagen``; never in the future."""
    seconds = max(0, int((now - instant).total_seconds()))
    if seconds < 120:
        return f"vor {seconds} s"
    if seconds < 7_200:
        return f"vor {seconds // 60} min"
    return f"vor {seconds // 3_600} h" if seconds < 172_800 else f"vor {seconds // 86_400} Tagen"


def moment(instant: datetime, now: datetime) -> str:
    """A moment in full: ``gestern 17 Uhr``, ``3. März, 7 Uhr``."""
    when = relative_day(instant, now)
    return f"{when}{',' if when[0].isdigit() else ''} {clock(instant)}"
