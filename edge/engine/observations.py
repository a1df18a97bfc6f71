"""Reads to observations: one per tag and antenna port in each epoch.

An epoch is `[n * epoch, (n + 1) * epoch)` on the stamps of the reads.  Several may be open at once,
since readers are heard at different times; a closed one never opens again.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import msgspec

from edge.model import Observation, TagRead

_Key = tuple[bytes, int]  # EPC and antenna port


class _Fold(msgspec.Struct, gc=False):
    hits: int
    best_rssi_dbm: float
    last_at_us: int

    def add(self, read: TagRead) -> None:
        self.hits += read.hits
        self.best_rssi_dbm = max(self.best_rssi_dbm, read.rssi_dbm)
        self.last_at_us = max(self.last_at_us, read.at_us)


@dataclass(slots=True)
class Folded:
    """What could not be folded."""

    late: list[TagRead] = field(default_factory=list)
    unmapped: int = 0


class Observations:
    def __init__(self, epoch_us: int) -> None:
        self._epoch_us = epoch_us
        self._open: dict[int, dict[str, dict[_Key, _Fold]]] = {}
        self._next_epoch = 0  # the first that is not closed

    def add(self, reader: str, ports: AbstractSet[int], reads: Sequence[TagRead]) -> Folded:
        """Fold the reads of the antenna ports that count; give back what is late."""
        folded = Folded()
        epoch_us, next_epoch = self._epoch_us, self._next_epoch
        current: int | None = None
        folds: dict[_Key, _Fold] = {}
        for read in reads:
            if read.antenna_port not in ports:
                folded.unmapped += 1
                continue
            epoch = read.at_us // epoch_us
            if epoch != current:
                if epoch < next_epoch:
                    folded.late.append(read)
                    continue
                current = epoch
                folds = self._open.setdefault(epoch, {}).setdefault(reader, {})
            key = read.epc, read.antenna_port
            fold = folds.get(key)
            if fold is None:
                folds[key] = _Fold(read.hits, read.rssi_dbm, read.at_us)
            else:
                fold.add(read)
        return folded

    def end(self) -> int:
        """Give the epoch after the last one that is closed or holds something."""
        return max([self._next_epoch, *(epoch + 1 for epoch in self._open)])

    def close_before(self, end: int) -> list[tuple[int, list[Observation]]]:
        """Take nothing for epochs before `end` any more; give what they hold, oldest first."""
        if end <= self._next_epoch:
            return []
        self._next_epoch = end
        over = sorted(epoch for epoch in self._open if epoch < end)
        return [(epoch, list(_observations(self._open.pop(epoch)))) for epoch in over]


def _observations(readers: dict[str, dict[_Key, _Fold]]) -> Iterator[Observation]:
    for reader in sorted(readers):
        for (epc, port), fold in readers[reader].items():
            yield Observation(epc, reader, port, fold.hits, fold.best_rssi_dbm, fold.last_at_us)
