"""The things that the parts hand to each other; the words are ARCHITECTURE.md's.

Wall time is UTC microseconds since 1970 (`…_at_us`).  What is made by the million is a
`msgspec.Struct` without garbage collection: six times cheaper to make than a frozen dataclass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class TagRead(msgspec.Struct, frozen=True, gc=False):
    """One report of one tag by one antenna port of one reader.

    Which reader it was is known from where the read came: reads travel in batches, a reader each.
    """

    epc: bytes
    antenna_port: int  # counted from 1
    rssi_dbm: float
    at_us: int  # the latest sighting that the report tells of, by the reader's clock
    hits: int = 1  # how often the reader saw the tag for this one report
    # Of a handheld: when the press of its trigger began that the read belongs to.  Reads of one
    # press have the same, of two presses never; 0 where nobody pressed a trigger.
    pressed_at_us: int = 0
    pc: int | None = None  # the tag's protocol control word, where the reader tells it


@dataclass(frozen=True, slots=True)
class Now:
    """Both clocks of the machine, read together (`edge.clock`).

    Wall time stamps what is recorded and shown; waiting and ageing use the monotonic clock, which
    no operator and no time server can step.
    """

    monotonic_s: float
    utc_us: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A live reader's word that time has passed without reads; recorded like reads."""

    at_us: int  # by the reader's clock, so that it can be compared with the stamps of its reads


class HealthKind(StrEnum):
    CONNECTED = "connected"
    LOST = "lost"
    REFUSED = "refused"
    ANTENNA_UP = "antenna_up"
    ANTENNA_DOWN = "antenna_down"
    ANTENNA_SILENT = "antenna_silent"  # it hears no tags any more, though the reader calls it well
    ANTENNA_HEARD = "antenna_heard"  # one that was silent hears tags again
    INPUT = "input"  # one of a reader's input lines has changed
    FAULT = "fault"  # bytes that were no message; the stream goes on
    WARNING = "warning"  # what the reader says of itself: buffers, temperature, exceptions
    NOTICE = "notice"  # good to know, and nobody needs to act: what was found
    LINE = "line"  # how much of what a serial line can carry is used
    BATTERY = "battery"  # a handheld's


@dataclass(frozen=True, slots=True)
class HealthEvent:
    kind: HealthKind
    detail: str
    at_us: int
    antenna_port: int | None = None
    count: int = 1  # of a fault: how many of its kind came together


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll of one reader has brought; reads in the order in which they came.

    The first `held` reads were made before the connection, and kept by the reader for whoever comes
    next: nothing that must happen at once may follow from them.
    """

    reads: Sequence[TagRead] = ()
    tick: Tick | None = None
    health: tuple[HealthEvent, ...] = ()
    held: int = 0


class Sgtin(msgspec.Struct, frozen=True, gc=False):
    """An item's key: the same whatever the filter bits or the encoding of the tag were."""

    gtin: str  # 14 digits with a valid check digit
    serial: str  # as in the EPC URI; from SGTIN-96 a decimal number without leading zeros


class ZoneKind(StrEnum):
    """What a zone is for; store.toml's word."""

    SALES_FLOOR = "sales_floor"  # also of a zone that nobody described
    BACK_ROOM = "back_room"
    FITTING_ROOM = "fitting_room"
    POINT_OF_SALE = "point_of_sale"
    EXIT = "exit"
    DOCK = "dock"


class ItemState(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    DEPARTED = "departed"
    SOLD = "sold"


class EventKind(StrEnum):
    ARRIVED = "arrived"
    MOVED = "moved"
    MISSING = "missing"
    FOUND = "found"
    DEPARTED = "departed"
    SOLD = "sold"
    RETURNED = "returned"


class ItemEvent(msgspec.Struct, frozen=True, gc=False):
    """A change of one item's state, `at_us` being the engine's time, never the machine's."""

    kind: EventKind
    gtin: str
    serial: str
    zone: str  # where the item is after the event, or was last
    at_us: int
    from_zone: str | None = None  # where it was before, if it was anywhere


class StockChange(msgspec.Struct, frozen=True, gc=False):
    """What one event does to the counts of one GTIN in one zone."""

    gtin: str
    zone: str
    present: int  # difference of the number of present items
    missing: int = 0  # difference of the number of missing items, counted apart and without zone


class StockRow(msgspec.Struct, frozen=True, gc=False):
    """One GTIN with the absolute counts of all its zones; a zone left empty stays, with 0."""

    gtin: str
    ver: int
    zones: dict[str, int]
    missing: int


@dataclass(frozen=True, slots=True)
class SyncState:
    """What an agent's life knows of its sync when it begins (`edge.storage.sync`, `edge.sync`).

    `check_ver`: no ver above it can have been sent by an earlier life of this very file; a cloud
    that has applied more knows a future of this file that the file does not.
    `answered_term`: the last term of this file whose hello was answered (`save_answered` sets it to
    the term of that moment); None where no term of it ever was.  `told`: item events up to this
    number are known to head office.  `is_rebuilding`: the file is new, and its counts are not yet
    to take the place of others.  `takeover`: a person has said that the documents are to belong to
    this device.
    """

    term: int
    acked: int
    check_ver: int
    ver: int
    answered_term: int | None = None
    told: int = 0
    is_rebuilding: bool = False
    takeover: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not sent before it changes, as nobody could take it; why is for people."""

    gtin: str
    ver: int
    reason: str


@dataclass(frozen=True, slots=True)
class PendingRows:
    """Rows above `acked`, oldest change first, and the ver up to which they are complete.

    Read in one transaction: every row of the file with `acked < ver <= to_ver` is here, or among
    the `left_out`.  `at_ver` is the file's own ver in that transaction: above `to_ver` where the
    file holds more.  `at_event`: the number of the file's newest event then.
    """

    rows: Sequence[StockRow]
    to_ver: int
    at_ver: int
    left_out: Sequence[LeftOut] = ()
    at_event: int = 0


@dataclass(frozen=True, slots=True)
class ShardRows:
    """What a shard of the file adds up to (`edge.digest`), beside the rows that are left out.

    `is_settled`: none of its rows is above the ver that was asked for.
    """

    rows: int
    sum: str
    without: Sequence[str]
    is_settled: bool


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    number: int  # grows in the file
    event: ItemEvent
