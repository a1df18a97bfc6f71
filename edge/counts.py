"""The words of count sessions: said by the engine, kept in the file, shown at head office.

| figure     | of one SKU; those of a session are their sums |
| ---------- | --------------------------------------------- |
| expected   | how many of it the list has                   |
| found      | how many of it the session's readers have read |
| missing    | expected and not found                        |
| unexpected | found and not expected                        |

`found - unexpected == expected - missing`, in each line and so in each session.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class CountState(StrEnum):
    RUNNING = "running"
    CLOSED = "closed"  # its differences wait for a person's word
    APPROVED = "approved"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # an order of head office's that could not be followed


class Basis(StrEnum):
    """What a session is compared with."""

    STATE = "state"  # the items that were in its zones when it began, present or missing
    ITEMS = "items"  # a list of items
    QUANTITIES = "quantities"  # a list of SKUs, so many of each
    NOTHING = "nothing"  # made elsewhere, and nobody knows what was expected


class CountLine(msgspec.Struct, frozen=True, gc=False):
    """One SKU of a session."""

    gtin: str
    expected: int
    found: int
    missing: int
    unexpected: int

    @property
    def is_exact(self) -> bool:
        return not (self.missing or self.unexpected)


class CountTotals(msgspec.Struct, frozen=True):
    """What a session's lines add up to."""

    expected: int = 0
    found: int = 0
    missing: int = 0
    unexpected: int = 0
    skus: int = 0
    exact_skus: int = 0

    @property
    def unit_accuracy(self) -> float | None:
        """`1 - (missing + unexpected) / expected`, 0 at least; None where nothing was expected.

        As Wölbitsch et al., "RFID in the Wild" (IOTSMS 2019), state the accuracy of a stocktake.
        """
        if not self.expected:
            return None
        return max(0.0, 1 - (self.missing + self.unexpected) / self.expected)

    @property
    def sku_accuracy(self) -> float | None:
        """The share of the SKUs, expected or found, of which nothing is missing or unexpected.

        None where nothing was expected.
        """
        return self.exact_skus / self.skus if self.expected else None


class CountedItem(msgspec.Struct, frozen=True, gc=False):
    """One item of a session: of its list, of its zones by then, or found in it.

    `is_expected`: it is one of those that the list has; `was_here`: it was in the session's zones
    when that began, present or missing.  `found_at_us`: None where it was not found.
    """

    gtin: str
    serial: str
    is_expected: bool
    was_here: bool
    found_at_us: int | None = None


class Applied(msgspec.Struct, frozen=True):
    """What approving a session has done: events by kind, and differences that were left alone.

    Left alone is what was read, moved or sold after the session had seen it, or had not.
    """

    events: dict[str, int] = {}
    left_alone: int = 0


@dataclass(frozen=True, slots=True)
class CountPlan:
    """`readers`: those whose reads count, handhelds and fixed ones."""

    id: str
    zones: tuple[str, ...]
    readers: tuple[str, ...]
    basis: Basis
    opened_by: str  # command, api, head office, trigger, import
    opened_at_us: int
    idle_s: float  # closed when nothing was heard for so long


def add_up(lines: Iterable[CountLine]) -> CountTotals:
    """Add the lines of one session, a SKU each."""
    expected = found = missing = unexpected = skus = exact = 0
    for line in lines:
        expected += line.expected
        found += line.found
        missing += line.missing
        unexpected += line.unexpected
        skus += 1
        exact += line.is_exact
    return CountTotals(expected, found, missing, unexpected, skus, exact)
