"""The A0 codec against frames that others have captured or printed."""

import pytest

from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import Direction
from edge.serial.r2000.codes import Status
from edge.serial.r2000.commands import (
    Answer,
    AntennaFault,
    BlockWriteTag,
    Command,
    Firmware,
    GetFirmware,
    Inventory,
    MatchEpc,
    Result,
    RoundEnd,
    SessionInventory,
    SessionRoundEnd,
    SetWorkAntenna,
    Temperature,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.r2000.frames import Frame, FrameDecoder
from edge.serial.r2000.reads import read_tags
from edge.serial.reads import SerialRead
from tests.support.serial import Vector, all_of, vectors

pytestmark = pytest.mark.shared_data

VECTORS = vectors("a0_r2000.tsv")
RIGHT = [vector for vector in VECTORS.values() if vector.verdict == "ok"]
BROKEN = {
    7: FaultCause.BAD_CHECK,
    22: FaultCause.BAD_CHECK,
    29: FaultCause.BAD_CHECK,
    30: FaultCause.TRUNCATED,  # one byte short
}

COMMANDS: dict[int, Command] = {
    1: GetFirmware(),
    3: SetWorkAntenna(antenna=0),
    5: Inventory(repeat=1),
    14: SessionInventory(session=1, target=0, repeat=1),
    19: MatchEpc(length=12, epc=bytes.fromhex("11223344556677889900aabb")),
    21: BlockWriteTag(
        password=bytes.fromhex("00000000"),
        bank=1,
        word_address=2,
        words=1,
        data=bytes.fromhex("ccdd"),
    ),
    31: GetFirmware(),
}
ANSWERS: dict[int, Answer] = {
    2: Firmware(major=1, minor=9),
    4: Result(status=Status.SUCCESS),
    13: RoundEnd(antenna=0, reads_per_s=17, reads=5),
    16: SessionRoundEnd(antenna=0, reads_per_s=25, reads=1),
    18: RoundEnd(antenna=0, reads_per_s=27, reads=1),
    20: Result(status=Status.SUCCESS),
    23: AntennaFault(antenna=1, status=Status.ANTENNA_MISSING),
    24: AntennaFault(antenna=2, status=Status.ANTENNA_MISSING),
    25: AntennaFault(antenna=3, status=Status.ANTENNA_MISSING),
    28: Temperature(is_positive=1, degrees=32),
}

# EPC, antenna port, dBm, MHz: FreqAnt and RSSI by the tables of the protocol's document.
TAGS = {
    6: ("e200301666130121155074ef", 1, -60, 865.5),
    8: ("300833b2ddd9014000000001", 1, -74, 916.0),
    9: ("e2004074850a0103163070e1", 1, -75, 913.0),
    10: ("300833b2ddd9014000000001", 1, -75, 925.0),
    11: ("e2004074850a0103163070e1", 1, -76, 925.0),
    12: ("e2004074850a0103169067dd", 1, -82, 925.0),
    15: ("3009663781db02974876fc6a", 1, -26, 867.0),
    17: ("11223344556677889900aabb", 1, -33, 867.5),
    26: ("000000000000000000000825", 4, -53, 920.5),
}
WITH_CRC = 27


def frame_of(vector: Vector) -> Frame:
    (frame,) = all_of(FrameDecoder(vector.direction), vector.data)
    assert isinstance(frame, Frame)
    return frame


def test_every_row_is_tested() -> None:
    assert {*BROKEN, *COMMANDS, *ANSWERS, *TAGS, WITH_CRC} == set(VECTORS)


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
    assert encode_command(command, address=vector.data[2]) == vector.data
    assert decode_command(frame_of(vector)) == command


@pytest.mark.parametrize(("number", "answer"), ANSWERS.items())
def test_an_answer_is_decoded(number: int, answer: Answer) -> None:
    assert decode_answer(frame_of(VECTORS[number])) == answer


@pytest.mark.parametrize(("number", "told"), TAGS.items())
def test_a_tag_is_read(number: int, told: tuple[str, int, int, float]) -> None:
    faults = list[Fault]()
    (read,) = read_tags(frame_of(VECTORS[number]), faults)
    mhz = (read.frequency_khz or 0) / 1000
    assert (read.epc.hex(), read.antenna_port, read.rssi_dbm, mhz) == told
    assert (read.is_crc_right, faults) == (None, [])


def test_a_tag_with_its_own_crc_is_checked_with_it() -> None:
    faults = list[Fault]()
    (read,) = read_tags(frame_of(VECTORS[WITH_CRC]), faults)
    assert read == SerialRead(
        bytes.fromhex("30396062c3950d400011b897"),
        antenna_port=4,
        rssi_dbm=None,
        rssi_raw=None,
        pc=0x3000,
        is_crc_right=True,
        frequency_khz=866_000,
    )
    assert not faults
