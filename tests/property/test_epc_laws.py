"""Laws of the EPC codec, with epcpy as the oracle for what it is right about."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.epc import Stray, check_digit, decode, encode_sgtin96
from edge.model import Sgtin

epcpy = pytest.importorskip("epcpy")
FilterValue = pytest.importorskip("epcpy.epc_schemes.sgtin").SGTINFilterValue

DIGITS = st.text("0123456789", min_size=13, max_size=13)
SERIALS = st.integers(0, 2**38 - 1)
PREFIXES = st.integers(6, 12)
FILTERS = st.integers(0, 7)
LONG_SERIALS = st.text("!'()*+,-.0123456789:;=_ABCxyz\"%&/<>?", min_size=1, max_size=20)

# epcpy 0.1.8 looks for escapes of two decimal digits, so that one with a letter which begins a
# serial, or follows one without, is read together with what comes after it: `%3C0` as U+03C0.
MISREAD = re.compile(r"(\A|%2[256])%(2F|3[CEF])(?!\Z|%2[256])")


@given(digits=DIGITS, serial=SERIALS, prefix=PREFIXES, filter_value=FILTERS)
def test_what_is_encoded_is_decoded(
    digits: str, serial: int, prefix: int, filter_value: int
) -> None:
    gtin = digits + check_digit(digits)
    epc = encode_sgtin96(gtin, serial, prefix, filter_value)
    assert decode(epc) == Sgtin(gtin, str(serial))


@given(digits=DIGITS, serial=SERIALS, prefix=PREFIXES)
def test_another_library_reads_the_same_item(digits: str, serial: int, prefix: int) -> None:
    gtin = digits + check_digit(digits)
    read = epcpy.hex_to_tag_encodable(encode_sgtin96(gtin, serial, prefix).hex())
    assert read.gs1_element_string() == f"(01){gtin}(21){serial}"


@given(epc=st.binary(max_size=40))
def test_noise_is_an_item_or_a_stray_and_never_an_error(epc: bytes) -> None:
    assert isinstance(decode(epc), Sgtin | Stray)


@given(body=st.binary(min_size=11, max_size=11))
def test_whatever_the_bits_an_item_has_a_gtin_of_14_digits_that_check(body: bytes) -> None:
    decoded = decode(b"\x30" + body)
    assert isinstance(decoded, Stray) or is_gtin(decoded.gtin)


def is_gtin(text: str) -> bool:
    return len(text) == 14 and text.isdigit() and text[-1] == check_digit(text[:-1])


@given(body=st.binary(min_size=11, max_size=11))
def test_another_library_takes_the_same_96_bits_for_an_item(body: bytes) -> None:
    decoded = decode(b"\x30" + body)
    try:
        theirs = epcpy.hex_to_tag_encodable((b"\x30" + body).hex()).gs1_element_string()
    except (epcpy.ConvertException, ValueError):
        theirs = None
    ours = f"(01){decoded.gtin}(21){decoded.serial}" if isinstance(decoded, Sgtin) else None
    assert ours == theirs


@given(digits=DIGITS, prefix=PREFIXES, serial=LONG_SERIALS)
def test_another_library_writes_198_bits_that_are_read(
    digits: str, prefix: int, serial: str
) -> None:
    escaped = in_uri(serial)
    assume(not MISREAD.search(escaped))
    assert decode(written(digits, prefix, escaped)) == Sgtin(digits + check_digit(digits), escaped)


@pytest.mark.parametrize("escaped", ["%3C0", "%2Fx", "%22%3E-", "%3F%3F"])
def test_an_escape_with_a_letter_is_misread_by_the_other_library(escaped: str) -> None:
    assert MISREAD.search(escaped)
    with pytest.raises((epcpy.ConvertException, ValueError)):
        written("8061414112345", 7, escaped)


def in_uri(serial: str) -> str:
    return "".join(f"%{ord(c):02X}" if c in '"%&/<>?' else c for c in serial)


def written(digits: str, prefix: int, escaped: str) -> bytes:
    """Have epcpy write a SGTIN-198, filled up to whole words."""
    company, item = digits[1 : prefix + 1], digits[0] + digits[prefix + 1 :]
    sgtin = epcpy.tag_uri_to_tag_encodable(f"urn:epc:tag:sgtin-198:1.{company}.{item}.{escaped}")
    scheme = sgtin.BinaryCodingScheme.SGTIN_198
    return bytes.fromhex(sgtin.hex(binary_coding_scheme=scheme, filter_value=FilterValue.POS_ITEM))
