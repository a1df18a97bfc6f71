"""A client's conversation with one LLRP reader, as a machine without input or output.

    waiting ─ connection event ─▶ setting up ─▶ running ─▶ stopped

What is said while setting up, and in every operation later, are conversations
(`edge.llrp.conversation`), of which one goes on at a time.  Reports are delivered in every state,
keepalives are answered at once with their own id.  Whoever has a session calls `step` at least once
a second: waiting is done with the times given.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from edge.errors import GatewayError, ReaderError, ReaderRefused, ReaderSilent
from edge.llrp import messages as m
from edge.llrp.clock import ClockMemory
from edge.llrp.codec import Fault, decode_message
from edge.llrp.constants import ConnectionAttemptStatusType, MessageType, ROSpecEventType
from edge.llrp.conversation import Conversation, insist, reason_of
from edge.llrp.facts import SessionFacts
from edge.llrp.framing import Frame, FrameDecoder
from edge.llrp.hearing import Hearing, HearingMemory
from edge.llrp.layout import FaultCause
from edge.llrp.losses import ReportLosses
from edge.llrp.notifications import (
    CONNECTION_REFUSALS,
    antenna_health,
    fault_health,
    health_of,
)
from edge.llrp.operations import Operation, Outcome
from edge.llrp.parameters_common import Timestamp
from edge.llrp.parameters_report import ReaderEventNotificationData, ROSpecEvent
from edge.llrp.reports import ReportDecoder
from edge.llrp.settings import LlrpSettings
from edge.llrp.setup import Found, Setup, VersionMemory
from edge.llrp.talking import Talking
from edge.llrp.timekeeping import Timekeeping
from edge.model import HealthEvent, HealthKind, Now, Polled, TagRead, Tick
from edge.options import ClockPolicy

_RO_ACCESS_REPORT = int(MessageType.RO_ACCESS_REPORT)
# After these nothing is as it was reported last (LLRP 1.1 §14.2.3).
_RENEWED = {MessageType.ADD_ROSPEC_RESPONSE, MessageType.DELETE_ROSPEC_RESPONSE}
SILENCE = 2.5  # keepalive intervals without a whole message: the link is dead


class State(Enum):
    WAITING = "waiting"
    SETTING_UP = "setting up"
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SessionOutput:
    """`done` is what has become of the operation, once it is over."""

    to_send: bytes
    polled: Polled
    done: Outcome | None = None


@dataclass(slots=True)
class LinkMemory:
    """What one connection leaves to the next with the same reader."""

    version: VersionMemory = field(default_factory=VersionMemory)
    clock: ClockMemory = field(default_factory=ClockMemory)
    hearing: HearingMemory = field(default_factory=HearingMemory)


@dataclass(slots=True)
class _Gathered:
    """What one step has brought so far."""

    reads: list[TagRead] = field(default_factory=list)
    health: list[HealthEvent] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    is_alive: bool = False  # a keepalive has come
    done: Outcome | None = None

    def is_empty(self) -> bool:
        brought = self.reads or self.health or self.faults or self.is_alive
        return not brought and self.done is None


class LlrpSession:
    """One connection: start() once, step() with all that is received, stop() at the end.

    `only_looks`: the reader is asked what it is, and nothing is changed in it.
    """

    def __init__(
        self,
        settings: LlrpSettings,
        memory: LinkMemory | None = None,
        *,
        only_looks: bool = False,
    ) -> None:
        memory = memory or LinkMemory()
        self._only_looks = only_looks
        self.faults = Counter[FaultCause]()  # what could not be read
        self._settings = settings
        self._setup = Setup(settings, memory.version, self._warn)
        self._talking = Talking(settings.request_timeout_s)
        self._state = State.WAITING
        self._frames = FrameDecoder()
        self._reports = ReportDecoder()
        self._losses = ReportLosses(self._reports)
        self._now = Now(0.0, 0)
        trusts = settings.clock is ClockPolicy.TRUST
        self._time = Timekeeping(memory.clock, self._reports, self._warn, trusts=trusts)
        silence_s = 0.0 if only_looks else settings.antenna_silence_s
        self._hearing = Hearing(memory.hearing, settings.antenna_ports, silence_s)
        self._began_s = self._heard_s = 0.0
        self._must_restart = False
        self._failure: GatewayError | None = None
        self._is_dead = False
        self._gathered = _Gathered()

    @property
    def is_idle(self) -> bool:
        """Tell whether an operation can begin."""
        return self._state is State.RUNNING and self._talking.is_over and self._failure is None

    @property
    def is_running(self) -> bool:
        return self._state is State.RUNNING

    @property
    def is_dead(self) -> bool:
        """Tell whether the other end does not hear any more, so that a goodbye is in vain."""
        return self._is_dead

    @property
    def found(self) -> Found:
        """What the reader has told of itself."""
        return self._setup.found

    def facts(self) -> SessionFacts:
        """Give what may be shown of the connection, as of the last step."""
        faults = {cause.value: count for cause, count in self.faults.items()}
        clock = self._time.state(self._now)
        return SessionFacts.of(self.found, self._state.value, clock, faults)

    def start(self, now: Now) -> bytes:
        """Begin; nothing is sent before the reader has said that it takes the connection."""
        self._now = now
        self._time.begin(now)
        self._began_s = self._heard_s = now.monotonic_s
        return b""

    def step(self, received: bytes, now: Now) -> SessionOutput:
        """Take what has been received, b"" when nothing has; give what is to be sent and told.

        Raises ReaderRefused, ReaderError (a deadline, silence, a goodbye) or ProtocolError; the
        session is over then.  What came before the cause is not lost: it is given first, and the
        next step raises.
        """
        if self._failure:
            raise self._failure
        self._now = now
        self._frames.feed(received)
        try:
            self._take_frames()
            self._check_times()
        except GatewayError as error:
            self._failure = error
            self._is_dead = isinstance(error, ReaderSilent)
            to_send = self._talking.take_bytes()
            if self._gathered.is_empty() and not (to_send or self._time.is_in_doubt):
                raise
            return self._output(to_send)
        return self._output(self._talking.take_bytes())

    def begin(self, operation: Operation) -> None:
        """Begin an operation; the session must be idle.  A later step tells what has become of it.

        Raises ReaderError where it cannot be begun.
        """
        if not self.is_idle:
            raise ReaderError(f"LLRP: the reader is not ready: {self._state.value}")
        self._talking.lead(self._operate(operation), self._now)

    def stop(self, now: Now) -> bytes:
        """Give the goodbye; the ROSpec goes with it.  Its answer may be waited for: has_ended()."""
        self._now = now
        state, self._state = self._state, State.STOPPED
        self._talking.end()
        if state in {State.WAITING, State.STOPPED} or self._is_dead:
            return b""
        if not self._only_looks:
            rospec_id = self._settings.rospec_id
            self._talking.say(m.StopROSpec(rospec_id=rospec_id))
            self._talking.say(m.DeleteROSpec(rospec_id=rospec_id))
        self._talking.say(m.CloseConnection())
        return self._talking.take_bytes()

    def has_ended(self, received: bytes) -> bool:
        """After stop(): take what still comes; tell whether the reader has confirmed the end."""
        self._frames.feed(received)
        frames = iter(self._frames.next_frame, None)
        return any(frame.message_type == MessageType.CLOSE_CONNECTION_RESPONSE for frame in frames)

    # What comes in.

    def _take_frames(self) -> None:
        faults, now_us = self._gathered.faults, self._time.at(self._now)
        while (frame := self._frames.next_frame()) is not None:
            # Only whole messages are a sign of life: a wrong length would swallow all that comes.
            self._heard_s = self._now.monotonic_s
            if frame.message_type != _RO_ACCESS_REPORT:
                self._take(frame)
                continue
            reads = self._reports.decode(frame.body, now_us, faults)
            self._gathered.reads += reads
            for kind, told in self._losses.take(len(reads), faults):
                self._tell(kind, told)
            if self._talking.awaits_result:
                self._talking.take_report(frame, self._now)

    def _take(self, frame: Frame) -> None:
        message, faults = decode_message(frame)
        self._gathered.faults += faults[:1]  # the others follow from it
        if frame.message_type in _RENEWED:
            self._reports.reset()
        match message:
            case m.Keepalive():
                self._talking.say(m.KeepaliveAck(), frame.message_id)
                self._gathered.is_alive = True
            case m.ReaderEventNotification(reader_event_notification_data=data):
                self._hear(data)
            case _ if self._talking.take(frame, message, self._now):
                if self._must_restart and self.is_idle:
                    self._restart()
            case m.ErrorMessage(llrp_status=status):
                self._warn(f"reader reports an error: {reason_of(status)}")

    def _hear(self, data: ReaderEventNotificationData) -> None:
        attempt = data.connection_attempt_event
        if attempt is not None and self._state is State.WAITING:
            if attempt.status != ConnectionAttemptStatusType.SUCCESS:
                reason = CONNECTION_REFUSALS.get(attempt.status, "for an unknown reason")
                raise ReaderRefused("the connection", attempt.status, reason)
            self._connected(data.timestamp)
            return
        at_us = self._time.heard_at(data.timestamp, self._now)
        self._gathered.health += health_of(data, at_us)
        if data.connection_close_event is not None:
            raise ReaderError("the reader has closed the connection")
        if data.report_buffer_level_warning_event is not None:
            self._talking.say(m.GetReport())
        if data.rospec_event is not None:
            self._hear_rospec(data.rospec_event)

    def _connected(self, timestamp: Timestamp) -> None:
        self._time.connect(timestamp, self._now)
        self._state = State.SETTING_UP
        self._talking.lead(self._set_up(), self._now)

    def _hear_rospec(self, event: ROSpecEvent) -> None:
        """Start our ROSpec again if something has ended it, unless it starts itself."""
        if (
            event.rospec_id != self._settings.rospec_id
            or self._settings.report_period_ms
            or self._state is not State.RUNNING
            or event.event_type == ROSpecEventType.START_OF_ROSPEC
        ):
            return
        if not self.found.rospec_ends:
            self._warn("the ROSpec has ended and is started again")
        self._must_restart = True
        if self._talking.is_over:
            self._restart()

    # What is said.

    def _set_up(self) -> Conversation[None]:
        yield from self._setup.look() if self._only_looks else self._setup.conversation()
        self._state = State.RUNNING
        self._hearing.begin(self._now.monotonic_s)
        self._tell(HealthKind.CONNECTED, self.found.capabilities.make)
        used, at_us = self._settings.antenna_ports, self._time.at(self._now)
        self._gathered.health += antenna_health(self.found.antennas, used, at_us)

    def _operate(self, operation: Operation) -> Conversation[None]:
        try:
            done = yield from operation.conversation(self._settings.rospec_id)
        except ReaderRefused as refused:
            done = Outcome(done=False, detail=str(refused))
        self._gathered.done = done

    def _restart(self) -> None:
        self._must_restart = False
        self._talking.lead(self._start_again(), self._now)

    def _start_again(self) -> Conversation[None]:
        yield from insist(m.StartROSpec(rospec_id=self._settings.rospec_id))

    # Time.

    def _check_times(self) -> None:
        now_s = self._now.monotonic_s
        wait_s, silent_s = now_s - self._began_s, now_s - self._heard_s
        if self._state is State.WAITING and wait_s > self._settings.connect_timeout_s:
            raise ReaderSilent("LLRP: the reader's connection event has not come in time")
        is_told = self._state is State.RUNNING and not self._only_looks
        if is_told and silent_s > SILENCE * self._settings.keepalive_s:
            where = " within a message" if self._frames.is_within_frame else ""
            raise ReaderSilent(f"LLRP: the reader has been silent for {silent_s:.0f} s{where}")
        self._talking.check(self._now)

    # What goes out.

    def _output(self, to_send: bytes) -> SessionOutput:
        gathered, held = self._gathered, 0
        if gathered.reads or self._time.is_in_doubt:
            is_end = self._failure is not None
            gathered.reads, held = self._time.hear_reads(gathered.reads, self._now, is_end=is_end)
        if gathered.faults:
            self.faults.update(fault.cause for fault in gathered.faults)
            gathered.health += fault_health(gathered.faults, self._time.at(self._now))
        if self._state is State.RUNNING:
            now_s = self._now.monotonic_s
            for told in self._hearing.take(gathered.reads, gathered.health, now_s):
                self._tell(*told)
        is_quiet = gathered.is_alive and not (gathered.reads or self._time.is_in_doubt)
        tick = Tick(self._time.at(self._now)) if is_quiet else None
        self._gathered = _Gathered()
        polled = Polled(gathered.reads, tick, tuple(gathered.health), held)
        return SessionOutput(to_send, polled, gathered.done)

    def _warn(self, detail: str) -> None:
        self._tell(HealthKind.WARNING, detail)

    def _tell(self, kind: HealthKind, detail: str, antenna_port: int | None = None) -> None:
        at_us = self._time.at(self._now)
        self._gathered.health.append(HealthEvent(kind, detail, at_us, antenna_port))
