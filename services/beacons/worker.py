"""The worker of the service of lights alone: ``python -m services.beacons.worker``."""

from services.beacons.bootstrap import alone
from shared.process import work

if __name__ == "__main__":
    work(alone)
