"""What tills say of items: taken between two epochs, whatever was known of them."""

from collections.abc import Callable
from typing import Protocol

from edge.engine.awaited import Awaited, likely_sold
from edge.engine.items import Item
from edge.engine.matches import AwaitedLine
from edge.engine.register import Register
from edge.engine.transitions import Cause, is_possible
from edge.model import Sgtin, ZoneKind


class Decide(Protocol):
    """Has an item go through the table of states; the zone is where it is then."""

    def __call__(self, item: Item, cause: Cause, zone: str, at_us: int) -> None: ...


class Told:
    """`at_us` is never before the engine's time."""

    def __init__(self, register: Register, kind: Callable[[str], ZoneKind], decide: Decide) -> None:
        self._register, self._kind, self._decide = register, kind, decide
        self.awaited = Awaited()

    def tell(self, sgtin: Sgtin, cause: Cause, zone: str | None, at_us: int) -> bool:
        """Take SOLD, RETURNED or LEFT from outside; False if the item cannot be that now."""
        item = self._register.item(sgtin)
        if cause is Cause.SOLD:
            self.awaited.take_back(sgtin, at_us)  # now it is known to be sold
            self.seek_others(at_us)
        if not is_possible(item.state if item else None, cause):
            return False
        if item is None:
            if zone is None:
                return False
            item = self._register.make_known(sgtin, zone)
        if cause is Cause.RETURNED:
            self.awaited.settle(sgtin)
            item.belief = None  # somebody has it in his hands
            item.heard.clear()
        self._decide(item, cause, zone or item.zone, at_us)
        return True

    def tell_some(self, line: AwaitedLine, sold_us: int) -> tuple[str, ...]:
        """Take that some items of a GTIN were sold (`sold_us`: when) or returned.

        Gives the serials of those that are taken to be the ones; the others stay in the line.
        """
        self.awaited.add(line)
        found = self._seek(line, sold_us, line.told_us) if line.cause is Cause.SOLD else []
        return tuple(item.sgtin.serial for item in found)

    def seek_others(self, at_us: int) -> None:
        """Look for other items in place of those that were guessed wrongly."""
        for line in self.awaited.take_reopened():
            self._seek(line, line.told_us, at_us)

    def _seek(self, line: AwaitedLine, sold_us: int, at_us: int) -> list[Item]:
        """Close the items that look as if they were what a line means."""
        siblings = self._register.items_of(line.gtin)
        found = likely_sold(siblings, sold_us, self._kind)[: line.left]
        for item in found:
            self.awaited.match(line, item.sgtin, at_us)
            self._decide(item, Cause.SOLD, item.zone, at_us)
        return found
