"""Tag records of Mercury, field by field; whole published frames are in the conformance tests."""

import pytest

from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault, FaultCause
from edge.serial.mercury.codes import Opcode, Status, status_text
from edge.serial.mercury.frames import Frame
from edge.serial.mercury.reads import count_of, read_tags, streamed_of
from edge.serial.mercury.statistics import read_statistics
from edge.serial.reads import UNKNOWN_DBM, SerialRead

EPC = bytes.fromhex("303425f8c40c5e4000000001")
FIELDS = {  # bit: bytes of a record
    0x0001: "03",
    0x0002: "c4",
    0x0004: "21",
    0x0008: "0e1640",
    0x0010: "00000127",
    0x0020: "005a",
    0x0040: "05",
    0x0080: "0010abcd",
    0x0100: "0f",
    0x0200: "04",
    0x0400: "02",
    0x0800: "01",
    0x1000: "aabb",
    0x2000: "8201",
}
TOLD = {
    0x0001: ("hits", 3),
    0x0002: ("rssi_dbm", -60.0),
    0x0004: ("antenna_port", 2),
    0x0008: ("frequency_khz", 923_200),
    0x0010: ("reader_ms", 295),
    0x0020: ("phase", 90),
}
EVERYTHING = 0x3FFF


def block(epc: bytes = EPC, pc: int = 0x3000, more: bytes = b"") -> bytes:
    """Make length, PC, more (XPC), EPC and the tag's CRC."""
    body = pc.to_bytes(2) + more + epc
    body += crc_gen2(body).to_bytes(2)
    return (8 * len(body)).to_bytes(2) + body


def record(metadata: int, epc_block: bytes) -> bytes:
    fields = "".join(data for bit, data in FIELDS.items() if metadata & bit)
    return bytes.fromhex(fields) + epc_block


def streamed(metadata: int, epc_block: bytes, prefix: bytes = b"") -> Frame:
    head = prefix + b"\x10\x00\x1b" + metadata.to_bytes(2) + b"\x01"
    return Frame(Opcode.READ_MULTIPLE, head + record(metadata, epc_block), 0)


def buffered(metadata: int, count: int, records: bytes) -> Frame:
    data = metadata.to_bytes(2) + b"\x00" + bytes((count,)) + records
    return Frame(Opcode.TAG_BUFFER, data, 0)


def read_of(frame: Frame) -> SerialRead:
    faults = list[Fault]()
    (read,) = read_tags(frame, faults)
    assert not faults
    return read


def fault_of(frame: Frame) -> Fault:
    faults = list[Fault]()
    assert read_tags(frame, faults) == []
    (fault,) = faults
    return fault


@pytest.mark.parametrize("metadata", [0, *FIELDS, 0x0017, 0x01FF, 0x0FFF, EVERYTHING], ids=hex)
def test_an_epc_is_found_behind_whatever_metadata(metadata: int) -> None:
    read = read_of(streamed(metadata, block()))
    assert (read.epc, read.pc, read.is_crc_right) == (EPC, 0x3000, True)


@pytest.mark.parametrize("metadata", [*TOLD, EVERYTHING], ids=hex)
def test_what_the_metadata_has_is_told(metadata: int) -> None:
    read = read_of(streamed(metadata, block()))
    for bit, (name, value) in TOLD.items():
        assert getattr(read, name) == (value if metadata & bit else getattr(_NOTHING, name))


_NOTHING = SerialRead(EPC, 0, None, None)


def test_a_port_of_0_is_the_sixteenth() -> None:
    frame = streamed(0x0004, block())
    data = frame.data.replace(b"\x21", b"\x00", 1)
    assert read_of(Frame(frame.opcode, data, 0)).antenna_port == 16


@pytest.mark.parametrize("prefix", [b"\x88", b"\x84", b"\x81"])
def test_a_prefix_before_the_option_shifts_all_by_one(prefix: bytes) -> None:
    assert read_of(streamed(0x01FF, block(), prefix)).epc == EPC


