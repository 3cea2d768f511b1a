"""A door's health check from inside its container: ``python -m deploy.healthy permits``."""

import sys
import urllib.request

TIMEOUT_S = 4


def main() -> None:
    """Exit code 1, by the traceback, where the process does not answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:8000/{sys.argv[1]}/healthz", timeout=TIMEOUT_S):
        pass


if __name__ == "__main__":
    main()
