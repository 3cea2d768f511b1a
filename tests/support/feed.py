"""A feed that tests publish into through its own sink, without a log."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from services.navfeed.adapters.rendering import Imprint
from services.navfeed.application.ledger import Ledger
from services.navfeed.application.publishing import Publishing, Renderer
from services.navfeed.domain.feature import Feature, Status
from services.navfeed.domain.publisher import SituationUpdate
from shared.contracts.permits import PermitApproved
from shared.eventstore.port import Batch
from shared.projection.grid import Write
from tests.unit.services.navfeed.builders import Feed, measure, permit

IMPRINT = Imprint("Stadt Mainz", "https://www.govdata.de/dl-de/by-2-0", "Stadt Mainz", "DE-Mainz")
SITUATION = "de-mainz-p1"


def features(*numbers: int, street: str = "Rheinstraße", status: Status | None = None) -> tuple[Feature, ...]:
    """Measures of one permit as the publisher hands them to the ledger."""
    feed = Feed()
    measures = [measure(id=f"de-mainz-m{n}", key=str(n), street=street) for n in numbers]
    feed.tell("02-20 12:00", PermitApproved(permit(*measures)))
    made = feed.at("03-05 12:00")
    return tuple(replace(feature, status=status) if status else feature for feature in made)


def publish(
    ledger: Ledger,
    renderer: Renderer,
    tx: Any,
    now: tuple[Feature, ...],
    *,
    cause: str = "cause-1",
    situation: str = SITUATION,
) -> list[Batch]:
    """All features that the situation has now; what is missing is gone."""
    update = SituationUpdate(situation_id=situation, permit_id="p1", features=now, cause=cause)
    return Publishing(ledger, renderer)(tx, [Write(0, update)])


SECOND = timedelta(seconds=1)
