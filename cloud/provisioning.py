"""Lists that people write, read strictly: all mistakes are told, and then nothing is taken."""

import csv
from collections.abc import Iterator
from pathlib import Path

from cloud.documents import shapes
from cloud.documents.interface import Documents
from edge.epc.sgtin import check_digit
from edge.errors import ConfigError

MAX_NAME = 200
MAX_MISTAKES = 20  # shown
AT_ONCE = 400  # documents of one commit
_COLUMNS = ("gtin", "name")


def read_products(path: Path) -> list[shapes.Product]:
    """Read a CSV file with the columns gtin (8, 12, 13 or 14 digits) and name; others are ignored.

    Raises ConfigError with a line for each mistake.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                raise ConfigError(f"{path}: the first line names no column {', '.join(missing)}")
            numbered = [(rows.line_num, row) for row in rows]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    products: dict[str, shapes.Product] = {}
    mistakes = list(_collect(numbered, products))
    if mistakes:
        more = [f"and {len(mistakes) - MAX_MISTAKES} more"] if len(mistakes) > MAX_MISTAKES else []
        lines = [f"{path}: nothing was written", *mistakes[:MAX_MISTAKES], *more]
        raise ConfigError("\n  ".join(lines))
    return list(products.values())


def write_products(documents: Documents, products: list[shapes.Product]) -> None:
    """Write them, some hundreds at once; doing it again does no harm."""
    for start in range(0, len(products), AT_ONCE):
        documents.commit([shapes.put_product(each) for each in products[start : start + AT_ONCE]])


def _collect(
    numbered: list[tuple[int, dict[str, str | None]]], products: dict[str, shapes.Product]
) -> Iterator[str]:
    """Fill `products` by GTIN; yield the mistakes."""
    for line, row in numbered:
        gtin, name = ((row[column] or "").strip() for column in _COLUMNS)
        if not (gtin.isascii() and gtin.isdecimal() and len(gtin) in {8, 12, 13, 14}):
            yield f"line {line}: gtin: expected 8, 12, 13 or 14 digits, got {gtin!r:.60}"
            continue
        gtin = gtin.zfill(14)
        if check_digit(gtin[:13]) != gtin[13]:
            yield f"line {line}: gtin: the check digit of {gtin} should be {check_digit(gtin[:13])}"
        elif gtin in products:
            yield f"line {line}: gtin: {gtin} stands above already"
        elif not 1 <= len(name) <= MAX_NAME:
            yield f"line {line}: name: expected 1 to {MAX_NAME} characters, got {len(name)}"
        else:
            products[gtin] = shapes.Product(gtin, name)
