"""The tables that commands and answers are written in."""

from typing import Annotated

import pytest

from edge.serial.fields import (
    E8,
    S8,
    S16,
    U8,
    U24,
    Fixed,
    Record,
    RecordTable,
    Rest,
    U16s,
    Unknown,
    encode_data,
    member_of,
    records_of,
)
from edge.serial.mercury.codes import TagProtocol


class Answer(Record):
    pass


class Pair(Record):
    port: U8
    power: S16


class Empty(Answer, code=1):
    pass


class Numbers(Answer, code=2):
    small: S8
    wide: U24
    protocol: E8[TagProtocol]


class Short(Answer, code=3, head=b"\x05"):
    pairs: tuple[Pair, ...]


class Named(Answer, code=3, head=b"\x06"):
    name: Annotated[bytes, Fixed(2)]
    rest: Rest


class Listed(Answer, code=3):
    numbers: U16s


TABLE = RecordTable(records_of(Answer))

# Code and data, and what they say; each is the other's translation.
BOTH_WAYS = {
    "nothing": (1, "", Empty()),
    "numbers": (2, "fe01000005", Numbers(small=-2, wide=0x010000, protocol=TagProtocol.GEN2)),
    "an unknown member": (2, "7f00000077", Numbers(small=127, wide=0, protocol=0x77)),
    "records": (
        3,
        "05018000020001",
        Short(pairs=(Pair(port=1, power=-32768), Pair(port=2, power=1))),
    ),
    "no records": (3, "05", Short(pairs=())),
    "a head and bytes": (3, "06aabbcc", Named(name=b"\xaa\xbb", rest=b"\xcc")),
    "no head": (3, "00010203", Listed(numbers=(1, 0x0203))),
}
UNKNOWN = {
    "another code": (9, ""),
    "too short": (2, "fe0100"),
    "too long": (2, "fe0100000500"),
    "something where nothing is said": (1, "00"),
    "half a record, half a number": (3, "0501800002"),
}


@pytest.mark.parametrize(("code", "data", "record"), BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_data_is_read_and_written(code: int, data: str, record: Answer) -> None:
    assert TABLE.decode(code, bytes.fromhex(data)) == record
    assert encode_data(record).hex() == data


@pytest.mark.parametrize(("code", "data"), UNKNOWN.values(), ids=UNKNOWN)
def test_data_that_no_class_stands_for_is_kept(code: int, data: str) -> None:
    raw = bytes.fromhex(data)
    assert TABLE.decode(code, raw) == Unknown(code, raw)


# A record whose value has no place, and what the error says.
TOO_MUCH = {
    "signed": (Numbers(small=-129, wide=0, protocol=0), "small is -129, allowed is -128 to 127"),
    "unsigned": (Numbers(small=0, wide=1 << 24, protocol=0), "allowed is 0 to 16777215"),
    "in a list": (Listed(numbers=(65536,)), "allowed is 0 to 65535"),
    "in a record of a list": (Short(pairs=(Pair(port=256, power=0),)), "Pair.port is 256"),
    "bytes": (Named(name=b"abc", rest=b""), "has 3 bytes, needed are 2"),
}


@pytest.mark.parametrize(("record", "says"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_value_without_a_place_is_an_error_that_names_it(record: Answer, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        encode_data(record)


def test_a_number_that_is_no_member_stays_a_number() -> None:
    assert member_of(TagProtocol, 5) is TagProtocol.GEN2
    assert member_of(TagProtocol, 99) == 99


def test_an_enumeration_in_an_answer_is_shown_by_name() -> None:
    answer = TABLE.decode(2, bytes.fromhex("0000000005"))
    assert isinstance(answer, Numbers)
    assert answer.protocol is TagProtocol.GEN2
