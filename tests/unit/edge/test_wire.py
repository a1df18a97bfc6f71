"""What may be said over MQTT, and what is refused with its reason."""

import json
from typing import Any

import pytest

from edge import wire
from edge.epc.names import read_name
from edge.errors import ProtocolError
from edge.model import EventKind, Sgtin
from edge.wire import (
    Answer,
    Channel,
    Command,
    DeadRow,
    Delta,
    Digest,
    EventRow,
    Events,
    Hello,
    Message,
    Outcome,
    ReaderStatus,
    Status,
    Wish,
)

DELTA = Delta(
    "muc-01",
    term=3,
    boot="9f2c",
    from_ver=7,
    to_ver=12,
    gtins=["04012345678901", "04012345678918"],
    vers=[9, 12],
    zones=["back", "floor"],
    counts=[[0, None], [4, 2]],
    missing=[0, 1],
    at_ver=15,
    number=4,
)
# Written by hand from the table of the module's first lines: another program may rely on it.
VECTORS: dict[str, tuple[Message, str]] = {
    "hello": (
        Hello("muc-01", term=3, boot="9f2c"),
        (
            '{"type":"hello","store":"muc-01","term":3,"boot":"9f2c","snapshot":false,"after":null,'
            '"device":"","device_name":"","takeover":false,"v":1}'
        ),
    ),
    "hello of a snapshot that follows a term, from another device than before": (
        Hello(
            "muc-01",
            3,
            "9f2c",
            snapshot=True,
            after=2,
            device="d7",
            device_name="till",
            takeover=True,
        ),
        (
            '{"type":"hello","store":"muc-01","term":3,"boot":"9f2c","snapshot":true,"after":2,'
            '"device":"d7","device_name":"till","takeover":true,"v":1}'
        ),
    ),
    "delta": (
        DELTA,
        (
            '{"type":"delta","store":"muc-01","term":3,"boot":"9f2c","from_ver":7,"to_ver":12,'
            '"gtins":["04012345678901","04012345678918"],"vers":[9,12],"zones":["back","floor"],'
            '"counts":[[0,null],[4,2]],"missing":[0,1],"at_ver":15,'
            '"dead":[],"number":4,"v":1}'
        ),
    ),
    "delta that leaves a row out": (
        Delta(
            "muc-01",
            3,
            "9f2c",
            7,
            8,
            [],
            [],
            [],
            [],
            [],
            dead=[DeadRow("04012345678901", 8, "too big")],
        ),
        (
            '{"type":"delta","store":"muc-01","term":3,"boot":"9f2c","from_ver":7,"to_ver":8,'
            '"gtins":[],"vers":[],"zones":[],"counts":[],"missing":[],"at_ver":0,'
            '"dead":[{"gtin":"04012345678901","ver":8,"reason":"too big"}],"number":0,"v":1}'
        ),
    ),
    "digest": (
        Digest("muc-01", 3, "9f2c", 63, at_ver=12, rows=2, sum="0123456789abcdef", number=5),
        (
            '{"type":"digest","store":"muc-01","term":3,"boot":"9f2c","shard":63,"at_ver":12,'
            '"rows":2,"sum":"0123456789abcdef","without":[],"number":5,"v":1}'
        ),
    ),
    "events": (
        Events(
            "muc-01",
            3,
            "9f2c",
            [
                EventRow(
                    EventKind.MOVED, "04012345678901", "17", "floor", 1_800_000_000_000_000, "back"
                )
            ],
            number=6,
        ),
        (
            '{"type":"events","store":"muc-01","term":3,"boot":"9f2c","events":[["moved",'
            '"04012345678901","17","floor",1800000000000000,"back"]],"number":6,"v":1}'
        ),
    ),
    "command": (
        Command("muc-01", "c1", Wish.TAKEOVER, device="d7"),
        '{"type":"command","store":"muc-01","id":"c1","wish":"takeover","device":"d7","v":1}',
    ),
    "answer": (
        Answer("muc-01", 3, "9f2c", Outcome.APPLIED, term=3, applied=12, at_ver=15),
        (
            '{"type":"answer","store":"muc-01","for_term":3,"for_boot":"9f2c","outcome":"applied",'
            '"term":3,"applied":12,"at_ver":15,"for_number":0,"reason":"","device":"",'
            '"device_name":"","v":1}'
        ),
    ),
    "last will": (
        Status("muc-01", 3, "9f2c", online=False),
        (
            '{"type":"status","store":"muc-01","term":3,"boot":"9f2c","online":false,"name":"",'
            '"program":"","readers":[],"alarms":[],"present":0,"missing":0,"skus":0,"strays":0,'
            '"pending":0,"device":"","trouble":"","heard":"","v":1}'
        ),
    ),
}


