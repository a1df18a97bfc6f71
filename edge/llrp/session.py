"""A client's conversation with one LLRP reader, as a machine of states without input or output.

    waiting ─ connection event ─▶ asking ─▶ configuring ─▶ listing ─▶ (deleting) ─▶ adding
        ─▶ enabling ─▶ starting ─▶ running

Each state between sends one request and waits for its answer, which is known by its message id,
whatever comes in between.  Reports are delivered in every state, keepalives are answered at once.
A reader that refuses what it may lack (capabilities, events) is used without; one that refuses the
ROSpec cannot be used.  Whoever has a session calls `step` at least once a second: waiting is done
with the times given.
"""

from collections import Counter
from dataclasses import dataclass, field

from edge.errors import GatewayError, ReaderError, ReaderRefused
from edge.llrp import messages as m
from edge.llrp.codec import Fault, decode_message, decode_parameter, encode_message
from edge.llrp.constants import (
    ConnectionAttemptStatusType,
    MessageType,
    ROSpecEventType,
    StatusCode,
)
from edge.llrp.fields import Message, UnknownMessage
from edge.llrp.framing import Frame, FrameDecoder
from edge.llrp.layout import FaultCause
from edge.llrp.notifications import CONNECTION_REFUSALS, health_of
from edge.llrp.parameters_common import LLRPStatus, Timestamp, Uptime
from edge.llrp.parameters_report import ReaderEventNotificationData, ROSpecEvent
from edge.llrp.reports import ReportDecoder
from edge.llrp.rospec import LlrpSettings
from edge.llrp.session_states import REQUESTS, TRANSITIONS, Event, State
from edge.model import HealthEvent, HealthKind, Now, Polled, TagRead, Tick

_RO_ACCESS_REPORT = int(MessageType.RO_ACCESS_REPORT)
_TO_ANSWER = 10  # what an answer's message type is above its request's (§16.1)
SILENCE = 2.5  # keepalive intervals without a word: the link is dead


@dataclass(frozen=True, slots=True)
class SessionOutput:
    to_send: bytes
    polled: Polled


@dataclass(frozen=True, slots=True)
class _Pending:
    """What is waited for."""

    name: str
    deadline_s: float
    message_id: int | None = None
    answer_type: int | None = None


