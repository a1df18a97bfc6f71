"""What tills and suppliers' systems say: sales, returns, and notices of what will arrive.

A document is JSON.  Whatever is wrong with it is told at once, with its place, what is expected and
what stands there; then nothing of it was done.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from edge import toml
from edge.epc import Stray
from edge.epc.names import gtin14, item, read_name
from edge.errors import InputError
from edge.model import Sgtin

MAX_LINES = 1000
MAX_QUANTITY = 10_000
_MOST_MISTAKES = 20

Id = Annotated[
    str,
    Meta(
        pattern=r"\A[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z",
        description="1 to 100 letters, digits, '.', '_', ':' and '-', the first a letter or digit",
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=200, description="1 to 200 characters")]
Time = Annotated[
    datetime,
    Meta(tz=True, description="a time with its zone, as 2026-11-23T17:30:00Z"),
]
_Quantity = Annotated[
    int, Meta(ge=1, le=MAX_QUANTITY, description=f"an integer from 1 to {MAX_QUANTITY}")
]


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item by its `epc`, or by `gtin` and `serial`; or some items of a `gtin`."""

    epc: Text | None = None
    gtin: Text | None = None
    serial: Text | None = None
    quantity: _Quantity = 1


_Lines = Annotated[
    tuple[Line, ...],
    Meta(min_length=1, max_length=MAX_LINES, description=f"1 to {MAX_LINES} lines"),
]


class Kind(StrEnum):
    SALE = "sale"
    RETURN = "return"
    RECEIPT = "receipt"


class TillDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sale or a return.  `zone`: where it happened, or where what came back is."""

    id: Id
    lines: _Lines
    at: Time | None = None  # now, where none is given
    zone: Text | None = None


class ReceiptDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a supplier has sent, or will."""

    id: Id
    lines: _Lines
    supplier: Text | None = None
    due: Time | None = None


class Unnamed(msgspec.Struct, frozen=True):
    """Some items of a GTIN, whichever."""

    gtin: str
    quantity: int


class NoItem(msgspec.Struct, frozen=True):
    """An EPC that is none of an item, as it was written, and why."""

    epc: str
    reason: str


Meant = Sgtin | Unnamed | NoItem

Document = TypeVar("Document", TillDocument, ReceiptDocument)


def read_document(text: bytes, kind: type[Document]) -> tuple[Document, Sequence[Meant]]:
    """Read a document and what each of its lines means; raise InputError with every mistake."""
    try:
        data = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(f"not JSON: {error}") from error
    return check_document(data, kind)


def check_document(data: object, kind: type[Document]) -> tuple[Document, Sequence[Meant]]:
    """Do the same with a document that is parsed already."""
    if not isinstance(data, dict):
        raise InputError(f"expected an object with id and lines, got {toml.shown(data)}")
    if mistakes := list(toml.mistakes(kind, data, "")):
        raise _wrong(mistakes)
    try:
        document = msgspec.convert(data, kind)
    except msgspec.ValidationError as error:  # a list that is too long
        raise InputError(str(error)) from error
    meant: list[Meant] = []
    for index, line in enumerate(document.lines):
        try:
            meant.append(_meaning(line))
        except ValueError as error:
            mistakes.append(f"lines[{index}]{error}")
    mistakes += _doubles(meant)
    if mistakes:
        raise _wrong(mistakes)
    return document, meant


def digest(document: TillDocument | ReceiptDocument) -> str:
    """Give the same for documents that say the same, however they are written."""
    return hashlib.sha256(msgspec.json.encode(document)).hexdigest()


def utc_us(time: datetime) -> int:
    return round(time.astimezone(UTC).timestamp() * 1e6)


def _wrong(mistakes: list[str]) -> InputError:
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    more = len(mistakes) - _MOST_MISTAKES
    shown = mistakes[:_MOST_MISTAKES] + ([f"and {more} more"] if more > 0 else [])
    return InputError(count, shown)


def _meaning(line: Line) -> Meant:
    """Raise ValueError whose text begins with the place inside of the line."""
    if (line.epc is None) == (line.gtin is None):
        raise ValueError(": expected either epc or gtin")
    named = line.epc is not None or line.serial is not None
    if named and line.quantity != 1:
        raise ValueError(f".quantity: expected 1, as it is one item, got {line.quantity}")
    if line.epc is not None:
        return _of_epc(line)
    place, got = ".gtin", line.gtin or ""
    try:
        gtin = gtin14(got)
        if line.serial is None:
            return Unnamed(gtin, line.quantity)
        place, got = ".serial", line.serial
        return item(gtin, line.serial)
    except ValueError as error:
        raise ValueError(f"{place}: {error}, got {toml.shown(got)}") from None


def _of_epc(line: Line) -> Meant:
    text = line.epc or ""
    if line.serial is not None:
        raise ValueError(".serial: has no meaning beside epc")
    try:
        read = read_name(text)
    except ValueError as error:
        raise ValueError(f".epc: {error}, got {toml.shown(text)}") from None
    return NoItem(text, read.reason.value) if isinstance(read, Stray) else read


def _doubles(meant: Sequence[Meant]) -> Iterator[str]:
    seen: dict[Any, int] = {}
    for index, one in enumerate(meant):
        if isinstance(one, Sgtin) and seen.setdefault((one.gtin, one.serial), index) != index:
            first = seen[one.gtin, one.serial]
            yield f"lines[{index}]: the same item as lines[{first}]"