def test_an_error_of_the_tag_operation_is_stepped_over() -> None:
    frame = streamed(0x0080, block())
    data = frame.data.replace(bytes.fromhex("0010abcd"), bytes.fromhex("80000424"))
    assert read_of(Frame(frame.opcode, data, 0)).epc == EPC


@pytest.mark.parametrize(
    ("pc", "more"),
    [(0x3200, b"\x12\x34"), (0x3200, b"\x92\x34\x56\x78")],
    ids=["one word of XPC", "two words of XPC"],
)
def test_an_extended_pc_is_no_part_of_the_epc(pc: int, more: bytes) -> None:
    assert read_of(streamed(0x01FF, block(pc=pc, more=more))).epc == EPC


@pytest.mark.parametrize("size", [0, 2, 8, 16, 62])
def test_an_epc_of_any_length_is_read(size: int) -> None:
    epc = bytes(range(size))
    assert read_of(streamed(0x0017, block(epc, pc=size << 10))).epc == epc


def test_another_protocols_tag_has_no_pc_to_check() -> None:
    body = bytes.fromhex("e004010012345678ffff")
    data = b"\x10\x00\x1b\x00\x40\x01\x03" + (8 * len(body)).to_bytes(2) + body
    read = read_of(Frame(Opcode.READ_MULTIPLE, data, 0))
    assert (read.epc, read.pc, read.is_crc_right) == (body[:-2], None, None)


def test_a_tag_whose_own_crc_is_wrong_is_no_read() -> None:
    good = streamed(0x0017, block())
    data = bytearray(good.data)
    data[-4] ^= 1
    fault = fault_of(Frame(good.opcode, bytes(data), 0))
    assert fault.cause is FaultCause.BAD_TAG_CRC
    assert fault.detail == "EPC 303425f8c40c5e4000000101"


