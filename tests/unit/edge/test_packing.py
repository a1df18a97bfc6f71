"""What is packed comes back, what is damaged is refused, and nothing unfolds without a bound."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from edge import wire
from edge.errors import ProtocolError
from edge.model import StockRow
from edge.packing import MAGIC, MAX_UNPACKED, PACK_ABOVE, pack, unpack

LONG = b'{"floor":1234567}' * 1000


@given(st.binary(max_size=2000).filter(lambda plain: not plain.startswith(MAGIC)))
def test_what_was_packed_comes_back(plain: bytes) -> None:
    assert unpack(pack(plain)) == plain


def test_a_long_message_shrinks_and_a_short_one_stays() -> None:
    assert len(pack(LONG)) < len(LONG) / 10
    assert pack(LONG[:PACK_ABOVE]) == LONG[:PACK_ABOVE]


def test_a_peer_that_packs_otherwise_is_understood() -> None:
    assert unpack(zstandard.compress(LONG, 19)) == LONG


WITHOUT_SIZE = zstandard.ZstdCompressor(write_content_size=False).compress(LONG)
REFUSES = {
    "the magic alone": (MAGIC, "cannot be unpacked"),
    "cut short": (pack(LONG)[:-1], "cannot be unpacked"),
    "more behind it": (pack(LONG) + b"x", "cannot be unpacked"),
    "noise behind the magic": (MAGIC + b"\xff" * 20, "cannot be unpacked"),
    "a bomb": (zstandard.compress(bytes(MAX_UNPACKED + 1)), f"{MAX_UNPACKED + 1} bytes"),
    "without its size": (WITHOUT_SIZE, "an unknown number of bytes"),
}


@pytest.mark.parametrize(("payload", "reason"), REFUSES.values(), ids=REFUSES)
def test_what_cannot_be_unpacked_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        wire.decode(payload)


def test_a_full_delta_goes_packed_and_is_read_back() -> None:
    rows = [StockRow(f"{ver:014d}", ver, {"floor": ver % 7, "back": 2}, 0) for ver in range(1, 401)]
    delta = wire.Delta("muc-01", 1, "b1", 0, 400, **wire.columns_of(rows))
    payload = wire.encode(delta)
    assert payload.startswith(MAGIC)
    assert len(payload) < 4000
    assert wire.decode(payload) == delta
