"""The topics of the log: names, keys and partitions (fixed per topic version; interfaces.md § Topics)."""

from typing import NamedTuple


class Topic(NamedTuple):
    """A topic of the log; ``retained`` topics are kept for ever, others by age; ``compacted`` ones by key."""

    name: str
    key: str
    partitions: int = 1
    retained: bool = True
    compacted: bool = False


PERMITS = Topic("leitbake.permits.v1", "permit id")
PINGS = Topic("leitbake.pings.v1", "device id", partitions=8, retained=False)
DEVICES = Topic("leitbake.devices.v1", "device id")
SITES = Topic("leitbake.sites.v1", "site id")
SITUATIONS = Topic("leitbake.situations.v1", "measure id", compacted=True)

TOPICS = (PERMITS, PINGS, DEVICES, SITES, SITUATIONS)
