"""What stands in a file of a till: documents as JSON, or as CSV with a row for each line.

JSON is one document or a list of them, each with its `kind`.  In CSV the rows of the same `kind`
and `id` are one document; what is said of the whole document need stand in its first row only.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from edge.errors import InputError
from edge.local.documents import Kind, Meant, ReceiptDocument, TillDocument, check_document

MAX_FILE = 8 << 20  # bytes
MAX_DOCUMENTS = 10_000
_OF_LINE = ("epc", "gtin", "serial", "quantity")
_OF_DOCUMENT = ("kind", "id", "at", "zone", "supplier", "due")
_LINE_PLACE = re.compile(r"lines\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a file."""

    kind: Kind
    document: TillDocument | ReceiptDocument
    meant: Sequence[Meant]


@dataclass(frozen=True, slots=True)
class _Raw:
    """A document that is not checked yet; `rows`: where its lines stand in a CSV file."""

    place: str
    data: dict[str, object]
    rows: Sequence[int] = ()


def read_file(name: str, content: bytes) -> list[Entry]:
    """Give the documents of a file; raise InputError with every mistake in it."""
    if len(content) > MAX_FILE:
        raise InputError(f"more than {MAX_FILE} bytes are too many")
    raw = _of_csv(content) if name.lower().endswith(".csv") else _of_json(content)
    entries, mistakes = [], []
    for one in raw[:MAX_DOCUMENTS]:
        try:
            entries.append(_entry(one))
        except InputError as error:
            found = error.mistakes or [str(error)]
            mistakes += [_placed(text, one) for text in found]
    if len(raw) > MAX_DOCUMENTS:
        mistakes.append(f"{len(raw)} documents are too many, allowed are {MAX_DOCUMENTS}")
    if mistakes:
        raise InputError(f"mistakes: {len(mistakes)}", mistakes)
    return entries


def _entry(raw: _Raw) -> Entry:
    data = dict(raw.data)
    try:
        kind = Kind(str(data.pop("kind", "")))
    except ValueError:
        raise InputError(f"kind: expected one of {', '.join(Kind)}") from None
    if kind is Kind.RECEIPT:
        return Entry(kind, *check_document(data, ReceiptDocument))
    return Entry(kind, *check_document(data, TillDocument))


def _of_json(content: bytes) -> list[_Raw]:
    try:
        data = msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"not JSON: {error}") from error
    found = data if isinstance(data, list) else [data]
    if not all(isinstance(one, dict) for one in found):
        raise InputError("expected an object, or a list of objects")
    is_list = isinstance(data, list)
    return [_Raw(f"[{index}]." if is_list else "", one) for index, one in enumerate(found)]


def _of_csv(content: bytes) -> list[_Raw]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}") from error
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        head = [cell.strip().lower() for cell in next(rows, [])]
        _check_head(head)
        numbered = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"line {rows.line_num}: not CSV: {error}") from error
    wrong = [
        f"line {line}: expected {len(head)} columns, got {len(row)}"
        for line, row in numbered
        if len(row) != len(head)
    ]
    if wrong:
        raise InputError(f"mistakes: {len(wrong)}", wrong)
    cells = ((line, dict(zip(head, map(str.strip, row), strict=True))) for line, row in numbered)
    return _grouped(cells)


def _check_head(head: Sequence[str]) -> None:
    known = (*_OF_DOCUMENT, *_OF_LINE)
    unknown = [name for name in head if name not in known]
    if unknown or not {"kind", "id"} <= {*head} or len({*head}) < len(head):
        raise InputError(
            f"line 1: expected columns of {', '.join(known)}, kind and id among them, "
            f"got {', '.join(head)[:200]}"
        )


def _grouped(rows: Iterable[tuple[int, dict[str, str]]]) -> list[_Raw]:
    documents: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        documents.setdefault((row["kind"], row["id"]), []).append((number, row))
    return [_document(found) for found in documents.values()]


def _document(rows: Sequence[tuple[int, dict[str, str]]]) -> _Raw:
    first, head = rows[0]
    said = {name: head[name] for name in _OF_DOCUMENT if head.get(name)}
    lines = [_line(row) for _, row in rows]
    return _Raw(f"line {first}: ", {**said, "lines": lines}, [number for number, _ in rows])


def _line(row: dict[str, str]) -> dict[str, object]:
    line: dict[str, object] = {name: row[name] for name in _OF_LINE if row.get(name)}
    if (quantity := row.get("quantity", "")).isdecimal():
        line["quantity"] = int(quantity[:9])
    return line


def _placed(mistake: str, raw: _Raw) -> str:
    """Say where a mistake stands: in CSV by the file's line, not the document's."""
    place = _LINE_PLACE.match(mistake)
    if not (raw.rows and place):
        return f"{raw.place}{mistake}"
    return f"line {raw.rows[int(place[1])]}{mistake[place.end() :]}"
