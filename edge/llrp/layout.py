"""Tables to layouts: what an element's annotations say, in the form that the codec works with.

A layout is steps, each reading some scalars from a body or writing them, and slots, one for each
field that holds sub-parameters.  Layouts are made when first needed: importing all the tables must
stay cheap on a small device.
"""

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, StrEnum
from functools import cache
from typing import Annotated, Any, Protocol, get_args, get_origin

import msgspec

from edge.llrp.fields import (
    Array,
    BitArray,
    BitString,
    Counted,
    Custom,
    Element,
    Fixed,
    Parameter,
    Remainder,
    Reserved,
    Signed,
    Unsigned,
    Utf8,
)

_OWN_FIELDS = frozenset(Element.__struct_fields__)  # what every element has; not on the wire


class FaultCause(StrEnum):
    """Why bytes were not what the tables say."""

    UNKNOWN_MESSAGE = "unknown message"
    UNKNOWN_PARAMETER = "unknown parameter"
    UNEXPECTED_PARAMETER = "unexpected parameter"  # known, but not there, or not twice
    MISSING_PARAMETER = "missing parameter"
    TRUNCATED = "truncated"
    BAD_LENGTH = "bad length"
    TOO_DEEP = "too deep"


class BrokenElement(Exception):
    """A body that cannot be read as its table says; never leaves the codec."""

    def __init__(self, cause: FaultCause, detail: str) -> None:
        super().__init__(cause, detail)
        self.cause, self.detail = cause, detail


class Step(Protocol):
    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        """Put the values of some fields into `values`; give where the next step begins.

        Raises BrokenElement where the body is too short.
        """
        ...

    def write(self, element: Element) -> bytes:
        """Give the bytes of some fields; raises ValueError for a value that has no place."""
        ...


class Number(msgspec.Struct, frozen=True):
    name: str
    bits: int
    shift: int
    signed: bool
    members: Mapping[int, IntEnum | bool]  # how numbers with a meaning are shown

    @property
    def lowest(self) -> int:
        return -(1 << self.bits - 1) if self.signed else 0

    @property
    def highest(self) -> int:
        return self.lowest + (1 << self.bits) - 1


class NumbersStep:
    """Numbers side by side, read as one: `size` bytes, some bits of them reserved."""

    def __init__(self, numbers: Sequence[Number], size: int, reserved: int) -> None:
        self.size, self.reserved = size, reserved
        self.numbers = numbers
        self._reads = [
            (n.name, n.shift, (1 << n.bits) - 1, n.signed << n.bits - 1, n.members) for n in numbers
        ]

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        whole = int.from_bytes(take(body, at, self.size))
        for name, shift, mask, sign, members in self._reads:
            value = ((whole >> shift & mask) ^ sign) - sign
            values[name] = members.get(value, value)
        if whole & self.reserved:
            values["wire"] = body
        return at + self.size

    def write(self, element: Element) -> bytes:
        whole = 0
        for number in self.numbers:
            value = getattr(element, number.name)
            if not number.lowest <= value <= number.highest:
                allowed = f"allowed are {number.lowest} to {number.highest}"
                raise ValueError(f"{type(element).__name__}.{number.name} is {value}, {allowed}")
            whole |= (value & (1 << number.bits) - 1) << number.shift
        return whole.to_bytes(self.size)


class FixedStep:
    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        values[self.name] = take(body, at, self.size)
        return at + self.size

    def write(self, element: Element) -> bytes:
        data: bytes = getattr(element, self.name)
        if len(data) != self.size:
            said = f"{type(element).__name__}.{self.name} has {len(data)} bytes"
            raise ValueError(f"{said}, it must have {self.size}")
        return data


