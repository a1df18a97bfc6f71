"""What a simulator may write on a tag."""

from typing import NamedTuple

import pytest

from edge.epc import check_digit, decode, encode_sgtin96
from edge.epc.tables import SGTIN_PARTITIONS
from edge.model import Sgtin


class Asked(NamedTuple):
    gtin: str = "80614141123458"
    serial: int = 6789
    company_prefix_digits: int = 7
    filter_value: int = 3


REFUSED = {
    "thirteen digits": (Asked(gtin="0614141123452"), "not 14 digits"),
    "letters": (Asked(gtin="8061414112345A"), "not 14 digits"),
    "digits of another script": (Asked(gtin="8061414112345٨"), "not 14 digits"),
    "wrong check digit": (Asked(gtin="80614141123459"), "should end with 8"),
    "negative serial": (Asked(serial=-1), "serial -1 is not 0 to"),
    "serial of 39 bits": (Asked(serial=1 << 38), "serial 274877906944 is not"),
    "prefix of five digits": (Asked(company_prefix_digits=5), "5 is not 6 to 12"),
    "prefix of thirteen digits": (Asked(company_prefix_digits=13), "13 is not 6 to 12"),
    "filter of four bits": (Asked(filter_value=8), "8 is not 0 to 7"),
}


def test_the_standards_own_example_is_written() -> None:
    assert encode_sgtin96(*Asked()).hex() == "3074257bf7194e4000001a85"


@pytest.mark.parametrize("company_prefix_digits", range(6, 13))
def test_every_length_of_company_prefix_is_read_back(company_prefix_digits: int) -> None:
    epc = encode_sgtin96("80614141123458", 6789, company_prefix_digits)
    assert decode(epc) == Sgtin("80614141123458", "6789")


@pytest.mark.parametrize(("asked", "complaint"), REFUSED.values(), ids=REFUSED)
def test_what_a_sgtin96_cannot_hold_is_refused(asked: Asked, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        encode_sgtin96(*asked)


def test_every_partition_shares_44_bits_and_13_digits() -> None:
    shares = {
        (p.company_bits + p.item_bits, p.company_digits + p.item_digits) for p in SGTIN_PARTITIONS
    }
    assert shares == {(44, 13)}


# Check digits of GTINs that were printed by others: GS1's, and of two products.
@pytest.mark.parametrize("gtin", ["80614141123458", "09506000134352", "5901234123457", "96385074"])
def test_the_check_digit_is_the_last_digit(gtin: str) -> None:
    assert check_digit(gtin[:-1]) == gtin[-1]
