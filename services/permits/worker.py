"""The worker of the permit service alone: ``python -m services.permits.worker``."""

from services.permits.bootstrap import build
from shared.process import work

if __name__ == "__main__":
    work(build)
