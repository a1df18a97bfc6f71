"""CSV files of counts: lists of what is expected, and stocktakes that were made elsewhere.

What a stocktake calls a product need not be a GTIN: another name gets a number of its own from
those that GS1 keeps for use within a company or region (GTIN-13 with the prefix 20 to 29), made
from the name's SHA-256, so that it is the same in every file.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import msgspec

from edge.count_views import CountView
from edge.counts import Basis, CountedItem, CountLine, CountPlan, add_up
from edge.engine.count_changes import CountOpened
from edge.epc import Stray, check_digit, decode
from edge.errors import InputError
from edge.model import Sgtin

Fields: TypeAlias = "dict[str, object]"  # of a CountOrder: `epcs` or `quantities`
_MISTAKES = 10  # that are told
_PUBLISHED = ("Actual", "Expected", "Missing", "Unexpected", "Accuracy")


class Compared(msgspec.Struct, frozen=True):
    """A session beside the totals that its source has published; `verdicts` by total."""

    count: CountView
    published: Mapping[str, float] = {}
    verdicts: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Stocktake:
    opened: CountOpened
    lines: list[CountLine]
    closed_at_us: int
    published: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Published:
    began_at_us: int
    ended_at_us: int
    totals: Mapping[str, float]


def read_expected(file: Path) -> Fields:
    """Read what a count expects, as the fields `epcs` or `quantities` of its order."""
    return _expectation_of(file, list(_rows(file)))


def _expectation_of(file: Path, rows: Sequence[tuple[int, dict[str, str]]]) -> Fields:
    names = set(rows[0][1]) if rows else set()
    if "epc" in names:
        return {"epcs": [row["epc"].strip() for _, row in rows]}
    if not {"gtin", "quantity"} <= names:
        raise InputError(f"{file}: expected the columns gtin and quantity, or epc")
    quantities: Counter[str] = Counter()
    mistakes = []
    for number, row in rows:
        try:
            quantities[_gtin(row["gtin"])] += _quantity(row["quantity"])
        except ValueError as error:
            mistakes.append(f"line {number}: {error}")
    _refuse(file, mistakes)
    return {"quantities": dict(quantities)}


def read_stocktakes(
    file: Path,
    zone: str,
    stocktakes: Path | None,
    expected: Path | None,
    *,
    rows_are_items: bool,
) -> list[Stocktake]:
    """Read the items found in stocktakes, each of which becomes a session of one zone."""
    published = _published(stocktakes) if stocktakes else {}
    listed = _expected_by_name(expected) if expected else {}
    found = _found(file, rows_are_items=rows_are_items)
    return [
        _stocktake(name, zone, items, published.get(name), listed.get(name) or listed.get("", {}))
        for name, items in found.items()
    ]


def _expected_by_name(file: Path) -> dict[str, Fields]:
    """Read what each stocktake expects; a file without InventoryId is for all, by an empty name."""
    groups: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, row in _rows(file):
        groups.setdefault(row.get("InventoryId", ""), []).append((number, row))
    return {name: _expectation_of(file, rows) for name, rows in groups.items()}


def compared(count: CountView, published: Mapping[str, float]) -> Compared:
    """Tell which of the published totals the session has, and which it cannot have."""
    if not published:
        return Compared(count)
    verdicts = {"found": _verdict(count.found, published["Actual"])}
    if count.expected:
        verdicts["missing"] = _verdict(count.missing, published["Missing"])
        verdicts["unexpected"] = _verdict(count.unexpected, published["Unexpected"])
    else:
        verdicts["missing, unexpected"] = "not in the file: which items were expected"
    # What is published as expected are those that were found of it.
    expected = round(published["Expected"] + published["Missing"])
    totals = add_up([
        CountLine(
            "", expected, round(published["Actual"]), round(published["Missing"]),
            round(published["Unexpected"]),
        )
    ])  # fmt: skip
    accuracy = round(totals.unit_accuracy or 0.0, 4)
    verdicts["accuracy"] = f"{_verdict(accuracy, published['Accuracy'])}, of the published totals"
    return Compared(count, dict(published), verdicts)


def _verdict(ours: float, theirs: float) -> str:
    return "as published" if ours == theirs else f"{ours:g} here, {theirs:g} published"


def _stocktake(
    name: str,
    zone: str,
    items: Mapping[Sgtin, None],
    published: _Published | None,
    listed: Fields,
) -> Stocktake:
    at_us = published.began_at_us if published else 0
    ended_at_us = published.ended_at_us if published else at_us
    basis, expected, quantities = _expectation(listed)
    plan = CountPlan(_count_id(name), (zone,), (), basis, "import", at_us, 0.0)
    left = Counter(quantities)
    counted, lines = [], Counter[tuple[str, str]]()
    for sgtin in items:
        is_expected = sgtin in expected if basis is Basis.ITEMS else left[sgtin.gtin] > 0
        left[sgtin.gtin] -= 1
        lines[sgtin.gtin, "found" if is_expected else "unexpected"] += 1
        counted.append(_counted(sgtin, ended_at_us, is_expected=is_expected))
    counted += [_counted(sgtin, None, is_expected=True) for sgtin in expected - items.keys()]
    gtins = dict.fromkeys([*quantities, *(gtin for gtin, _ in lines)])
    return Stocktake(
        CountOpened(plan, quantities, counted),
        [_line(gtin, quantities.get(gtin, 0), lines) for gtin in gtins],
        ended_at_us,
        published.totals if published else {},
    )


def _counted(sgtin: Sgtin, found_at_us: int | None, *, is_expected: bool) -> CountedItem:
    return CountedItem(
        sgtin.gtin, sgtin.serial, is_expected, was_here=False, found_at_us=found_at_us
    )


def _line(gtin: str, expected: int, lines: Counter[tuple[str, str]]) -> CountLine:
    found, unexpected = lines[gtin, "found"], lines[gtin, "unexpected"]
    return CountLine(gtin, expected, found + unexpected, expected - found, unexpected)


def _expectation(listed: Fields) -> tuple[Basis, set[Sgtin], dict[str, int]]:
    match listed:
        case {"epcs": list(epcs)}:
            expected = {_decoded(epc) for epc in epcs}
            return Basis.ITEMS, expected, dict(Counter(sgtin.gtin for sgtin in expected))
        case {"quantities": dict(quantities)}:
            return Basis.QUANTITIES, set(), quantities
    return Basis.NOTHING, set(), {}


def _found(file: Path, *, rows_are_items: bool) -> dict[str, dict[Sgtin, None]]:
    """Give the items of each stocktake, in the order in which they stand in the file."""
    found: dict[str, dict[Sgtin, None]] = {}
    seen: Counter[tuple[str, Sgtin]] = Counter()
    mistakes = []
    for number, row in _rows(file):
        try:
            name, sgtin = row["InventoryId"], _item(row)
        except (KeyError, ValueError) as error:
            mistakes.append(f"line {number}: {_reason(error)}")
            continue
        seen[name, sgtin] += 1
        if rows_are_items and (times := seen[name, sgtin]) > 1:
            sgtin = Sgtin(sgtin.gtin, f"{sgtin.serial}.{times}")
        found.setdefault(name, {})[sgtin] = None
    _refuse(file, mistakes)
    return found


def _item(row: Mapping[str, str]) -> Sgtin:
    if "epc" in row:
        return _decoded(row["epc"])
    serial = row["EpcSerial"].strip()
    if not serial or len(serial) > 20 or not serial.isascii():
        raise ValueError(f"EpcSerial {serial!r:.80} is not 1 to 20 letters and digits")
    return Sgtin(product_gtin(row["Product"].strip()), serial)


def product_gtin(product: str) -> str:
    """Give a product's GTIN-14: its own, or an in-store number made from its name."""
    try:
        return _gtin(product)
    except ValueError:
        if not product:
            raise
    digest = hashlib.sha256(product.encode()).digest()
    body = f"02{int.from_bytes(digest[:8]) % 10**11:011d}"
    return f"{body}{check_digit(body)}"


