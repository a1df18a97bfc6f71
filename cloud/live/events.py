"""What a viewer is told; all of it may be shared between threads and viewers.

A viewer first gets the whole (Stock, Stores, Counts), then what has changed of it, in order.  The
whole may come again at any time and replaces all that was said before.
"""

from dataclasses import dataclass

from cloud.documents.counts import CountDoc
from cloud.documents.shapes import StoreDoc


@dataclass(frozen=True, slots=True)
class Line:
    """The stock of one GTIN in one store; `present` is the sum of `zones`.

    `changed_at_us` is when head office received the counts; `ver` within `term` tells older counts
    of a GTIN from newer ones.  A GTIN that nobody has named has an empty name.
    """

    gtin: str
    name: str
    zones: dict[str, int]
    present: int
    missing: int
    changed_at_us: int
    term: int
    ver: int


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Up to where a store's deltas are known: `ver` within a `term`."""

    term: int = 0
    ver: int = 0


@dataclass(frozen=True, slots=True)
class Stock:
    """All lines of one store, in no order."""

    position: Position
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class StockChanged:
    position: Position
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stores:
    """All stores that were ever heard of; `is_cut`: there are more than are watched."""

    stores: tuple[StoreDoc, ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class StoresChanged:
    stores: tuple[StoreDoc, ...]
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """The documents cannot be had: what was said before is as of `as_of_us` (None: never known).

    Over when the whole comes again.
    """

    reason: str
    as_of_us: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The newest count sessions of one store, newest first; always said whole."""

    counts: tuple[CountDoc, ...]


Whole = Stock | Stores | Counts
Event = Whole | StockChanged | StoresChanged | Lost
