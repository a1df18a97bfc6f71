"""M100 frames and tags, field by field; whole published frames are in the conformance tests."""

import pytest

from edge.serial.decode import decode
from edge.serial.faults import Fault, FaultCause
from edge.serial.m100.codes import CommandCode, ErrorCode, FrameType, error_text
from edge.serial.m100.commands import (
    Command,
    GetChannel,
    GetQuery,
    GetRegion,
    SetChannel,
    SetHopping,
    SetQuery,
    SetRegion,
    Sleep,
    decode_command,
    encode_command,
    query_with,
)
from edge.serial.m100.frames import LONGEST_DATA, Frame, FrameDecoder
from edge.serial.m100.protocol import M100
from edge.serial.m100.reads import read_tags
from tests.support.serial import all_of
from tests.support.serial_m100 import NO_TAG, tag_frame

EPC = bytes.fromhex("303425f8c40c5e4000000001")

# As the manual of the M100 prints them.
PRINTED: dict[str, Command] = {
    "bb000700010109 7e": SetRegion(region=1),
    "bb00080000087e": GetRegion(),
    "bb000d00000d7e": GetQuery(),
    "bb000e00021020407e": SetQuery(query=0x1020),
    "bb00ad0001ffad7e": SetHopping(mode=0xFF),
    "bb00ab000101ad7e": SetChannel(channel=1),
    "bb00aa0000aa7e": GetChannel(),
    "bb00170000177e": Sleep(),
}


@pytest.mark.parametrize(("printed", "command"), PRINTED.items())
def test_a_command_is_as_the_manual_prints_it(printed: str, command: Command) -> None:
    assert encode_command(command) == bytes.fromhex(printed)
    (frame,) = all_of(FrameDecoder(), bytes.fromhex(printed))
    assert isinstance(frame, Frame)
    assert decode_command(frame) == command


# A notice's command is 22 in captures, and in the manual 27 as well while many rounds are asked.
@pytest.mark.parametrize("command", [CommandCode.POLL, CommandCode.POLL_MANY])
@pytest.mark.parametrize("size", [0, 2, 8, 12, 16, 62])
def test_a_tag_of_any_length_is_read(command: int, size: int) -> None:
    faults = list[Fault]()
    (read,) = read_tags(tag_frame(bytes(range(size)), command=command), faults)
    assert (read.epc, read.is_crc_right, faults) == (bytes(range(size)), True, [])


@pytest.mark.parametrize(("rssi", "dbm"), [(0xC9, -55.0), (0x80, -128.0), (0x00, 0.0), (0x7F, 127)])
def test_rssi_is_a_signed_byte_in_dbm(rssi: int, dbm: float) -> None:
    (read,) = read_tags(tag_frame(EPC, rssi), [])
    assert (read.rssi_dbm, read.rssi_raw) == (dbm, rssi)


