"""Server-Sent Events with resume (WHATWG HTML § 9.2): one thread per process reads on and feeds all subscribers.

A subscriber that stops reading is dropped, not waited for: it comes back with ``Last-Event-ID`` and misses nothing.
"""

import queue
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import NamedTuple, Protocol

import structlog
from flask import Response, request

from shared.db.errors import DatabaseUnavailableError
from shared.web.problems import ProblemError

logger = structlog.get_logger()

HEARTBEAT_S = 15.0
SEND_S = 30.0
POLL_S = 0.25
OUTAGE_S = 1.0
READ = 500
DEPTH = 100
# Each holds a thread of the server: together with the other streams there must be threads left for requests.
MAX_SUBSCRIBERS = 16
RETRY = b"retry: 2000\n\n"
RETRY_S = "10"
BEAT = b": \n\n"
MAX_DIGITS = 18


class Item(NamedTuple):
    """One event for subscribers; several may share a position."""

    position: int
    kind: str
    data: bytes


class Source(Protocol):
    """What is told to subscribers, in the order of positions. Called by several threads."""

    def newest(self) -> int:
        """The last position; raises ``DatabaseUnavailableError``."""
        ...

    def after(self, position: int, limit: int) -> Sequence[Item]:
        """About ``limit`` items after a position, never a part of one; raises ``DatabaseUnavailableError``."""
        ...


class TooManySubscribersError(Exception):
    """All places are taken: answer 503 with Retry-After."""


class _Subscription:
    def __init__(self, depth: int) -> None:
        self.items: queue.Queue[Sequence[Item]] = queue.Queue(depth)
        self.dropped = threading.Event()


class Hub:
    """The subscribers of one process. The thread runs only while there are any, so it never crosses a fork."""

    def __init__(
        self,
        source: Source,
        *,
        limit: int = MAX_SUBSCRIBERS,
        depth: int = DEPTH,
        poll_s: float = POLL_S,
        heartbeat_s: float = HEARTBEAT_S,
        beat: Callable[[], bytes] = lambda: BEAT,
    ) -> None:
        """``beat``: what a subscriber gets who would hear nothing for ``heartbeat_s``."""
        self._source, self._limit, self._depth = source, limit, depth
        self._poll_s, self._heartbeat_s, self._beat = poll_s, heartbeat_s, beat
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._subscriptions: list[_Subscription] = []
        self._position = 0
        self._thread: threading.Thread | None = None

    def subscribe(self, after: int | None = None) -> Iterator[bytes]:
        """The bytes of a response: what came after ``after`` (None: only what comes from now on), then live.

        A position that was never given out is another ledger's: the event ``reset`` says so, with where it goes on, and
        the subscriber has to read everything anew. Raises ``TooManySubscribersError`` and ``DatabaseUnavailableError``
        at once, not while it is read.
        """
        subscription = _Subscription(self._depth)
        newest = self._source.newest()
        with self._lock:
            if len(self._subscriptions) >= self._limit:
                raise TooManySubscribersError
            if self._thread is None:
                self._position = newest
                self._wake.clear()
                self._thread = threading.Thread(target=self._run, name="sse", daemon=True)
                self._thread.start()
            self._subscriptions.append(subscription)
            joined = self._position
        lost = after is not None and after > max(joined, newest)
        start = joined if after is None or lost else after
        first = RETRY + encode([Item(joined, "reset", b'{"position":%d}' % joined)]) if lost else RETRY
        return _Stream(self._frames(first, subscription, start, joined), lambda: self._leave(subscription))

    def close(self) -> None:
        """Let everybody go; they come back to another process."""
        with self._lock:
            for subscription in self._subscriptions:
                _drop(subscription)
            thread = self._thread
        self._wake.set()
        if thread is not None:
            thread.join()

    def _frames(self, first: bytes, subscription: _Subscription, position: int, joined: int) -> Generator[bytes]:
        yield first
        while position < joined:
            try:
                items = self._source.after(position, READ)
            except DatabaseUnavailableError:
                return
            if not items:
                break
            position = items[-1].position
            yield encode(items)
        while not subscription.dropped.is_set():
            try:
                batch = subscription.items.get(timeout=self._heartbeat_s)
            except queue.Empty:
                yield self._beat()
                continue
            # Catching up may have gone past what was already waiting here.
            news = [item for item in batch if item.position > position]
            if news:
                position = news[-1].position
                yield encode(news)

    def _leave(self, subscription: _Subscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)

    def _run(self) -> None:
        try:
            while self._serve():
                self._wake.wait(self._poll_s)
        finally:
            # Whatever ended it, nobody may wait for a thread that is gone; a new one may have begun already.
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None
                    for subscription in self._subscriptions:
                        _drop(subscription)

    def _serve(self) -> bool:
        """One round; False when nobody is left."""
        items: Sequence[Item] = ()
        try:
            items = self._source.after(self._position, READ)
        except DatabaseUnavailableError as error:
            logger.warning("stream_waits", reason=str(error))
            self._wake.wait(OUTAGE_S)
        with self._lock:
            if items:
                self._position = items[-1].position
                for subscription in self._subscriptions:
                    _offer(subscription, items)
            self._subscriptions = [one for one in self._subscriptions if not one.dropped.is_set()]
            if not self._subscriptions:
                self._thread = None
            return self._thread is not None


