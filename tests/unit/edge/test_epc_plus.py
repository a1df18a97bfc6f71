"""The newer schemes, protocol control bits, and whose goods they are."""

import pytest

from edge.epc import EpcDecoder, Stray, StrayReason, decode, scheme_name
from edge.model import Sgtin

GTIN = "79521141123453"
ITEM = bytes.fromhex("3074257bf7194e4000001a85")
SGTIN = Sgtin("80614141123458", "6789")
FOREIGN = bytes.fromhex("303ba0520083343fffffffff")


def plus(serial_bits: str, head: str = "f73", rest: str = "", gtin: str = GTIN) -> bytes:
    """Write an EPC: header and filter in hex, the GTIN, then bits, filled up to words."""
    bits = f"{int(head + gtin, 16):0{len(head + gtin) * 4}b}" + serial_bits.replace(" ", "") + rest
    bits += "0" * (-len(bits) % 16)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


SERIALS = {
    "a number": (f"000 00100 {5678:014b}", "5678"),
    "a number with zeros before it": (f"000 00100 {78:014b}", "0078"),
    "upper case hex": ("001 00011 101010111100", "ABC"),
    "lower case hex": ("010 00011 101010111100", "abc"),
    "base 64 for files and URIs": ("011 00011 101011 100010 011111", "rif"),
    "ASCII": ("100 00010 0110011 1100001", "3a"),
    "three characters in sixteen bits": (f"101 00011 {1 * 1600 + 2 * 40 + 31 + 1:016b}", "AB1"),
}  # fmt: skip
REFUSED = {
    "a length of nil": ("100 00000", StrayReason.SERIAL),
    "more than twenty characters": ("001 10101" + "0001" * 21, StrayReason.SERIAL),
    "an encoding that is not defined": ("111 00001 00000001", StrayReason.SERIAL),
    "a number beyond its digits": ("000 00001 1111", StrayReason.SERIAL),
    "a control character": ("100 00001 0000111", StrayReason.SERIAL),
    "bits that end early": ("100 10000 0110011", StrayReason.WRONG_LENGTH),
}  # fmt: skip


@pytest.mark.parametrize(("bits", "serial"), SERIALS.values(), ids=SERIALS)
def test_a_serial_is_read_in_each_encoding(bits: str, serial: str) -> None:
    assert decode(plus(bits)) == Sgtin(GTIN, serial)


@pytest.mark.parametrize(("bits", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_allowed_is_a_stray(bits: str, reason: StrayReason) -> None:
    assert decode(plus(bits)) == Stray(reason)


NUMBER = SERIALS["a number"][0]


def test_a_gtin_whose_digits_do_not_check_is_a_stray() -> None:
    assert decode(plus(NUMBER, gtin="79521141123454")) == Stray(StrayReason.OUT_OF_RANGE)
    assert decode(plus(NUMBER, gtin="7952114112345a")) == Stray(StrayReason.OUT_OF_RANGE)


def test_more_after_the_serial_needs_the_bit_that_says_so() -> None:
    assert decode(plus(NUMBER, rest="1" * 20)) == Stray(StrayReason.WRONG_LENGTH)
    assert decode(plus(NUMBER, head="f7b", rest="1" * 20)) == Sgtin(GTIN, "5678")


@pytest.mark.parametrize(
    ("pc", "decoded"),
    {
        "six words": (0x3000, SGTIN),
        "six words, and user memory": (0x3400, SGTIN),
        "an ISO number": (0x31A1, Stray(StrayReason.ISO)),
        "more words than came": (0x4000, Stray(StrayReason.WRONG_LENGTH)),
        "too few for a SGTIN-96": (0x2000, Stray(StrayReason.WRONG_LENGTH)),
    }.values(),
)
def test_the_tags_own_length_and_toggle_count(pc: int, decoded: Sgtin | Stray) -> None:
    assert decode(ITEM, pc) == decoded


def test_what_a_reader_gives_beyond_the_tags_length_is_cut_off() -> None:
    assert decode(ITEM + b"\xff" * 4, 0x3000) == SGTIN


def test_goods_of_other_companies_are_foreign() -> None:
    ours = EpcDecoder(company_prefixes=["0614141"])
    assert ours(ITEM) == SGTIN
    assert ours(FOREIGN) == Stray(StrayReason.FOREIGN)


@pytest.mark.parametrize(
    ("header", "name"),
    [("31", "SSCC-96"), ("32", "SGLN-96"), ("33", "GRAI-96"), ("34", "GIAI-96"), ("e2", None)],
)
def test_what_is_no_item_can_be_named(header: str, name: str | None) -> None:
    assert scheme_name(bytes.fromhex(header)) == name


def test_nothing_has_no_scheme() -> None:
    assert scheme_name(b"") is None