def changed(message: Message, **fields: object) -> bytes:
    """Encode a message with some of its fields replaced, or left out where the new one is `...`."""
    data: dict[str, Any] = {**json.loads(wire.encode(message)), **fields}
    return json.dumps({key: value for key, value in data.items() if value is not ...}).encode()


@pytest.mark.parametrize(("message", "text"), VECTORS.values(), ids=VECTORS)
def test_a_message_is_written_as_in_the_vector_and_read_back(message: Message, text: str) -> None:
    assert wire.encode(message) == text.encode()
    assert wire.decode(text.encode()) == message


def test_what_a_later_version_adds_is_ignored() -> None:
    assert wire.decode(changed(DELTA, colour="red")) == DELTA


def test_what_an_earlier_program_left_out_has_its_default() -> None:
    hello = Hello("muc-01", 3, "9f2c")
    assert wire.decode(changed(hello, snapshot=..., after=..., v=...)) == hello


def test_the_longest_serial_of_an_item_can_be_told() -> None:
    sgtin = read_name("(01)04012345678901(21)" + "/" * 20)
    assert isinstance(sgtin, Sgtin)
    row = EventRow(EventKind.SOLD, sgtin.gtin, sgtin.serial, "till", 1)
    told = Events("muc-01", 3, "9f2c", [row])
    assert wire.decode(wire.encode(told)) == told


def test_a_reader_keeps_what_it_says_of_itself() -> None:
    reader = ReaderStatus("floor-1", up=False, detail="connection refused", last_read_at_us=17)
    status = Status("muc-01", 3, "9f2c", online=True, readers=[reader])
    decoded = wire.decode(wire.encode(status))
    assert isinstance(decoded, Status)
    assert decoded.readers == [reader]


REFUSES = {
    "nothing": (b"", "cannot be read"),
    "no JSON": (b"\x00\xff", "cannot be read"),
    "not UTF-8": (b'{"type":"hello","store":"\xff"}', "cannot be read"),
    "a list": (b"[]", "cannot be read"),
    "brackets without end": (b"[" * 100_000, "cannot be read"),
    "an unknown type": (changed(DELTA, type="bye"), "bye"),
    "no type": (changed(DELTA, type=...), "type"),
    "a later version": (changed(DELTA, v=2), "version b'2'"),
    "a later version of unknown form": (b'{"type":"hello","v":2,"body":{}}', "version b'2'"),
    "no store": (changed(DELTA, store=...), "store"),
    "a store that leads elsewhere": (changed(DELTA, store="../muc-01"), "$.store"),
    "a store with a wildcard": (changed(DELTA, store="+"), "$.store"),
    "a store in capitals": (changed(DELTA, store="MUC-01"), "$.store"),
    "a store of 41 characters": (changed(DELTA, store="m" * 41), "$.store"),
    "a store and a line's end": (changed(DELTA, store="muc-01\n"), "$.store"),
    "a boot of 65 characters": (changed(DELTA, boot="b" * 65), "$.boot"),
    "term 0": (changed(DELTA, term=0), "$.term"),
    "a term with a fraction": (changed(DELTA, term=1.5), "$.term"),
    "a term as text": (changed(DELTA, term="3"), "$.term"),
    "a term no browser can hold": (changed(DELTA, term=2**53), "$.term"),
    "a GTIN of 13 digits": (changed(DELTA, gtins=["4012345678901"] * 2), "$.gtins"),
    "a GTIN in other digits": (changed(DELTA, gtins=["٠٤٠١٢٣٤٥٦٧٨٩٠١"] * 2), "$.gtins"),
    "a GTIN that leads elsewhere": (changed(DELTA, gtins=["0401234567/901"] * 2), "$.gtins"),
    "a GTIN twice": (changed(DELTA, gtins=["04012345678901"] * 2), "names one twice"),
    "a zone without a name": (changed(DELTA, zones=["", "floor"]), "$.zones"),
    "a zone with a reserved name": (changed(DELTA, zones=["__x__", "floor"]), "$.zones"),
    "a zone of 51 characters": (changed(DELTA, zones=["z" * 51, "floor"]), "$.zones"),
    "a zone twice": (changed(DELTA, zones=["floor", "floor"]), "names one twice"),
    "a count below zero": (changed(DELTA, counts=[[-1, 0], [4, 2]]), "$.counts"),
    "a column too few": (changed(DELTA, counts=[[0, 1]]), "1 columns for 2 zones"),
    "a column too short": (changed(DELTA, counts=[[0, 1], [4]]), "counts[1] has 1 entries"),
    "a ver too few": (changed(DELTA, vers=[9]), "vers has 1 entries for 2 rows"),
    "missing too few": (changed(DELTA, missing=[]), "missing has 0 entries for 2 rows"),
    "a delta that does not rise": (changed(DELTA, from_ver=12), "from ver 12 to 12"),
    "a ver at the delta's beginning": (changed(DELTA, vers=[7, 12]), "7 after 7"),
    "a ver beyond the delta's end": (changed(DELTA, vers=[9, 13]), "13, above to_ver 12"),
    "vers that fall": (changed(DELTA, vers=[12, 9]), "9 after 12"),
    "a shard beyond the last": (changed(VECTORS["digest"][0], shard=64), "$.shard"),
    "an unknown wish": (changed(VECTORS["command"][0], wish="reboot"), "$.wish"),
    "an unknown outcome": (changed(VECTORS["answer"][0], outcome="maybe"), "$.outcome"),
}


