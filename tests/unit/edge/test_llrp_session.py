"""A session against a reader whose every word is written down here."""

import msgspec
import pytest

from edge.errors import GatewayError, ProtocolError, ReaderError, ReaderRefused, ReaderSilent
from edge.llrp import Frame, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import (
    AntennaEventType,
    ConnectionAttemptStatusType,
    MessageType,
    ROSpecEventType,
    ROSpecState,
    StatusCode,
)
from edge.llrp.fields import Element, Message
from edge.llrp.layout import FaultCause
from edge.llrp.parameters_common import (
    EPC96,
    Uptime,
)
from edge.llrp.parameters_report import (
    AntennaEvent,
    ConnectionAttemptEvent,
    ConnectionCloseEvent,
    LastSeenTimestampUptime,
    ReaderExceptionEvent,
    ReportBufferLevelWarningEvent,
    ReportBufferOverflowErrorEvent,
    ROSpecEvent,
    TagReportData,
)
from edge.llrp.rospec import rospec
from edge.llrp.settings import LlrpSettings
from edge.model import HealthEvent, HealthKind, TagRead, Tick
from edge.options import ROSpecPolicy
from tests.support.llrp_conversation import (
    ANSWERS,
    EPC,
    HANDSHAKE,
    OK,
    OLD,
    READER_US,
    SETTINGS,
    Conversation,
    asked,
    connection,
    event,
    frames,
    keepalive,
    refusal,
    report,
)


def test_nothing_is_sent_before_the_reader_has_spoken() -> None:
    conversation = Conversation()
    assert conversation.to_send == b""
    assert conversation.hear(b"", after_s=5).to_send == b""


def test_the_way_to_running_is_the_standards() -> None:
    conversation = Conversation().run()
    assert asked(conversation) == HANDSHAKE
    assert conversation.health == [
        HealthEvent(
            HealthKind.CONNECTED,
            "manufacturer 32473, model 2001002, firmware 6.4.1",
            READER_US,
        )
    ]
    assert conversation.session.found.capabilities.antennas == 4


def test_the_configuration_asks_for_keepalives_and_resets_nothing() -> None:
    (config,) = [a for a in Conversation().run().asked if isinstance(a, m.SetReaderConfig)]
    assert not config.reset_to_factory_default
    assert config.keepalive_spec is not None
    assert config.keepalive_spec.periodic_trigger_value == 10_000


def test_the_rospec_added_is_the_settings_own() -> None:
    (added,) = [a for a in Conversation().run().asked if isinstance(a, m.AddROSpec)]
    assert added.rospec == rospec(SETTINGS)


def test_only_our_own_rospec_is_replaced() -> None:
    others, older = rospec(LlrpSettings(rospec_id=5)), rospec(LlrpSettings(rospec_id=77))
    there = m.GetROSpecsResponse(llrp_status=OK, rospecs=(others, older))
    conversation = Conversation(GetROSpecs=there).run()
    assert asked(conversation) == [*HANDSHAKE[:5], m.DeleteROSpec, *HANDSHAKE[5:]]
    (deleted,) = [a for a in conversation.asked if isinstance(a, m.DeleteROSpec)]
    assert deleted.rospec_id == 77


LEFT_OVER: dict[str, tuple[ROSpecState, list[type[Message]]]] = {
    "disabled": (ROSpecState.DISABLED, [m.EnableROSpec, m.StartROSpec]),
    "inactive": (ROSpecState.INACTIVE, [m.StartROSpec]),
    "active": (ROSpecState.ACTIVE, []),
}


@pytest.mark.parametrize(("state", "then"), LEFT_OVER.values(), ids=LEFT_OVER)
def test_our_rospec_goes_on_where_it_is_as_it_is_wanted(
    state: ROSpecState, then: list[type[Message]]
) -> None:
    ours = msgspec.structs.replace(rospec(SETTINGS), current_state=state)
    there = m.GetROSpecsResponse(llrp_status=OK, rospecs=(ours,))
    conversation = Conversation(GetROSpecs=there).run()
    assert asked(conversation) == [*HANDSHAKE[:5], *then]
    assert conversation.kinds() == [HealthKind.CONNECTED]


def test_others_rospecs_are_deleted_where_that_is_the_policy_and_told() -> None:
    settings = LlrpSettings(rospec_id=77, rospecs=ROSpecPolicy.REPLACE)
    others = tuple(rospec(LlrpSettings(rospec_id=number)) for number in (5, 14150))
    there = m.GetROSpecsResponse(llrp_status=OK, rospecs=others)
    conversation = Conversation(settings, GetROSpecs=there).run()
    deleted = [a.rospec_id for a in conversation.asked if isinstance(a, m.DeleteROSpec)]
    assert deleted == [5, 14150]
    assert "5 (disabled), 14150 (disabled)" in conversation.health[0].detail


