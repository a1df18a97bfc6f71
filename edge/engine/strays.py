"""Reads of strays, folded by EPC until they are taken.

A stray that is new is told of at once, one that was told of before only now and then: strays lie
about for days and are read all the time.
"""

from edge.engine.changes import StrayReads
from edge.epc import StrayReason

LIMIT = 10_000  # strays between two full takes; a store has some hundreds in all


class _Stray:
    __slots__ = ("first_at_us", "last_at_us", "reads", "reason")

    def __init__(self, reason: StrayReason, at_us: int) -> None:
        self.reason = reason
        self.reads = 0
        self.first_at_us = self.last_at_us = at_us

    def told(self, epc: bytes) -> StrayReads:
        return StrayReads(epc, self.reason, self.reads, self.first_at_us, self.last_at_us)


class Strays:
    def __init__(self) -> None:
        self._strays: dict[bytes, _Stray] = {}
        self._told: set[bytes] = set()

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

    def take(self, *, is_full: bool) -> list[StrayReads]:
        """Give the strays that were never told of or, in a full take, all that have been read."""
        due = [epc for epc in self._strays if is_full or epc not in self._told]
        if len(self._told) + len(due) > LIMIT:
            self._told.clear()
        self._told.update(due)
        return [self._strays.pop(epc).told(epc) for epc in due]
