"""How count sessions are told to people at a terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from edge.cli.count_files import Compared
from edge.count_views import CountView, LineView, ResultView, percent
from edge.counts import CountState
from edge.terminal import table

MOST_SERIALS = 5  # of a line, that are shown
_BASES = {
    "state": "what was there",
    "items": "a list of items",
    "quantities": "a list of quantities",
    "nothing": "nothing that is known",
}


def progress_text(one: CountView) -> str:
    left = f", {one.missing} to go" if one.missing else ""
    more = f", {one.unexpected} not expected" if one.unexpected else ""
    return f"{one.id} {one.state}: {one.found} found of {one.expected} expected{left}{more}"


def ended_text(one: CountView) -> str:
    text = f"{one.id}: {one.state}; {_found_text(one)}"
    if one.state == CountState.CLOSED.value:
        return f"{text}\ntagtally-edge count show {one.id} lists them, count approve applies them"
    if one.state != CountState.APPROVED.value:
        return text
    events = ", ".join(f"{number} {kind}" for kind, number in one.applied.items())
    left = f"; {one.left_alone} left alone" if one.left_alone else ""
    return f"{text}\n{events or 'nothing to change'}{left}"


def imported_text(row: Compared) -> str:
    one = row.count
    accuracy = percent(one.unit_accuracy)
    lines = [f"{one.id}: {one.expected} expected, {_found_text(one)}, accuracy {accuracy}"]
    if row.published:
        said = ", ".join(f"{value:g} {name}" for name, value in row.published.items())
        lines.append(f"published: {said}")
        lines += [f"{name}: {verdict}" for name, verdict in row.verdicts.items()]
    return "\n  ".join(lines)


def cells(one: CountView) -> list[str | int]:
    return [
        one.id,
        one.state,
        ", ".join(one.zones),
        one.expected,
        one.found,
        one.missing,
        one.unexpected,
        percent(one.unit_accuracy),
    ]


def result_text(found: ResultView, *, shows_all: bool) -> str:
    one = found.count
    lines = [
        f"count     {one.id}, {one.state}{f': {one.note}' if one.note else ''}",
        f"zones     {', '.join(one.zones)}",
        f"opened    {_at(one.opened_at_us)} by {one.opened_by}, expecting {_BASES[one.basis]}",
    ]
    if one.closed_at_us:
        lines.append(f"closed    {_at(one.closed_at_us)} by {one.closed_by}")
    if one.decided_at_us:
        events = ", ".join(f"{number} {kind}" for kind, number in one.applied.items())
        left = f"; {one.left_alone} left alone" if one.left_alone else ""
        told = f": {events or 'nothing to change'}{left}" if one.state == "approved" else ""
        lines.append(f"{one.state:<10}{_at(one.decided_at_us)} by {one.decided_by}{told}")
    lines += [
        f"items     {one.expected} expected, {_found_text(one)}",
        f"accuracy  {percent(one.unit_accuracy)} of units, {percent(one.sku_accuracy)} of SKUs",
    ]
    rows: list[list[str | int]] = [
        [line.gtin, line.expected, line.found, line.missing, line.unexpected, _serials_text(line)]
        for line in found.lines
        if shows_all or line.missing or line.unexpected
    ]
    if rows:
        head = ["GTIN", "EXPECTED", "FOUND", "MISSING", "UNEXPECTED", "SERIALS"]
        lines += ["", table(head, rows)]
    return "\n".join(lines)


def _found_text(one: CountView) -> str:
    return f"{one.found} found, {one.missing} missing, {one.unexpected} unexpected"


def _serials_text(line: LineView) -> str:
    told = [*_some("missing", line.missing_serials), *_some("unexpected", line.unexpected_serials)]
    return "; ".join(told)


def _some(what: str, serials: Sequence[str]) -> list[str]:
    if not serials:
        return []
    more = f" and {len(serials) - MOST_SERIALS} more" if len(serials) > MOST_SERIALS else ""
    return [f"{what} {', '.join(serials[:MOST_SERIALS])}{more}"]


def _at(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
