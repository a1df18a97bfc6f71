"""What a faulty simulated reader sends, holds and refuses, over real sockets."""

from collections.abc import Iterator
from itertools import islice

import pytest

from edge.errors import ProtocolError
from edge.llrp import FaultCause, decode_message, parameters_c1g2, parameters_rospec
from edge.llrp import messages as m
from edge.llrp.constants import StatusCode
from edge.llrp.fields import CustomMessage, Message, Parameter, UnknownMessage
from edge.llrp.parameters_report import TagReportData
from simulators.fault_table import ROSPEC_PARTS
from simulators.running import SimulatedReader
from tests.support.orders import rospec
from tests.support.sim_process import LlrpPeer
from tests.support.simulated import connection_status, event_of, run, want_events
from tests.support.waiting import wait_until

# ------------------------------------------------------------------------------------ the stream


def test_a_stop_is_answered_while_reports_flood_the_client(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    run(peer)
    reader.fault("flood", tags=100)
    for message in islice(peer.messages(), 200):
        assert isinstance(message, m.ROAccessReport)
    stopped = peer.ask(m.StopROSpec(rospec_id=1), m.StopROSpecResponse)
    assert stopped.llrp_status.status_code == 0
    assert len(peer.unasked) > 0


def test_a_report_may_be_larger_than_any_buffer(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("big-report")
    frame = next(peer.frames())
    assert 1_390_000 < len(frame.body) <= 1_400_000
    decoded = decode_message(frame)
    assert decoded.faults == ()
    assert isinstance(decoded.message, m.ROAccessReport)
    peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)


@pytest.mark.parametrize("length", [0, 9, 0x7FFF_FFFF])
def test_a_length_that_cannot_be_is_what_a_decoder_stops_at(
    reader: SimulatedReader, peer: LlrpPeer, length: int
) -> None:
    reader.fault("bad-length", length=length)
    with pytest.raises(ProtocolError, match=f"frame of {length} bytes"):
        next(peer.frames())


def test_a_report_may_end_in_its_middle(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("truncated", bytes=25)
    assert len(peer.receive()) == 25
    assert peer.receive() == b""


def test_a_broken_report_is_whole_as_a_frame(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("broken-report")
    causes = [fault.cause for fault in decode_message(next(peer.frames())).faults]
    assert causes == [FaultCause.BAD_LENGTH]
    peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)


def test_messages_that_nobody_knows_are_whole_frames(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("unknown-message", type=999)
    reader.fault("unknown-custom-message")
    unknown, custom = islice(peer.messages(), 2)
    assert isinstance(unknown, UnknownMessage)
    assert unknown.message_type == 999
    assert isinstance(custom, CustomMessage)


def test_a_text_that_is_no_utf_8_is_told(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("bad-utf8")
    frame = next(peer.frames())
    assert b"\xff\xfe\xc3\x28" in frame.body
    exception = event_of(decode_message(frame).message).reader_exception_event
    assert exception is not None
    assert "�" in exception.message


@pytest.mark.parametrize("kind", ["tlv", "tv", "custom"])
def test_tags_are_reported_with_what_nobody_knows(
    reader: SimulatedReader, peer: LlrpPeer, kind: str
) -> None:
    reader.fault("unknown-in-reports", kind=kind)
    run(peer)
    report = next(message for message in peer.messages() if isinstance(message, m.ROAccessReport))
    assert all(tag.antenna_id for tag in report.tag_report_datas)


# ---------------------------------------------------------------------------- specs and versions


@pytest.mark.parametrize(("state", "number"), [("disabled", 0), ("inactive", 1), ("active", 2)])
def test_another_hosts_rospec_is_found_in_the_reader(
    reader: SimulatedReader, peer: LlrpPeer, state: str, number: int
) -> None:
    reader.fault("foreign-rospec", id=77, state=state)
    wait_until(lambda: reader.state()["rospecs"] == [{"id": 77, "state": number}])
    answer = peer.ask(m.GetROSpecs(), m.GetROSpecsResponse)
    assert [(spec.rospec_id, spec.current_state) for spec in answer.rospecs] == [(77, number)]


def test_another_hosts_active_rospec_reports_to_whom_never_asked(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("foreign-rospec", state="active")
    report = next(peer.messages())
    assert isinstance(report, m.ROAccessReport)
    assert report.tag_report_datas[0].rospec_id is not None


def test_an_r420_has_no_room_beside_another_hosts_rospec() -> None:
    with SimulatedReader("demo", profile="r420") as reader, LlrpPeer(reader.port) as peer:
        reader.fault("foreign-rospec", id=77)
        refused = peer.ask(m.AddROSpec(rospec=rospec()), m.AddROSpecResponse)
    assert refused.llrp_status.parameter_error is not None
    assert refused.llrp_status.parameter_error.error_code == StatusCode.P_OVERFLOW_PARAMETER
    assert "77" in refused.llrp_status.error_description


def test_a_rospec_is_refused_for_the_part_ordered_as_often_as_ordered(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("reject-rospec", part="AISpecStopTrigger", field=1, code=206, times=1)
    add = m.AddROSpec(rospec=rospec())
    status = peer.ask(add, m.AddROSpecResponse).llrp_status
    assert status.parameter_error is not None
    assert status.parameter_error.parameter_type == 184
    assert status.parameter_error.error_code == StatusCode.P_OVERFLOW_FIELD
    assert status.parameter_error.field_error is not None
    assert status.parameter_error.field_error.field_num == 1
    assert peer.ask(add, m.AddROSpecResponse).llrp_status.status_code == 0


def test_a_rospec_without_the_part_is_taken(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("reject-rospec", part="TagObservationTrigger")
    taken = peer.ask(m.AddROSpec(rospec=rospec()), m.AddROSpecResponse)
    assert taken.llrp_status.status_code == 0


def test_every_part_of_a_rospec_can_be_rejected() -> None:
    known = {**vars(parameters_c1g2), **vars(parameters_rospec)}
    assert all(issubclass(known[name], Parameter) for name in ROSPEC_PARTS)
    assert {type(part).__name__ for part in parts_of(rospec())} <= set(ROSPEC_PARTS)


def parts_of(element: Parameter) -> Iterator[Parameter]:
    yield element
    for name in element.__struct_fields__:
        value = getattr(element, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Parameter):
                yield from parts_of(part)


def test_a_reader_may_know_1_0_1_alone(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("version-110")
    answer = peer.ask(m.GetSupportedVersion(), m.ErrorMessage, version=2)
    assert answer.llrp_status.status_code == StatusCode.M_UNSUPPORTED_VERSION
    reader.clear()
    peer.ask(m.GetSupportedVersion(), m.GetSupportedVersionResponse, version=2)


def test_a_reader_may_close_when_it_is_asked_for_versions(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    reader.fault("negotiation-closes", times=1)
    peer.say(m.GetSupportedVersion(), version=2)
    assert list(peer.messages()) == []
    with LlrpPeer(reader.port) as again:
        again.ask(m.GetSupportedVersion(), m.GetSupportedVersionResponse, version=2)


# ----------------------------------------------------------------------------------------- reads


def tags_of(message: Message) -> tuple[TagReportData, ...]:
    return message.tag_report_datas if isinstance(message, m.ROAccessReport) else ()


def test_old_reads_are_sent_to_the_next_client(reader: SimulatedReader, peer: LlrpPeer) -> None:
    reader.fault("replay-old-reads", reads=1000)
    run(peer)
    peer.close()
    wait_until(lambda: int(str(reader.state()["buffered_reads"])) >= 50)
    with LlrpPeer(reader.port) as next_one:
        greeting, *reports = islice(next_one.messages(), 2)
    began_us = event_of(greeting).timestamp.microseconds
    stamps = [tag.last_seen_timestamp_utc for report in reports for tag in tags_of(report)]
    assert len(stamps) >= 50
    assert all(stamp and stamp.microseconds < began_us for stamp in stamps)


def test_an_antenna_that_is_deaf_is_silent_and_nobody_is_told(
    reader: SimulatedReader, peer: LlrpPeer
) -> None:
    want_events(peer)
    reader.fault("antenna-deaf", port=1)
    run(peer)
    tags = [tag for message in islice(peer.messages(), 10) for tag in tags_of(message)]
    assert {tag.antenna_id.antenna_id for tag in tags if tag.antenna_id} == {2}
    reader.fault("antenna-deaf", port=0)
    wait_until(lambda: peer.is_silent_for(0.3) or not next(peer.messages()))


def test_an_antenna_is_lost_and_comes_back(reader: SimulatedReader, peer: LlrpPeer) -> None:
    want_events(peer)
    reader.fault("antenna-lost", port=2)
    reader.fault("antenna-back", port=2)
    events = [event_of(message).antenna_event for message in islice(peer.messages(), 2)]
    assert [(event.event_type, event.antenna_id) for event in events if event] == [(0, 2), (1, 2)]


def test_an_input_bounces(reader: SimulatedReader, peer: LlrpPeer) -> None:
    want_events(peer)
    reader.fault("gpi-edges", port=3, edges=5)
    events = [event_of(message).gpi_event for message in islice(peer.messages(), 5)]
    assert [event.gpi_event for event in events if event] == [True, False, True, False, True]
    assert reader.state()["gpis"] == {1: False, 2: False, 3: True, 4: False}


TOLD = {
    "buffer-warning": ({"percent": 85}, "report_buffer_level_warning_event"),
    "buffer-overflow": ({}, "report_buffer_overflow_error_event"),
    "reader-exception": ({"text": "fan stopped"}, "reader_exception_event"),
}


@pytest.mark.parametrize(
    ("name", "values", "field"), [(name, *rest) for name, rest in TOLD.items()]
)
def test_a_reader_complains_when_it_is_told_to(
    reader: SimulatedReader, peer: LlrpPeer, name: str, values: dict[str, object], field: str
) -> None:
    want_events(peer)
    reader.fault(name, **values)
    assert getattr(event_of(next(peer.messages())), field) is not None


def test_the_clock_jumps_and_stays_there(reader: SimulatedReader, peer: LlrpPeer) -> None:
    want_events(peer)
    stamps: list[int] = []
    for fault in ("buffer-overflow", "clock-jump", "buffer-overflow"):
        reader.fault(fault)
    stamps = [event_of(message).timestamp.microseconds for message in islice(peer.messages(), 2)]
    assert 3_600_000_000 <= stamps[1] - stamps[0] < 3_610_000_000


# -------------------------------------------------------------------------------- the one place


def test_an_r420_frees_the_place_of_a_dead_client_when_another_one_comes() -> None:
    statuses: list[int] = []

    def is_taken_over(reader: SimulatedReader) -> bool:
        with LlrpPeer(reader.port) as next_one:
            statuses.append(connection_status(next(next_one.messages())))
        return statuses[-1] == 0

    with SimulatedReader("demo", profile="r420") as reader, LlrpPeer(reader.port) as dead:
        next(dead.messages())
        reader.fault("half-open", taken_s=3600)
        wait_until(lambda: is_taken_over(reader))
    assert statuses[0] == 2


def test_an_r420_keeps_the_place_of_a_client_that_lives() -> None:
    with SimulatedReader("demo", profile="r420") as reader, LlrpPeer(reader.port) as alive:
        next(alive.messages())
        with LlrpPeer(reader.port) as second:
            assert connection_status(next(second.messages())) == 2
        assert connection_status(next(alive.messages())) == 4
        alive.ask(m.GetROSpecs(), m.GetROSpecsResponse)
        wait_until(lambda: reader.state()["client"] is not None)
