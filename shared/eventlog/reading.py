"""Reading a log to where it ends now, for those who look at it; who consumes it never stops."""

from collections.abc import Iterator, Mapping

from shared.eventlog.port import Chunk, Mark, Partition, Readable


def to_end(log: Readable, marks: Mapping[Partition, Mark], limit: int) -> Iterator[Chunk]:
    """Chunks of at most ``limit`` records per mark, up to the ends as they were at the first one.

    Neither an empty chunk nor a short one is the end: a log may hide what it keeps for itself, and a read may stop
    anywhere. Nor is it when nothing comes: more may come for ever. Raises ``LogUnavailableError``.
    """
    ends = {it: end for topic in {it.topic for it in marks} for it, end in log.ends(topic).items()}
    behind = {it: mark for it, mark in marks.items() if mark.next < ends[it]}
    while behind and (chunks := log.read(behind, limit)):
        yield from chunks
        behind |= {chunk.partition: chunk.mark for chunk in chunks}
        behind = {it: mark for it, mark in behind.items() if mark.next < ends[it]}
