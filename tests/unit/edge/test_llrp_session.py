"""A session against a reader whose every word is written down here."""

from collections.abc import Callable

import pytest

from edge.errors import GatewayError, ProtocolError, ReaderError, ReaderRefused
from edge.llrp import Frame, FrameDecoder, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import (
    AntennaEventType,
    ConnectionAttemptStatusType,
    MessageType,
    ROSpecEventType,
    StatusCode,
)
from edge.llrp.fields import Element, Message
from edge.llrp.layout import FaultCause
from edge.llrp.parameters_capabilities import (
    GeneralDeviceCapabilities,
    GPIOCapabilities,
    PerAntennaAirProtocol,
    ReceiveSensitivityTableEntry,
)
from edge.llrp.parameters_common import (
    EPC96,
    AntennaID,
    LLRPStatus,
    Timestamp,
    Uptime,
    UTCTimestamp,
)
from edge.llrp.parameters_report import (
    AntennaEvent,
    ConnectionAttemptEvent,
    ConnectionCloseEvent,
    LastSeenTimestampUptime,
    LastSeenTimestampUTC,
    PeakRSSI,
    ReaderEventNotificationData,
    ReaderExceptionEvent,
    ReportBufferLevelWarningEvent,
    ReportBufferOverflowErrorEvent,
    ROSpecEvent,
    TagReportData,
    TagSeenCount,
)
from edge.llrp.rospec import LlrpSettings, rospec
from edge.llrp.session import LlrpSession, SessionOutput
from edge.model import HealthEvent, HealthKind, Now, TagRead, Tick
from tests.support.clocks import ManualClock

READER_US = 1_750_000_000_000_000  # the reader's clock; ours is years ahead
SETTINGS = LlrpSettings(antenna_ports=(1, 2), rospec_id=77)
EPC = bytes.fromhex("3034257bf7194e4000001a85")
OK = LLRPStatus(status_code=StatusCode.M_SUCCESS)
CAPABILITIES = GeneralDeviceCapabilities(
    max_number_of_antenna_supported=4,
    device_manufacturer_name=25882,
    model_name=2001002,
    reader_firmware_version="6.4.1",
    receive_sensitivity_table_entries=(
        ReceiveSensitivityTableEntry(index=1, receive_sensitivity_value=0),
    ),
    gpio_capabilities=GPIOCapabilities(num_gpis=0, num_gpos=0),
    per_antenna_air_protocols=(PerAntennaAirProtocol(antenna_id=1, protocol_id=(1,)),),
)
ANSWERS: dict[type[Message], Message] = {
    m.GetReaderCapabilities: m.GetReaderCapabilitiesResponse(
        llrp_status=OK, general_device_capabilities=CAPABILITIES
    ),
    m.SetReaderConfig: m.SetReaderConfigResponse(llrp_status=OK),
    m.GetROSpecs: m.GetROSpecsResponse(llrp_status=OK),
    m.DeleteROSpec: m.DeleteROSpecResponse(llrp_status=OK),
    m.AddROSpec: m.AddROSpecResponse(llrp_status=OK),
    m.EnableROSpec: m.EnableROSpecResponse(llrp_status=OK),
    m.StartROSpec: m.StartROSpecResponse(llrp_status=OK),
}
HANDSHAKE: list[type[Message]] = [
    m.GetReaderCapabilities,
    m.SetReaderConfig,
    m.GetROSpecs,
    m.AddROSpec,
    m.EnableROSpec,
    m.StartROSpec,
]


def refusal(code: StatusCode, text: str = "") -> LLRPStatus:
    return LLRPStatus(status_code=code, error_description=text)


def event(timestamp: Timestamp | None = None, /, **events: Element) -> Message:
    at = timestamp or UTCTimestamp(microseconds=READER_US)
    data = ReaderEventNotificationData(timestamp=at, **events)  # type: ignore[arg-type]  # by name
    return m.ReaderEventNotification(reader_event_notification_data=data)


def connection(status: int = 0, timestamp: Timestamp | None = None) -> bytes:
    attempt = ConnectionAttemptEvent(status=ConnectionAttemptStatusType(status))
    return encode_message(event(timestamp, connection_attempt_event=attempt), 1)


def report(at_us: int = READER_US + 500_000, port: int = 1) -> bytes:
    record = TagReportData(
        epc=EPC96(epc=EPC),
        antenna_id=AntennaID(antenna_id=port),
        peak_rssi=PeakRSSI(peak_rssi=-48),
        last_seen_timestamp_utc=LastSeenTimestampUTC(microseconds=at_us),
        tag_seen_count=TagSeenCount(tag_count=3),
    )
    return encode_message(m.ROAccessReport(tag_report_datas=(record,)), 900)


def keepalive(message_id: int = 4711) -> bytes:
    return encode_message(m.Keepalive(), message_id)


def frames(data: bytes) -> list[Frame]:
    decoder = FrameDecoder()
    decoder.feed(data)
    return [*iter(decoder.next_frame, None)]