def test_a_rospec_with_a_period_starts_itself() -> None:
    conversation = Conversation(LlrpSettings(report_period_ms=500)).run()
    assert asked(conversation) == HANDSHAKE[:-1]
    assert conversation.kinds() == [HealthKind.CONNECTED]


REFUSED_CONNECTIONS = {
    "called by the reader": (1, "has called another client"),
    "taken": (2, "another client is connected"),
    "no reason": (3, "gives no reason"),
}


@pytest.mark.parametrize(
    ("status", "reason"), REFUSED_CONNECTIONS.values(), ids=REFUSED_CONNECTIONS
)
def test_a_refused_connection_says_why(status: int, reason: str) -> None:
    with pytest.raises(ReaderRefused, match=reason) as refused:
        Conversation().hear(connection(status))
    assert refused.value.status == status


LACKS: dict[str, tuple[dict[str, Message], list[type[Message]]]] = {
    "capabilities": (
        {
            "GetReaderCapabilities": m.ErrorMessage(
                llrp_status=refusal(StatusCode.M_UNSUPPORTED_MESSAGE)
            )
        },
        HANDSHAKE,
    ),
    "a list of ROSpecs": (
        {"GetROSpecs": m.ErrorMessage(llrp_status=refusal(StatusCode.M_UNSUPPORTED_MESSAGE))},
        [*HANDSHAKE[:5], m.DeleteROSpec, *HANDSHAKE[5:]],
    ),
}


@pytest.mark.parametrize(("answers", "way"), LACKS.values(), ids=LACKS)
def test_a_reader_is_used_without_what_it_lacks(
    answers: dict[str, Message], way: list[type[Message]]
) -> None:
    conversation = Conversation(None, None, **answers).run()
    assert asked(conversation) == way
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]


def test_a_reader_that_refuses_keepalives_cannot_be_used() -> None:
    conversation = Conversation(
        SetReaderConfig=m.SetReaderConfigResponse(
            llrp_status=refusal(StatusCode.P_UNKNOWN_FIELD, "event 8")
        )
    )
    with pytest.raises(ReaderRefused, match="SET_READER_CONFIG: P_UNKNOWN_FIELD, event 8"):
        conversation.run()
    assert asked(conversation) == [*HANDSHAKE[:3], m.SetReaderConfig]


def test_events_may_be_refused_when_keepalives_are_not() -> None:
    def configured(request: Message) -> Message:
        assert isinstance(request, m.SetReaderConfig)
        status = OK
        if request.reader_event_notification_spec:
            status = refusal(StatusCode.M_PARAMETER_ERROR)
        return m.SetReaderConfigResponse(llrp_status=status)

    conversation = Conversation(SetReaderConfig=configured).run()
    second = [a for a in conversation.asked if isinstance(a, m.SetReaderConfig)][1]
    assert second.reader_event_notification_spec is None
    assert second.keepalive_spec is not None
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]
    assert "without word of what happens to it" in conversation.health[0].detail


def test_a_refused_rospec_names_the_others_that_are_there() -> None:
    conversation = Conversation(
        GetROSpecs=m.GetROSpecsResponse(
            llrp_status=OK, rospecs=(rospec(LlrpSettings(rospec_id=14150)),)
        ),
        AddROSpec=m.AddROSpecResponse(llrp_status=refusal(StatusCode.M_PARAMETER_ERROR, "full")),
    )
    with pytest.raises(ReaderRefused, match=r"ADD_ROSPEC: .*full; it has ROSpecs of others: 14150"):
        conversation.run()


def test_a_keepalive_is_acknowledged_with_its_own_message_id() -> None:
    output = Conversation().run().hear(keepalive(4711))
    assert output.to_send == encode_message(m.KeepaliveAck(), 4711)


def test_a_keepalive_without_reads_is_a_tick_of_the_readers_clock() -> None:
    conversation = Conversation().run()
    assert conversation.hear(keepalive(), after_s=10).polled.tick == Tick(READER_US + 10_000_000)


def test_reads_set_the_readers_clock() -> None:
    conversation = Conversation().run()
    conversation.hear(report(at_us=READER_US + 3_000_000), after_s=4)
    assert conversation.hear(keepalive(), after_s=6).polled.tick == Tick(READER_US + 9_000_000)


def test_a_keepalive_among_reads_is_no_tick() -> None:
    conversation = Conversation().run()
    assert conversation.hear(report() + keepalive(), after_s=1).polled.tick is None