class _Stream(Iterator[bytes]):
    """Gives its place back when it ends or when the server closes it, even if nobody ever began to read."""

    def __init__(self, frames: Generator[bytes], leave: Callable[[], None]) -> None:
        self._frames, self._leave = frames, leave

    def __next__(self) -> bytes:
        try:
            return next(self._frames)
        except BaseException:
            self._leave()
            raise

    def close(self) -> None:
        self._frames.close()
        self._leave()


def encode(items: Sequence[Item]) -> bytes:
    """Events as bytes. Only the last one of a position carries it as ``id``: resuming never splits a position."""
    frames = []
    for position, group in groupby(items, key=lambda item: item.position):
        events = [b"event: %s\n%s" % (item.kind.encode(), _data(item.data)) for item in group]
        events[-1] = b"id: %d\n%s" % (position, events[-1])
        frames += events
    return b"\n".join(frames) + b"\n"


def response(stream: Iterator[bytes]) -> Response:
    """No cache and no proxy may hold events back; whoever takes nothing for ``SEND_S`` loses the connection.

    Without that a subscriber who does not read keeps a thread of the server for ever, and a few dozen keep them all.
    """
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    answer = Response(stream, mimetype="text/event-stream", headers=headers)
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SEND_S)
        answer.call_on_close(lambda: _cut(connection))
    return answer


def _cut(connection: socket.socket) -> None:
    """Else gunicorn's one accepting thread waits 2 s for each who was let go to say goodbye."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _data(data: bytes) -> bytes:
    return b"".join(b"data: %s\n" % line for line in data.splitlines() or [b""])


def _offer(subscription: _Subscription, items: Sequence[Item]) -> None:
    try:
        subscription.items.put_nowait(items)
    except queue.Full:
        subscription.dropped.set()


def _drop(subscription: _Subscription) -> None:
    """Wake it, too, if it waits."""
    subscription.dropped.set()
    with suppress(queue.Full):
        subscription.items.put_nowait(())


def serve(hub: Hub) -> Response:
    """The answer to a subscriber: from where it says that it was, else from now on; raises ``ProblemError``."""
    try:
        after = resume_position(request.headers.get("Last-Event-ID"), request.args.get("since"))
    except ValueError:
        raise ProblemError(400, detail="since, Last-Event-ID: Hier wird eine ganze Zahl ab 0 erwartet.") from None
    if request.method == "HEAD":
        return response(iter(()))
    try:
        return response(hub.subscribe(after))
    except TooManySubscribersError:
        detail = "Alle Plätze für dauerhafte Verbindungen sind belegt."
        raise ProblemError(503, detail=detail, headers={"Retry-After": RETRY_S}) from None


def resume_position(last_event_id: str | None, since: str | None) -> int | None:
    """Where a subscriber goes on, the header before the parameter; None: live. Raises ``ValueError``."""
    text = last_event_id or since
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise ValueError(text)
    return int(text)
