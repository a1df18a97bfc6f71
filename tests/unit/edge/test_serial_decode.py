"""What `serial decode` shows of bytes, without the command."""

import json
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.serial.decode import decode, parse_hex
from edge.serial.framing import Direction
from edge.serial.protocol import SerialProtocol
from edge.serial.registry import PROTOCOLS

MERCURY, R2000 = PROTOCOLS["mercury"], PROTOCOLS["r2000"]
TAG = bytes.fromhex(
    "ff2822000010001b01ff0101c4110e16400000012700000500000f00803000000000000000000000001545e94a561d"
)
KEEPALIVE = bytes.fromhex("ff0022040084e0")
WRONG = bytes.fromhex("ff0022040084e1")

# Protocol, bytes, and what is shown of them.
TEXTS = {
    "a command": (MERCURY, "ff0197024bbf", "00000000  SetRegion  region=eu"),
    "an answer": (MERCURY, "ff0172 00001e4819", "00000000  Temperature  degrees_c=30"),
    "an answer that says ok": (MERCURY, "ff00970000779e", "00000000  Done  opcode=set_region"),
    "a refusal": (
        MERCURY,
        "ff026b040203106774",
        "00000000  Refused  opcode=get_protocol_parameter status=invalid protocol (0402) data=0310",
    ),
    "a keepalive": (
        MERCURY,
        "ff0022040084e0",
        "00000000  NoTags  opcode=read_multiple status=no tags (0400)",
    ),
    "statistics": (
        MERCURY,
        "ff0b220000 8800011b028200 8200011c1d49",
        "00000000  StreamStatistics  temperature_c=28",
    ),
    "records in a frame": (
        MERCURY,
        "ff03610000050100 61df",
        "00000000  DetectedPorts  ports=[(port=1 is_detected=0)]",
    ),
    "an A0 status": (
        R2000,
        "a004017410d7",
        "00000000  Result  address=1 command=set_work_antenna status=success (10)",
    ),
    "an A0 command that could be an answer": (
        R2000,
        "a004018901d1",
        "00000000  Inventory  address=1 repeat=1",
    ),
    "an A0 command without data": (R2000, "a0030172ea", "00000000  GetFirmware  address=1"),
    "an unknown A0 command": (
        R2000,
        "a00401c0009b",
        "00000000  Unknown  address=1 code=192 data=00",
    ),
}


@pytest.mark.parametrize(("protocol", "data", "shown"), TEXTS.values(), ids=TEXTS)
def test_a_frame_is_shown_as_a_line(protocol: SerialProtocol, data: str, shown: str) -> None:
    (decoded,) = decode(protocol, bytes.fromhex(data))
    assert decoded.as_text() == shown
    assert not decoded.faults


def test_a_read_stands_under_its_frame() -> None:
    (decoded,) = decode(MERCURY, TAG)
    frame, read = decoded.as_text().splitlines()
    assert frame == "00000000  Tags"
    assert "epc=000000000000000000001545" in read
    assert "rssi_dbm=-60.0" in read
    assert "is_crc_right=True" in read


def test_what_is_no_frame_is_shown_with_place_cause_and_bytes() -> None:
    frame, fault = decode(MERCURY, KEEPALIVE + WRONG)
    assert not frame.faults
    assert fault.name is None
    assert fault.as_text() == "00000007  FAULT wrong check value  ff0022040084e1"


def test_a_broken_record_is_shown_at_its_frame() -> None:
    record = bytes.fromhex("ff1c22000010001b01ff0101d9220dc65e0000001400b1050000000020021817ab1336")
    _, decoded = decode(MERCURY, KEEPALIVE + record)
    (fault,) = decoded.faults
    assert (decoded.offset, fault.offset) == (7, 7)
    assert decoded.as_text().startswith("00000007  Tags\n00000007  FAULT content that does not fit")