def _published(file: Path) -> dict[str, _Published]:
    published = {}
    mistakes = []
    for number, row in _rows(file):
        try:
            published[row["InventoryId"]] = _Published(
                _at_us(row["TimeStampStart"]),
                _at_us(row["TimeStampEnd"]),
                {name: float(row[name]) for name in _PUBLISHED},
            )
        except (KeyError, ValueError) as error:
            mistakes.append(f"line {number}: {_reason(error)}")
    _refuse(file, mistakes)
    return published


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a CSV file, divided by commas or semicolons, each with its line number."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not UTF-8 at byte {error.start}") from error
    lines = text.splitlines()
    divider = ";" if lines and ";" in lines[0] else ","
    reader = csv.DictReader(lines, delimiter=divider, restval="")
    for row in reader:
        yield reader.line_num, {name.strip(): value for name, value in row.items() if name}


def _gtin(text: str) -> str:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 14):
        raise ValueError(f"{digits!r:.80} is no GTIN of 8 to 14 digits")
    gtin = digits.zfill(14)
    if str(check_digit(gtin[:13])) != gtin[13]:
        raise ValueError(f"GTIN {digits}: the check digit is wrong")
    return gtin


def _quantity(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise ValueError(f"quantity {digits!r:.80} is not a whole number from 0 on")
    return int(digits)


def _decoded(epc: str) -> Sgtin:
    decoded = decode(bytes.fromhex(epc.strip()))
    if isinstance(decoded, Stray):
        raise ValueError(f"EPC {epc} is no item: {decoded.reason.value}")  # noqa: TRY004 a value it is
    return decoded


def _count_id(name: str) -> str:
    made = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name)
    return f"import-{made.lower()}"[:80]


def _at_us(text: str) -> int:
    at = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
    if at.tzinfo is None:
        raise ValueError(f"time {text!r} does not say how far it is from UTC")
    return round(at.timestamp() * 1e6)


def _reason(error: Exception) -> str:
    return f"there is no column {error}" if isinstance(error, KeyError) else str(error)


def _refuse(file: Path, mistakes: list[str]) -> None:
    if mistakes:
        count = "1 line" if len(mistakes) == 1 else f"{len(mistakes)} lines"
        raise InputError(f"{file}: {count} cannot be used", mistakes[:_MISTAKES])
