"""What a session makes of a reader's time, and of what the reader has kept for it."""

import pytest

from edge.errors import ReaderError
from edge.llrp import encode_message
from edge.llrp import messages as m
from edge.llrp.clock import DOUBT_S
from edge.llrp.parameters_common import EPC96, UTCTimestamp
from edge.llrp.parameters_config import AntennaProperties
from edge.llrp.parameters_report import (
    ConnectionCloseEvent,
    GPIEvent,
    ReportBufferLevelWarningEvent,
    TagReportData,
)
from edge.llrp.session import LinkMemory
from edge.llrp.settings import LlrpSettings
from edge.model import HealthEvent, HealthKind, Tick
from edge.options import ClockPolicy
from tests.support.llrp_conversation import (
    EPC,
    OK,
    READER_US,
    Conversation,
    connection,
    event,
    frames,
    keepalive,
    report,
)

S = 1_000_000
YEAR_US = 365 * 86_400 * S
TRUSTED = LlrpSettings(rospec_id=77, clock=ClockPolicy.TRUST)


def wrong_by(us: int, settings: LlrpSettings | None = None) -> Conversation:
    """Run a session with a reader whose clock is ahead by so much."""
    timestamp = UTCTimestamp(microseconds=READER_US + us)
    return Conversation(settings).run(connection(timestamp=timestamp))


@pytest.mark.parametrize("us", [-YEAR_US, 3600 * S, -3 * S])
def test_reads_of_a_wrong_clock_have_our_time_and_it_is_told(us: int) -> None:
    conversation = wrong_by(us)
    [read] = conversation.hear(report(READER_US + us + 2 * S), after_s=2).polled.reads
    assert read.at_us == READER_US + 2 * S
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]
    assert "clock is" in conversation.health[0].detail


def test_reads_of_a_trusted_clock_stay_as_they_are() -> None:
    conversation = wrong_by(-YEAR_US, TRUSTED)
    [read] = conversation.hear(report(READER_US - YEAR_US), after_s=2).polled.reads
    assert read.at_us == READER_US - YEAR_US


def test_events_and_ticks_of_a_wrong_clock_have_our_time_too() -> None:
    conversation = wrong_by(-YEAR_US)
    at = UTCTimestamp(microseconds=READER_US - YEAR_US + 5 * S)
    raised = event(at, gpi_event=GPIEvent(gpi_port_number=2, gpi_event=True))
    output = conversation.hear(encode_message(raised, 7), after_s=5)
    assert output.polled.health == (
        HealthEvent(HealthKind.INPUT, "input 2 is high", READER_US + 5 * S),
    )
    tick = conversation.hear(keepalive(), after_s=5).polled.tick
    assert tick == Tick(READER_US + 10 * S)


def test_reads_after_the_clock_was_set_stay_near_our_time() -> None:
    conversation = wrong_by(0)
    for second in range(1, 11):
        conversation.hear(report(READER_US + second * S), after_s=1)
    before, after = report(READER_US + 11 * S), report(READER_US + 3611 * S)
    reads = conversation.hear(before + after, after_s=1).polled.reads
    assert [read.at_us for read in reads] == [READER_US + 11 * S] * 2
    [read] = conversation.hear(report(READER_US + 3612 * S), after_s=1).polled.reads
    assert read.at_us == READER_US + 12 * S
    assert conversation.kinds() == [HealthKind.CONNECTED, HealthKind.WARNING]
    assert "was set, 1 h forward" in conversation.health[1].detail


def test_reads_wait_while_it_is_in_doubt_what_their_stamps_mean() -> None:
    conversation = wrong_by(0)
    first = conversation.hear(report(READER_US + S), after_s=1).polled
    doubtful = [
        conversation.hear(report(READER_US + 3600 * S + second * S) + keepalive(), after_s=1).polled
        for second in (2, 3, 4)
    ]
    assert [len(polled.reads) for polled in (first, *doubtful)] == [1, 0, 0, 0]
    assert [polled.tick for polled in doubtful] == [None] * 3
    settled = conversation.hear(report(READER_US + 3605 * S), after_s=1).polled
    assert [read.at_us for read in settled.reads] == [READER_US + n * S for n in (2, 3, 4, 5)]
    assert "was set, 1 h forward" in conversation.health[-1].detail
    [read] = conversation.hear(report(READER_US + 3606 * S), after_s=1).polled.reads
    assert read.at_us == READER_US + 6 * S


def test_reads_wait_no_longer_when_nothing_more_comes() -> None:
    conversation = wrong_by(0)
    doubtful = conversation.hear(report(READER_US + 3600 * S + S), after_s=1).polled
    settled = conversation.hear(b"", after_s=DOUBT_S).polled
    assert (doubtful.reads, [read.at_us for read in settled.reads]) == ([], [READER_US + S])


