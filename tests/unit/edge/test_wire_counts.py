"""The messages of count sessions against vectors, written by hand from `edge.wire_counts`."""

import pytest

from edge import wire
from edge.counts import Basis, CountState
from edge.packing import unpack
from edge.wire import Command, Message, Wish
from edge.wire_counts import (
    CountAct,
    CountHeader,
    CountNoted,
    CountOrder,
    CountReport,
    CountRow,
    CountWish,
)

COUNT_HEAD = CountHeader(
    "q4",
    rev=7,
    state=CountState.CLOSED,
    zones=["floor"],
    readers=["hand-1"],
    basis=Basis.STATE,
    opened_by="trigger",
    opened_at_us=10,
    closed_by="timeout",
    closed_at_us=20,
    expected=2,
    found=2,
    missing=1,
    unexpected=1,
    skus=1,
    presses=1,
    parts=1,
)
VECTORS: dict[str, tuple[Message, str]] = {
    "count": (
        CountReport(
            "muc-01",
            3,
            "9f2c",
            COUNT_HEAD,
            part=1,
            lines=[CountRow("04012345678901", 2, 2, 1, 1, ["6789"], ["4711"])],
        ),
        (
            '{"type":"count","store":"muc-01","term":3,"boot":"9f2c","head":{"id":"q4","rev":7,'
            '"state":"closed","zones":["floor"],"readers":["hand-1"],"basis":"state",'
            '"opened_by":"trigger","opened_at_us":10,"closed_by":"timeout","closed_at_us":20,'
            '"decided_by":"","decided_at_us":null,"expected":2,"found":2,"missing":1,'
            '"unexpected":1,"skus":1,"exact_skus":0,"presses":1,"events":{},"left_alone":0,'
            '"note":"","parts":1},"part":1,"lines":[["04012345678901",2,2,1,1,["6789"],["4711"]]],'
            '"number":0,"v":1}'
        ),
    ),
    "count noted": (
        CountNoted("muc-01", 3, "9f2c", "q4", 7, 1),
        (
            '{"type":"count_noted","store":"muc-01","for_term":3,"for_boot":"9f2c","count":"q4",'
            '"rev":7,"part":1,"v":1}'
        ),
    ),
    "command of a count": (
        Command(
            "muc-01",
            "c1",
            Wish.COUNT,
            count=CountWish(
                CountAct.OPEN, "q4", CountOrder(zones=["floor"], quantities={"04012345678901": 2})
            ),
        ),
        (
            '{"type":"command","store":"muc-01","id":"c1","wish":"count","device":"","count":'
            '{"act":"open","count":"q4","order":{"zones":["floor"],"id":null,"readers":[],'
            '"epcs":null,"quantities":{"04012345678901":2},"idle_s":null},"writes_off":false},"v":1}'
        ),
    ),
}


@pytest.mark.parametrize(("message", "text"), VECTORS.values(), ids=VECTORS)
def test_a_message_is_written_as_in_the_vector_and_read_back(message: Message, text: str) -> None:
    assert unpack(wire.encode(message)) == text.encode()
    assert wire.decode(text.encode()) == message
