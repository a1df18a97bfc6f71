"""Reads of strays, folded by EPC until they are taken."""

from edge.engine.changes import StrayReads
from edge.epc import StrayReason

LIMIT = 10_000  # strays between two takes; a store has some hundreds in all


class _Stray:
    __slots__ = ("first_at_us", "last_at_us", "reads", "reason")

    def __init__(self, reason: StrayReason, at_us: int) -> None:
        self.reason = reason
        self.reads = 0
        self.first_at_us = self.last_at_us = at_us


class Strays:
    def __init__(self) -> None:
        self._strays: dict[bytes, _Stray] = {}

    def add(self, epc: bytes, reason: StrayReason, reads: int, at_us: int) -> bool:
        """Fold reads of one stray; False if it is one stray too many."""
        stray = self._strays.get(epc)
        if stray is None:
            if len(self._strays) >= LIMIT:
                return False
            stray = self._strays[epc] = _Stray(reason, at_us)
        stray.reads += reads
        stray.first_at_us = min(stray.first_at_us, at_us)
        stray.last_at_us = max(stray.last_at_us, at_us)
        return True

    def take(self) -> list[StrayReads]:
        strays, self._strays = self._strays, {}
        return [
            StrayReads(epc, s.reason, s.reads, s.first_at_us, s.last_at_us)
            for epc, s in strays.items()
        ]