def test_reports_become_reads() -> None:
    reads = Conversation().run().hear(report(port=2)).polled.reads
    assert reads == [TagRead(EPC, 2, -48.0, READER_US + 500_000, 3)]


def test_reports_that_come_before_an_answer_are_delivered() -> None:
    conversation = Conversation(OLD)
    to_send = conversation.hear(connection()).to_send
    output = conversation.hear(report() + conversation.answer(to_send) + report())
    assert len(output.polled.reads) == 2
    assert type(decode_message(frames(output.to_send)[0]).message) is m.SetReaderConfig


def test_stamps_of_a_reader_without_utc_clock_begin_at_the_connection() -> None:
    conversation = Conversation()
    connected_us = conversation.now.utc_us
    conversation.run(connection(timestamp=Uptime(microseconds=60_000_000)))
    record = TagReportData(
        epc=EPC96(epc=EPC),
        last_seen_timestamp_uptime=LastSeenTimestampUptime(microseconds=62_000_000),
    )
    told = m.ROAccessReport(tag_report_datas=(record,))
    (read,) = conversation.hear(encode_message(told, 1), after_s=2).polled.reads
    assert read.at_us == connected_us + 2_000_000


HEALTH: dict[str, tuple[dict[str, Element], HealthEvent]] = {
    "an antenna goes": (
        {
            "antenna_event": AntennaEvent(
                event_type=AntennaEventType.ANTENNA_DISCONNECTED, antenna_id=2
            )
        },
        HealthEvent(HealthKind.ANTENNA_DOWN, "antenna 2 is disconnected", READER_US, 2),
    ),
    "an antenna comes": (
        {
            "antenna_event": AntennaEvent(
                event_type=AntennaEventType.ANTENNA_CONNECTED, antenna_id=2
            )
        },
        HealthEvent(HealthKind.ANTENNA_UP, "antenna 2 is connected", READER_US, 2),
    ),
    "an exception": (
        {"reader_exception_event": ReaderExceptionEvent(message="hot")},
        HealthEvent(HealthKind.WARNING, "reader reports: hot", READER_US),
    ),
    "a filling buffer": (
        {
            "report_buffer_level_warning_event": ReportBufferLevelWarningEvent(
                report_buffer_percentage_full=80
            )
        },
        HealthEvent(HealthKind.WARNING, "the reader's report buffer is 80 % full", READER_US),
    ),
    "a full buffer": (
        {"report_buffer_overflow_error_event": ReportBufferOverflowErrorEvent()},
        HealthEvent(
            HealthKind.WARNING,
            "the reader's report buffer has overflowed: reads are lost",
            READER_US,
        ),
    ),
    "another client": (
        {
            "connection_attempt_event": ConnectionAttemptEvent(
                status=ConnectionAttemptStatusType.ANOTHER_CONNECTION_ATTEMPTED
            )
        },
        HealthEvent(
            HealthKind.WARNING, "another client has tried to connect to the reader", READER_US
        ),
    ),
}


@pytest.mark.parametrize(("events", "expected"), HEALTH.values(), ids=HEALTH)
def test_what_a_reader_says_of_itself_is_told(
    events: dict[str, Element], expected: HealthEvent
) -> None:
    told = Conversation().run().hear(encode_message(event(None, **events), 50)).polled.health
    assert told == (expected,)


def test_a_rospec_that_was_ended_is_started_again() -> None:
    conversation = Conversation().run()
    ended = event(
        rospec_event=ROSpecEvent(
            event_type=ROSpecEventType.END_OF_ROSPEC, rospec_id=77, preempting_rospec_id=0
        )
    )
    conversation.run(encode_message(ended, 60))
    assert asked(conversation) == [*HANDSHAKE, m.StartROSpec]
    assert conversation.kinds() == [HealthKind.CONNECTED, HealthKind.WARNING]


def test_the_end_of_anothers_rospec_is_not_ours() -> None:
    conversation = Conversation().run()
    ended = event(
        rospec_event=ROSpecEvent(
            event_type=ROSpecEventType.END_OF_ROSPEC, rospec_id=5, preempting_rospec_id=0
        )
    )
    assert conversation.hear(encode_message(ended, 60)) == conversation.hear(b"")


def test_one_broken_message_is_a_counted_fault_and_the_next_is_read() -> None:
    conversation = Conversation().run()
    broken = Frame(1, MessageType.READER_EVENT_NOTIFICATION, 3, b"\x00\xf6\x00\x99").encode()
    output = conversation.hear(broken + report())
    assert len(output.polled.reads) == 1
    assert [one.kind for one in output.polled.health] == [HealthKind.FAULT]
    assert conversation.session.faults[FaultCause.BAD_LENGTH] == 1


