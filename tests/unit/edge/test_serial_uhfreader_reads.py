"""UHFReader frames and tags, field by field; published frames are in the conformance tests."""

import pytest

from edge.serial.decode import decode
from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import Direction
from edge.serial.reads import UNKNOWN_DBM, UNKNOWN_PORT
from edge.serial.uhfreader.codes import BANDS, Channels, Dialect, Status, status_text
from edge.serial.uhfreader.codes import CommandCode as C
from edge.serial.uhfreader.commands import (
    Answer,
    Heartbeat,
    InventoryMasked,
    InventoryTid,
    Statistics,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.uhfreader.frames import LONGEST_DATA, Frame, FrameDecoder, Keepalive
from edge.serial.uhfreader.protocol import UHFREADER
from edge.serial.uhfreader.reads import read_tags
from tests.support.serial import all_of
from tests.support.serial_uhfreader import tag_18, tag_288

EPC = bytes.fromhex("303425f8c40c5e4000000001")
NO_TAG = bytes.fromhex("050001fbf23d")  # as captured
KEEPALIVE = bytes.fromhex("560000000000")
R18, R288 = Dialect.READER18, Dialect.READER288


def inventory(data: bytes, status: int = Status.MORE, command: int = C.INVENTORY) -> Frame:
    return Frame(0, command, bytes((status,)) + data)


def causes(faults: list[Fault]) -> list[FaultCause]:
    return [fault.cause for fault in faults]


@pytest.mark.parametrize("status", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [0, 2, 8, 12, 16, 62])
@pytest.mark.parametrize("command", [C.INVENTORY, C.SINGLE_INVENTORY])
def test_a_tag_of_any_length_is_read_in_both_dialects(command: int, size: int, status: int) -> None:
    epc, faults = bytes(range(size)), list[Fault]()
    (old,) = read_tags(inventory(tag_18(epc), status, command), faults, R18)
    (new,) = read_tags(inventory(tag_288(epc), status, command), faults, R288)
    assert (old.epc, new.epc, faults) == (epc, epc, [])


def test_rssi_is_kept_as_it_came_since_no_document_gives_its_unit() -> None:
    (read,) = read_tags(inventory(tag_288(EPC, rssi=0x6B)), [], R288)
    assert (read.rssi_raw, read.rssi_dbm, read.tag_read(1).rssi_dbm) == (0x6B, None, UNKNOWN_DBM)


# The antenna's byte, the port asked for, and the port that it means.
PORTS = {
    "a bit, the first": (0x01, None, 1),
    "a bit, the third": (0x04, None, 3),
    "a bit, the eighth": (0x80, None, 8),
    "no bit at all is the first number": (0x00, None, 1),
    "two bits are a number": (0x0A, None, 11),
    "the number 2 of a reader with sixteen, asked for port 3": (0x02, 3, 3),
    "the bit of port 3, asked for port 3": (0x04, 3, 3),
    "the number 15, asked for port 16": (0x0F, 16, 16),
    "another antenna than asked for": (0x08, 1, 4),
}


@pytest.mark.parametrize(("antenna", "asked", "port"), PORTS.values(), ids=PORTS)
def test_an_antenna_is_a_bit_or_a_number(antenna: int, asked: int | None, port: int) -> None:
    (read,) = read_tags(inventory(tag_288(EPC, antenna)), [], R288, asked)
    assert read.antenna_port == port


def test_a_reader_without_antennas_in_its_answers_reads_at_the_port_asked_for() -> None:
    (asked,) = read_tags(inventory(tag_18(EPC)), [], R18, 2)
    (unasked,) = read_tags(inventory(tag_18(EPC)), [], R18)
    assert (asked.antenna_port, unasked.antenna_port) == (2, UNKNOWN_PORT)


def test_a_fast_tid_stands_behind_the_epc_and_is_not_a_part_of_it() -> None:
    tid = bytes.fromhex("e2801160200000000000abcd")
    data = b"\x01\x01" + bytes((0x80 | 24,)) + EPC + tid + b"\x50"
    (read,) = read_tags(inventory(data), [], R288)
    assert (read.epc, read.rssi_raw) == (EPC, 0x50)


def test_phase_and_frequency_stand_behind_the_rssi() -> None:
    data = b"\x01\x01" + bytes((0x40 | 12,)) + EPC + b"\x50" + b"\x01\x02\x03\x04\x0d\x34\xa4"
    (read,) = read_tags(inventory(data), [], R288)
    assert (read.epc, read.rssi_raw, read.phase, read.frequency_khz) == (EPC, 0x50, 0x0102, 865_444)


NO_RECORDS = {
    "an EPC longer than its frame": tag_288(EPC)[:-4],
    "one byte too many": tag_288(EPC) + b"\x00",
    "half a word": b"\x01\x01\x03\x01\x02\x03\x50",
    "a TID without place": b"\x01\x01\x84\x01\x02\x03\x04\x50",
    "a phase without place": b"\x01\x01\x44\x01\x02\x03\x04\x50",
    "nothing but an antenna": b"\x01",
}


@pytest.mark.parametrize("data", NO_RECORDS.values(), ids=NO_RECORDS)
def test_records_that_do_not_end_with_their_frame_are_a_fault(data: bytes) -> None:
    faults = list[Fault]()
    assert read_tags(inventory(data), faults, R288) == []
    assert causes(faults) == [FaultCause.BAD_RECORD]


@pytest.mark.parametrize("dialect", [R18, R288])
def test_the_other_dialects_layout_gives_a_fault_and_no_ghost(dialect: Dialect) -> None:
    other = {R18: tag_288(EPC), R288: tag_18(EPC)}[dialect]
    faults = list[Fault]()
    assert read_tags(inventory(other), faults, dialect) == []
    assert causes(faults) == [FaultCause.BAD_RECORD]


@pytest.mark.parametrize("said", [0, 2, 255])
def test_a_count_is_compared_and_not_believed(said: int) -> None:
    faults = list[Fault]()
    data = tag_288(EPC)[:1] + bytes((said,)) + tag_288(EPC)[2:]
    (read,) = read_tags(inventory(data), faults, R288)
    assert (read.epc, causes(faults)) == (EPC, [FaultCause.BAD_COUNT])


@pytest.mark.parametrize("status", [0x00, 0x26, 0xF8, 0xFB, 0xFD])
def test_answers_with_another_status_have_no_tags_and_no_fault(status: int) -> None:
    faults = list[Fault]()
    assert (read_tags(inventory(tag_288(EPC), status), faults), faults) == ([], [])


def test_an_answer_without_any_data_gives_no_error() -> None:
    faults = list[Fault]()
    assert (read_tags(Frame(0, C.INVENTORY), faults), faults) == ([], [])


# What is pushed, behind the status, and whether it is known to come from a 288.
RECORD = b"\x04\x0c" + EPC + b"\x55"
PUSHED = {
    "an EPC of a UHFReader18": (EPC, R18, (EPC, UNKNOWN_PORT, None)),
    "a record of a 288": (RECORD, R288, (EPC, 3, 0x55)),
    "an EPC of nobody knows whom": (EPC, None, (EPC, UNKNOWN_PORT, None)),
    "a record of nobody knows whom": (RECORD, None, (EPC, 3, 0x55)),
    "an EPC that begins like a record": (b"\x01\x09" + EPC[2:], None, None),
}


@pytest.mark.parametrize(("data", "dialect", "told"), PUSHED.values(), ids=PUSHED)
def test_a_pushed_tag_is_told_by_its_length(
    data: bytes, dialect: Dialect | None, told: tuple[bytes, int, int | None] | None
) -> None:
    (read,) = read_tags(inventory(data, 0, C.PUSHED), [], dialect)
    expected = told or (data, UNKNOWN_PORT, None)
    assert (read.epc, read.antenna_port, read.rssi_raw) == expected


@pytest.mark.parametrize("data", [b"", EPC + b"\x00", b"\x01\x0d" + EPC + b"\x55"])
@pytest.mark.parametrize("dialect", [R18, R288])
def test_what_is_no_pushed_tag_is_a_fault(data: bytes, dialect: Dialect) -> None:
    faults = list[Fault]()
    assert read_tags(inventory(data, 0, C.PUSHED), faults, dialect) == []
    assert causes(faults) == [FaultCause.BAD_RECORD]


def test_a_buffer_has_hits_and_antennas() -> None:
    data = b"\x02" + b"\x01\x0c" + EPC + b"\x50\x07" + b"\x02\x04\x01\x02\x03\x04\x51\x00"
    first, second = read_tags(inventory(data, 1, C.GET_BUFFER), [])
    assert (first.epc, first.antenna_port, first.hits) == (EPC, 1, 7)
    assert (second.epc.hex(), second.antenna_port, second.hits) == ("01020304", 2, 1)


@pytest.mark.parametrize("data", [b"\x01\x01", b"\x01\x01\x0c" + EPC, b"\x01\x01\x01\x01\x50\x01"])
def test_a_buffer_that_does_not_end_with_its_frame_is_a_fault(data: bytes) -> None:
    faults = list[Fault]()
    assert read_tags(inventory(data, 1, C.GET_BUFFER), faults) == []
    assert causes(faults) == [FaultCause.BAD_RECORD]


def test_an_hw_vx_bridges_keepalive_is_no_frame_and_no_fault() -> None:
    found = all_of(FrameDecoder(), KEEPALIVE + NO_TAG + KEEPALIVE * 2)
    assert found == [Keepalive(), Frame(0, 1, b"\xfb"), Keepalive(), Keepalive()]


@pytest.mark.parametrize("piece", range(1, 7))
def test_a_keepalive_in_pieces_is_one(piece: int) -> None:
    found = all_of(FrameDecoder(), KEEPALIVE + NO_TAG, piece)
    assert found == [Keepalive(), Frame(0, 1, b"\xfb")]


def test_a_frame_as_long_as_a_keepalive_says_is_read() -> None:
    frame = Frame(0, C.READ, bytes(0x56 - 4))
    assert all_of(FrameDecoder(), frame.encode()) == [frame]


# Bytes before a frame that is right, and what they are told to be.
DAMAGE = {
    "bytes too small for a length": (b"\x00\x03\x01", FaultCause.GARBAGE),
    "a wrong CRC": (NO_TAG[:-1] + b"\x3e", FaultCause.BAD_CHECK),
    "a CRC with its high byte first": (NO_TAG[:-2] + b"\x3d\xf2", FaultCause.BAD_CHECK),
    "a frame cut off": (NO_TAG[:3], FaultCause.BAD_CHECK),
    "a length that claims too much": (b"\xff", FaultCause.TRUNCATED),
}


@pytest.mark.parametrize(("damage", "cause"), DAMAGE.values(), ids=DAMAGE)
def test_a_frame_is_found_behind_damage(damage: bytes, cause: FaultCause) -> None:
    fault, *_, frame = all_of(FrameDecoder(), damage + NO_TAG)
    assert isinstance(fault, Fault)
    assert (fault.cause, frame) == (cause, Frame(0, 1, b"\xfb"))


@pytest.mark.parametrize("size", [0, 1, LONGEST_DATA - 1, LONGEST_DATA])
def test_the_longest_frame_is_read(size: int) -> None:
    frame = Frame(0xFF, C.READ, b"\x04" * size)
    assert all_of(FrameDecoder(), frame.encode()) == [frame]


def test_a_frame_with_more_data_than_it_can_have_is_not_made() -> None:
    with pytest.raises(ValueError, match="allowed are 251"):
        Frame(0, C.READ, bytes(LONGEST_DATA + 1)).encode()


# The two bytes of a reader's information, and the channels of the manual's table.
CHANNELS = {
    "3180": "US, 902.75 to 927.25 MHz",
    "4e00": "EU, 865.1 to 867.9 MHz",
    "1340": "China 2, 920.125 to 924.875 MHz",
    "8340": "EU3, 865.7 to 867.5 MHz",
    "c0ff": "band 15, channels 63 to 0",
}


@pytest.mark.parametrize(("told", "shown"), CHANNELS.items())
def test_two_bytes_are_a_band_and_its_channels(told: str, shown: str) -> None:
    channels = Channels.of_bytes(*bytes.fromhex(told))
    assert (str(channels), bytes(channels.as_bytes()).hex()) == (shown, told)


@pytest.mark.parametrize("band", BANDS)
def test_each_band_ends_at_the_channel_that_its_table_says(band: int) -> None:
    whole = Channels(band, BANDS[band].last)
    assert Channels(band, BANDS[band].last // 2).are_within(whole)
    assert not Channels(band, BANDS[band].last + 1).are_within(whole)


def test_a_masked_inventory_as_a_program_sends_it() -> None:
    data = bytes.fromhex("0dff01040001000000008014")
    command = InventoryMasked(
        q=4, session=0, mask_bank=1, mask_bit=0, mask_bits=0, more=b"\x00\x80\x14"
    )
    assert encode_command(command)[:-2] == data
    (frame,) = all_of(FrameDecoder(), encode_command(command))
    assert isinstance(frame, Frame)
    assert decode_command(frame) == command


def test_inventories_are_told_apart_by_their_length() -> None:
    command = InventoryTid(q=4, session=1, first_word=0, words=6)
    (frame,) = all_of(FrameDecoder(), encode_command(command))
    assert isinstance(frame, Frame)
    assert decode_command(frame) == command


ANSWERS: dict[str, tuple[int, str, Answer]] = {
    "statistics": (
        C.INVENTORY,
        "260100aa00000bb8",
        Statistics(antenna=1, reads_per_s=170, reads=3000),
    ),
    "a heartbeat": (
        C.PUSHED,
        "28000000070102000000aa",
        Heartbeat(packet=7, more=bytes.fromhex("0102000000aa")),
    ),
}


@pytest.mark.parametrize(("command", "data", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_with_a_status_of_its_own_is_decoded(
    command: int, data: str, answer: Answer
) -> None:
    assert decode_answer(Frame(0, command, bytes.fromhex(data))) == answer


def test_every_status_has_words_and_the_makers_number() -> None:
    for status in Status:
        assert status_text(status).endswith(f"({status:02X})")
    assert status_text(0x77) == "unknown status (77)"


# Frames as captured, and the line that is shown of them.
TEXTS = {
    "050001fbf23d": "Result  address=0 command=inventory status=no tag answers (FB)",
    "0700010101001e4b": "Tags  address=0 status=finished",
    "04ff211995": "GetInfo  address=255",
    "0900010100008 00a76fc".replace(" ", ""): (
        "InventoryAt  address=0 q=1 session=0 target=0 antenna=128 scan_time=10"
    ),
    "0d0021000502860231801a14975c": (
        "Info  address=0 major=5 minor=2 type=134 protocols=2 highest=49 lowest=128 power=26"
        " scan_time=20 channels=US, 902.75 to 927.25 MHz"
    ),
    "560000000000": "BridgeKeepalive",
}


@pytest.mark.parametrize(("data", "shown"), TEXTS.items())
def test_a_frame_is_shown_as_a_line(data: str, shown: str) -> None:
    (decoded,) = decode(UHFREADER, bytes.fromhex(data))
    assert decoded.as_text() == f"00000000  {shown}"


def test_the_direction_decides_where_frames_do_not_tell() -> None:
    data = bytes.fromhex("06000102007c62")  # an inventory, as captured
    told = {way: next(decode(UHFREADER, data, way)).name for way in Direction}
    assert told == {
        Direction.TO_READER: "Inventory",
        Direction.FROM_READER: "Tags",
        Direction.EITHER: "Tags",
    }


def test_a_reader_is_named_by_its_information() -> None:
    (frame,) = all_of(FrameDecoder(), bytes.fromhex("11002100030d260331801e0001000001719a"))
    assert UHFREADER.identity(frame) == (
        "UHFReader (type 26), address 0, firmware 3.13, US, 902.75 to 927.25 MHz"
    )
    assert UHFREADER.identity(Keepalive()) is None
    assert UHFREADER.identity(Frame(0, C.INVENTORY, b"\xfb")) is None
