"""When the simulated reader reports, and what stands in its reports (LLRP 1.0.1 §13.2)."""

import msgspec
import pytest
from llrpkit.protocol import decode_message as decode_with_llrpkit
from llrpkit.protocol import params
from llrpkit.protocol.messages import RO_ACCESS_REPORT

from edge.llrp import Frame, FrameDecoder, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import MessageType, ROReportTriggerType
from edge.llrp.fields import Message
from edge.llrp.parameters_c1g2 import C1G2EPCMemorySelector
from edge.llrp.parameters_config import EventsAndReports
from edge.llrp.parameters_rospec import ROSpec, TagReportContentSelector
from edge.model import TagRead
from simulators.inventory import MOST_BUFFERED
from simulators.reports import MOST_TAGS, Origin, ReportBuffer, TagLayout
from tests.support.orders import END_OF_ROSPEC, aispec, aispec_of, report_spec, rospec
from tests.support.reader_desk import EPCS, START_US, Desk

READ = TagRead(EPCS[3], 2, -61, START_US + 5, hits=4)
ORIGIN = Origin(rospec_id=70_000, spec_index=2, inventory_parameter_spec_id=9)
EVERYTHING = TagReportContentSelector(
    enable_rospec_id=True,
    enable_spec_index=True,
    enable_inventory_parameter_spec_id=True,
    enable_antenna_id=True,
    enable_channel_index=True,
    enable_peak_rssi=True,
    enable_first_seen_timestamp=True,
    enable_last_seen_timestamp=True,
    enable_tag_seen_count=True,
    enable_access_spec_id=True,
    epc_memory_selectors=(C1G2EPCMemorySelector(enable_crc=True, enable_pc_bits=True),),
)


@pytest.fixture
def desk() -> Desk:
    connected = Desk()
    connected.connect()
    connected.take()
    return connected


# --------------------------------------------------- what stands in a report, by another codec


def as_llrpkit_reads(read: TagRead, selector: TagReportContentSelector) -> params.TagReportData:
    body = TagLayout(selector, ORIGIN).encode(read)
    frame = Frame(1, MessageType.RO_ACCESS_REPORT, 1, body).encode()
    report = decode_with_llrpkit(frame)
    assert isinstance(report, RO_ACCESS_REPORT)
    (tag,) = report.tag_report_datas
    return tag


