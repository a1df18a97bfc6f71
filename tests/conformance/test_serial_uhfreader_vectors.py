"""The UHFReader codec against frames that others have captured or printed."""

import pytest

from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import Direction
from edge.serial.reads import UNKNOWN_PORT
from edge.serial.uhfreader.codes import CommandCode, Dialect, Status
from edge.serial.uhfreader.commands import (
    Answer,
    Command,
    GetInfo,
    GetMode18,
    Info,
    Inventory,
    InventoryAll,
    InventoryAt,
    LongInfo,
    Mode18,
    Result,
    SetAddress,
    SetBaud,
    SetMode18,
    SetScanTime,
    SingleInventory,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.uhfreader.frames import Frame, FrameDecoder
from edge.serial.uhfreader.reads import read_tags
from tests.support.serial import Vector, all_of, vectors

pytestmark = pytest.mark.shared_data

VECTORS = vectors("uhfreader18_288.tsv")
RIGHT = [vector for vector in VECTORS.values() if vector.verdict == "ok"]
BROKEN = {3: FaultCause.BAD_CHECK, 59: FaultCause.TRUNCATED}

COMMANDS: dict[int, Command] = {
    13: GetInfo(),
    15: Inventory(q=4, session=0xFF),
    33: Inventory(q=2, session=0),
    36: SingleInventory(),
    39: GetInfo(),
    41: SetScanTime(scan_time=20),
    43: SetScanTime(scan_time=50),
    45: GetMode18(),
    47: SetMode18(read_mode=0, state=2, bank=4, first=2, words=6, tag_time=0),
    49: SetBaud(rate=0),
    53: InventoryAll(),
    56: InventoryAt(q=1, session=0, target=0, antenna=0x80, scan_time=10),
    57: InventoryAll(),
    58: SetAddress(address=0),
}

LONG_RANGE = Info(
    major=5, minor=2, type=0x86, protocols=2, highest=0x31, lowest=0x80, power=26, scan_time=20
)
DONE = Result(status=Status.OK, more=b"")
NO_TAG = Result(status=Status.NO_TAG, more=b"")
ANSWERS: dict[int, Answer] = {
    1: LongInfo(
        major=0,
        minor=22,
        type=0x0C,
        protocols=3,
        highest=0x4E,
        lowest=0,
        power=30,
        scan_time=10,
        antennas=1,
        reserved=0,
        antenna_check=0,
    ),
    14: LongInfo(
        major=3,
        minor=13,
        type=0x26,
        protocols=3,
        highest=0x31,
        lowest=0x80,
        power=30,
        scan_time=0,
        antennas=1,
        reserved=0,
        antenna_check=1,
    ),
    38: NO_TAG,
    40: LONG_RANGE,
    42: DONE,
    44: Info(
        major=5, minor=2, type=0x86, protocols=2, highest=0x31, lowest=0x80, power=26, scan_time=50
    ),
    46: Mode18(
        wiegand=0x001E0A0F,
        read_mode=1,
        state=2,
        bank=4,
        first=2,
        words=6,
        tag_time=0,
        accuracy=0,
        offset_time=0,
    ),
    48: DONE,
    54: NO_TAG,
}
CHANNELS = {
    1: "EU, 865.1 to 867.9 MHz",
    14: "US, 902.75 to 927.25 MHz",
    40: "US, 902.75 to 927.25 MHz",
}

# EPC, antenna port and RSSI byte, of captures with the layout of a 288.
TAGS_288 = {
    2: ("000000000000000000000313", 1, 0x6B),
    4: ("3039606303c74380001a0559", 1, 0x40),
    5: ("49440000000000000a000334", 3, 0x64),
    6: ("00323038", 1, 0x6D),
    16: ("e20000194604005221003dff", 1, 0x4C),
    17: ("e20000195911017214409352", 1, 0x48),
    18: ("e20000194604005221003dff", 1, 0x48),
    19: ("e20000194604009714907f8c", 1, 0x49),
    20: ("e20000194604005221003dff", 1, 0x49),
    21: ("e280689400005005b2210861", 1, 0x4D),
    22: ("e28068940000500a9d2298c6", 1, 0x48),
    23: ("e28068940000400a9d22a9eb", 1, 0x5C),
    24: ("111001ba", 1, 0x46),
    25: ("3034b708ac397e0000000649", 1, 0x42),
    26: ("111000a4", 1, 0x43),
    27: ("000000000001700000000203", 1, 0x45),
    28: ("e28068940000400a9d22a9eb", 1, 0x5D),
    29: ("e28068940000400a9d22acff", 1, 0x60),
    30: ("e28068940000500a9d2298c6", 1, 0x68),
    31: ("e28068940000400a9d2299e7", 1, 0x69),
    32: ("e28068940000500a9d22ad72", 1, 0x5A),
}
TWO_OF_288, NO_TAG_OF_288, MANY_SAID = 8, 7, 34
# EPCs of captures with the layout of a UHFReader18.
TAGS_18 = {
    9: ["000000000000000000000313"],
    10: ["49440000000000000a000334"],
    11: ["000000000000000000000313", "000000000000000000000314"],
    37: ["e284361100001000094944aa"],
    55: ["e2806915000050324241cced"],
}
PUSHED = {
    35: "e284361100001000094944aa",
    50: "e20000170014026616706b48",
    51: "e200001d7605001715500200",
    52: "2000708c2b380b2d00000000",
}
OTHER_COMMAND = 12


def frame_of(vector: Vector) -> Frame:
    (frame,) = all_of(FrameDecoder(vector.direction), vector.data)
    assert isinstance(frame, Frame)
    return frame


def test_every_row_is_tested() -> None:
    alone = {TWO_OF_288, NO_TAG_OF_288, MANY_SAID, OTHER_COMMAND}
    tags = {*TAGS_288, *TAGS_18, *PUSHED}
    assert {*BROKEN, *COMMANDS, *ANSWERS, *tags, *alone} == set(VECTORS)


@pytest.mark.parametrize("vector", RIGHT, ids=lambda vector: f"{vector.number}")
def test_a_frame_gives_its_own_bytes_again(vector: Vector) -> None:
    assert frame_of(vector).encode() == vector.data


@pytest.mark.parametrize(("number", "cause"), BROKEN.items())
def test_a_wrong_frame_is_a_fault_with_its_cause(number: int, cause: FaultCause) -> None:
    data = VECTORS[number].data
    assert all_of(FrameDecoder(Direction.EITHER), data) == [Fault(cause, data, offset=0)]


@pytest.mark.parametrize(("number", "command"), COMMANDS.items())
def test_a_command_is_encoded_and_decoded(number: int, command: Command) -> None:
    vector = VECTORS[number]
    assert encode_command(command, address=vector.data[1]) == vector.data
    assert decode_command(frame_of(vector)) == command


@pytest.mark.parametrize(("number", "answer"), ANSWERS.items())
def test_an_answer_is_decoded(number: int, answer: Answer) -> None:
    assert decode_answer(frame_of(VECTORS[number])) == answer


@pytest.mark.parametrize(("number", "shown"), CHANNELS.items())
def test_a_reader_tells_its_channels(number: int, shown: str) -> None:
    answer = decode_answer(frame_of(VECTORS[number]))
    assert isinstance(answer, Info | LongInfo)
    assert str(answer.channels) == shown
    assert answer.channels.as_bytes() == (answer.highest, answer.lowest)


@pytest.mark.parametrize("dialect", [Dialect.READER288, None])
@pytest.mark.parametrize(("number", "told"), TAGS_288.items())
def test_a_tag_of_a_288_is_read_whether_or_not_the_dialect_is_known(
    number: int, told: tuple[str, int, int], dialect: Dialect | None
) -> None:
    faults = list[Fault]()
    (read,) = read_tags(frame_of(VECTORS[number]), faults, dialect)
    epc, port, rssi = told
    assert (read.epc, read.antenna_port, read.rssi_raw) == (bytes.fromhex(epc), port, rssi)
    assert (read.rssi_dbm, faults) == (None, [])


def test_two_tags_of_a_288_stand_in_one_frame() -> None:
    first, second = read_tags(frame_of(VECTORS[TWO_OF_288]), [])
    assert (first.epc.hex(), first.rssi_raw) == ("000000000000000000000313", 0x6B)
    assert (second.epc.hex(), second.rssi_raw) == ("000000000000000000000314", 0x6C)


@pytest.mark.parametrize("dialect", [Dialect.READER18, None])
@pytest.mark.parametrize(("number", "epcs"), TAGS_18.items())
def test_tags_of_a_uhfreader18_are_read_whether_or_not_the_dialect_is_known(
    number: int, epcs: list[str], dialect: Dialect | None
) -> None:
    faults = list[Fault]()
    reads = read_tags(frame_of(VECTORS[number]), faults, dialect)
    assert [read.epc for read in reads] == [bytes.fromhex(epc) for epc in epcs]
    assert {(read.antenna_port, read.rssi_raw) for read in reads} == {(UNKNOWN_PORT, None)}
    assert not faults


@pytest.mark.parametrize("dialect", [Dialect.READER18, None])
@pytest.mark.parametrize(("number", "epc"), PUSHED.items())
def test_a_pushed_tag_is_an_epc_and_nothing_else(
    number: int, epc: str, dialect: Dialect | None
) -> None:
    (read,) = read_tags(frame_of(VECTORS[number]), [], dialect)
    assert (read.epc, read.rssi_raw) == (bytes.fromhex(epc), None)


def test_a_round_without_a_tag_gives_none_and_no_fault() -> None:
    faults = list[Fault]()
    assert (read_tags(frame_of(VECTORS[NO_TAG_OF_288]), faults), faults) == ([], [])


def test_type_86_says_nine_tags_and_sends_none_and_is_not_believed() -> None:
    faults = list[Fault]()
    assert read_tags(frame_of(VECTORS[MANY_SAID]), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_COUNT]


def test_tags_in_the_answer_to_another_command_are_none() -> None:
    frame = frame_of(VECTORS[OTHER_COMMAND])
    assert (frame.command, read_tags(frame, [])) == (CommandCode.READ, [])
