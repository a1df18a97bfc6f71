"""The decoder and epcpy, over all schemes that epcpy writes; where they differ, why.

epcpy 0.1.8 knows the schemes of TDS 1.13, not those with a + (2.x).  It reads every field of every
scheme; this program reads those of items, and of the rest only which scheme it is.
"""

import re
from importlib import import_module
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.epc import Stray, StrayReason, check_digit, decode, encode_sgtin96, scheme_name
from edge.model import Sgtin

epcpy = pytest.importorskip("epcpy")

# Escapes with a letter are left out: epcpy misreads them (see test_epc_laws).
PLAIN = "!'()*+,-.0123456789:;=_ABCxyz"
TEXT_20, TEXT_16 = (st.text(PLAIN, min_size=1, max_size=size) for size in (20, 16))
CAGE = st.text("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=5, max_size=5)
PART = st.text("0123456789ABCXYZ-", min_size=1, max_size=9)


def number(bits: int) -> st.SearchStrategy[str]:
    return st.integers(0, 2**bits - 1).map(str)


def digits(count: int) -> st.SearchStrategy[str]:
    """Give a company prefix and what it has numbered, which have so many digits together."""
    return st.tuples(st.integers(6, 12), st.text("0123456789", min_size=count, max_size=count)).map(
        lambda drawn: f"{drawn[1][: drawn[0]]}.{drawn[1][drawn[0] :]}"
    )


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(".".join)


COMPANY = st.text("0123456789", min_size=12, max_size=12)
BODIES: dict[str, st.SearchStrategy[str]] = {
    "sscc-96": digits(17),
    "sgln-96": joined(digits(12), number(41)),
    "sgln-195": joined(digits(12), TEXT_20),
    "grai-96": joined(digits(12), number(38)),
    "grai-170": joined(digits(12), TEXT_16),
    "giai-96": joined(COMPANY, number(41)),
    # It parts the URI of a GIAI at every colon, so that it takes none in the reference.
    "giai-202": joined(COMPANY, st.text(PLAIN.replace(":", ""), min_size=1, max_size=16)),
    "gdti-96": joined(digits(12), number(41)),
    "gdti-174": joined(digits(12), TEXT_16),
    "gsrn-96": digits(17),
    "gsrnp-96": digits(17),
    "sgcn-96": joined(digits(12), st.text("0123456789", min_size=1, max_size=12)),
    "itip-110": joined(digits(13), st.just("04.04"), number(38)),
    "itip-212": joined(digits(13), st.just("01.02"), TEXT_20),
    "cpi-96": joined(COMPANY, st.integers(1, 999).map(str), number(31)),
    "cpi-var": joined(COMPANY, PART, st.integers(1, 10**12 - 1).map(str)),
    "gid-96": joined(number(28), number(24), number(36)),
    "usdod-96": joined(CAGE, number(36)),
    "adi-var": joined(CAGE, PART, PART),
}
WITHOUT_FILTER = frozenset({"gid-96"})


def written(scheme: str, body: str) -> bytes:
    """Have epcpy write an EPC, filled up to whole words."""
    kind = scheme.partition("-")[0]
    uri = f"urn:epc:tag:{scheme}:{'' if scheme in WITHOUT_FILTER else '0.'}{body}"
    encodable = epcpy.tag_uri_to_tag_encodable(uri)
    options: dict[str, Any] = {"binary_coding_scheme": encodable.BinaryCodingScheme(scheme)}
    if scheme not in WITHOUT_FILTER:
        module = import_module(f"epcpy.epc_schemes.{kind}")
        options["filter_value"] = getattr(module, f"{kind.upper()}FilterValue")("0")
    return bytes.fromhex(encodable.hex(**options))


@pytest.mark.parametrize("scheme", BODIES)
@given(data=st.data())
def test_what_another_library_writes_is_known_by_its_scheme_and_no_item(
    scheme: str, data: st.DataObject
) -> None:
    epc = written(scheme, data.draw(BODIES[scheme]))
    assert decode(epc) == Stray(StrayReason.NOT_AN_ITEM)
    assert (scheme_name(epc) or "").lower() == scheme


def theirs(epc: bytes) -> str | None:
    """Give the item as epcpy reads it: GTIN and serial, unescaped."""
    try:
        return str(epcpy.hex_to_tag_encodable(epc.hex()).gs1_element_string())
    except (epcpy.ConvertException, ValueError, KeyError, IndexError, AttributeError):
        return None


def ours(epc: bytes) -> str | None:
    decoded = decode(epc)
    if isinstance(decoded, Stray):
        return None
    serial = re.sub("%(..)", lambda escape: chr(int(escape[1], 16)), decoded.serial)
    return f"(01){decoded.gtin}(21){serial}"


ITEMS_96 = st.builds(
    lambda gtin, serial, prefix: encode_sgtin96(gtin + check_digit(gtin), serial, prefix),
    st.text("0123456789", min_size=13, max_size=13),
    st.integers(0, 2**38 - 1),
    st.integers(6, 12),
)
ITEMS_198 = joined(digits(13), TEXT_20).map(lambda body: written("sgtin-198", body))


@given(epc=ITEMS_96 | ITEMS_198, bit=st.integers(0, 207))
def test_with_a_bit_turned_over_both_read_the_same_item_or_the_reason_is_known(
    epc: bytes, bit: int
) -> None:
    assume(8 <= bit < len(epc) * 8)  # the header stays
    broken = (int.from_bytes(epc) ^ 1 << (len(epc) * 8 - 1 - bit)).to_bytes(len(epc))
    if ours(broken) != theirs(broken):
        assert isinstance(decode(broken), Stray)
        assert is_explained(broken)


def is_explained(epc: bytes) -> bool:
    """Tell whether epcpy is known to take this for an item, which it is not."""
    value = int.from_bytes(epc) >> (len(epc) * 8 - 198)
    serial = value & (1 << 140) - 1
    codes = [serial >> shift & 0x7F for shift in range(133, -1, -7)]
    last = max((place for place, code in enumerate(codes) if code), default=0)
    # It looks at no more than 198 bits: what fills up the last word may be anything.
    has_filling = int.from_bytes(epc) & (1 << (len(epc) * 8 - 198)) - 1 != 0
    # It leaves out zeros between characters, which TDS 1.13 §14.4.2 allows at the end alone.
    return has_filling or 0 in codes[:last]


@given(epc=ITEMS_96 | ITEMS_198, more=st.binary(min_size=1, max_size=6))
def test_what_is_longer_than_its_scheme_is_an_item_for_the_other_library_only(
    epc: bytes, more: bytes
) -> None:
    assert decode(epc + more) == Stray(StrayReason.WRONG_LENGTH)
    assert theirs(epc + more) == ours(epc)


@given(epc=ITEMS_96, cut=st.integers(1, 11))
def test_what_is_shorter_than_its_scheme_is_an_item_for_nobody(epc: bytes, cut: int) -> None:
    assert isinstance(decode(epc[:-cut]), Stray)
    assert theirs(epc[:-cut]) is None


@given(digits_=st.text("0123456789", min_size=13, max_size=13), serial=st.integers(0, 10**11))
def test_an_item_has_one_key_whatever_its_filter_and_encoding(digits_: str, serial: int) -> None:
    gtin = digits_ + check_digit(digits_)
    company, item = digits_[1:8], digits_[0] + digits_[8:]
    long = written("sgtin-198", f"{company}.{item}.{serial}")
    written_96 = [encode_sgtin96(gtin, serial, 7, filter_value) for filter_value in range(8)]
    assert {decode(epc) for epc in [long, *written_96]} == {Sgtin(gtin, str(serial))}
