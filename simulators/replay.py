"""A recorded trace, and the air that it makes for a simulated reader.

The trace is a CSV file (`edge.trace` has its columns).  LLRP carries whole dBm, others are rounded.
Which reader it was is no matter: what it replays is one reader.
"""

from collections import deque
from collections.abc import Collection
from pathlib import Path

import msgspec

from edge import trace
from edge.model import TagRead


def load_trace(path: Path) -> list[TagRead]:
    """Read a trace and sort it by time.  Raises ConfigError with one line a mistake."""
    reads = [read for of_one in trace.load_trace(path).reads.values() for read in of_one]
    whole = (msgspec.structs.replace(read, rssi_dbm=round(read.rssi_dbm)) for read in reads)
    return sorted(whole, key=lambda read: read.at_us)


class Recording:
    """Hands a trace out by time; what was not delivered is handed out again.  See `Air`.

    `delivered_reads` and `unheard_reads` add up to the whole trace once it `is_over`: a read by
    an antenna that nobody asked for is not heard.
    """

    def __init__(self, reads: list[TagRead]) -> None:
        self._reads = reads
        self._next = 0
        self._on_the_way: deque[int] = deque()  # indices of what was given and not yet delivered
        self.delivered_reads = 0

    @property
    def starts_at_us(self) -> int:
        return self._reads[0].at_us

    @property
    def ends_at_us(self) -> int:
        return self._reads[-1].at_us

    @property
    def antenna_ports(self) -> set[int]:
        return {read.antenna_port for read in self._reads}

    @property
    def is_given(self) -> bool:
        """Tell whether all of it was handed out, delivered or not."""
        return self._next == len(self._reads)

    @property
    def is_over(self) -> bool:
        return self.is_given and not self._on_the_way

    @property
    def unheard_reads(self) -> int:
        return self._next - len(self._on_the_way) - self.delivered_reads

    def hear(
        self,
        antenna_ports: Collection[int],
        from_us: int,  # noqa: ARG002 - the clock stands still while nobody listens
        until_us: int,
        limit: int,
    ) -> list[TagRead]:
        heard: list[TagRead] = []
        while self._next < len(self._reads) and len(heard) < limit:
            read = self._reads[self._next]
            if read.at_us > until_us:
                break
            if read.antenna_port in antenna_ports:
                heard.append(read)
                self._on_the_way.append(self._next)
            self._next += 1
        return heard

    def delivered(self, reads: int) -> None:
        for _ in range(reads):
            self._on_the_way.popleft()
        self.delivered_reads += reads

    def lost(self) -> None:
        if self._on_the_way:
            self._next = self._on_the_way[0]
            self._on_the_way.clear()