TAG = tag_frame(EPC).data
BROKEN = {
    "EPC shorter than its PC says": TAG[:1] + b"\x38\x00" + TAG[3:],
    "EPC longer than its PC says": TAG[:1] + b"\x28\x00" + TAG[3:],
    "one byte too many": TAG + b"\x00",
    "half a head": TAG[:2],
    "nothing": b"",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_tag_that_does_not_fit_its_pc_is_a_fault(data: bytes) -> None:
    faults = list[Fault]()
    assert read_tags(Frame(FrameType.NOTICE, CommandCode.POLL, data), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_RECORD]


@pytest.mark.parametrize("at", range(1, len(TAG)))
def test_a_tag_whose_own_crc_is_wrong_is_no_read(at: int) -> None:
    data = bytearray(TAG)
    data[at] ^= 1
    faults = list[Fault]()
    assert read_tags(Frame(FrameType.NOTICE, CommandCode.POLL, bytes(data)), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_TAG_CRC]


# The manual's example: two words of the user bank.
ACCESSED = bytes.fromhex("bb013900130e340030751feb705c5904e3d50d7012345678b07e")


def test_a_tag_whose_words_were_read_is_a_read_without_rssi() -> None:
    (frame,) = all_of(FrameDecoder(), ACCESSED)
    assert isinstance(frame, Frame)
    (read,) = read_tags(frame, [])
    assert (read.epc.hex(), read.pc, read.rssi_dbm) == ("30751feb705c5904e3d50d70", 0x3400, None)


@pytest.mark.parametrize("said", [0x0C, 0x10, 0xFF])
def test_a_length_in_an_answer_is_compared_and_not_believed(said: int) -> None:
    data = bytes((said,)) + ACCESSED[6:-2]
    faults = list[Fault]()
    assert read_tags(Frame(FrameType.ANSWER, CommandCode.READ, data), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_RECORD]


def test_a_frame_that_has_no_tag_gives_none_and_no_fault() -> None:
    (frame,) = all_of(FrameDecoder(), NO_TAG)
    assert isinstance(frame, Frame)
    faults = list[Fault]()
    assert (read_tags(frame, faults), faults) == ([], [])


# Bytes before a frame that is right, and what they are told to be.
DAMAGE = {
    "noise": (b"\x00\x7e", FaultCause.GARBAGE),
    "a wrong sum": (NO_TAG[:-2] + b"\x17\x7e", FaultCause.BAD_CHECK),
    "no end": (NO_TAG[:-1] + b"\x7f", FaultCause.BAD_END),
    "a length beyond all reason": (b"\xbb\x02\x22\xff\xff", FaultCause.BAD_LENGTH),
    "a frame cut off": (NO_TAG[:5], FaultCause.BAD_END),
}


@pytest.mark.parametrize(("damage", "cause"), DAMAGE.values(), ids=DAMAGE)
def test_a_frame_is_found_behind_damage(damage: bytes, cause: FaultCause) -> None:
    fault, *_, frame = all_of(FrameDecoder(), damage + NO_TAG)
    assert isinstance(fault, Fault)
    assert fault.cause is cause
    assert isinstance(frame, Frame)
    assert frame.encode() == NO_TAG


@pytest.mark.parametrize("size", [0, 1, 255, 256, LONGEST_DATA])
def test_a_frame_full_of_marks_is_one_frame(size: int) -> None:
    for mark in (b"\xbb", b"\x7e"):
        frame = Frame(FrameType.ANSWER, CommandCode.READ, mark * size)
        assert all_of(FrameDecoder(), frame.encode()) == [frame]


def test_a_frame_with_more_data_than_it_can_have_is_not_made() -> None:
    with pytest.raises(ValueError, match="allowed are 512"):
        Frame(FrameType.ANSWER, CommandCode.READ, bytes(LONGEST_DATA + 1)).encode()


def test_a_session_and_a_q_have_their_bits_and_the_others_stay() -> None:
    assert query_with(0x1020, 0, 4) == 0x1020
    assert query_with(0x1020, 1, None) == 0x1120
    assert query_with(0x13A0, 1, 15) == 0x1178  # target B becomes A


def test_every_error_has_words_and_the_makers_number() -> None:
    for error in ErrorCode:
        assert error_text(error).endswith(f"({error:02X})")
    assert error_text(0xA3) == "the tag refuses to read, code 3 (A3)"
    assert error_text(0x77) == "unknown error (77)"


# Bytes, and the line that is shown of them.
TEXTS = {
    "bb0103000b004d3130302056312e3030227e": "Info  kind=hardware text=M100 V1.00",
    "bb01ff000115167e": "Failed  error=no tag answers (15) tag=",
    "bb01b6000100b87e": "Done  command=set_power",
    "bb00b6000207d08f7e": "SetPower  power=2000",
    "bb02990001aa467e": "Unknown  command=153 type=notice data=aa",
}


@pytest.mark.parametrize(("data", "shown"), TEXTS.items())
def test_a_frame_is_shown_as_a_line(data: str, shown: str) -> None:
    (decoded,) = decode(M100, bytes.fromhex(data))
    assert decoded.as_text() == f"00000000  {shown}"


def test_a_command_names_no_module() -> None:
    assert M100.identity(Frame(FrameType.COMMAND, CommandCode.INFO, b"\x00")) is None
