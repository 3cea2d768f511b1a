"""Why a record was parked, in the words of those who are on call."""

import pytest
from msgspec.structs import replace

from services.suite.ops.web.words import parked_reason
from shared.events.codec import PoisonError, decode
from tests.support.city import approved


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data": b"{}"}, "de.leitbake.permit.approved.v1 ist nicht lesbar: Object missing required field `permit`"),
        (
            {"type": "de.leitbake.permit.approved.v99"},
            "Die Art de.leitbake.permit.approved.v99 ist hier unbekannt: Ein neuerer Dienst hat es geschrieben.",
        ),
    ],
)
def test_what_the_codec_refuses_is_said_in_german(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(PoisonError) as refused:
        decode(replace(approved(), **changes))
    assert parked_reason(str(refused.value)) == sentence


@pytest.mark.parametrize(
    ("reason", "begins"),
    [
        ("an earlier event of this stream is parked", "Ein früheres Ereignis"),
        ("version 3 came after 1: events are missing between them", "Fassung 3 kam nach Fassung 1"),
        ("two measures of the permit have one id", "Zwei Maßnahmen"),
        ("measure de-mz-7 belongs to another permit", "Die Maßnahme de-mz-7 gehört"),
        ("permit.approved.v1: time without offset", "In permit.approved.v1 fehlt"),
        ("light.placed.v1: a stand outside of EPSG:25832", "In light.placed.v1 liegt ein Standort"),
        ("measure m: no work area in the reach of EPSG:25832, or larger than 50 km", "Das Baufeld von m"),
        ("an extension of a case that was never submitted", "Verlängert wird"),
        ("value too long for type character varying(3)", "value too long"),
    ],
)
def test_what_an_application_refuses_as_well_and_the_rest_stands_as_it_is(reason: str, begins: str) -> None:
    assert parked_reason(reason).startswith(begins)