EPC = params.EPC_96(epc=READ.epc)
STAMP = START_US + 5
FIELDS: dict[str, params.TagReportData] = {
    "enable_rospec_id": params.TagReportData(
        epc_parameter=EPC, ro_spec_id=params.ROSpecID(ro_spec_id=70_000)
    ),
    "enable_spec_index": params.TagReportData(
        epc_parameter=EPC, spec_index=params.SpecIndex(spec_index=2)
    ),
    "enable_inventory_parameter_spec_id": params.TagReportData(
        epc_parameter=EPC,
        inventory_parameter_spec_id=params.InventoryParameterSpecID(inventory_parameter_spec_id=9),
    ),
    "enable_antenna_id": params.TagReportData(
        epc_parameter=EPC, antenna_id=params.AntennaID(antenna_id=2)
    ),
    "enable_channel_index": params.TagReportData(
        epc_parameter=EPC, channel_index=params.ChannelIndex(channel_index=1)
    ),
    "enable_peak_rssi": params.TagReportData(
        epc_parameter=EPC, peak_rssi=params.PeakRSSI(peak_rssi=-61)
    ),
    "enable_first_seen_timestamp": params.TagReportData(
        epc_parameter=EPC, first_seen_timestamp_utc=params.FirstSeenTimestampUTC(microseconds=STAMP)
    ),
    "enable_last_seen_timestamp": params.TagReportData(
        epc_parameter=EPC, last_seen_timestamp_utc=params.LastSeenTimestampUTC(microseconds=STAMP)
    ),
    "enable_tag_seen_count": params.TagReportData(
        epc_parameter=EPC, tag_seen_count=params.TagSeenCount(tag_count=4)
    ),
    "enable_access_spec_id": params.TagReportData(
        epc_parameter=EPC, access_spec_id=params.AccessSpecID(access_spec_id=0)
    ),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_there_when_it_is_enabled_and_no_other(field: str) -> None:
    selector = msgspec.structs.replace(TagReportContentSelector(), **{field: True})
    assert as_llrpkit_reads(READ, selector) == FIELDS[field]


def test_nothing_but_the_epc_is_there_when_nothing_is_enabled() -> None:
    tag = as_llrpkit_reads(READ, TagReportContentSelector())
    assert tag == params.TagReportData(epc_parameter=EPC)


def test_all_fields_together_stand_in_the_standards_order() -> None:
    tag = as_llrpkit_reads(READ, EVERYTHING)
    parts = {field.removeprefix("enable_"): part for field, part in FIELDS.items()}
    assert tag.ro_spec_id == parts["rospec_id"].ro_spec_id
    assert tag.access_spec_id == parts["access_spec_id"].access_spec_id
    assert tag.encode() == TagLayout(EVERYTHING, ORIGIN).encode(READ)


@pytest.mark.parametrize("size", [1, 2, 8, 11, 13, 16, 25, 26, 62])
def test_an_epc_of_another_length_keeps_all_its_bytes(size: int) -> None:
    epc = bytes(range(200, 200 + min(size, 55))).ljust(size, b"\x01")
    tag = as_llrpkit_reads(TagRead(epc, 1, -40, START_US), TagReportContentSelector())
    assert isinstance(tag.epc_parameter, params.EPCData)
    assert (tag.epc_parameter.epc.bit_len, tag.epc_parameter.epc.data) == (8 * size, epc)


@pytest.mark.parametrize("rssi", [-128, -1, 0, 127])
def test_rssi_is_a_signed_byte(rssi: int) -> None:
    tag = as_llrpkit_reads(
        TagRead(EPCS[0], 1, rssi, START_US), TagReportContentSelector(enable_peak_rssi=True)
    )
    assert tag.peak_rssi == params.PeakRSSI(peak_rssi=rssi)


def test_the_protocol_control_word_and_the_crc_are_those_of_a_tag() -> None:
    tag = as_llrpkit_reads(READ, EVERYTHING)
    words = [int.from_bytes(part.encode()[1:]) for part in tag.air_protocol_tag_datas]
    assert words == [0x3000, gen2_crc16(bytes.fromhex("3000") + READ.epc)]


def gen2_crc16(data: bytes) -> int:
    """Bit by bit, as ISO/IEC 18000-63 annex F draws the shift register."""
    register = 0xFFFF
    for bit in "".join(f"{byte:08b}" for byte in data):
        feedback = (register >> 15) ^ int(bit)
        register = (register << 1 & 0xFFFF) ^ (0x1021 if feedback else 0)
    return register ^ 0xFFFF


# ---------------------------------------------------------------------------- when it is reported


def sizes(desk: Desk) -> list[int]:
    reports = [message for message in desk.take() if isinstance(message, m.ROAccessReport)]
    return [len(report.tag_report_datas) for report in reports]


# each 100 ms bring 10 reads: the ROSpec, and the sizes of its reports in 400 ms
REPORTED: dict[str, tuple[ROSpec, list[int]]] = {
    "every tag": (rospec(specs=[aispec_of(200)]), [1] * 20),
    "every 6 tags, and the rest at the end": (
        rospec(specs=[aispec_of(200)], report=report_spec(n=6)),
        [6, 6, 6, 2],
    ),
    "at the end of each AISpec": (
        rospec(specs=[aispec_of(100), aispec_of(50)], report=report_spec(n=0)),
        [10, 5],
    ),
    "at the end of the ROSpec": (
        rospec(
            specs=[aispec_of(100), aispec_of(50)],
            report=report_spec(n=0, trigger=END_OF_ROSPEC),
        ),
        [15],
    ),
    "never, unless asked": (
        rospec(specs=[aispec_of(200)], report=report_spec(n=5, trigger=ROReportTriggerType.NONE)),
        [],
    ),
    "one antenna only": (
        rospec(specs=[aispec([2], aispec_of(200).stop_trigger)], report=report_spec(n=0)),
        [10],
    ),
}


@pytest.mark.parametrize(("spec", "expected"), REPORTED.values(), ids=REPORTED)
def test_reports_come_as_their_trigger_says(desk: Desk, spec: ROSpec, expected: list[int]) -> None:
    desk.run(spec)
    desk.pass_ms(400)
    assert sizes(desk) == expected


def test_get_report_brings_what_was_read_under_the_requests_id(desk: Desk) -> None:
    desk.run(rospec(report=report_spec(trigger=ROReportTriggerType.NONE)))
    desk.pass_ms(100)
    answer = desk.ask(m.GetReport())
    assert isinstance(answer, m.ROAccessReport)
    assert len(answer.tag_report_datas) == 10
    assert desk.ask(m.GetReport()) == m.ROAccessReport()


def test_a_rospec_without_report_spec_reports_as_the_reader_is_set(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(ro_report_spec=report_spec(n=4)))
    desk.run(msgspec.structs.replace(rospec(), ro_report_spec=None))
    desk.pass_ms(100)
    assert sizes(desk) == [4, 4]


def test_reports_come_before_the_answer_to_the_stop_that_brings_them(desk: Desk) -> None:
    desk.run(rospec(report=report_spec(n=0)))
    desk.pass_ms(100)
    desk.send(encode_message(m.StopROSpec(rospec_id=1), 5))
    kinds = [type(message) for message in desk.take()]
    assert kinds == [m.ROAccessReport, m.StopROSpecResponse]


def test_a_long_report_comes_in_messages_that_a_client_can_take(desk: Desk) -> None:
    desk.run(rospec(report=report_spec(n=0)))
    desk.pass_ms(10_000)
    desk.send(encode_message(m.DeleteROSpec(rospec_id=1), 5))
    assert sizes(desk) == [MOST_TAGS, MOST_TAGS]


def test_reads_stop_when_nobody_fetches_them_and_go_on_when_somebody_does(desk: Desk) -> None:
    desk.run(rospec(report=report_spec(trigger=ROReportTriggerType.NONE)))
    desk.pass_ms(10 * MOST_BUFFERED + 5000, step_ms=1000)
    desk.send(encode_message(m.GetReport(), 5))
    assert sum(sizes(desk)) == MOST_BUFFERED
    desk.pass_ms(100)
    desk.send(encode_message(m.GetReport(), 6))
    assert sum(sizes(desk)) >= 10


def test_reports_made_while_nobody_is_connected_are_gone(desk: Desk) -> None:
    desk.run(rospec(report=report_spec(n=7)))
    desk.pass_ms(100)
    desk.reader.disconnect()
    desk.pass_ms(1000)
    desk.take()
    desk.connect()
    desk.pass_ms(100)
    stamps = [tag.last_seen_timestamp_utc for tag in desk.take_tags()]
    assert len(stamps) >= 7
    assert all(stamp and stamp.microseconds > START_US + 1_100_000 for stamp in stamps)


def test_held_reports_wait_for_the_word_of_the_next_client(desk: Desk) -> None:
    hold = EventsAndReports(hold_events_and_reports_upon_reconnect=True)
    desk.ask(m.SetReaderConfig(events_and_reports=hold))
    desk.run()
    desk.reader.disconnect()
    desk.pass_ms(100)
    desk.connect()
    desk.pass_ms(100)
    assert [type(message) for message in desk.take()] == [m.ReaderEventNotification]
    desk.send(encode_message(m.EnableEventsAndReports(), 5))
    assert sum(sizes(desk)) == 20
    desk.pass_ms(100)
    assert sizes(desk) == [1] * 10


def test_time_stands_still_for_a_reader_that_waits_until_somebody_wants_reads() -> None:
    desk = Desk(waits_for_client=True)
    stands_still = [desk.reader.stands_still(blocked=False)]
    desk.connect()
    stands_still.append(desk.reader.stands_still(blocked=False))
    desk.run()
    stands_still += [desk.reader.stands_still(blocked=blocked) for blocked in (False, True)]
    desk.ask(m.StopROSpec(rospec_id=1))
    stands_still.append(desk.reader.stands_still(blocked=False))
    assert stands_still == [True, True, False, True, True]


def test_a_reader_that_does_not_wait_never_stands_still(desk: Desk) -> None:
    assert not desk.reader.stands_still(blocked=True)


def test_the_end_brings_the_rest_of_the_reports_and_then_the_close_event(desk: Desk) -> None:
    desk.run(rospec(report=report_spec(n=100)))
    desk.pass_ms(100)
    last = [decode(outgoing.data) for outgoing in desk.reader.finish(desk.now, close=True)]
    assert [type(message) for message in last] == [m.ROAccessReport, m.ReaderEventNotification]
    assert desk.reader.is_closing


def decode(data: bytes) -> Message:
    decoder = FrameDecoder()
    decoder.feed(data)
    frame = decoder.next_frame()
    assert frame is not None
    return decode_message(frame).message


def test_many_reads_are_packed_by_one_layout_each_length_of_epc() -> None:
    layout, buffer = TagLayout(EVERYTHING, ORIGIN), ReportBuffer()
    reads = [TagRead(bytes(length), 1, -40, START_US) for length in (12, 16, 12, 8)]
    buffer.add(reads, layout)
    (report,) = buffer.take_all()
    assert report.reads == 4
    assert report.body == b"".join(map(layout.encode, reads))
    assert len(buffer) == 0
