"""Servers of our own, to be broken: PostgreSQL and Kafka on small disks in memory."""

import errno
import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from psycopg.conninfo import make_conninfo

from deploy.kafka.broker import LOOPBACK, Broker
from shared.db.embedded import embedded_postgres
from tests.faults.network import Link, within

MIB = 1 << 20


class Disk:
    """A folder; ``size`` bytes where it is a disk of its own, else None."""

    def __init__(self, folder: Path, size: int | None) -> None:
        self.folder, self.size = folder, size

    def fill(self) -> None:
        """Until nothing more fits; again where room was found meanwhile."""
        with (self.folder / "ballast").open("ab", buffering=0) as file:
            for piece in (MIB, 4_096):
                try:
                    while True:
                        file.write(b"x" * piece)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def make_room(self) -> None:
        (self.folder / "ballast").unlink()


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Disk]:
    """A tmpfs where we may mount one, else just the folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield Disk(folder, None)
        return
    try:
        yield Disk(folder, mebibytes * MIB)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607  # umount


class OwnPostgres:
    """A server that ``pg_ctl`` is let loose on. ``url`` goes over a Unix socket, ``far_url`` over the link if any."""

    def __init__(self, url: str, disk: Disk, link: Link | None) -> None:
        self.url, self.far_url, self.disk, self.link = url, url, disk, link
        self._data = disk.folder / "data"
        server = self._server()
        owner = [f"--reuid={server.uids().real}", f"--regid={server.gids().real}", "--clear-groups"]
        self._as_owner = ["setpriv", *owner] if os.geteuid() == 0 else []  # it does not run as root
        self._pg_ctl = str(Path(server.exe()).parent / "pg_ctl")
        if link is not None:
            self._move(link)

    def _move(self, link: Link) -> None:
        """To the other end of the link; its socket stays in its folder."""
        with (self._data / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {link.outside}/32 trust\n")
        words = shlex.join(self._server().cmdline()[1:])
        assert self.control("restart", "-m", "fast", "-o", f"{words} -h {link.inside}") == 0
        self.far_url = make_conninfo(self.url, host=link.inside)

    def control(self, *arguments: str) -> int:
        words = ["-D", str(self._data), "-l", str(self._data / "log"), "-t", "60", *arguments]
        command = [*within(self.link), *self._as_owner, self._pg_ctl, *words]
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode

    def crash_and_start(self) -> None:
        """As after a power cut."""
        assert self.control("restart", "-m", "immediate") == 0

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Every process of it stands still: sockets take what is sent, and nobody answers."""
        server = self._server()
        server.suspend()  # first, so that it starts no more
        stopped = [server, *server.children()]
        for process in stopped[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in reversed(stopped):
                process.resume()

    def _server(self) -> psutil.Process:
        return psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))

    def back(self) -> None:
        """Started again if it ended, as a supervisor would."""
        while self.control("status") and self.control("start"):
            time.sleep(0.5)


@contextmanager
def own_postgres(disk: Disk, link: Link | None) -> Iterator[OwnPostgres]:
    with embedded_postgres(disk.folder / "data") as url:
        made = OwnPostgres(url, disk, link)
        try:
            yield made
        finally:
            made.control("stop", "-m", "immediate")  # the wheel only knows the process that it started itself


class OwnKafka(Broker):
    """A broker on a disk of its own, at the other end of the link if any."""

    def __init__(self, disk: Disk, port: int, link: Link | None) -> None:
        super().__init__(disk.folder / "data", port, host=link.inside if link else LOOPBACK, within=within(link))
        self.disk, self.link = disk, link

    def back(self) -> None:
        """As ``OwnPostgres.back``."""
        if self.process is None or self.process.poll() is not None:
            self.start()
