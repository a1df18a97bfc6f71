"""Laws of the EPC codec, with epcpy as the oracle for what it is right about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.epc import Stray, check_digit, decode, encode_sgtin96
from edge.model import Sgtin

epcpy = pytest.importorskip("epcpy")

DIGITS = st.text("0123456789", min_size=13, max_size=13)
SERIALS = st.integers(0, 2**38 - 1)
PREFIXES = st.integers(6, 12)
FILTERS = st.integers(0, 7)


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


@given(
    digits=DIGITS,
    prefix=PREFIXES,
    serial=st.text("!'()*+,-.0123456789:;=_ABCxyz\"%&/<>?", min_size=1, max_size=20),
)
def test_another_library_writes_198_bits_that_are_read(
    digits: str, prefix: int, serial: str
) -> None:
    escaped = "".join(f"%{ord(c):02X}" if c in '"%&/<>?' else c for c in serial)
    company, item = digits[1 : prefix + 1], digits[0] + digits[prefix + 1 :]
    uri = f"urn:epc:tag:sgtin-198:1.{company}.{item}.{escaped}"
    padded = bytes.fromhex(epcpy.tag_uri_to_tag_encodable(uri).hex())
    assert decode(padded) == Sgtin(digits + check_digit(digits), escaped)
