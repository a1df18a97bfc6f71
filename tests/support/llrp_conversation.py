"""A session, and a reader whose every word a test writes down."""

from collections.abc import Callable
from typing import TypeAlias

from edge.llrp import Frame, FrameDecoder, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import (
    ConnectionAttemptStatusType,
    StatusCode,
)
from edge.llrp.fields import Element, Message
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
    UTCTimestamp,
)
from edge.llrp.parameters_report import (
    ConnectionAttemptEvent,
    LastSeenTimestampUTC,
    PeakRSSI,
    ReaderEventNotificationData,
    TagReportData,
    TagSeenCount,
)
from edge.llrp.session import LinkMemory, LlrpSession, SessionOutput
from edge.llrp.settings import LlrpSettings
from edge.model import HealthEvent, HealthKind, Now
from edge.options import LlrpVersion
from tests.support.clocks import ManualClock

READER_US = 1_750_000_000_000_000  # the reader's clock, and ours
SETTINGS = LlrpSettings(antenna_ports=(1, 2), rospec_id=77)
OLD = LlrpSettings(version=LlrpVersion.V1_0_1)
EPC = bytes.fromhex("3034257bf7194e4000001a85")
OK = LLRPStatus(status_code=StatusCode.M_SUCCESS)
CAPABILITIES = GeneralDeviceCapabilities(
    max_number_of_antenna_supported=4,
    device_manufacturer_name=32473,
    model_name=2001002,
    reader_firmware_version="6.4.1",
    receive_sensitivity_table_entries=(
        ReceiveSensitivityTableEntry(index=1, receive_sensitivity_value=0),
    ),
    gpio_capabilities=GPIOCapabilities(num_gpis=0, num_gpos=0),
    per_antenna_air_protocols=(PerAntennaAirProtocol(antenna_id=1, protocol_id=(1,)),),
)
ANSWERS: dict[type[Message], Message] = {
    m.GetSupportedVersion: m.ErrorMessage(
        llrp_status=LLRPStatus(status_code=StatusCode.M_UNSUPPORTED_VERSION)
    ),
    m.GetReaderConfig: m.GetReaderConfigResponse(llrp_status=OK),
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
    m.GetSupportedVersion,
    m.GetReaderCapabilities,
    m.SetReaderConfig,
    m.GetReaderConfig,
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


Answer: TypeAlias = Message | Callable[[Message], Message | None] | None


class Conversation:
    """Our session, and a reader that answers from a table unless a test says otherwise."""

    def __init__(
        self,
        settings: LlrpSettings | None = None,
        memory: LinkMemory | None = None,
        **answers: Answer,
    ) -> None:
        self.session = LlrpSession(settings or SETTINGS, memory)
        self.clock = ManualClock(READER_US)
        self.asked: list[Message] = []
        self.health: list[HealthEvent] = []
        self.answers: dict[str, Answer] = {cls.__name__: one for cls, one in ANSWERS.items()}
        self.answers |= answers
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
            answer = self.answers.get(type(request).__name__)
            if callable(answer):
                answer = answer(request)
            if answer is not None:
                answers += encode_message(answer, frame.message_id)
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
