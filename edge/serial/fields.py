r"""What commands and answers are written in: a class is a table, its annotations the wire.

    class SetReadPower(Command, code=Opcode.SET_READ_POWER):
        power: S16                                   # hundredths of a dBm

    class DetectedPorts(Answer, code=Opcode.GET_ANTENNA, head=b"\\x05"):
        ports: tuple[DetectedPort, ...]              # to the end

The order of the annotations is the order on the wire; numbers are big-endian.

| annotation                | on the wire                                                         |
| ------------------------- | ------------------------------------------------------------------- |
| `U8` … `U32`, `S8`, `S16` | a number of that many bits                                          |
| `E8[SomeEnum]`, `E16[…]`  | an enumeration, unknown values staying plain numbers                |
| `Annotated[bytes, Fixed(4)]` | that many bytes                                                  |
| `Rest`                    | all bytes that are left                                             |
| `U8s`, `U16s`, `U32s`     | numbers to the end                                                  |
| `tuple[SomeRecord, ...]`  | such records to the end                                             |

`code` says which frames the class stands for, `head` are bytes that such a frame's data begins
with.  Of the classes of one code the first is taken whose head is there and whose fields fill the
data; where none is, the data is kept as `Unknown`.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec


class Number(msgspec.Struct, frozen=True):
    size: int  # bytes
    signed: bool = False


class Numbers(msgspec.Struct, frozen=True):
    """Unsigned numbers of `size` bytes to the end."""

    size: int


class Fixed(msgspec.Struct, frozen=True):
    """Exactly so many bytes."""

    size: int


class Remainder(msgspec.Struct, frozen=True):
    """All that is left."""


_T = TypeVar("_T")

U8 = Annotated[int, Number(1)]
U16 = Annotated[int, Number(2)]
U24 = Annotated[int, Number(3)]
U32 = Annotated[int, Number(4)]
S8 = Annotated[int, Number(1, signed=True)]
S16 = Annotated[int, Number(2, signed=True)]
S32 = Annotated[int, Number(4, signed=True)]
E8 = Annotated[_T | int, Number(1)]
E16 = Annotated[_T | int, Number(2)]
U8s = Annotated[tuple[int, ...], Numbers(1)]
U16s = Annotated[tuple[int, ...], Numbers(2)]
U32s = Annotated[tuple[int, ...], Numbers(4)]
Rest = Annotated[bytes, Remainder()]


class _Table(msgspec.StructMeta):
    """Takes a record's code and head as keywords of the class statement."""

    def __new__(  # noqa: PYI034 - Self is not for metaclasses
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        code: int | None = None,
        head: bytes = b"",
    ) -> "_Table":
        given = {} if code is None else {"code": code, "head": head}
        return super().__new__(mcs, name, bases, namespace | given, frozen=True, kw_only=True)


@dataclass_transform(kw_only_default=True)
class Record(msgspec.Struct, metaclass=_Table):
    """A command, an answer, or what stands many times in one."""

    code: ClassVar[int] = -1
    head: ClassVar[bytes] = b""


class Unknown(msgspec.Struct, frozen=True):
    """Data that no class of a table stands for."""

    code: int
    data: bytes


class Broken(Exception):
    """Data that does not fill the fields of a class; never leaves this module."""


_R = TypeVar("_R", bound=Record)


class RecordTable(Generic[_R]):
    """The classes of a protocol's commands, or of its answers."""

    def __init__(self, records: Iterable[type[_R]]) -> None:
        self._by_code: dict[int, list[type[_R]]] = {}
        for record in records:
            self._by_code.setdefault(record.code, []).append(record)

    def decode(self, code: int, data: bytes) -> _R | Unknown:
        for record in self._by_code.get(code, ()):
            if data.startswith(record.head):
                try:
                    values, at = _read(record, data, len(record.head))
                except Broken:
                    continue
                if at == len(data):
                    return record(**values)
        return Unknown(code, data)


def encode_data(record: Record) -> bytes:
    """Give a frame's data, head and fields.  Raises ValueError for a value without a place."""
    return record.head + _write(record)


def member_of(enumeration: type[IntEnum], number: int) -> int:
    """Give the number as a member of the enumeration, or as it is where it is none."""
    return enumeration(number) if number in enumeration.__members__.values() else number


def records_of(base: type[_R]) -> list[type[_R]]:
    """Give the classes that stand for frames, in the order in which they were written."""
    return [record for record in base.__subclasses__() if record.code >= 0]


@cache
def _fields(record: type[Record]) -> tuple[tuple[str, object, tuple[Any, ...]], ...]:
    """Give for each field its name, its form, and the class behind an enumeration or a list."""
    hints = get_type_hints(record, include_extras=True)
    fields = []
    for name in record.__struct_fields__:
        hint = hints[name]
        if get_origin(hint) is Annotated:
            fields.append((name, hint.__metadata__[0], get_args(get_args(hint)[0])))
        else:
            fields.append((name, tuple, get_args(hint)))
    return tuple(fields)


def _read(record: type[Record], data: bytes, at: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    for name, form, inner in _fields(record):
        match form:
            case Number(size=size, signed=signed):
                number = int.from_bytes(_cut(data, at, size), signed=signed)
                if inner:  # `Enum | int`
                    number = member_of(inner[0], number)
                values[name], at = number, at + size
            case Fixed(size=size):
                values[name], at = _cut(data, at, size), at + size
            case Numbers(size=size):
                cuts = [_cut(data, i, size) for i in range(at, len(data), size)]
                values[name], at = tuple(map(int.from_bytes, cuts)), len(data)
            case Remainder():
                values[name], at = data[at:], len(data)
            case _:
                values[name], at = _read_many(inner[0], data, at), len(data)
    return values, at


def _read_many(record: type[Record], data: bytes, at: int) -> tuple[Record, ...]:
    many = []
    while at < len(data):
        values, at = _read(record, data, at)
        many.append(record(**values))
    return tuple(many)


def _cut(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise Broken
    return data[at : at + size]


def _write(record: Record) -> bytes:
    written = bytearray()
    for name, form, _ in _fields(type(record)):
        value = getattr(record, name)
        match form:
            case Number(size=size, signed=signed):
                written += _number(record, name, value, size, signed=signed)
            case Numbers(size=size):
                for number in value:
                    written += _number(record, name, number, size)
            case Fixed(size=size) if len(value) != size:
                text = f"{type(record).__name__}.{name} has {len(value)} bytes, needed are {size}"
                raise ValueError(text)
            case Fixed() | Remainder():
                written += value
            case _:
                for one in value:
                    written += _write(one)
    return bytes(written)


def _number(record: Record, name: str, value: int, size: int, *, signed: bool = False) -> bytes:
    try:
        return value.to_bytes(size, signed=signed)
    except OverflowError as error:
        lowest = -(1 << 8 * size - 1) if signed else 0
        highest = lowest + (1 << 8 * size) - 1
        text = f"{type(record).__name__}.{name} is {value}, allowed is {lowest} to {highest}"
        raise ValueError(text) from error