GOOD = streamed(0x01FF, block()).data
# A streamed tag's data with something wrong in it.
BROKEN = {
    "unknown metadata": GOOD[:3] + b"\x41\xff" + GOOD[5:],
    "cut in the metadata": GOOD[:12],
    "cut in the EPC": GOOD[:-3],
    "something behind the tag": GOOD + b"\x00",
    "no room for PC and CRC": b"\x10\x00\x1b\x00\x00\x01\x00\x18\x30\x00\x00",
    "XPC said, and no room for it": b"\x10\x00\x1b\x00\x00\x01\x00\x20\x02\x18\x17\xab",
    "XPC_W2 said, and no room for it": b"\x10\x00\x1b\x00\x00\x01\x00\x30\x02\x18\x80\x00\x17\xab",
    "more bits than there are": b"\x10\x00\x1b\x00\x00\x01\xff\xff\x30\x00",
    "a tag type without end": b"\x10\x00\x1b\x20\x00\x01\xff\xff\xff",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_record_that_does_not_fit_is_a_fault(data: bytes) -> None:
    fault = fault_of(Frame(Opcode.READ_MULTIPLE, data, 0))
    assert (fault.cause, fault.data) == (FaultCause.BAD_RECORD, data)


# Answers that have no tag, and are no fault either.
SILENT = {
    "no tags": Frame(Opcode.READ_MULTIPLE, b"", Status.NO_TAGS),
    "an error with data": Frame(Opcode.READ_MULTIPLE, GOOD, Status.OVER_TEMPERATURE),
    "a count of a search": Frame(Opcode.READ_MULTIPLE, b"\x00\x00\x13\x05", 0),
    "the end of a stream": Frame(Opcode.READ_MULTIPLE, b"\x10\x00\x1b\x00\x17\x00", 0),
    "a status": Frame(Opcode.READ_MULTIPLE, b"\x10\x00\x3b\x00\x17\x02\x00\x04\x1e", 0),
    "indexes of the buffer": Frame(Opcode.TAG_BUFFER, b"\x00\x01\x00\x04", 0),
    "nothing at all": Frame(Opcode.READ_MULTIPLE, b"", 0),
    "an option and no metadata": Frame(Opcode.READ_MULTIPLE, b"\x10\x00\x1b\x00", 0),
    "another answer": Frame(Opcode.VERSION, GOOD, 0),
}


@pytest.mark.parametrize("frame", SILENT.values(), ids=SILENT)
def test_what_has_no_tag_gives_none_and_no_fault(frame: Frame) -> None:
    faults = list[Fault]()
    assert (read_tags(frame, faults), faults) == ([], [])


# What a search answers, and the number of tags in it.
COUNTS = {
    "one byte": ("00001305", 5),
    "one byte behind a prefix": ("8800001305", 5),
    "four bytes": ("00001300000102", 258),
    "of a stream that ends after so many": ("00005b00000007", 7),
}


@pytest.mark.parametrize(("data", "count"), COUNTS.values(), ids=COUNTS)
def test_a_search_tells_how_many_it_found(data: str, count: int) -> None:
    frame = Frame(Opcode.READ_MULTIPLE, bytes.fromhex(data), 0)
    assert (count_of(frame), streamed_of(frame)) == (count, None)


def test_all_tags_of_a_buffer_are_read() -> None:
    epcs = [EPC, b"\x11" * 8, b"\x22" * 12]
    records = b"".join(record(0x0FFF, block(epc, pc=len(epc) << 10)) for epc in epcs)
    faults = list[Fault]()
    reads = read_tags(buffered(0x0FFF, 3, records), faults)
    assert ([read.epc for read in reads], faults) == (epcs, [])


def test_a_count_of_tags_is_compared_and_not_believed() -> None:
    faults = list[Fault]()
    reads = read_tags(buffered(0x0017, 9, record(0x0017, block())), faults)
    assert len(reads) == 1
    assert [fault.cause for fault in faults] == [FaultCause.BAD_COUNT]


def test_a_broken_tag_in_a_buffer_leaves_those_before_it() -> None:
    records = record(0x0017, block()) + record(0x0017, block())[:-5]
    faults = list[Fault]()
    reads = read_tags(buffered(0x0017, 2, records), faults)
    assert len(reads) == 1
    assert [fault.cause for fault in faults] == [FaultCause.BAD_RECORD]


def test_a_tag_of_a_buffer_with_a_wrong_crc_leaves_the_others() -> None:
    bad = bytearray(record(0x0017, block()))
    bad[-3] ^= 1
    records = record(0x0017, block()) + bytes(bad) + record(0x0017, block())
    faults = list[Fault]()
    assert len(read_tags(buffered(0x0017, 3, records), faults)) == 2
    assert [fault.cause for fault in faults] == [FaultCause.BAD_TAG_CRC]


def test_a_read_without_rssi_has_the_mark_for_it() -> None:
    read = read_of(streamed(0, block())).tag_read(at_us=7)
    assert (read.rssi_dbm, read.antenna_port, read.hits, read.at_us) == (UNKNOWN_DBM, 0, 1, 7)


# Statistics from the flags on, and what they tell.
STATISTICS = {
    "temperature": ("82008200011c", {"temperature_c": 28}),
    "below zero": ("8200820001ec", {"temperature_c": -20}),
    "frequency and antenna": (
        "85008100030e16408400020101",
        {"frequency_khz": 923_200, "antenna": b"\x01\x01"},
    ),
    "an unknown one": ("a000a00001ff", {"flag_1000": b"\xff"}),
    "cut": ("82008200041c", {"rest": bytes.fromhex("8200041c")}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("data", "told"), STATISTICS.values(), ids=STATISTICS)
def test_statistics_are_told_by_name(data: str, told: dict[str, int | bytes]) -> None:
    assert read_statistics(bytes.fromhex(data), 0) == told


def test_every_status_has_words_and_the_makers_number() -> None:
    for status in Status:
        assert status_text(status).endswith(f"({status:04X})")
    assert status_text(0x1234) == "unknown status (1234)"
