"""Items as machines write them down, and what is no name of one."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.epc import Stray, StrayReason, check_digit, encode_sgtin96
from edge.epc.names import gtin14, item, read_name
from edge.model import Sgtin

# The standard's own example (TDS 1.13 §3.5): one item in all its ways.
EXAMPLE = Sgtin("80614141123458", "6789")
NAMES = {
    "EPC in hex": "3074257BF7194E4000001A85",
    "in small letters": "3074257bf7194e4000001a85",
    "EPC URI": "urn:epc:id:sgtin:0614141.812345.6789",
    "element string as people read it": "(01)80614141123458(21)6789",
    "with what else stands on the label": "(01)80614141123458(17)271231(21)6789",
    "as a scanner gives it": "018061414112345821" + "6789",
    "with a batch before the serial": "018061414112345810AB1\x1d216789",
    "with the scanner's own sign": "]d20180614141123458216789",
    "Digital Link": "https://id.gs1.org/01/80614141123458/21/6789",
    "Digital Link of a shop": "https://shop.example/p/01/80614141123458/21/6789?x=1",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_all_names_of_an_item_mean_the_same(name: str) -> None:
    assert read_name(name) == EXAMPLE


OTHERS = {
    "GTIN-13": ("(01)9506000134352(21)A", Sgtin("09506000134352", "A")),
    "a sign that the URI escapes": ("(01)09506000134352(21)a/b", Sgtin("09506000134352", "a%2Fb")),
    "escaped in the URI": (
        "urn:epc:id:sgtin:950600.0013435.a%2Fb",
        Sgtin("09506000134352", "a%2Fb"),
    ),
    "escaped in a link": (
        "http://x.example/01/09506000134352/21/a%2Fb",
        Sgtin("09506000134352", "a%2Fb"),
    ),
    "a serial of zeros": ("(01)09506000134352(21)007", Sgtin("09506000134352", "007")),
}


@pytest.mark.parametrize(("name", "sgtin"), OTHERS.values(), ids=OTHERS)
def test_a_serial_has_one_key_however_it_is_written(name: str, sgtin: Sgtin) -> None:
    assert read_name(name) == sgtin


def test_an_epc_that_is_no_item_is_a_stray() -> None:
    assert read_name("e2003412012345678901") == Stray(StrayReason.TID)


WRONG = {
    "nothing": "",
    "words": "a red shirt",
    "too few digits for an EPC": "3074",
    "no whole words of sixteen bits": "3074257BF7194E4000001A8",
    "a wrong check digit": "(01)80614141123457(21)6789",
    "no serial": "(01)80614141123458",
    "no GTIN": "(21)6789",
    "an empty serial": "(01)80614141123458(21)",
    "a serial that is too long": "(01)80614141123458(21)" + "1" * 21,
    "a sign that GS1 does not allow": "(01)80614141123458(21)67 89",
    "a URI with too few digits": "urn:epc:id:sgtin:061414.812345.6789",
    "a URI of another thing": "urn:epc:id:sscc:0614141.1234567890",
    "an element that no item carries": "0180614141123458" + "99" + "6789",
}


@pytest.mark.parametrize("name", WRONG.values(), ids=WRONG)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"expected|digit|serial|element"):
        read_name(name)


GTINS = {"8": "96385074", "12": "614141123452", "13": "9506000134352", "14": "80614141123458"}


@pytest.mark.parametrize("gtin", GTINS.values(), ids=GTINS)
def test_a_gtin_of_any_length_becomes_one_of_14_digits(gtin: str) -> None:
    assert gtin14(gtin) == f"{gtin:0>14}"


@given(st.binary(min_size=12, max_size=12), st.text(max_size=40))
def test_whatever_is_written_is_an_item_a_stray_or_refused(epc: bytes, text: str) -> None:
    assert isinstance(read_name(epc.hex()), Sgtin | Stray)
    with contextlib.suppress(ValueError):
        assert isinstance(read_name(text), Sgtin | Stray)


@given(st.integers(0, 10**12 - 1), st.integers(0, 2**38 - 1))
def test_a_label_and_the_tag_on_it_mean_the_same_item(number: int, serial: int) -> None:
    digits = f"0{number:012}"
    gtin = digits + check_digit(digits)
    assert item(gtin, str(serial)) == read_name(encode_sgtin96(gtin, serial, 7).hex())