@pytest.mark.parametrize(("payload", "reason"), REFUSES.values(), ids=REFUSES)
def test_what_is_no_message_is_refused_with_its_place(payload: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        wire.decode(payload)
    assert reason in str(refused.value)


def test_a_message_above_the_limit_is_refused_unread() -> None:
    with pytest.raises(ProtocolError, match="1048577 bytes, allowed are 1048576"):
        wire.decode(b"x" * (wire.MAX_PAYLOAD + 1))


def test_a_delta_above_the_limit_of_rows_is_refused() -> None:
    rows = wire.MAX_ROWS + 1
    payload = changed(
        DELTA,
        to_ver=10_000,
        gtins=[f"{index:014d}" for index in range(rows)],
        vers=list(range(100, 100 + rows)),
        zones=[],
        counts=[],
        missing=[0] * rows,
    )
    with pytest.raises(ProtocolError, match="delta of 401 rows, allowed are 400"):
        wire.decode(payload)


TOPICS = {
    "tagtally/v1/muc-01/up": ("muc-01", Channel.UP),
    "tagtally/v1/0/ack": ("0", Channel.ACK),
    "tagtally/v1/a-b-c/status": ("a-b-c", Channel.STATUS),
    "tagtally/v1/muc-01/command": ("muc-01", Channel.COMMAND),
}


@pytest.mark.parametrize(("text", "parts"), TOPICS.items(), ids=TOPICS)
def test_a_topic_is_made_and_taken_apart(text: str, parts: tuple[str, Channel]) -> None:
    assert wire.topic(*parts) == text
    assert wire.parse_topic(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tagtally/v1/muc-01",
        "tagtally/v1/muc-01/down",
        "tagtally/v1/muc-01/up/",
        "tagtally/v1/muc-01/up\n",
        "tagtally/v2/muc-01/up",
        "tagtally.v1/muc-01/up",
        "x/tagtally/v1/muc-01/up",
        "tagtally/v1//up",
        "tagtally/v1/+/up",
        "tagtally/v1/MUC/up",
        "tagtally/v1/muc-01/muc-02/up",
    ],
)
def test_another_topic_is_refused_by_name(text: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        wire.parse_topic(text)
    assert repr(text) in str(refused.value)


def test_a_filter_for_all_stores_has_a_plus_as_the_store() -> None:
    assert wire.topic("+", Channel.UP) == "tagtally/v1/+/up"
