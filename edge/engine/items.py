"""One item, as the engine remembers it: made once for each, and changed with every epoch."""

from typing import TypeAlias

from edge.engine.changes import KnownItem, LastRead
from edge.engine.zones import Whereabouts
from edge.model import ItemState, Sgtin

Entry: TypeAlias = "tuple[int, int, Item]"  # of a heap: deadline, number of the entry


class Item:
    __slots__ = ("entry", "last_read_at_us", "read_clock_us", "sgtin", "state", "whereabouts")

    def __init__(self, sgtin: Sgtin, zone: str) -> None:
        self.sgtin = sgtin
        self.whereabouts = Whereabouts(zone)
        self.state: ItemState | None = None  # None: this is its very first epoch
        self.last_read_at_us = 0
        self.read_clock_us = 0  # its last read by the clock of its zone (`absence`)
        self.entry: Entry | None = None  # the valid one of that clock; older ones are void

    def known(self) -> KnownItem:
        """Give what storage keeps; only of an item that has had an event."""
        if self.state is None:
            raise ValueError(f"{self.sgtin} has no state yet")
        gtin, serial = self.sgtin.gtin, self.sgtin.serial
        return KnownItem(gtin, serial, self.state, self.whereabouts.zone, self.last_read_at_us)

    def last_read(self) -> LastRead:
        return LastRead(self.sgtin.gtin, self.sgtin.serial, self.last_read_at_us)
