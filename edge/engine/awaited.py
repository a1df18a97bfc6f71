"""Sales and returns of which a till knows the GTIN only, and which item it was: pure.

What is sold was at the till a moment ago, or has gone already; if nothing looks so, the sale waits
until one of its items falls silent or stands at an exit, and that one is taken to be sold instead
of missing or departed.  A return waits until a sold item is read inside again.  So no item that is
being read on the floor is called sold on a guess, and none is counted out twice.  A guess is taken
back when the item is read inside after GUESS_US: then the sale waits for another one.
"""

from collections import deque
from collections.abc import Callable, Iterable

from edge.engine.items import Item
from edge.engine.matches import AwaitedLine, Match
from edge.engine.transitions import Cause
from edge.model import ItemState, Sgtin, ZoneKind

WAIT_US = 86_400_000_000  # a day; after that whatever goes has other reasons
GUESS_US = 600_000_000  # what is sold may be carried through the store for so long
_GRACE_US = 900_000_000  # an item may fall silent, in a bag, so long before it is paid
_AT_DOOR = frozenset({ZoneKind.POINT_OF_SALE, ZoneKind.EXIT})


class Awaited:
    """The lines of a day; whoever is taken for one of them, and may turn out not to be."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, Cause], deque[AwaitedLine]] = {}
        self._ages: deque[AwaitedLine] = deque()  # in the order in which they were told
        self._guesses: dict[Sgtin, AwaitedLine] = {}
        self._reopened: list[AwaitedLine] = []
        self._matches: list[Match] = []

    def add(self, line: AwaitedLine, guesses: Iterable[Sgtin] = ()) -> None:
        """Wait for the items of a line; `guesses` are taken for some of it already."""
        self._forget_before(line.told_us - WAIT_US)
        self._lines.setdefault((line.gtin, line.cause), deque()).append(line)
        self._ages.append(line)
        self._guesses.update(dict.fromkeys(guesses, line))

    def match(self, line: AwaitedLine, sgtin: Sgtin, at_us: int) -> None:
        """Take an item for one of a line."""
        line.left -= 1
        self.settle(sgtin)
        if line.cause is Cause.SOLD:
            self._guesses[sgtin] = line
        self._note(line, sgtin, at_us)

    def claims(self, sgtin: Sgtin, cause: Cause, at_us: int, after_us: int = 0) -> bool:
        """Tell whether a line told after `after_us` waits for such an item; it has got it then."""
        if not self._lines:
            return False
        for line in self._lines.get((sgtin.gtin, cause), ()):
            if line.left and after_us <= line.told_us and at_us - line.told_us <= WAIT_US:
                self.match(line, sgtin, at_us)
                return True
        return False

    def take_back(self, sgtin: Sgtin, at_us: int) -> bool:
        """Learn that an item was not what its line meant, which waits for another one then.

        False if the item was taken for none.
        """
        line = self._guesses.pop(sgtin, None)
        if line is None:
            return False
        line.left += 1
        self._reopened.append(line)
        self._note(line, sgtin, at_us, is_undone=True)
        return True

    def take_reopened(self) -> list[AwaitedLine]:
        """Give the lines that need another item since the last time, which are forgotten here."""
        taken, self._reopened = self._reopened, []
        return taken

    def settle(self, sgtin: Sgtin) -> None:
        """Learn that an item was what its line meant, if it was taken for one."""
        self._guesses.pop(sgtin, None)

    def take(self) -> list[Match]:
        taken, self._matches = self._matches, []
        return taken

    def _note(
        self, line: AwaitedLine, sgtin: Sgtin, at_us: int, *, is_undone: bool = False
    ) -> None:
        noted = Match(line.document, line.line, sgtin.gtin, sgtin.serial, at_us, is_undone)
        self._matches.append(noted)

    def _forget_before(self, told_us: int) -> None:
        while self._ages and self._ages[0].told_us < told_us:
            line = self._ages.popleft()
            lines = self._lines[line.gtin, line.cause]
            lines.remove(line)
            if not lines:
                del self._lines[line.gtin, line.cause]
            self._guesses = {one: of for one, of in self._guesses.items() if of is not line}


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