def test_a_flood_of_faults_of_one_kind_is_told_once() -> None:
    conversation = Conversation().run()
    (told,) = conversation.hear(Frame(1, 999, 3).encode() * 500).polled.health
    assert "500 times" in told.detail
    assert conversation.session.faults[FaultCause.UNKNOWN_MESSAGE] == 500


def test_a_late_answer_to_nothing_is_ignored() -> None:
    conversation = Conversation().run()
    late = encode_message(m.AddROSpecResponse(llrp_status=refusal(StatusCode.M_FIELD_ERROR)), 4)
    assert conversation.hear(late).polled.health == ()


def test_an_answer_with_another_message_id_is_not_ours() -> None:
    conversation = Conversation(OLD)
    conversation.hear(connection())
    answer = encode_message(ANSWERS[m.GetReaderCapabilities], 999)
    assert conversation.hear(answer).to_send == b""


def test_an_answer_that_cannot_be_read_to_its_end_still_counts() -> None:
    conversation = Conversation(OLD)
    first = frames(conversation.hear(connection()).to_send)[0]
    good = frames(encode_message(ANSWERS[m.SetReaderConfig], first.message_id))[0]
    broken = Frame(1, MessageType.GET_READER_CAPABILITIES_RESPONSE, first.message_id, good.body)
    cut = broken.body + b"\x00\x89\x00\x04"  # GeneralDeviceCapabilities with nothing in it
    output = conversation.hear(Frame(1, 11, first.message_id, cut).encode())
    assert type(decode_message(frames(output.to_send)[0]).message) is m.SetReaderConfig


DEADLINES: dict[str, tuple[Conversation, float, str]] = {
    "no connection event": (Conversation(), 10.1, "connection event has not come"),
    "no answer": (
        Conversation(GetReaderCapabilities=None).run(),
        15.1,
        "answer to GET_READER_CAPABILITIES has not come",
    ),
    "silence": (Conversation().run(), 25.1, "silent for 25 s"),
}


@pytest.mark.parametrize(("conversation", "wait_s", "text"), DEADLINES.values(), ids=DEADLINES)
def test_every_wait_has_an_end_and_a_reader_that_is_silent_hears_no_goodbye(
    conversation: Conversation, wait_s: float, text: str
) -> None:
    conversation.hear(b"", after_s=wait_s - 0.2)
    with pytest.raises(ReaderSilent, match=text):
        conversation.hear(b"", after_s=0.2)
    assert conversation.session.stop(conversation.now) == b""
    assert conversation.session.is_dead


def test_any_traffic_is_a_sign_of_life() -> None:
    conversation = Conversation().run()
    for _ in range(5):
        conversation.hear(report(), after_s=20)
    assert conversation.kinds() == [HealthKind.CONNECTED]


ENDS: dict[str, tuple[bytes, type[GatewayError]]] = {
    "a goodbye": (
        encode_message(event(connection_close_event=ConnectionCloseEvent()), 9),
        ReaderError,
    ),
    "a length that cannot be": (bytes.fromhex("043d0000000900000001"), ProtocolError),
}


@pytest.mark.parametrize(("data", "error"), ENDS.values(), ids=ENDS)
def test_what_came_before_the_end_is_delivered(data: bytes, error: type[GatewayError]) -> None:
    conversation = Conversation().run()
    assert len(conversation.hear(report() + data).polled.reads) == 1
    with pytest.raises(error):
        conversation.hear(b"")
    with pytest.raises(error):
        conversation.hear(report())


def test_the_goodbye_takes_our_rospec_with_it() -> None:
    conversation = Conversation().run()
    goodbye = [
        decode_message(f).message for f in frames(conversation.session.stop(conversation.now))
    ]
    assert goodbye == [
        m.StopROSpec(rospec_id=77),
        m.DeleteROSpec(rospec_id=77),
        m.CloseConnection(),
    ]


def test_there_is_no_goodbye_to_a_reader_that_never_spoke() -> None:
    conversation = Conversation()
    assert conversation.session.stop(conversation.now) == b""


def test_there_is_one_goodbye() -> None:
    conversation = Conversation().run()
    conversation.session.stop(conversation.now)
    assert conversation.session.stop(conversation.now) == b""


def test_a_stream_may_come_byte_by_byte() -> None:
    whole, single = Conversation().run(), Conversation().run()
    data = report() + keepalive() + report(port=2)
    expected = whole.hear(data)
    outputs = [single.hear(bytes([octet])) for octet in data]
    assert b"".join(one.to_send for one in outputs) == expected.to_send
    assert [read for one in outputs for read in one.polled.reads] == expected.polled.reads
