"""Which partition a key belongs to: Kafka's default (murmur2), so that both logs agree."""

from functools import lru_cache

from kafka.partitioner.default import murmur2


@lru_cache(maxsize=1 << 20)
def partition_of(key: str, partitions: int) -> int:
    if partitions == 1:
        return 0
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