class Conversation:
    """Our session, and a reader that answers from a table unless a test says otherwise."""

    def __init__(self, settings: LlrpSettings | None = None, **answers: Message) -> None:
        self.session = LlrpSession(settings or SETTINGS)
        self.clock = ManualClock()
        self.asked: list[Message] = []
        self.health: list[HealthEvent] = []
        self.answers = {cls.__name__: answer for cls, answer in ANSWERS.items()} | answers
        self.to_send = self.session.start(self.clock.now())

    @property
    def now(self) -> Now:
        return self.clock.now()

    def hear(self, data: bytes, after_s: float = 0.0) -> SessionOutput:
        self.clock.advance(after_s)
        output = self.session.step(data, self.now)
        self.health += output.polled.health
        return output

    def answer(self, sent: bytes) -> bytes:
        """Give the reader's answers to what was sent."""
        answers = b""
        for frame in frames(sent):
            request = decode_message(frame).message
            self.asked.append(request)
            answers += encode_message(self.answers[type(request).__name__], frame.message_id)
        return answers

    def run(self, first: bytes | None = None) -> "Conversation":
        """Go on until the session has nothing more to ask."""
        to_send = self.hear(connection() if first is None else first).to_send
        while to_send:
            to_send = self.hear(self.answer(to_send)).to_send
        return self

    def kinds(self) -> list[HealthKind]:
        return [one.kind for one in self.health]


def asked(conversation: Conversation) -> list[type[Message]]:
    return [type(message) for message in conversation.asked]


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
            "manufacturer 25882, model 2001002, firmware 6.4.1",
            READER_US,
        )
    ]
    assert conversation.session.capabilities is not None


def test_the_configuration_asks_for_keepalives_and_resets_nothing() -> None:
    (config,) = [a for a in Conversation().run().asked if isinstance(a, m.SetReaderConfig)]
    assert not config.reset_to_factory_default
    assert config.keepalive_spec is not None
    assert config.keepalive_spec.periodic_trigger_value == 10_000


def test_the_rospec_added_is_the_settings_own() -> None:
    (added,) = [a for a in Conversation().run().asked if isinstance(a, m.AddROSpec)]
    assert added.rospec == rospec(SETTINGS)


def test_only_our_own_rospec_is_replaced() -> None:
    others = rospec(LlrpSettings(rospec_id=5))
    there = m.GetROSpecsResponse(llrp_status=OK, rospecs=(others, rospec(SETTINGS)))
    conversation = Conversation(GetROSpecs=there).run()
    assert asked(conversation) == [*HANDSHAKE[:3], m.DeleteROSpec, *HANDSHAKE[3:]]
    (deleted,) = [a for a in conversation.asked if isinstance(a, m.DeleteROSpec)]
    assert deleted.rospec_id == 77


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
        [*HANDSHAKE[:3], m.DeleteROSpec, *HANDSHAKE[3:]],
    ),
}


@pytest.mark.parametrize(("answers", "way"), LACKS.values(), ids=LACKS)
def test_a_reader_is_used_without_what_it_lacks(
    answers: dict[str, Message], way: list[type[Message]]
) -> None:
    conversation = Conversation(None, **answers).run()
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
    assert asked(conversation) == [*HANDSHAKE[:2], m.SetReaderConfig]


def test_events_may_be_refused_when_keepalives_are_not() -> None:
    conversation = Conversation()
    to_send = conversation.hear(connection()).to_send
    to_send = conversation.hear(conversation.answer(to_send)).to_send
    good = conversation.answers["SetReaderConfig"]
    conversation.answers["SetReaderConfig"] = m.ErrorMessage(
        llrp_status=refusal(StatusCode.M_PARAMETER_ERROR)
    )
    to_send = conversation.hear(conversation.answer(to_send)).to_send
    conversation.answers["SetReaderConfig"] = good
    conversation.run(conversation.answer(to_send))
    second = [a for a in conversation.asked if isinstance(a, m.SetReaderConfig)][1]
    assert second.reader_event_notification_spec is None
    assert second.keepalive_spec is not None
    assert conversation.kinds() == [HealthKind.WARNING, HealthKind.CONNECTED]


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
    conversation = Conversation()
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
    conversation = Conversation()
    conversation.hear(connection())
    answer = encode_message(ANSWERS[m.GetReaderCapabilities], 999)
    assert conversation.hear(answer).to_send == b""


def test_an_answer_that_cannot_be_read_to_its_end_still_counts() -> None:
    conversation = Conversation()
    first = frames(conversation.hear(connection()).to_send)[0]
    good = frames(encode_message(ANSWERS[m.SetReaderConfig], first.message_id))[0]
    broken = Frame(1, MessageType.GET_READER_CAPABILITIES_RESPONSE, first.message_id, good.body)
    cut = broken.body + b"\x00\x89\x00\x04"  # GeneralDeviceCapabilities with nothing in it
    output = conversation.hear(Frame(1, 11, first.message_id, cut).encode())
    assert type(decode_message(frames(output.to_send)[0]).message) is m.SetReaderConfig


DEADLINES: dict[str, tuple[Callable[[Conversation], object], float, str]] = {
    "no connection event": (lambda _: None, 10.1, "the reader's connection event has not come"),
    "no answer": (
        lambda conversation: conversation.hear(connection()),
        15.1,
        "answer to GET_READER_CAPABILITIES has not come",
    ),
    "silence": (lambda conversation: conversation.run(), 25.1, "silent for 25 s"),
}


@pytest.mark.parametrize(("before", "wait_s", "text"), DEADLINES.values(), ids=DEADLINES)
def test_every_wait_has_an_end(
    before: Callable[[Conversation], object], wait_s: float, text: str
) -> None:
    conversation = Conversation()
    before(conversation)
    conversation.hear(b"", after_s=wait_s - 0.2)
    with pytest.raises(ReaderError, match=text):
        conversation.hear(b"", after_s=0.2)


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
