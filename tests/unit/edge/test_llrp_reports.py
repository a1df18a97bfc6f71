"""Reports to reads: where each field is from, and what becomes of gaps and damage."""

import pytest

from edge.llrp import Fault, FaultCause
from edge.llrp.reports import UNKNOWN_DBM, UNKNOWN_PORT, ReportDecoder
from edge.model import TagRead

NOW_US = 1_800_000_000_000_000
EPC = "3034257bf7194e4000001a85"
AT = "000508f1a3b1c2d3"
AT_US = 0x000508F1A3B1C2D3


def record(*parameters: str) -> bytes:
    """Put parameters, in hex, behind the header of a TagReportData."""
    fields = bytes.fromhex("".join(parameters))
    return b"\x00\xf0" + (len(fields) + 4).to_bytes(2) + fields


def decoded(*bodies: bytes, uptime_offset_us: int = 0) -> tuple[list[TagRead], list[Fault]]:
    decoder, faults = ReportDecoder(), list[Fault]()
    decoder.correct(utc_us=0, uptime_us=uptime_offset_us)
    return [read for body in bodies for read in decoder.decode(body, NOW_US, faults)], faults


PLAIN = record("8d" + EPC, "810002", "86d0", "84" + AT, "880003")
READ = TagRead(bytes.fromhex(EPC), 2, -48.0, AT_US, 3)

RECORDS = {
    "the whole": (PLAIN, READ),
    "EPCData instead of EPC-96": (
        record("00f10012" + "0060" + EPC, "810002", "86d0", "84" + AT, "880003"),
        READ,
    ),
    "in another order": (record("880003", "84" + AT, "8d" + EPC, "86d0", "810002"), READ),
    "first seen, where last seen is not told": (
        record("8d" + EPC, "810002", "86d0", "82" + AT, "880003"),
        READ,
    ),
    "last seen, where both are told": (
        record("8d" + EPC, "810002", "86d0", "820000000000000001", "84" + AT, "880003"),
        READ,
    ),
    "the tag's protocol control word, which is not the next one's": (
        record("8d" + EPC, "810002", "86d0", "84" + AT, "880003", "8c3000"),
        TagRead(bytes.fromhex(EPC), 2, -48.0, AT_US, 3, pc=0x3000),
    ),
    "Impinj's finer signal strength": (
        record("8d" + EPC, "810002", "86d0", "84" + AT, "880003", "03ff000e0000651a00000039ee66"),
        TagRead(bytes.fromhex(EPC), 2, -45.06, AT_US, 3),
    ),
    "customs of nobody we know, results of access, numbers of specs": (
        record(
            "8d" + EPC, "8900000007", "8e0001", "8a0001", "810002", "86d0", "870005", "84" + AT,
            "880003", "9000000000", "015d000b0000010002abcd"[:22], "03ff000c0000ffff00000001",
        ),
        READ,
    ),
    "an EPC of four bits beyond a byte": (
        record("00f10008000c" + "abcf", "810002", "86d0", "84" + AT, "880003"),
        TagRead(b"\xab\xc0", 2, -48.0, AT_US, 3),
    ),
    "an EPC of no bits": (
        record("00f100060000", "810002", "86d0", "84" + AT, "880003"),
        TagRead(b"", 2, -48.0, AT_US, 3),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "read"), RECORDS.values(), ids=RECORDS)
def test_a_record_becomes_a_read(body: bytes, read: TagRead) -> None:
    assert decoded(body, body, body + body) == ([read] * 4, [])


def test_signal_strength_is_a_float_on_every_way() -> None:
    reads, _ = decoded(PLAIN, PLAIN, PLAIN + record("8d" + EPC, "86d0") + PLAIN)
    assert {type(read.rssi_dbm) for read in reads} == {float}


def test_uptime_is_counted_from_the_offset() -> None:
    body = record("8d" + EPC, "810002", "86d0", "85" + "00000000000003e8", "880003")
    reads, _ = decoded(body, body, uptime_offset_us=5_000_000)
    assert [read.at_us for read in reads] == [5_001_000, 5_001_000]


def test_what_is_left_out_is_as_it_was_last() -> None:
    bare = record("8d" + EPC)
    other = record("8d" + EPC, "810004", "86c0")
    reads, _ = decoded(PLAIN, bare, other + bare, bare * 3)
    last = TagRead(bytes.fromhex(EPC), 4, -64.0, AT_US, 3)
    assert reads == [READ, READ, last, last, last, last, last]


def test_what_was_left_out_in_another_connection_is_unknown() -> None:
    decoder, faults = ReportDecoder(), list[Fault]()
    decoder.decode(PLAIN, NOW_US, faults)
    decoder.reset()
    (read,) = decoder.decode(record("8d" + EPC), NOW_US, faults)
    assert read == TagRead(bytes.fromhex(EPC), UNKNOWN_PORT, UNKNOWN_DBM, NOW_US, 1)


