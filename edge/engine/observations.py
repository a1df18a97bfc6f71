"""Reads to observations: one per tag and antenna port in each epoch.

An epoch is `[n * epoch, (n + 1) * epoch)` on the stamps of the reads.  Several may be open at once,
since readers are heard at different times; a closed one never opens again.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from edge.model import TagRead


class Observation(msgspec.Struct, gc=False):
    """All reads of one tag by one antenna port in one epoch, folded together."""

    hits: int
    sum_dbm: float  # over the hits; their mean says more of a place than the best of them
    last_at_us: int
    pc: int | None = None  # of the first read


Heard: TypeAlias = "tuple[str, int, dict[bytes, Observation]]"  # reader, antenna port, by EPC


@dataclass(slots=True)
class Folded:
    """What could not be folded."""

    late: list[TagRead] = field(default_factory=list)
    unmapped: int = 0


class Observations:
    def __init__(self, epoch_us: int) -> None:
        self._epoch_us = epoch_us
        self._open: dict[int, dict[tuple[str, int], dict[bytes, Observation]]] = {}
        self._next_epoch = 0  # the first that is not closed

    def add(self, reader: str, ports: AbstractSet[int], reads: Sequence[TagRead]) -> Folded:
        """Fold the reads of the antenna ports that count; give back what is late."""
        folded = Folded()
        from_us, to_us, port = 0, 0, None  # what `heard` is of
        heard: dict[bytes, Observation] = {}
        for read in reads:
            at_us = read.at_us
            if read.antenna_port != port or not from_us <= at_us < to_us:
                if read.antenna_port not in ports:
                    folded.unmapped += 1
                    continue
                epoch = at_us // self._epoch_us
                if epoch < self._next_epoch:
                    folded.late.append(read)
                    continue
                port = read.antenna_port
                from_us, to_us = epoch * self._epoch_us, (epoch + 1) * self._epoch_us
                heard = self._open.setdefault(epoch, {}).setdefault((reader, port), {})
            hits = read.hits
            seen = heard.get(read.epc)
            if seen is None:
                heard[read.epc] = Observation(hits, read.rssi_dbm * hits, at_us, read.pc)
            else:
                seen.hits += hits
                seen.sum_dbm += read.rssi_dbm * hits
                if at_us > seen.last_at_us:  # noqa: PLR1730  # max() costs a third of this loop
                    seen.last_at_us = at_us
        return folded

    def end(self) -> int:
        """Give the epoch after the last one that is closed or holds something."""
        return max([self._next_epoch, *(epoch + 1 for epoch in self._open)])

    def close_before(self, end: int) -> list[tuple[int, list[Heard]]]:
        """Take nothing for epochs before `end` any more; give what they hold, oldest first."""
        if end <= self._next_epoch:
            return []
        self._next_epoch = end
        over = sorted(epoch for epoch in self._open if epoch < end)
        return [(epoch, _in_order(self._open.pop(epoch))) for epoch in over]


def _in_order(heard: dict[tuple[str, int], dict[bytes, Observation]]) -> list[Heard]:
    return [(reader, port, heard[reader, port]) for reader, port in sorted(heard)]
