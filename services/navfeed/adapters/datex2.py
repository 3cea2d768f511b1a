"""DATEX II 3.7: a situation as a stored piece; payload and message container as nothing but stored bytes put together.

A piece carries its own namespaces, so it is valid wherever it is put. One situation per permit.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

from services.navfeed.adapters.datex2_records import Works, add_measure, add_works, main_feature, severity
from services.navfeed.adapters.datex2_xml import LANGUAGE, NAMESPACES, add, clean, qualified, time, to_bytes
from services.navfeed.domain.feature import Feature

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
D2 = "http://datex2.eu/schema/3/d2Payload"
CONTAINER = "http://datex2.eu/schema/3/messageContainer"
EXCHANGE = "http://datex2.eu/schema/3/exchangeInformation"
MANAGEMENT = "http://datex2.eu/schema/3/informationManagement"
PUBLICATION = (
    f'xmlns:xsi="{NAMESPACES["xsi"]}" xmlns:com="{NAMESPACES["com"]}" xmlns:sit="{NAMESPACES["sit"]}"'
    f' xsi:type="sit:SituationPublication" lang="{LANGUAGE}" modelBaseVersion="3"'
    ' profileName="leitbake-roadworks" profileVersion="1.0"'
)


class History(NamedTuple):
    """What the ledger knows of a situation and no feature says.

    ``version`` counts the situation's pieces, ``created`` is the first publication of each measure by id.
    """

    version: int
    created: Mapping[str, datetime]


class Supplier(NamedTuple):
    """Who publishes: the identifier that the national access point gave, and the ISO 3166 country in lower case."""

    identifier: str
    country: str = "de"


class Managed(NamedTuple):
    """A record that is over: listed in the container, as long as it is shown."""

    id: str
    version: int
    status: Literal["closed", "cancelled"]


def situation(features: Sequence[Feature], history: History | None = None) -> bytes:
    """One ``situation`` of all features of a permit; raises ``ValueError`` without features or before versions.

    Without ``history`` the works record takes the sum of its measures' versions, and records the time of their version
    as that of their creation: good for tests, not for a feed.
    """
    if not features or any(feature.version_time is None for feature in features):
        raise ValueError("a situation needs features, and their versions")
    features = sorted(features, key=lambda feature: feature.id)
    version_time = max(feature.version_time for feature in features if feature.version_time is not None)
    created = history.created if history else {}
    first = {feature.id: created.get(feature.id) or feature.version_time or version_time for feature in features}
    works = Works(
        id=f"{features[0].situation_id}-works",
        version=history.version if history else sum(feature.version for feature in features),
        created=min(first.values()),
        version_time=version_time,
    )
    element = etree.Element(qualified("sit:situation"), nsmap=NAMESPACES)
    element.set("id", features[0].situation_id)
    add(element, "sit:overallSeverity", severity(features))
    add(element, "sit:situationVersionTime", time(version_time))
    heading = add(element, "sit:headerInformation")
    add(heading, "com:confidentiality", "noRestriction")
    add(heading, "com:informationStatus", "real")
    add_works(element, works, features)
    for feature in features:
        add_measure(element, feature, works, first[feature.id], main_feature(features))
    return to_bytes(element)


def managed(features: Iterable[Feature]) -> list[Managed]:
    """The records among ``features`` that are over, for the container."""
    words: dict[str, Literal["closed", "cancelled"]] = {"ended": "closed", "cancelled": "cancelled"}
    return [Managed(f.id, f.version, words[f.status]) for f in features if f.status in words]


def payload_frame(publication_time: datetime, supplier: Supplier) -> tuple[bytes, bytes]:
    """Header and footer of a bare payload; ``publication_time`` moves only with content."""
    opening = f'<d2:payload xmlns:d2="{D2}" {PUBLICATION}>\n{_publication_head(publication_time, supplier)}'
    return DECLARATION + opening.encode(), b"\n</d2:payload>\n"


def container_frame(publication_time: datetime, supplier: Supplier, over: Sequence[Managed]) -> tuple[bytes, bytes]:
    """Header and footer of a message container for snapshot pull; ``over`` are the closed and cancelled records."""
    head = (
        f'<con:messageContainer xmlns:con="{CONTAINER}" xmlns:com="{NAMESPACES["com"]}" xmlns:ex="{EXCHANGE}"'
        f' xmlns:inf="{MANAGEMENT}" modelBaseVersion="3">\n'
        f"<con:payload {PUBLICATION}>\n{_publication_head(publication_time, supplier)}"
    )
    tail = (
        '\n</con:payload>\n<con:exchangeInformation modelBaseVersion="3"><ex:exchangeContext>'
        "<ex:codedExchangeProtocol>snapshotPull</ex:codedExchangeProtocol>"
        "<ex:exchangeSpecificationVersion>2020</ex:exchangeSpecificationVersion>"
        "<ex:supplierOrCisRequester><ex:internationalIdentifier>"
        f"{_identifier(supplier)}</ex:internationalIdentifier></ex:supplierOrCisRequester></ex:exchangeContext>"
        "<ex:dynamicInformation><ex:exchangeStatus>online</ex:exchangeStatus>"
        f"<ex:messageGenerationTimestamp>{time(publication_time)}</ex:messageGenerationTimestamp>"
        f"</ex:dynamicInformation></con:exchangeInformation>\n{_management(over)}</con:messageContainer>\n"
    )
    return DECLARATION + head.encode(), tail.encode()


def join(frame: tuple[bytes, bytes], pieces: Iterable[bytes]) -> bytes:
    """The whole document from stored bytes."""
    return frame[0] + b"\n".join(pieces) + frame[1]


def payload(publication_time: datetime, pieces: Iterable[bytes], supplier: Supplier) -> bytes:
    return join(payload_frame(publication_time, supplier), pieces)


def container(
    publication_time: datetime, pieces: Iterable[bytes], supplier: Supplier, over: Sequence[Managed] = ()
) -> bytes:
    return join(container_frame(publication_time, supplier, over), pieces)


def _publication_head(publication_time: datetime, supplier: Supplier) -> str:
    return (
        "<com:feedType>roadworks</com:feedType>"
        f"<com:publicationTime>{time(publication_time)}</com:publicationTime>"
        f"<com:publicationCreator>{_identifier(supplier)}</com:publicationCreator>\n"
    )


def _identifier(supplier: Supplier) -> str:
    country, identifier = escape(supplier.country), escape(clean(supplier.identifier))
    return f"<com:country>{country}</com:country><com:nationalIdentifier>{identifier}</com:nationalIdentifier>"


def _management(over: Sequence[Managed]) -> str:
    if not over:
        return ""
    references = "".join(
        f"<inf:elementReference><inf:managementStatus>{record.status}</inf:managementStatus>"
        f'<inf:versionedReference id="{record.id}" version="{record.version}"/></inf:elementReference>\n'
        for record in sorted(over)
    )
    return (
        f"<con:informationManagement><inf:informationManagedResourceList>\n{references}"
        "</inf:informationManagedResourceList></con:informationManagement>\n"
    )
