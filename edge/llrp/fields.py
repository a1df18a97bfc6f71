"""What messages and parameters are written in: a class is a table, its annotations the wire.

    class ROSpecEvent(Parameter, number=249):
        event_type: E8[ROSpecEventType]                # 8 bits, an enumeration
        rospec_id: U32                                 # 32 bits
        preempting_rospec_id: U32

The order of the annotations is the order on the wire (LLRP 1.0.1 §16: all numbers are big-endian,
bits are filled from the highest).  Scalars come first, sub-parameters after them:

| annotation                     | on the wire                                                    |
| ------------------------------ | -------------------------------------------------------------- |
| `U8` … `U64`, `S8` … `S32`     | a number of that many bits, unsigned or signed                 |
| `Bit`, `E8[SomeEnum]`          | one bit; an enumeration, unknown values staying plain numbers  |
| `Annotated[Bit, Reserved(7)]`  | one bit and then 7 bits that mean nothing, sent as 0           |
| `Text`, `Octets`, `U16s`, `Bits` | a 16-bit count (of bytes, items, bits) and then as many      |
| `Rest`                         | all bytes that are left                                        |
| `ROReportSpec`                 | one sub-parameter, `| None` where it may be left out           |
| `tuple[Custom, ...]`           | any number of them, of any vendor                              |
| `tuple[AISpec | Custom, ...]`  | any number of either, mixed                                    |

A default of `()` says "none or more"; without default there must be one at least.  Objects cannot
be changed, only made anew (`msgspec.structs.replace`).
"""

from typing import Annotated, Any, ClassVar, TypeVar, dataclass_transform

import msgspec


class Unsigned(msgspec.Struct, frozen=True):
    bits: int


class Signed(msgspec.Struct, frozen=True):
    bits: int


class Reserved(msgspec.Struct, frozen=True):
    """Bits without meaning; before or after the field's own, as the annotation has it."""

    bits: int


class Fixed(msgspec.Struct, frozen=True):
    """Exactly so many bytes."""

    size: int


class Utf8(msgspec.Struct, frozen=True):
    """Bytes counted by 16 bits; those that are no UTF-8 become U+FFFD."""


class Array(msgspec.Struct, frozen=True):
    """Unsigned numbers of `bits` each, counted by 16 bits."""

    bits: int


class Counted(msgspec.Struct, frozen=True):
    """Bytes counted by 16 bits."""


class BitArray(msgspec.Struct, frozen=True):
    """Bits counted by 16 bits, filled up to whole bytes."""


class Remainder(msgspec.Struct, frozen=True):
    """All that is left."""


class BitString(msgspec.Struct, frozen=True):
    """Bits whose number need not be a multiple of 8, the highest of the first byte first.

    `data` has whole bytes; what fills the last one up is kept as it came.
    """

    length: int
    data: bytes

    @classmethod
    def of(cls, data: bytes) -> "BitString":
        return cls(8 * len(data), data)


_T = TypeVar("_T")

Bit = Annotated[bool, Unsigned(1)]
U2 = Annotated[int, Unsigned(2)]
U8 = Annotated[int, Unsigned(8)]
U16 = Annotated[int, Unsigned(16)]
U32 = Annotated[int, Unsigned(32)]
U64 = Annotated[int, Unsigned(64)]
S8 = Annotated[int, Signed(8)]
S16 = Annotated[int, Signed(16)]
S32 = Annotated[int, Signed(32)]
E1 = Annotated[_T | int, Unsigned(1)]
E2 = Annotated[_T | int, Unsigned(2)]
E8 = Annotated[_T | int, Unsigned(8)]
E16 = Annotated[_T | int, Unsigned(16)]
E32 = Annotated[_T | int, Unsigned(32)]
Text = Annotated[str, Utf8()]
Octets = Annotated[bytes, Counted()]
U8s = Annotated[tuple[int, ...], Array(8)]
U16s = Annotated[tuple[int, ...], Array(16)]
U32s = Annotated[tuple[int, ...], Array(32)]
Bits = Annotated[BitString, BitArray()]
Rest = Annotated[bytes, Remainder()]


class _Table(msgspec.StructMeta):
    """Takes an element's numbers as keywords of the class statement."""

    def __new__(  # noqa: PLR0913, PYI034 - a class statement's keywords; Self is not for metaclasses
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        number: int | None = None,
        vendor: int | None = None,
        subtype: int | None = None,
    ) -> "_Table":
        numbers = {"number": number, "vendor": vendor, "subtype": subtype}
        given = {key: value for key, value in numbers.items() if value is not None}
        return super().__new__(
            mcs, name, bases, namespace | given, frozen=True, kw_only=True, repr_omit_defaults=True
        )


@dataclass_transform(kw_only_default=True)
class Element(msgspec.Struct, metaclass=_Table):
    """A message or a parameter.

    `unknown` are sub-parameters that the table has no place for.  `wire` is the body as it came,
    where the fields alone would not give the same bytes back (order, reserved bits, trailing
    bytes); it is sent again as long as the fields are what was read from it.
    """

    number: ClassVar[int] = 0
    vendor: ClassVar[int] = 0
    subtype: ClassVar[int] = 0

    unknown: tuple["Parameter", ...] = ()
    wire: bytes = b""


class Parameter(Element):
    """Numbers to 127 are TV (§16.2: one byte, then a fixed length), those above TLV."""


class Custom(Parameter, number=1023):
    """A vendor's parameter (§16.2.9), told apart by `vendor` and `subtype`."""


class CustomParameter(Custom):
    """A vendor's parameter that no table knows, or whose bytes are not what the table says."""

    vendor_identifier: U32
    parameter_subtype: U32
    data: Rest = b""


class UnknownParameter(Parameter):
    """A TLV parameter with a type that no table knows, or with a body that cannot be read.

    `parameter_type` has all 16 bits of the header's first word, reserved ones too.
    """

    parameter_type: U16
    data: Rest = b""


class Message(Element):
    """A message (§16.1); `number` is the message type."""


class VendorMessage(Message, number=1023):
    """A vendor's message (§16.1.42), told apart by `vendor` and `subtype`."""


class CustomMessage(VendorMessage):
    """A vendor's message that no table knows, or whose bytes are not what the table says."""

    vendor_identifier: U32
    message_subtype: U8
    data: Rest = b""


class UnknownMessage(Message):
    """A message with a type that no table knows, or with a body that cannot be read."""

    message_type: U16
    data: Rest = b""
