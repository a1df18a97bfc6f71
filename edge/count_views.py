"""Count sessions as they are shown: to people, to the store's machines, and to head office."""

from collections.abc import Sequence

import msgspec

from edge.counts import CountLine, CountTotals
from edge.storage.counts import CountHead, Counts, Differences
from edge.wire_counts import CountHeader, CountRow

_NO_DIFFERENCES = Differences()


class CountView(msgspec.Struct, frozen=True):
    """A session.  Accuracies are shares, null where nothing was expected (`edge.counts`)."""

    id: str
    state: str
    zones: Sequence[str]
    readers: Sequence[str]
    basis: str
    opened_by: str
    opened_at_us: int
    closed_by: str
    closed_at_us: int | None
    decided_by: str
    decided_at_us: int | None
    expected: int
    found: int
    missing: int
    unexpected: int
    skus: int
    unit_accuracy: float | None
    sku_accuracy: float | None
    applied: dict[str, int]
    left_alone: int
    note: str


class LineView(msgspec.Struct, frozen=True):
    """One SKU, and the serials of its items that differ."""

    gtin: str
    expected: int
    found: int
    missing: int
    unexpected: int
    missing_serials: Sequence[str]
    unexpected_serials: Sequence[str]


class ResultView(msgspec.Struct, frozen=True):
    count: CountView
    lines: Sequence[LineView]


def view(head: CountHead) -> CountView:
    plan, totals = head.plan, head.totals
    return CountView(
        id=plan.id,
        state=head.state.value,
        zones=plan.zones,
        readers=plan.readers,
        basis=plan.basis.value,
        opened_by=plan.opened_by,
        opened_at_us=plan.opened_at_us,
        closed_by=head.closed_by,
        closed_at_us=head.closed_at_us,
        decided_by=head.decided_by,
        decided_at_us=head.decided_at_us,
        expected=totals.expected,
        found=totals.found,
        missing=totals.missing,
        unexpected=totals.unexpected,
        skus=totals.skus,
        unit_accuracy=_rounded(totals.unit_accuracy),
        sku_accuracy=_rounded(totals.sku_accuracy),
        applied=head.applied.events,
        left_alone=head.applied.left_alone,
        note=head.note,
    )


def result(counts: Counts, head: CountHead) -> ResultView:
    differences = counts.differences(head.plan.id)
    lines = [
        LineView(*msgspec.structs.astuple(line), *_serials(line, differences))
        for line in counts.lines(head.plan.id)
    ]
    return ResultView(view(head), lines)


def wire_rows(counts: Counts, count: str) -> list[CountRow]:
    """Give the lines of a session as head office is told them."""
    differences = counts.differences(count)
    return [
        CountRow(*msgspec.structs.astuple(line), *map(list, _serials(line, differences)))
        for line in counts.lines(count)
    ]


def wire_header(head: CountHead, presses: int, parts: int) -> CountHeader:
    plan, totals = head.plan, head.totals
    return CountHeader(
        id=plan.id,
        rev=head.rev,
        state=head.state,
        zones=list(plan.zones),
        readers=list(plan.readers),
        basis=plan.basis,
        opened_by=plan.opened_by,
        opened_at_us=plan.opened_at_us,
        closed_by=head.closed_by,
        closed_at_us=head.closed_at_us,
        decided_by=head.decided_by,
        decided_at_us=head.decided_at_us,
        **_numbers(totals),
        presses=presses,
        events=head.applied.events,
        left_alone=head.applied.left_alone,
        note=head.note[:200],
        parts=parts,
    )


def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _numbers(totals: CountTotals) -> dict[str, int]:
    numbers: dict[str, int] = msgspec.structs.asdict(totals)
    return numbers


def _serials(line: CountLine, differences: dict[str, Differences]) -> tuple[Sequence[str], ...]:
    of_gtin = differences.get(line.gtin, _NO_DIFFERENCES)
    return of_gtin.missing, of_gtin.unexpected


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
