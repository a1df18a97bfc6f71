"""What is read while somebody walks: kept in memory for as long as that takes, and not longer.

The engine's thread plays in, another one starts and stops.  A tape keeps MAX_READS reads; when as
many again have found no room, nobody will stop it any more, and what it holds is forgotten.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.model import TagRead

MAX_READS = 200_000  # some hundreds a second for ten minutes; 25 MB


@dataclass(frozen=True, slots=True)
class Taped:
    """`missed`: how many reads came when the tape was full."""

    reads: dict[str, list[TagRead]] = field(default_factory=dict)  # by reader
    missed: int = 0


class Tape:
    def __init__(self, max_reads: int = MAX_READS) -> None:
        self._max_reads = max_reads
        self._lock = threading.Lock()
        self._reads: dict[str, list[TagRead]] | None = None  # None: nobody listens
        self._count = self._missed = 0

    def start(self) -> None:
        """Begin anew, whatever was kept before."""
        with self._lock:
            self._reads, self._count, self._missed = {}, 0, 0

    def hear(self, reader: str, reads: Sequence[TagRead]) -> None:
        if self._reads is None or not reads:
            return
        with self._lock:
            if self._reads is None:
                return
            room = self._max_reads - self._count
            kept = reads[:room]
            self._reads.setdefault(reader, []).extend(kept)
            self._count += len(kept)
            self._missed += len(reads) - len(kept)
            if self._missed >= self._max_reads:
                self._reads = None

    def stop(self) -> Taped:
        """Give what was heard since the start, which is then forgotten here."""
        with self._lock:
            taped = Taped(self._reads or {}, self._missed)
            self._reads = None
        return taped