def test_json_carries_all_that_the_text_does() -> None:
    for decoded in decode(MERCURY, TAG + WRONG + bytes.fromhex("ff0197024bbf")):
        assert json.loads(json.dumps(decoded.as_dict())) == decoded.as_dict()
    (decoded,) = decode(MERCURY, TAG)
    (read,) = decoded.as_dict()["reads"]
    assert read["epc"] == "000000000000000000001545"
    assert "tid" not in read


def test_json_names_codes_and_opens_records() -> None:
    (decoded,) = decode(MERCURY, bytes.fromhex("ff0361000005010061df"))
    assert decoded.as_dict() == {
        "offset": 0,
        "frame": "DetectedPorts",
        "fields": {"ports": [{"port": 1, "is_detected": 0}]},
    }
    (decoded,) = decode(MERCURY, bytes.fromhex("ff0197024bbf"))
    assert decoded.as_dict()["fields"] == {"region": "eu"}


def test_json_says_what_is_wrong() -> None:
    (decoded,) = decode(MERCURY, WRONG)
    assert decoded.as_dict() == {
        "offset": 0,
        "faults": [{"cause": "wrong check value", "data": WRONG.hex(), "detail": ""}],
    }


@pytest.mark.parametrize("direction", list(Direction), ids=lambda direction: direction.name)
def test_the_direction_decides_where_frames_do_not_tell(direction: Direction) -> None:
    (decoded,) = decode(R2000, bytes.fromhex("a004017622c3"), direction)
    expected = {
        Direction.FROM_READER: "Result",
        Direction.TO_READER: "SetPower",
        Direction.EITHER: "Result",
    }
    assert decoded.name == expected[direction]


def test_nothing_is_nothing() -> None:
    assert list(decode(MERCURY, b"")) == []


def test_a_long_stream_is_decoded_in_pieces_and_to_its_end() -> None:
    stream = KEEPALIVE * 30_000
    assert sum(1 for _ in decode(MERCURY, stream)) == 30_000
    *_, last = decode(MERCURY, stream[:-1])
    assert last.faults[0].offset == 29_999 * len(KEEPALIVE)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_is_known_by_its_name_and_by_its_identification(name: str) -> None:
    protocol = PROTOCOLS[name]
    assert protocol.name == name
    (decoded,) = decode(protocol, protocol.identify, Direction.TO_READER)
    assert decoded.name is not None
    assert not decoded.faults


# The answers to the identification commands, as published, and what they name.
IDENTITIES = {
    "M7e": (
        "mercury",
        "ff1403000023010600380002012024091302010608 00000010cb65",
        "M7e, hardware 38",
    ),
    "M6e Nano": ("mercury", "ff1404000014120800300000022019092301090202000000106c33", "M6e Nano"),
    "A0": ("r2000", "a00501720109de", "firmware 1.9"),
}


@pytest.mark.parametrize(("name", "data", "told"), IDENTITIES.values(), ids=IDENTITIES)
def test_a_reader_is_named_by_its_answer(name: str, data: str, told: str) -> None:
    protocol = PROTOCOLS[name]
    decoder = protocol.decoder(Direction.FROM_READER)
    decoder.feed(bytes.fromhex(data))
    assert told in str(protocol.identity(decoder.next_frame()))


def test_another_answer_names_no_reader() -> None:
    decoder = MERCURY.decoder(Direction.FROM_READER)
    decoder.feed(KEEPALIVE)
    assert MERCURY.identity(decoder.next_frame()) is None


def test_hex_is_read_with_spaces_lines_and_remarks() -> None:
    text = "# a log\nFF 00 03\n1D0C  # version\n\n"
    assert parse_hex(text, "log.txt") == bytes.fromhex("ff00031d0c")


@pytest.mark.parametrize("line", ["ff 0", "zz", "0x12", "ff,00"])
def test_a_line_that_is_no_hex_is_named(line: str) -> None:
    with pytest.raises(ConfigError, match=r"log\.txt: line 2: expected pairs of hex digits"):
        parse_hex(f"ff\n{line}\n", str(Path("log.txt")))
