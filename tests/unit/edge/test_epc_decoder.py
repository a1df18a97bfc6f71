"""What a tag of a store may carry, and what becomes of it."""

import pytest

from edge.epc import EpcDecoder, Stray, StrayReason, decode
from edge.model import Sgtin

READS = {
    "the standard's own example": ("3074257bf7194e4000001a85", Sgtin("80614141123458", "6789")),
    "six-digit prefix": ("303ba0520083343fffffffff", Sgtin("09506001343524", str(2**38 - 1))),
    "twelve-digit prefix": ("30237550b459ec8000000001", Sgtin("29506000134356", "1")),
    "another filter, the same item": (
        "3014257bf7194e4000001a85",
        Sgtin("80614141123458", "6789"),
    ),
    "198 bits filled to bytes": (
        "3634257bf7194e5b3770e40000000000000000000000000000",
        Sgtin("80614141123458", "6789"),
    ),
    "198 bits filled to words": (
        "3634257bf7194e5b3770e4000000000000000000000000000000",
        Sgtin("80614141123458", "6789"),
    ),
    "a serial with a character that URIs escape": (
        "3674257bf6b7a659b2c2bf1000000000000000000000000000",
        Sgtin("70614141123451", "32a%2Fb"),
    ),
}
REFUSES = {
    "nothing": ("", StrayReason.WRONG_LENGTH),
    "all zero": ("000000000000000000000000", StrayReason.UNPROGRAMMED),
    "the chip's number, as from the factory": ("e2801160600002054cc2096f", StrayReason.TID),
    "all ones": ("ffffffffffffffffffffffff", StrayReason.UNKNOWN_HEADER),
    "text": ("54455354203030303031", StrayReason.UNKNOWN_HEADER),
    "the retired 64 bits": ("8000000000000000", StrayReason.UNKNOWN_HEADER),
    "eight bytes": ("3074257bf7194e40", StrayReason.WRONG_LENGTH),
    "sixteen bytes, though zeros follow": (
        "3074257bf7194e4000001a8500000000",
        StrayReason.WRONG_LENGTH,
    ),
    "another scheme, SSCC-96": ("3174257bf4499602d2000000", StrayReason.NOT_AN_ITEM),
    "another scheme, GRAI-96": ("3374257bf7194e4000001a85", StrayReason.NOT_AN_ITEM),
    "digits as text, which begin like a SSCC": ("313233343536", StrayReason.WRONG_LENGTH),
    "partition 7 is undefined": ("307c257bf7194e4000001a85", StrayReason.PARTITION),
    "partition 7 in 198 bits": (
        "367c257bf7194e5b3770e40000000000000000000000000000",
        StrayReason.PARTITION,
    ),
    "item reference beyond six digits": ("3074257bfffffe4000001a85", StrayReason.OUT_OF_RANGE),
    "company prefix beyond seven digits": ("3036625a03194e4000001a85", StrayReason.OUT_OF_RANGE),
    "198 bits, and one more": (
        "3634257bf7194e5b3770e40000000000000000000000000001",
        StrayReason.WRONG_LENGTH,
    ),
    "no serial": ("3634257bf7194e40000000000000000000000000000000000000", StrayReason.SERIAL),
    "a serial with a line feed": (
        "3634257bf7194e428000000000000000000000000000000000",
        StrayReason.SERIAL,
    ),
    "a serial that goes on after its end": (
        "36044032eac191a465d9b37a176c5eb1769d72e557d5200cbc",
        StrayReason.SERIAL,
    ),
}


@pytest.mark.parametrize(("epc", "sgtin"), READS.values(), ids=READS)
def test_an_item_is_read(epc: str, sgtin: Sgtin) -> None:
    assert decode(bytes.fromhex(epc)) == sgtin


@pytest.mark.parametrize(("epc", "reason"), REFUSES.values(), ids=REFUSES)
def test_what_is_no_item_is_a_stray(epc: str, reason: StrayReason) -> None:
    assert decode(bytes.fromhex(epc)) == Stray(reason)


def test_a_decoder_answers_as_decode_does_the_first_time_and_later() -> None:
    decoder = EpcDecoder()
    cases = [bytes.fromhex(epc) for epc, _ in [*READS.values(), *REFUSES.values()]]
    assert [decoder(epc) for epc in cases * 2] == [decode(epc) for epc in cases * 2]


def test_a_decoder_gives_the_very_same_answer_again() -> None:
    decoder = EpcDecoder()
    epc = bytes.fromhex("3074257bf7194e4000001a85")
    assert decoder(epc) is decoder(epc)


def test_a_decoder_forgets_what_it_decoded_longest_ago() -> None:
    decoder = EpcDecoder(limit=2)
    first, second, third = (bytes.fromhex(epc) for epc, _ in list(READS.values())[:3])
    known = decoder(first)
    decoder(second)
    decoder(third)
    assert decoder(first) is not known


WITH_PC = {
    "six words": (0x3000, "3074257bf7194e4000001a85", Sgtin("80614141123458", "6789")),
    "six words, and the reader has filled up to eight": (
        0x3000,
        "3074257bf7194e4000001a8500000000",
        Sgtin("80614141123458", "6789"),
    ),
    "six words, and whatever follows them": (
        0x3400,
        "3074257bf7194e4000001a85deadbeef",
        Sgtin("80614141123458", "6789"),
    ),
    "more words than the reader told": (
        0x4000,
        "3074257bf7194e4000001a85",
        Stray(StrayReason.WRONG_LENGTH),
    ),
    "four words": (0x2000, "3074257bf7194e4000001a85", Stray(StrayReason.WRONG_LENGTH)),
    "no words": (0x0000, "3074257bf7194e4000001a85", Stray(StrayReason.WRONG_LENGTH)),
    "ISO's numbering, though it looks like an item": (
        0x31A2,
        "3074257bf7194e4000001a85",
        Stray(StrayReason.ISO),
    ),
    "attributes, of which none is the toggle": (
        0x30FF,
        "3074257bf7194e4000001a85",
        Sgtin("80614141123458", "6789"),
    ),
}


@pytest.mark.parametrize(("pc", "epc", "decoded"), WITH_PC.values(), ids=WITH_PC)
def test_the_protocol_control_word_says_length_and_numbering(
    pc: int, epc: str, decoded: Sgtin | Stray
) -> None:
    assert decode(bytes.fromhex(epc), pc) == decoded
    assert EpcDecoder()(bytes.fromhex(epc), pc) == decoded


def test_a_decoder_keeps_apart_what_only_the_control_word_tells_apart() -> None:
    decoder, epc = EpcDecoder(), bytes.fromhex("3074257bf7194e4000001a85")
    answers = [decoder(epc), decoder(epc, 0x3100), decoder(epc, 0x3000), decoder(epc)]
    item = Sgtin("80614141123458", "6789")
    assert answers == [item, Stray(StrayReason.ISO), item, item]


def test_goods_of_other_companies_are_strays() -> None:
    decoder = EpcDecoder(company_prefixes=("0614141",))
    assert decoder(bytes.fromhex("3074257bf7194e4000001a85")) == Sgtin("80614141123458", "6789")
    foreign = bytes.fromhex("303ba0520083343fffffffff")
    assert decoder(foreign) == Stray(StrayReason.FOREIGN)
    assert EpcDecoder()(foreign) == Sgtin("09506001343524", str(2**38 - 1))