class CountedStep:
    """A 16-bit count and then as many bytes, items or bits."""

    def __init__(self, name: str, kind: Counted | Utf8 | Array | BitArray) -> None:
        self.name, self.kind = name, kind
        self._unit = (
            kind.bits if isinstance(kind, Array) else 1 if isinstance(kind, BitArray) else 8
        )
        self._unpack, self._pack = _COUNTED[type(kind)]

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        count = int.from_bytes(take(body, at, 2))
        data = take(body, at + 2, (count * self._unit + 7) // 8)
        value = self._unpack(data, count)
        if isinstance(value, str) and value.encode() != data:
            values["wire"] = body
        values[self.name] = value
        return at + 2 + len(data)

    def write(self, element: Element) -> bytes:
        value = getattr(element, self.name)
        count, data = self._pack(value, self._unit)
        if count >= 1 << 16 or len(data) != (count * self._unit + 7) // 8:
            said = f"{type(element).__name__}.{self.name} has a count of {count}"
            raise ValueError(
                f"{said} in {len(data)} bytes, allowed are 65535 and as many as needed"
            )
        return count.to_bytes(2) + data


class RestStep:
    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        values[self.name] = body[at:]
        return len(body)

    def write(self, element: Element) -> bytes:
        data: bytes = getattr(element, self.name)
        return data


def take(body: bytes, at: int, size: int) -> bytes:
    """Cut `size` bytes out of `body`; raise BrokenElement where there are fewer."""
    data = body[at : at + size]
    if len(data) < size:
        detail = f"{size} bytes expected at offset {at}, there are {max(len(body) - at, 0)}"
        raise BrokenElement(FaultCause.TRUNCATED, detail)
    return data


def _numbers(data: bytes, count: int) -> tuple[int, ...]:
    size = len(data) // count if count else 1
    return tuple(int.from_bytes(data[i : i + size]) for i in range(0, len(data), size))


def _pack_numbers(values: Sequence[int], unit: int) -> tuple[int, bytes]:
    try:
        return len(values), b"".join(value.to_bytes(unit // 8) for value in values)
    except OverflowError:
        raise ValueError(f"{list(values)} are not all numbers of {unit} bits") from None


_Unpack = Callable[[bytes, int], object]
_Pack = Callable[[Any, int], tuple[int, bytes]]
_COUNTED: dict[type, tuple[_Unpack, _Pack]] = {
    Counted: (lambda data, _: data, lambda value, _: (len(value), value)),
    Utf8: (
        lambda data, _: data.decode(errors="replace"),
        lambda value, _: (len(value.encode()), value.encode()),
    ),
    Array: (_numbers, _pack_numbers),
    BitArray: (
        lambda data, count: BitString(count, data),
        lambda value, _: (value.length, value.data),
    ),
}


class Slot(msgspec.Struct, frozen=True):
    """One field with sub-parameters."""

    name: str
    classes: tuple[type[Parameter], ...]
    many: bool
    required: bool


class Layout(msgspec.Struct, frozen=True):
    steps: tuple[Step, ...]
    slots: tuple[Slot, ...]
    places: dict[type, int]  # which class of sub-parameter belongs into which slot

    def place(self, parameter: Parameter) -> int | None:
        """Tell which slot a sub-parameter belongs into; a vendor's may fill an open one."""
        place = self.places.get(type(parameter))
        if place is None and isinstance(parameter, Custom):
            return self.places.get(Custom)
        return place

    @property
    def size(self) -> int:
        """How many bytes a TV parameter has; it has nothing of variable length."""
        return sum(s.size for s in self.steps if isinstance(s, NumbersStep | FixedStep))


@cache
def layout_of(cls: type[Element]) -> Layout:
    """Read a class's annotations, once."""
    hints = typing.get_type_hints(cls, include_extras=True)
    names = [name for name in cls.__struct_fields__ if name not in _OWN_FIELDS]
    required = _required(cls)
    slots = [
        _slot(name, hints[name], required=name in required)
        for name in names
        if not _wire_form(hints[name])
    ]
    places = {kind: index for index, slot in reversed([*enumerate(slots)]) for kind in slot.classes}
    return Layout(tuple(_steps({name: hints[name] for name in names})), tuple(slots), places)


def _required(cls: type[Element]) -> set[str]:
    names = cls.__struct_fields__
    defaults = cls.__struct_defaults__
    first = len(names) - len(defaults)
    return {
        name
        for i, name in enumerate(names)
        if i < first or defaults[i - first] is msgspec.NODEFAULT
    }


def _metadata(hint: object) -> tuple[object, ...]:
    return hint.__metadata__ if get_origin(hint) is Annotated else ()  # type: ignore[attr-defined]


def _wire_form(hint: object) -> object | None:
    return next((m for m in _metadata(hint) if not isinstance(m, Reserved)), None)


def _steps(hints: dict[str, object]) -> list[Step]:
    """Put numbers that stand side by side into one step, everything else into its own."""
    steps: list[Step] = []
    run: list[tuple[str, object, object]] = []
    for name, hint in hints.items():
        for part in _metadata(hint):
            if isinstance(part, Unsigned | Signed | Reserved):
                run.append((name, hint, part))
                continue
            steps += _numbers_step(run)
            run = []
            steps.append(_other_step(name, part))
    return steps + _numbers_step(run)


def _numbers_step(run: Sequence[tuple[str, object, Any]]) -> list[Step]:
    if not run:
        return []
    left = total = sum(part.bits for _, _, part in run)
    if total % 8:
        raise TypeError(f"{[name for name, _, _ in run]} have {total} bits, no whole bytes")
    numbers, reserved = [], 0
    for name, hint, part in run:
        left -= part.bits
        if isinstance(part, Reserved):
            reserved |= (1 << part.bits) - 1 << left
        else:
            signed = isinstance(part, Signed)
            numbers.append(Number(name, part.bits, left, signed, _members(hint)))
    return [NumbersStep(numbers, total // 8, reserved)]


def _other_step(name: str, part: object) -> Step:
    if isinstance(part, Fixed):
        return FixedStep(name, part.size)
    if isinstance(part, Remainder):
        return RestStep(name)
    if isinstance(part, Counted | Utf8 | Array | BitArray):
        return CountedStep(name, part)
    raise TypeError(f"{name} is annotated with {part!r}")


def _members(hint: object) -> Mapping[int, IntEnum | bool]:
    plain = get_args(hint)[0]
    if plain is bool:
        return {0: False, 1: True}
    enums = [part for part in _alternatives(plain) if issubclass(part, IntEnum)]
    return {int(member): member for enum in enums for member in enum}


def _slot(name: str, hint: Any, *, required: bool) -> Slot:  # noqa: ANN401 - an annotation
    hint = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    many = get_origin(hint) is tuple
    if many:
        hint = get_args(hint)[0]
    classes = tuple(kind for kind in _alternatives(hint) if kind is not type(None))
    return Slot(name, classes, many, required)


def _alternatives(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401 - an annotation
    return get_args(hint) if get_origin(hint) in {typing.Union, types.UnionType} else (hint,)
