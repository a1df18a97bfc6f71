"""The M100 codec against frames that others have captured or printed."""

import pytest

from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import Direction
from edge.serial.m100.codes import ErrorCode, InfoKind
from edge.serial.m100.commands import (
    Answer,
    Command,
    Done,
    Failed,
    GetInfo,
    GetPower,
    Poll,
    PollMany,
    SetPower,
    StopPolling,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.m100.frames import Frame, FrameDecoder
from edge.serial.m100.protocol import M100
from edge.serial.m100.reads import read_tags
from edge.serial.reads import UNKNOWN_PORT, SerialRead
from tests.support.serial import Vector, all_of, vectors

pytestmark = pytest.mark.shared_data

VECTORS = vectors("bb7e_m100.tsv")
RIGHT = [vector for vector in VECTORS.values() if vector.verdict == "ok"]
BROKEN = {13: FaultCause.BAD_CHECK}

COMMANDS: dict[int, Command] = {
    1: Poll(),
    2: PollMany(rounds=10_000),
    3: StopPolling(),
    4: GetInfo(kind=InfoKind.HARDWARE),
    5: SetPower(power=2000),
    7: GetPower(),
    8: PollMany(rounds=0),
}
ANSWERS: dict[int, Answer] = {
    6: Done(),
    9: Failed(error=ErrorCode.NO_TAG, tag=b""),
}
# EPC, PC and dBm; the tag's own CRC is right in all three.
TAGS = {
    10: ("30751feb705c5904e3d50d70", 0x3400, -55.0),
    11: ("e200001d7315016521408fc6", 0x3000, -60.0),
    12: ("e200471bb0006013044509d0", 0x3400, -53.0),
}


def frame_of(vector: Vector) -> Frame:
    (frame,) = all_of(FrameDecoder(vector.direction), vector.data)
    assert isinstance(frame, Frame)
    return frame


def test_every_row_is_tested() -> None:
    assert {*BROKEN, *COMMANDS, *ANSWERS, *TAGS} == set(VECTORS)


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
    assert encode_command(command) == vector.data
    assert decode_command(frame_of(vector)) == command


@pytest.mark.parametrize(("number", "answer"), ANSWERS.items())
def test_an_answer_is_decoded(number: int, answer: Answer) -> None:
    assert decode_answer(frame_of(VECTORS[number])) == answer


@pytest.mark.parametrize(("number", "told"), TAGS.items())
def test_a_tag_is_read_and_its_own_crc_is_right(number: int, told: tuple[str, int, float]) -> None:
    faults = list[Fault]()
    epc, pc, dbm = told
    (read,) = read_tags(frame_of(VECTORS[number]), faults)
    assert read == SerialRead(
        bytes.fromhex(epc), UNKNOWN_PORT, dbm, int(dbm) + 256, pc=pc, is_crc_right=True
    )
    assert not faults


@pytest.mark.parametrize("number", TAGS)
@pytest.mark.parametrize("at", range(1, 17))
def test_a_tag_with_a_byte_of_another_does_not_pass_its_own_crc(number: int, at: int) -> None:
    """The sum of a frame can be right by chance; then the tag's CRC has to tell."""
    frame = frame_of(VECTORS[number])
    data = bytearray(frame.data)
    data[at] ^= 0x41
    faults = list[Fault]()
    assert not read_tags(Frame(frame.type, frame.command, bytes(data)), faults)
    assert faults


def test_the_example_of_the_manual_names_the_module_once_its_sum_is_right() -> None:
    text = b"\x00M100 26dBm V1.0"
    decoder = M100.decoder(Direction.FROM_READER)
    decoder.feed(Frame(1, 3, text).encode())
    assert M100.identity(decoder.next_frame()) == "M100 module M100 26dBm V1.0"
