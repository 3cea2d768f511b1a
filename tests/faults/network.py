"""A link that can swallow packets: nobody is told, no connection ends, as behind a switch or a firewall that died.

A server of the test's own lives in a network namespace; its packets and those to it go over a pair of virtual
interfaces, and are lost while each end has a wrong hardware address for the other.
"""

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

NOBODY = "02:00:00:00:00:01"  # an address that no interface has
_numbers = itertools.count()


class Link:
    """``inside``: the server's address; ``outside``: ours."""

    def __init__(self) -> None:
        number, process = next(_numbers), os.getpid()
        network = f"198.18.{process % 250}.{number * 4}"  # for tests of networks (RFC 2544), four addresses each
        self.name = f"lb{process}-{number}"
        self.outside, self.inside = (str(ip_address(network) + offset) for offset in (1, 2))
        # Where to type the words of an end, its device, and the address of the other end.
        self._ends: list[tuple[list[str], str, str]] = [
            ([], f"{self.name}-0", self.inside),
            (["-n", self.name], "eth0", self.outside),
        ]

    def make(self) -> None:
        here, there = (device for _, device, _ in self._ends)
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", self.name)
        _ip("-n", self.name, "link", "set", "lo", "up")
        for (where, device, _), own in zip(self._ends, (self.outside, self.inside), strict=True):
            _ip(*where, "address", "add", f"{own}/30", "dev", device)
            _ip(*where, "link", "set", device, "up")

    @contextmanager
    def swallowing(self) -> Iterator[None]:
        """Every packet, both ways."""
        for where, device, other in self._ends:
            _ip(*where, "neighbour", "replace", other, "lladdr", NOBODY, "dev", device, "nud", "permanent")
        try:
            yield
        finally:
            for where, device, other in self._ends:
                _ip(*where, "neighbour", "delete", other, "dev", device)


@contextmanager
def own_link() -> Iterator[Link | None]:
    """None where no network namespace may be made."""
    link = Link()
    if os.geteuid() != 0 or not _done("netns", "add", link.name):
        yield None
        return
    try:
        link.make()
        yield link
    finally:
        _ip("netns", "delete", link.name)


def within(link: Link | None) -> list[str]:
    """The words before a command that shall run at the other end."""
    return ["nsenter", f"--net=/run/netns/{link.name}"] if link else []


def _ip(*words: str) -> None:
    assert _done(*words), words


def _done(*words: str) -> bool:
    return shutil.which("ip") is not None and subprocess.run(["ip", *words], check=False).returncode == 0  # noqa: S607  # ip
