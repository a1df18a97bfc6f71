"""What goes into the engine at a start, and what comes out of it again and again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from edge.engine.count_changes import CountChange
from edge.engine.matches import Match
from edge.epc import StrayReason
from edge.model import ItemEvent, ItemState, StockChange


class EngineSettings(msgspec.Struct, frozen=True):
    epoch_s: float = 2.0
    absence_s: float | None = None  # fixed for all items; None: as long as each one's reads allow
    company_prefixes: tuple[str, ...] = ()  # items of others are strays; none: all are ours
    track_strays: bool = False  # follow tags that are no items too, by their EPCs
    selling_zones: frozenset[str] = (
        frozenset()
    )  # what falls silent there, or by an exit next, is sold
    bulk_exit_items: int = 5  # so many past one exit …
    bulk_exit_s: float = 10.0  # … within so many seconds are told of


class KnownItem(msgspec.Struct, frozen=True, gc=False):
    """An item as storage keeps it: the engine's memory from one life to the next."""

    gtin: str
    serial: str
    state: ItemState
    zone: str  # where it is, or was last
    last_read_at_us: int
    since_us: int = 0  # when it came into that state; 0 in files that did not say so


class LastRead(msgspec.Struct, frozen=True, gc=False):
    gtin: str
    serial: str
    at_us: int


class StrayReads(msgspec.Struct, frozen=True, gc=False):
    """What has been read of one stray since the last time that it was told of."""

    epc: bytes
    reason: StrayReason
    reads: int  # how often readers saw it: hits, not reports
    first_at_us: int
    last_at_us: int


class BulkExit(msgspec.Struct, frozen=True, gc=False):
    """Many items went past one exit at once; told of anew when they are twice as many."""

    zone: str
    items: int
    first_at_us: int
    last_at_us: int


@dataclass(slots=True)
class Counters:
    """Differences: whoever adds them up may begin anew at any time."""

    reads: int = 0
    late_reads: int = 0  # stamped before an epoch's end that was closed already
    unmapped_reads: int = 0  # of an antenna port that covers no zone
    muted_reads: int = 0  # of an antenna port whose zone is muted
    unclaimed_reads: int = 0  # of a handheld, while nothing was counted
    unkept_strays: int = 0  # hits of strays beyond the number of strays that is kept


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything decided since the last take, in the order in which it was decided.

    `items` are the events' items as they are now, one entry each.  `last_reads` come once in
    a while only: they are a checkpoint, of which a power cut may take the last minute.
    """

    at_us: int | None  # the engine's time; None before the first stamp
    events: Sequence[ItemEvent] = ()
    stock: Sequence[StockChange] = ()
    items: Sequence[KnownItem] = ()
    last_reads: Sequence[LastRead] = ()
    strays: Sequence[StrayReads] = ()
    counts: Sequence[CountChange] = ()
    matches: Sequence[Match] = ()
    counters: Counters = field(default_factory=Counters)
    bulk_exits: Sequence[BulkExit] = ()  # not kept in storage: an alarm, for now

    def is_empty(self) -> bool:
        """Tell whether there is nothing to keep; counters alone are not kept."""
        return not (self.events or self.last_reads or self.strays or self.counts)
