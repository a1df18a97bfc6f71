"""What is said over MQTT of count sessions; `edge.wire` has the other messages.

A session's report is its head alone while it runs; when it has ended, its lines come before, in
parts.  Each has the session's `rev`, so whoever has a newer one ignores it; reports are said again
until they are noted, and may come twice or out of order.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.counts import Basis, CountState
from edge.wire_types import Boot, Gtin, Number, Serial, StoreId, Term, Text, Ver, Zone

COUNT_ID = r"[a-z0-9][a-z0-9_-]{0,79}"
MAX_LINES = 400  # of one part
MAX_SERIALS = 2000  # of one part, and so of one line; a document may have 1 MiB
MAX_PARTS = 500
MAX_ZONES = 50
MAX_EXPECTED = 30_000  # items or SKUs of a list

CountId = Annotated[str, Meta(pattern=rf"\A{COUNT_ID}\Z")]
Part = Annotated[int, Meta(ge=0, le=MAX_PARTS)]
Epc = Annotated[str, Meta(pattern=r"\A([0-9a-fA-F]{4}){1,31}\Z")]
IdleS = Annotated[float, Meta(ge=10, le=86_400)]


class CountAct(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    CANCEL = "cancel"
    APPROVE = "approve"


class CountOrder(msgspec.Struct, frozen=True, kw_only=True):
    """How a session is to be: `zones[0]` is where items go that nobody knew.

    Without `readers`, all handhelds that are free, else the fixed readers of the zones.  Expected
    are the `epcs` or the `quantities` by GTIN; without either, what is in the zones by then.
    """

    zones: Annotated[list[Zone], Meta(min_length=1, max_length=MAX_ZONES)]
    id: CountId | None = None
    readers: Annotated[list[Text], Meta(max_length=100)] = []
    epcs: Annotated[list[Epc], Meta(max_length=MAX_EXPECTED)] | None = None
    quantities: Annotated[dict[Gtin, Number], Meta(max_length=MAX_EXPECTED)] | None = None
    idle_s: IdleS | None = None


class CountWish(msgspec.Struct, frozen=True):
    """What head office wants of a session; `order` is that of one to open."""

    act: CountAct
    count: CountId
    order: CountOrder | None = None
    writes_off: bool = False  # what is approved as missing has departed


class CountHeader(msgspec.Struct, frozen=True):
    """A session without its lines; `parts`: in how many documents those are."""

    id: CountId
    rev: Ver
    state: CountState
    zones: list[Zone]
    readers: list[Text]
    basis: Basis
    opened_by: Text
    opened_at_us: Number
    closed_by: Text = ""
    closed_at_us: Number | None = None
    decided_by: Text = ""
    decided_at_us: Number | None = None
    expected: Number = 0
    found: Number = 0
    missing: Number = 0
    unexpected: Number = 0
    skus: Number = 0
    exact_skus: Number = 0
    presses: Number = 0
    events: dict[Text, Number] = {}
    left_alone: Number = 0
    note: Text = ""
    parts: Part = 0


class CountRow(msgspec.Struct, frozen=True, array_like=True):
    """One SKU; of its items that differ the serials, MAX_SERIALS of them at most."""

    gtin: Gtin
    expected: Number
    found: Number
    missing: Number
    unexpected: Number
    missing_serials: list[Serial] = []
    unexpected_serials: list[Serial] = []


class CountReport(msgspec.Struct, frozen=True, tag_field="type", tag="count"):
    """`part` 0 is the head alone; from 1 on, the lines of one part, and no news of the head."""

    store: StoreId
    term: Term
    boot: Boot
    head: CountHeader
    part: Part = 0
    lines: Annotated[list[CountRow], Meta(max_length=MAX_LINES)] = []
    number: Number = 0
    v: int = 1


class CountNoted(msgspec.Struct, frozen=True, tag_field="type", tag="count_noted"):
    """The cloud's word that a report is committed, or that it knows something newer."""

    store: StoreId
    for_term: Term
    for_boot: Boot
    count: CountId
    rev: Ver
    part: Part
    v: int = 1


def parts_of(rows: Sequence[CountRow], most_rows: int = MAX_LINES) -> list[list[CountRow]]:
    """Cut lines into parts of bounded rows and serials; what is too much of a line is cut off."""
    parts: list[list[CountRow]] = []
    serials = MAX_SERIALS
    for row in rows:
        missing = row.missing_serials[:MAX_SERIALS]
        unexpected = row.unexpected_serials[: MAX_SERIALS - len(missing)]
        mine = len(missing) + len(unexpected)
        if not parts or len(parts[-1]) >= most_rows or serials + mine > MAX_SERIALS:
            parts.append([])
            serials = 0
        serials += mine
        cut = msgspec.structs.replace(row, missing_serials=missing, unexpected_serials=unexpected)
        parts[-1].append(cut)
    return parts
