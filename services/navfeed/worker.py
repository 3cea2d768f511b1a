"""The worker of the feed service alone: ``python -m services.navfeed.worker``."""

from services.navfeed.bootstrap import alone
from shared.process import work

if __name__ == "__main__":
    work(alone)
