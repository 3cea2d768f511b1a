"""What the DATEX II schema cannot see and navigation providers reject (domain.md § 3): a checker for published XML."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from services.navfeed.adapters.datex2_xml import NAMESPACES, Element

POS_LIST = re.compile(r"-?\d+\.\d+( -?\d+\.\d+)*")
DATE_TIME = re.compile(r"\s*-?\d{4,}-\d\d-\d\dT")
OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)\s*$")
PUBLICATION_XPATH = "//*[substring-after(concat('|', @xsi:type), ':') = 'SituationPublication']"


class Area(NamedTuple):
    """WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


GERMANY = Area(5.8, 47.2, 15.1, 55.1)


def check(xml: bytes, service_area: Area = GERMANY) -> list[str]:
    """What is wrong with the document, one line per defect, in document order per kind; empty: nothing found.

    Positions outside ``service_area`` are defects; if they lie inside with their axes swapped, that is said.
    """
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error.msg}"]
    return [
        *_empty(root),
        *_duplicate_ids(root),
        *_dangling(root),
        *_times(root),
        *_periods(root),
        *_pos_lists(root, service_area),
        *_rings(root),
        *_points(root, service_area),
    ]


def _find(element: Element, path: str) -> list[Element]:
    found = element.xpath(path, namespaces=NAMESPACES)
    return [item for item in found if isinstance(item, etree._Element)] if isinstance(found, list) else []  # noqa: SLF001 - lxml has no public name for the type


def _where(element: Element) -> str:
    owners = _find(element, "ancestor-or-self::sit:situation | ancestor-or-self::sit:situationRecord")
    name = etree.QName(element).localname
    return f"{name} of {owners[-1].get('id')}" if owners else name


def _empty(root: Element) -> Iterator[str]:
    publications = _find(root, PUBLICATION_XPATH)
    if not publications:
        yield "no publication in the document"
    for publication in publications:
        if not _find(publication, "sit:situation"):
            yield "empty publication"
    for situation in _find(root, "//sit:situation"):
        if not _find(situation, "sit:situationRecord"):
            yield f"empty situation: {situation.get('id')}"


def _duplicate_ids(root: Element) -> Iterator[str]:
    ids = Counter(str(item.get("id")) for item in _find(root, "//sit:situation | //sit:situationRecord"))
    yield from (f"duplicate id: {id_}" for id_, count in ids.items() if count > 1)


def _dangling(root: Element) -> Iterator[str]:
    records = {(item.get("id"), item.get("version")) for item in _find(root, "//sit:situationRecord")}
    known = (
        records | {(id_, None) for id_, _ in records} | {(s.get("id"), None) for s in _find(root, "//sit:situation")}
    )
    for reference in _find(root, "//sit:objectReference"):
        target = (reference.get("id"), reference.get("version"))
        if target not in known:
            yield f"dangling reference: {target[0]} version {target[1]} in {_where(reference)}"


def _times(root: Element) -> Iterator[str]:
    for item in root.iter(etree.Element):
        text = item.text or ""
        if DATE_TIME.match(text) and not OFFSET.search(text):
            yield f"time without offset: {text.strip()} in {_where(item)}"


def _periods(root: Element) -> Iterator[str]:
    for start_name, end_name in (("overallStartTime", "overallEndTime"), ("startOfPeriod", "endOfPeriod")):
        for start in _find(root, f"//com:{start_name}[../com:{end_name}]"):
            end = _find(start, f"../com:{end_name}")[0]
            first, last = _instant(start), _instant(end)
            if first is not None and last is not None and last < first:
                yield f"end before start: {end.text} < {start.text} in {_where(start)}"


def _instant(item: Element) -> datetime | None:
    """None for what ``_times`` or the schema finds."""
    try:
        moment = datetime.fromisoformat((item.text or "").strip())
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def _pos_lists(root: Element, area: Area) -> Iterator[str]:
    for item in _find(root, "//loc:posList"):
        text = item.text or ""
        numbers = text.split()
        decimals = {len(number.partition(".")[2]) for number in numbers}
        if not POS_LIST.fullmatch(text) or len(decimals) != 1:
            yield f"posList format: one blank between numbers of the same decimals in {_where(item)}"
        elif len(numbers) % 2:
            yield f"posList with an odd number of values in {_where(item)}"
        else:
            yield from _outside(_pairs(numbers), area, item)


def _pairs(numbers: list[str]) -> list[tuple[float, float]]:
    values = [float(number) for number in numbers]
    return list(zip(values[::2], values[1::2], strict=True))


def _outside(positions: list[tuple[float, float]], area: Area, item: Element) -> Iterator[str]:
    """One line per place: the first position that is wrong."""
    for first, second in positions:
        if not area.holds(first, second):
            what = "swapped axes" if area.holds(second, first) else "outside the service area"
            yield f"{what}: {first} {second} in {_where(item)}"
            return


def _rings(root: Element) -> Iterator[str]:
    for item in _find(root, "//loc:exterior/loc:posList | //loc:interior/loc:posList"):
        numbers = (item.text or "").split()
        if numbers[:2] != numbers[-2:]:
            yield f"open ring in {_where(item)}"


def _points(root: Element, area: Area) -> Iterator[str]:
    for latitude in _find(root, "//loc:latitude[../loc:longitude]"):
        longitude = _find(latitude, "../loc:longitude")[0]
        try:
            position = (float(latitude.text or ""), float(longitude.text or ""))
        except ValueError:
            yield f"no numbers: {latitude.text} {longitude.text} in {_where(latitude)}"
            continue
        yield from _outside([position], area, latitude)
