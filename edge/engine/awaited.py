"""Sales and returns of which a till knows the GTIN only, and which item it was: pure.

What is sold was at the till a moment ago, or has gone already; if nothing looks so, the sale waits
until one of its items falls silent or stands at an exit, and that one is taken to be sold instead
of missing or departed.  A return waits until a sold item is read inside again.  So no item that is
being read on the floor is called sold on a guess, and none is counted out twice.
"""

from collections import deque
from collections.abc import Callable, Iterable

from edge.engine.items import Item
from edge.engine.matches import AwaitedLine, Match
from edge.engine.transitions import Cause
from edge.model import ItemState, Sgtin, ZoneKind

WAIT_US = 86_400_000_000  # a day; after that whatever goes has other reasons
_GRACE_US = 900_000_000  # an item may fall silent, in a bag, so long before it is paid
_AT_DOOR = frozenset({ZoneKind.POINT_OF_SALE, ZoneKind.EXIT})


class Awaited:
    def __init__(self) -> None:
        self._lines: dict[tuple[str, Cause], deque[AwaitedLine]] = {}
        self._ages: deque[AwaitedLine] = deque()  # in the order in which they were told
        self._matches: list[Match] = []

    def add(self, line: AwaitedLine) -> None:
        self._forget_before(line.told_us - WAIT_US)
        self._lines.setdefault((line.gtin, line.cause), deque()).append(line)
        self._ages.append(line)

    def match(self, line: AwaitedLine, sgtin: Sgtin, at_us: int) -> None:
        """Note which item it was."""
        line.left -= 1
        self._matches.append(Match(line.document, line.line, sgtin.gtin, sgtin.serial, at_us))

    def claims(self, sgtin: Sgtin, cause: Cause, at_us: int, after_us: int = 0) -> bool:
        """Tell whether a line told after `after_us` waits for such an item; it has got it then."""
        if not self._lines:
            return False
        for line in self._lines.get((sgtin.gtin, cause), ()):
            if line.left and after_us <= line.told_us and at_us - line.told_us <= WAIT_US:
                self.match(line, sgtin, at_us)
                if not line.left:
                    self._drop(line)
                return True
        return False

    def take(self) -> list[Match]:
        taken, self._matches = self._matches, []
        return taken

    def _drop(self, line: AwaitedLine) -> None:
        lines = self._lines[line.gtin, line.cause]
        lines.remove(line)
        if not lines:
            del self._lines[line.gtin, line.cause]

    def _forget_before(self, told_us: int) -> None:
        while self._ages and (self._ages[0].told_us < told_us or not self._ages[0].left):
            line = self._ages.popleft()
            if line.left:
                self._drop(line)


def likely_sold(items: Iterable[Item], sold_us: int, kind: Callable[[str], ZoneKind]) -> list[Item]:
    """Give the items that look as if they were the ones sold then, the likeliest first."""
    at_door, gone = [], []
    for item in items:
        if item.state is ItemState.PRESENT and kind(item.zone) in _AT_DOOR:
            at_door.append(item)
        elif item.state in {ItemState.MISSING, ItemState.DEPARTED}:
            silent_us = item.last_read_at_us - sold_us
            if silent_us >= -_GRACE_US:
                gone.append((abs(silent_us), item.sgtin.serial, item))
    at_door.sort(key=lambda item: (-item.since_us, item.sgtin.serial))
    return [*at_door, *(item for _, _, item in sorted(gone, key=lambda one: one[:2]))]