def test_a_reader_that_tells_no_time_is_read_now() -> None:
    decoder, faults = ReportDecoder(), list[Fault]()
    body = record("8d" + EPC, "810001", "86d0")
    times = [decoder.decode(body, now_us, faults)[0].at_us for now_us in (10, 20, 30)]
    assert times == [10, 20, 30]


def test_records_of_equal_length_are_told_apart() -> None:
    with_port = record("8d" + EPC, "810004")
    with_hits = record("8d" + EPC, "880009")
    assert len(with_port) == len(with_hits)
    reads, _ = decoded(with_port * 3, with_hits * 3, with_port + with_hits)
    assert [(read.antenna_port, read.hits) for read in reads] == [
        *[(4, 1)] * 3, *[(4, 9)] * 3, (4, 9), (4, 9),
    ]  # fmt: skip


def test_a_long_message_is_read_in_full() -> None:
    reads, faults = decoded(PLAIN, PLAIN * 3000)
    assert (len(reads), faults) == (3001, [])


def test_surveys_and_vendors_parameters_between_records_are_stepped_over() -> None:
    survey, custom = bytes.fromhex("00f20004"), bytes.fromhex("03ff000c0000ffff00000001")
    assert decoded(custom + PLAIN + survey + PLAIN + custom) == ([READ, READ], [])


def test_more_shapes_than_are_kept_are_still_read() -> None:
    shapes = [
        record("8d" + EPC, "810002", "86d0", "84" + AT, "880003", "9000000000" * n)
        for n in range(300)
    ]
    reads, faults = decoded(*shapes, *shapes)
    assert (reads, faults) == ([READ] * 600, [])


BROKEN = {
    "no EPC": (record("810002", "86d0"), FaultCause.MISSING_PARAMETER),
    "an EPC cut off": (record("8d3034"), FaultCause.TRUNCATED),
    "more bits than bytes": (record("00f10008" + "0060" + "abcd"), FaultCause.TRUNCATED),
    "more bits than the parameter has": (
        record("00f10008" + "0060" + "abcd", "84" + AT, "84" + AT),
        FaultCause.TRUNCATED,
    ),
    "EPCData without a count": (record("00f10004", "810002"), FaultCause.BAD_LENGTH),
    "a parameter longer than the record": (record("8d" + EPC, "03ff0100"), FaultCause.BAD_LENGTH),
    "a TV parameter that nobody knows": (record("8d" + EPC, "bf01"), FaultCause.UNKNOWN_PARAMETER),
}


@pytest.mark.parametrize(("body", "cause"), BROKEN.values(), ids=BROKEN)
def test_a_broken_record_is_a_fault_and_the_others_are_read(body: bytes, cause: FaultCause) -> None:
    reads, faults = decoded(PLAIN + body + PLAIN)
    assert reads == [READ, READ]
    assert [fault.cause for fault in faults] == [cause]


CUT = "ff0102"  # a TV parameter that nobody knows
KNOWN = TagRead(bytes.fromhex(EPC), 2, UNKNOWN_DBM, NOW_US)
READ_IN_PART = {
    "up to its end": (record("8d" + EPC, "810002", "86d0", "84" + AT, "880003", CUT), READ),
    "what stands behind is not as it was": (record("8d" + EPC, "810002", CUT, "86d0"), KNOWN),
    "nothing that is enough": (record("8d" + EPC, CUT, "810002", "86d0"), None),
    "nothing": (record(CUT, "8d" + EPC, "810002"), None),
}


@pytest.mark.parametrize(("body", "read"), READ_IN_PART.values(), ids=READ_IN_PART)
def test_a_record_with_a_tv_parameter_that_nobody_knows_is_read_up_to_it(
    body: bytes, read: TagRead | None
) -> None:
    reads, faults = decoded(PLAIN, body * 2, PLAIN)
    assert reads == [READ, *([read] * 2 if read else []), READ]
    assert [fault.cause for fault in faults] == [FaultCause.UNKNOWN_PARAMETER] * 2


def test_what_was_read_before_the_unknown_is_what_came_last() -> None:
    reads, _ = decoded(PLAIN, record("8d" + EPC, "810004", CUT), record("8d" + EPC, "86c0"))
    assert reads[-1] == TagRead(bytes.fromhex(EPC), 4, -64.0, AT_US, 3)


@pytest.mark.parametrize("tail", ["00", "00f0", "00f00003", "00f000ff8d"])
def test_a_broken_end_is_one_fault_after_all_that_can_be_read(tail: str) -> None:
    reads, faults = decoded(PLAIN * 2 + bytes.fromhex(tail))
    assert reads == [READ, READ]
    assert [fault.cause for fault in faults] == [FaultCause.BAD_LENGTH]


def test_an_empty_report_has_no_reads() -> None:
    assert decoded(PLAIN, b"") == ([READ], [])
