"""What a reader wants to see, as the address says it; the live map's scripts read and write the same address."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple, get_args

from services.navfeed.web.listing import Item, Listed, plain
from services.navfeed.web.passage import GROUPS, Group
from shared.clock import BERLIN
from shared.contracts.permits import Traveller
from shared.words import thousands

WEEK = timedelta(days=7)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Span = Literal["jetzt", "woche", "neu", "zeitraum"]


class Choice(NamedTuple):
    """``first`` and ``last`` are days in Berlin, both included; None: open."""

    span: Span
    first: date | None
    last: date | None
    group: Group | None
    traveller: Traveller | None
    search: str


def choice_of(values: Mapping[str, str]) -> Choice:
    """Whatever cannot be read chooses nothing."""
    span, group, traveller = values.get("zeit"), values.get("wirkung"), values.get("verkehr")
    return Choice(
        span=next((one for one in get_args(Span) if one == span), "jetzt"),
        first=_day(values.get("von", "")),
        last=_day(values.get("bis", "")),
        group=next((one for one in GROUPS if one == group), None),
        traveller=next((one for one in get_args(Traveller) if one == traveller), None),
        search=values.get("strasse", "").strip()[:80],
    )


def chosen(all_: list[Listed], choice: Choice, now: datetime) -> list[Listed]:
    """Those that match: the measures of a site together, where the gravest of them belongs, as filter.ts has them."""
    found = [one for one in all_ if _matches(one.properties, choice, now)]
    first: dict[str, str] = {}
    for one in found:
        first.setdefault(one.properties.number, one.properties.sort)
    return sorted(found, key=lambda one: (first[one.properties.number], one.properties.sort))


def counted(chosen: list[Listed]) -> str:
    """How many sites and measures; a site is a permit and may have several. The scripts say the same (list.ts)."""
    sites = len({one.properties.number for one in chosen})
    said = _some(sites, "Baustelle", "Baustellen")
    return said if sites == len(chosen) else f"{said}, {_some(len(chosen), 'Maßnahme', 'Maßnahmen')}"


def nothing(choice: Choice, *, elsewhere: bool) -> str:
    """Why the list is empty; ``elsewhere``: at another time or for others there is. filter.ts says the same."""
    if choice.span == "zeitraum" and choice.first and choice.last and choice.first > choice.last:
        return "„Von“ liegt nach „Bis“."
    bounded = choice.span == "zeitraum" and bool(choice.first or choice.last)
    when = {"jetzt": "jetzt ", "woche": "in den nächsten 7 Tagen "}.get(choice.span, "in diesem Zeitraum " * bounded)
    begins = ["in den nächsten 7 Tagen beginnt"] if choice.span == "neu" else []
    fits = ["zu dieser Auswahl passt"] if choice.group or choice.traveller else []
    fitting = f", die {' und '.join([*begins, *fits])}" if begins or fits else ""
    open_ = f"{when[0].upper()}{when[1:]}ist " if when else "Es ist "
    about = f"Zu „{choice.search}“ ist {when}" if choice.search else open_
    return f"{about}keine Baustelle bekannt{fitting}." + (" Sonst schon:" if elsewhere else "")


def _some(count: int, one: str, many: str) -> str:
    return f"{thousands(count)} {one if count == 1 else many}"


def any_of(all_: list[Listed], search: str) -> bool:
    """Whether anything at all is called so, whatever else was chosen."""
    return any(_called(one.properties, search) for one in all_)


def _called(item: Item, search: str) -> bool:
    text = plain(f"{item.place} {item.district} {item.number}")
    return all(word in text for word in plain(search).split())


def _matches(item: Item, choice: Choice, now: datetime) -> bool:
    return (
        _in_time(item, choice, now)
        and choice.group in (None, item.group)
        and (choice.traveller is None or choice.traveller in item.hinders)
        and _called(item, choice.search)
    )


def _in_time(item: Item, choice: Choice, now: datetime) -> bool:
    if choice.span == "jetzt":
        return item.status not in ("planned", "cancelled")
    if choice.span == "neu":
        return item.status == "planned" and now <= item.start < now + WEEK
    begin, end = (now, now + WEEK) if choice.span == "woche" else _range(choice)
    return item.start < end and (item.end is None or item.end > begin)


def _range(choice: Choice) -> tuple[datetime, datetime]:
    begin = datetime.combine(choice.first, time(), BERLIN) if choice.first else EARLIEST
    end = datetime.combine(choice.last + timedelta(days=1), time(), BERLIN) if choice.last else LATEST
    return begin, end


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[12]\d{3}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