def test_reads_that_wait_are_given_when_the_connection_ends() -> None:
    conversation = wrong_by(0)
    goodbye = event(connection_close_event=ConnectionCloseEvent())
    told = report(READER_US + 3600 * S + S) + encode_message(goodbye, 8)
    ended = conversation.hear(told, after_s=1).polled
    assert [read.at_us for read in ended.reads] == [READER_US + S]
    with pytest.raises(ReaderError, match="has closed the connection"):
        conversation.hear(b"")


def test_reads_of_a_recording_wait_until_its_speed_is_seen_and_stay_as_they_are() -> None:
    conversation = wrong_by(0)
    stamps = [READER_US + n * 50 * S for n in range(1, 6)]
    polls = [conversation.hear(report(stamp), after_s=0.05).polled for stamp in stamps]
    assert [len(polled.reads) for polled in polls] == [0, 2, 1, 1, 1]
    assert [read.at_us for polled in polls for read in polled.reads] == stamps


def test_a_read_without_a_stamp_has_the_time_of_its_coming() -> None:
    conversation = wrong_by(-YEAR_US)
    record = TagReportData(epc=EPC96(epc=EPC))
    told = encode_message(m.ROAccessReport(tag_report_datas=(record,)), 1)
    [read] = conversation.hear(told, after_s=3).polled.reads
    assert read.at_us == READER_US + 3 * S


def test_reads_that_the_reader_kept_for_us_are_marked() -> None:
    conversation = wrong_by(0)
    kept = report(READER_US - 60 * S) + report(READER_US - 30 * S)
    first = conversation.hear(kept, after_s=0.1).polled
    second = conversation.hear(kept + report(READER_US + S // 10)).polled
    third = conversation.hear(report(READER_US - 60 * S)).polled
    assert [(p.held, len(p.reads)) for p in (first, second, third)] == [(2, 2), (2, 3), (0, 1)]


def test_a_new_session_does_not_take_over_what_was_reported_last() -> None:
    memory = LinkMemory()
    first = Conversation(None, memory).run()
    first.hear(report(port=2))
    record = TagReportData(epc=EPC96(epc=EPC))
    bare = encode_message(m.ROAccessReport(tag_report_datas=(record,)), 1)
    [same] = first.hear(bare).polled.reads
    assert (same.antenna_port, same.rssi_dbm, same.hits) == (2, -48.0, 3)
    [unknown] = Conversation(None, memory).run().hear(bare).polled.reads
    assert (unknown.antenna_port, unknown.rssi_dbm, unknown.hits) == (0, -128.0, 1)


def test_a_new_rospec_does_not_take_over_what_was_reported_last() -> None:
    conversation = Conversation()
    to_send = conversation.hear(connection()).to_send
    while not isinstance(conversation.asked[-1:] and conversation.asked[-1], m.GetROSpecs):
        to_send = conversation.hear(report(port=2) + conversation.answer(to_send)).to_send
    conversation.run(conversation.answer(to_send))
    record = TagReportData(epc=EPC96(epc=EPC))
    bare = encode_message(m.ROAccessReport(tag_report_datas=(record,)), 1)
    [read] = conversation.hear(bare).polled.reads
    assert read.antenna_port == 0


def test_antennas_that_are_not_connected_are_told_once_the_reader_is_up() -> None:
    properties = tuple(
        AntennaProperties(antenna_id=port, antenna_connected=port == 1, antenna_gain=0)
        for port in (1, 2, 3)
    )
    answer = m.GetReaderConfigResponse(llrp_status=OK, antenna_properties=properties)
    conversation = Conversation(None, None, GetReaderConfig=answer).run()
    assert [(one.kind, one.antenna_port) for one in conversation.health] == [
        (HealthKind.CONNECTED, None),
        (HealthKind.ANTENNA_DOWN, 2),  # port 3 is not used
    ]


def test_a_reader_whose_buffer_fills_is_asked_for_its_reports() -> None:
    warning = ReportBufferLevelWarningEvent(report_buffer_percentage_full=80)
    told = event(report_buffer_level_warning_event=warning)
    output = Conversation().run().hear(encode_message(told, 3))
    assert [frame.message_type for frame in frames(output.to_send)] == [m.GetReport.number]


def test_the_facts_tell_what_may_be_shown() -> None:
    conversation = wrong_by(-YEAR_US)
    conversation.hear(b"\x07\xe7\x00\x00\x00\x0a\x00\x00\x00\x01" * 3)
    facts = conversation.session.facts()
    assert (facts.state, facts.version, facts.newest_version) == ("running", "1.0.1", None)
    assert facts.capabilities.antennas == 4
    assert facts.clock.offset_s == YEAR_US / S
    assert facts.faults == {"unknown message": 3}


def test_a_goodbye_is_answered_behind_reports_that_are_under_way() -> None:
    session = Conversation().run().session
    flood = report() * 5000
    farewell = encode_message(m.CloseConnectionResponse(llrp_status=OK), 12)
    assert not session.has_ended(flood)
    assert not session.has_ended(flood + farewell[:7])
    assert session.has_ended(farewell[7:] + flood)
