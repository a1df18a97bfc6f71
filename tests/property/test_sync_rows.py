"""Rows and the columns that carry them say the same."""

from hypothesis import given
from hypothesis import strategies as st

from edge import wire, wire_types
from edge.errors import ProtocolError
from edge.model import StockRow
from edge.wire import Delta

zones = st.dictionaries(
    st.text(
        st.characters(min_codepoint=0x20, exclude_characters="\x7f_"), min_size=1, max_size=8
    ).filter(str.isprintable),
    st.integers(0, wire_types.MAX_NUMBER),
    max_size=4,
)
gtins = st.integers(0, 10**14 - 1).map("{:014d}".format)


@st.composite
def rows_by_ver(draw: st.DrawFn) -> list[StockRow]:
    names = draw(st.lists(gtins, unique=True, max_size=8))
    vers = sorted(draw(st.sets(st.integers(1, 1000), min_size=len(names), max_size=len(names))))
    return [
        StockRow(gtin, ver, draw(zones), draw(st.integers(0, 9)))
        for gtin, ver in zip(names, vers, strict=True)
    ]


@given(rows_by_ver())
def test_rows_that_were_sent_by_columns_come_back_as_they_were(rows: list[StockRow]) -> None:
    delta = Delta("s", 1, "b", from_ver=0, to_ver=1000, **wire.columns_of(rows))
    received = wire.decode(wire.encode(delta))
    assert isinstance(received, Delta)
    assert wire.rows_of(received) == rows


@given(st.binary(max_size=200))
def test_noise_is_refused_and_nothing_else_happens(payload: bytes) -> None:
    try:
        wire.decode(payload)
    except ProtocolError:
        return
    raise AssertionError("noise was taken for a message")


@given(rows_by_ver(), st.data())
def test_a_message_with_one_byte_changed_is_read_or_refused(
    rows: list[StockRow], data: st.DataObject
) -> None:
    delta = Delta("s", 1, "b", from_ver=0, to_ver=1000, **wire.columns_of(rows))
    payload = bytearray(wire.encode(delta))
    payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = wire.decode(bytes(payload))
    except ProtocolError:
        return
    assert not isinstance(message, Delta) or len(wire.rows_of(message)) == len(rows)