@dataclass(slots=True)
class _Gathered:
    """What one step has brought so far."""

    to_send: bytearray = field(default_factory=bytearray)
    reads: list[TagRead] = field(default_factory=list)
    health: list[HealthEvent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    is_alive: bool = False  # a keepalive has come

    def is_empty(self) -> bool:
        return not (self.to_send or self.reads or self.health or self.faults or self.is_alive)


class _ReaderClock:
    """The time by the reader's clock: the last stamp heard, and what has passed since."""

    def __init__(self, now: Now) -> None:
        self.uptime_offset_us = 0
        self._stamp_us, self._heard_s = now.utc_us, now.monotonic_s

    def hear(self, stamp_us: int, now: Now) -> None:
        self._stamp_us, self._heard_s = stamp_us, now.monotonic_s

    def at(self, now: Now) -> int:
        return self._stamp_us + round((now.monotonic_s - self._heard_s) * 1_000_000)


class LlrpSession:
    """One connection: start() once, step() with all that is received, stop() at the end.

    `capabilities` are what the reader has told of itself, `faults` counts what could not be read.
    """

    def __init__(self, settings: LlrpSettings) -> None:
        self.capabilities: m.GetReaderCapabilitiesResponse | None = None
        self.faults = Counter[FaultCause]()
        self._settings = settings
        self._state = State.WAITING
        self._frames = FrameDecoder()
        self._reports = ReportDecoder()
        self._clock = _ReaderClock(Now(0.0, 0))
        self._heard_s = 0.0
        self._last_id = 0
        self._pending: _Pending | None = None
        self._foreign: list[int] = []  # ROSpecs of others, which a full reader may have too many of
        self._was_running = False
        self._failure: GatewayError | None = None
        self._gathered = _Gathered()

    def start(self, now: Now) -> bytes:
        """Begin; nothing is sent before the reader has said that it takes the connection."""
        self._clock = _ReaderClock(now)
        self._heard_s = now.monotonic_s
        deadline_s = now.monotonic_s + self._settings.connect_timeout_s
        self._pending = _Pending("the reader's connection event", deadline_s)
        return b""

    def step(self, received: bytes, now: Now) -> SessionOutput:
        """Take what has been received, b"" when nothing has; give what is to be sent and told.

        Raises ReaderRefused, ReaderError (a deadline, silence, a goodbye) or ProtocolError; the
        session is over then.  What came before the cause is not lost: it is given first, and the
        next step raises.
        """
        if self._failure:
            raise self._failure
        self._gathered = _Gathered()
        if received:
            self._heard_s = now.monotonic_s
            self._frames.feed(received)
        try:
            self._take_frames(now)
            self._check_times(now)
        except GatewayError as error:
            self._failure = error
            if self._gathered.is_empty():
                raise
        return self._output(now)

    def stop(self, now: Now) -> bytes:  # noqa: ARG002 - every session's goodbye is told the time
        """Give the goodbye, to be sent without waiting for answers; the ROSpec goes with it."""
        state, self._state, self._pending = self._state, State.STOPPED, None
        if state in {State.WAITING, State.STOPPED}:
            return b""
        rospec_id = self._settings.rospec_id
        goodbye: list[Message] = [m.CloseConnection()]
        if state in {State.ADDING, State.ENABLING, State.STARTING, State.RUNNING}:
            ours = [m.StopROSpec(rospec_id=rospec_id), m.DeleteROSpec(rospec_id=rospec_id)]
            goodbye = [*ours, *goodbye]
        return b"".join(encode_message(message, self._next_id()) for message in goodbye)

    def _take_frames(self, now: Now) -> None:
        gathered, reader_now_us = self._gathered, self._clock.at(now)
        while (frame := self._frames.next_frame()) is not None:
            if frame.message_type == _RO_ACCESS_REPORT:
                gathered.reads += self._reports.decode(frame.body, reader_now_us, gathered.faults)
            else:
                self._take(frame, now)

    def _take(self, frame: Frame, now: Now) -> None:
        message, faults = decode_message(frame)
        self._gathered.faults += faults[:1]  # the others follow from it
        match message:
            case m.Keepalive():
                self._gathered.to_send += encode_message(m.KeepaliveAck(), frame.message_id)
                self._gathered.is_alive = True
            case m.ReaderEventNotification(reader_event_notification_data=data):
                self._hear(data, now)
            case _ if self._is_answer(frame):
                self._take_answer(message, now)
            case m.ErrorMessage(llrp_status=status):
                self._tell(HealthKind.WARNING, f"reader reports an error: {_reason(status)}", now)

    def _is_answer(self, frame: Frame) -> bool:
        pending = self._pending
        if pending is None or frame.message_id != pending.message_id:
            return False
        return frame.message_type in {pending.answer_type, MessageType.ERROR_MESSAGE}

    def _take_answer(self, message: Message, now: Now) -> None:
        status = _status(message)
        event = Event.REFUSED
        if status is not None and status.status_code == StatusCode.M_SUCCESS:
            event = self._accepted(message)
        if event is Event.REFUSED and self._state is not State.DELETING:
            name = self._pending.name if self._pending else ""
            reason = _reason(status) if status else "its answer cannot be read"
            if self._state is State.ADDING and self._foreign:
                reason += f"; it has ROSpecs of others: {', '.join(map(str, self._foreign))}"
            refusal = ReaderRefused(name, status.status_code if status else 0, reason)
            if (self._state, event) not in TRANSITIONS:
                raise refusal
            self._tell(HealthKind.WARNING, str(refusal), now)
        self._go(event, now)

    def _accepted(self, message: Message) -> Event:
        """Learn from a good answer, and tell what it means in this state."""
        if isinstance(message, m.GetReaderCapabilitiesResponse):
            self.capabilities = message
        if self._state is State.LISTING:
            if not isinstance(message, m.GetROSpecsResponse):
                return Event.REFUSED
            there = [spec.rospec_id for spec in message.rospecs]
            self._foreign = [number for number in there if number != self._settings.rospec_id]
            return Event.OURS_IS_THERE if len(self._foreign) < len(there) else Event.ACCEPTED
        if self._state is State.ENABLING and self._settings.report_period_ms:
            return Event.STARTS_ITSELF
        return Event.ACCEPTED

    def _go(self, event: Event, now: Now) -> None:
        if (self._state, event) not in TRANSITIONS:
            raise ReaderError(
                f"LLRP session that is {self._state.value} cannot have: {event.value}"
            )
        self._state = TRANSITIONS[self._state, event]
        self._pending = None
        if self._state in REQUESTS:
            self._request(REQUESTS[self._state](self._settings), now)
        elif not self._was_running:
            self._was_running = True
            self._tell(HealthKind.CONNECTED, self._describe(), now)

    def _request(self, message: Message, now: Now) -> None:
        message_id = self._next_id()
        self._gathered.to_send += encode_message(message, message_id)
        deadline_s = now.monotonic_s + self._settings.request_timeout_s
        name = MessageType(message.number).name
        self._pending = _Pending(name, deadline_s, message_id, message.number + _TO_ANSWER)

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _hear(self, data: ReaderEventNotificationData, now: Now) -> None:
        attempt = data.connection_attempt_event
        if attempt is not None and self._state is State.WAITING:
            if attempt.status != ConnectionAttemptStatusType.SUCCESS:
                reason = CONNECTION_REFUSALS.get(attempt.status, "for an unknown reason")
                raise ReaderRefused("the connection", attempt.status, reason)
            self._connected(data.timestamp, now)
            return
        at_us = self._stamp(data.timestamp)
        self._clock.hear(at_us, now)
        self._gathered.health += health_of(data, at_us)
        if data.connection_close_event is not None:
            raise ReaderError("the reader has closed the connection")
        if data.rospec_event is not None:
            self._hear_rospec(data.rospec_event, now)

    def _connected(self, timestamp: Timestamp, now: Now) -> None:
        if isinstance(timestamp, Uptime):
            self._clock.uptime_offset_us = now.utc_us - timestamp.microseconds
        self._reports.reset(self._clock.uptime_offset_us)
        self._clock.hear(self._stamp(timestamp), now)
        self._go(Event.CONNECTED, now)

    def _hear_rospec(self, event: ROSpecEvent, now: Now) -> None:
        """Start our ROSpec again if something has ended it, unless it starts itself."""
        if (
            event.rospec_id != self._settings.rospec_id
            or self._settings.report_period_ms
            or self._state is not State.RUNNING
        ):
            return
        if event.event_type != ROSpecEventType.START_OF_ROSPEC:
            self._tell(HealthKind.WARNING, "the ROSpec has ended and is started again", now)
            self._go(Event.ENDED, now)

    def _stamp(self, timestamp: Timestamp) -> int:
        is_uptime = isinstance(timestamp, Uptime)
        return timestamp.microseconds + (self._clock.uptime_offset_us if is_uptime else 0)

    def _check_times(self, now: Now) -> None:
        pending, silent_s = self._pending, now.monotonic_s - self._heard_s
        if pending is not None and now.monotonic_s > pending.deadline_s:
            wanted = pending.name if pending.answer_type is None else f"answer to {pending.name}"
            raise ReaderError(f"LLRP: {wanted} has not come in time")
        if self._state is State.RUNNING and silent_s > SILENCE * self._settings.keepalive_s:
            raise ReaderError(f"LLRP: the reader has been silent for {silent_s:.0f} s")

    def _output(self, now: Now) -> SessionOutput:
        gathered = self._gathered
        if gathered.reads:
            self._clock.hear(gathered.reads[-1].at_us, now)
        if gathered.faults:
            self.faults.update(fault.cause for fault in gathered.faults)
            for text, count in Counter(map(_fault_text, gathered.faults)).items():
                times = f" ({count} times)" if count > 1 else ""
                self._tell(HealthKind.FAULT, f"{text}{times}", now)
        tick = Tick(self._clock.at(now)) if gathered.is_alive and not gathered.reads else None
        polled = Polled(gathered.reads, tick, tuple(gathered.health))
        return SessionOutput(bytes(gathered.to_send), polled)

    def _tell(self, kind: HealthKind, detail: str, now: Now) -> None:
        self._gathered.health.append(HealthEvent(kind, detail, self._clock.at(now)))

    def _describe(self) -> str:
        device = self.capabilities and self.capabilities.general_device_capabilities
        if not device:
            return "reader of unknown make"
        make = f"manufacturer {device.device_manufacturer_name}, model {device.model_name}"
        return f"{make}, firmware {device.reader_firmware_version}"


def _status(message: Message) -> LLRPStatus | None:
    """Find the status of an answer, even of one that cannot be read further on."""
    if isinstance(message, UnknownMessage):
        parameter, _ = decode_parameter(message.data)
        return parameter if isinstance(parameter, LLRPStatus) else None
    status = getattr(message, "llrp_status", None)
    return status if isinstance(status, LLRPStatus) else None


def _reason(status: LLRPStatus) -> str:
    code = status.status_code
    name = code.name if isinstance(code, StatusCode) else "unknown status"
    return f"{name}, {status.error_description}" if status.error_description else name


def _fault_text(fault: Fault) -> str:
    return f"{fault.where or 'message'}: {fault.cause}"
