"""Who this house is: what every case of it says without being asked."""

from typing import NamedTuple


class House(NamedTuple):
    """``namespace`` prefixes published ids for life; ``authority`` orders (the traffic authority)."""

    namespace: str
    authority: str
