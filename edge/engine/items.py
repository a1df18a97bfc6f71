"""One item, as the engine remembers it: made once for each, and changed with every epoch."""

import math
from typing import TYPE_CHECKING, TypeAlias

from edge.engine.changes import KnownItem, LastRead
from edge.model import ItemState, Sgtin

if TYPE_CHECKING:
    from edge.engine.usual import Usual

Entry: TypeAlias = "tuple[int, int, Item]"  # of a heap: deadline, number of the entry


class Item:
    """Some 1 kB with its keys in dictionaries; what is not in `heard` or `belief` is nil."""

    __slots__ = (
        "belief", "came_from", "door", "entry", "epoch", "heard", "last_read_at_us", "limit",
        "longest_gap", "mean_gap", "rate", "rate_age", "rate_slow", "read_clock_us", "restless",
        "restless_epoch", "sgtin", "since_us", "state", "usual", "zone",
    )  # fmt: skip

    def __init__(self, sgtin: Sgtin, zone: str) -> None:
        self.sgtin = sgtin
        self.zone = zone
        self.state: ItemState | None = None  # None: this is its very first epoch
        self.since_us = 0  # when it came into that state
        self.last_read_at_us = 0
        self.read_clock_us = 0  # its last read by the clock of its zone (`absence`)
        self.entry: Entry | None = None  # the valid one of that clock; older ones are void
        # Where it was heard (`evidence`): power by antenna, as of an epoch.
        self.heard: dict[int, float] = {}
        self.limit = math.inf  # no more power than this counts in its present epoch
        self.epoch = 0
        self.mean_gap = 2.0  # epochs between two with a read
        self.door = 0.0  # of that, how much is usually heard by antennas of exits
        # Where it is (`whereabouts`): chances by zone; None is sure of its own.
        self.belief: dict[str, float] | None = None
        self.usual: Usual | None = None  # None: only its own zone has heard it
        self.came_from: str | None = None
        self.restless = 0.0
        self.restless_epoch = 0
        # How well it is read (`silence`): two averages, over so many epochs.
        self.rate = self.rate_slow = 0.0
        self.rate_age = 0
        self.longest_gap = 1  # epochs; it was read again after them

    def known(self) -> KnownItem:
        """Give what storage keeps; only of an item that has had an event."""
        if self.state is None:
            raise ValueError(f"{self.sgtin} has no state yet")
        gtin, serial = self.sgtin.gtin, self.sgtin.serial
        return KnownItem(gtin, serial, self.state, self.zone, self.last_read_at_us, self.since_us)

    def last_read(self) -> LastRead:
        return LastRead(self.sgtin.gtin, self.sgtin.serial, self.last_read_at_us)
