"""DATEX II as XML: names, elements and texts that the schema accepts. The order of calls is the order of elements."""

import re
from datetime import datetime

from lxml import etree

from shared.clock import rfc3339, to_micros

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {
    "xsi": XSI,
    "com": "http://datex2.eu/schema/3/common",
    "loc": "http://datex2.eu/schema/3/locationReferencing",
    "sit": "http://datex2.eu/schema/3/situation",
}
LANGUAGE = "de"
TEXT_LENGTH = 1024  # com:String and com:MultilingualStringValueType
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type of its elements


def qualified(name: str, namespaces: dict[str, str] = NAMESPACES) -> str:
    """``sit:situation`` as lxml wants it."""
    prefix, _, local = name.partition(":")
    return f"{{{namespaces[prefix]}}}{local}"


def add(parent: Element, name: str, text: str | None = None, *, kind: str | None = None, **attributes: str) -> Element:
    """Append an element; ``kind`` is its ``xsi:type``."""
    element = etree.SubElement(parent, qualified(name))
    if kind is not None:
        element.set(f"{{{XSI}}}type", kind)
    for key, value in attributes.items():
        element.set(key, value)
    if text is not None:
        element.text = clean(text)
    return element


def add_words(parent: Element, name: str, text: str) -> Element:
    """Append a multilingual string with its German value."""
    element = add(parent, name)
    add(add(element, "com:values"), "com:value", text, lang=LANGUAGE)
    return element


def clean(text: str) -> str:
    """Without characters that XML cannot hold, cut to what the schema allows."""
    return NOT_XML.sub("", text)[:TEXT_LENGTH]


def time(moment: datetime) -> str:
    """RFC 3339 in UTC; raises ``ValueError`` for a time without offset."""
    return rfc3339(to_micros(moment))


def to_bytes(element: Element) -> bytes:
    """The element with its namespaces, without declaration: it may stand alone and in any document."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=False)
