"""How a Mercury module looks for tags: for a while into its buffer, or without end as a stream."""

from dataclasses import dataclass

import msgspec

from edge.model import TagRead
from simulators.serial.mercury_records import tag_record
from simulators.serial.mercury_settings import Settings

CONFIGURED_LIST = 0x0003  # search flags: by the ports that were listed
MOST_BUFFERED = 512
_METADATA = 0x10  # in the option
_LONGEST_DATA = 248


@dataclass(slots=True)
class Stream:
    option: int
    search: int
    on_time_ms: int
    metadata: int
    began_us: int
    cycle_ends_us: int

    def tag(self, record: bytes) -> bytes:
        """Write the data of a frame with a tag."""
        head = bytes((self.option,)) + self.search.to_bytes(2)
        head += self.metadata.to_bytes(2) if self.option & _METADATA else b""
        return head + b"\x01" + record


@dataclass(slots=True)
class Search:
    """A search into the buffer, whose answer comes when its time is over."""

    opcode: int
    head: bytes  # what its answer has before the count
    search: int
    ends_us: int
    is_single: bool = False  # the first tag is the answer

    def found(self, tags: int) -> bytes:
        return self.head + (bytes((tags,)) if tags < 256 else tags.to_bytes(4))


class TagBuffer:
    """Each tag once for each antenna, with how often it was read, until it is cleared."""

    def __init__(self) -> None:
        self._reads: dict[tuple[bytes, int], TagRead] = {}
        self._fetched = self._before = 0

    def __len__(self) -> int:
        return len(self._reads)

    def add(self, read: TagRead) -> bool:
        """Keep a read; tell whether there was room for it."""
        key = read.epc, read.antenna_port
        known = self._reads.get(key)
        if known is None and len(self) >= MOST_BUFFERED:
            return False
        hits = known.hits + 1 if known else 1
        self._reads[key] = msgspec.structs.replace(read, hits=hits)
        return True

    def clear(self) -> None:
        self._reads.clear()
        self._fetched = self._before = 0

    @property
    def indexes(self) -> bytes:
        return self._fetched.to_bytes(2) + len(self).to_bytes(2)

    def fetch(self, metadata: int, *, is_again: bool) -> bytes:
        """Give as many tags as a frame holds: metadata, option, count, records."""
        if is_again:
            self._fetched = self._before
        self._before = self._fetched
        records: list[bytes] = []
        size = 4
        for read in list(self._reads.values())[self._fetched :]:
            record = tag_record(read, metadata, 0)
            if size + len(record) > _LONGEST_DATA:
                break
            records.append(record)
            size += len(record)
        self._fetched += len(records)
        return metadata.to_bytes(2) + bytes((0, len(records))) + b"".join(records)


class Filter:
    """The module's own: a tag that was reported is kept back for its time, or for good."""

    def __init__(self) -> None:
        self._seen_us: dict[bytes, int] = {}

    def clear(self) -> None:
        self._seen_us.clear()

    def holds_back(self, read: TagRead, settings: Settings) -> bool:
        if not settings.is_filtering:
            return False
        seen_us, time_us = self._seen_us.get(read.epc), settings.filter_ms * 1000
        if seen_us is not None and (time_us <= 0 or read.at_us - seen_us < time_us):
            return True
        self._seen_us[read.epc] = read.at_us
        return False
