"""A host's conversation with one Mercury module, as a machine of states.

    listening ─▶ probing ─▶ program ─▶ (boot) ─▶ regions ─▶ … ─▶ start ─▶ streaming
        └── still streaming ─▶ draining ─▶ probing

A full line is stopped, and its rate raised (`rate`) where the module answers at the new one.  A
module that streams from before is stopped and drained first.  A boot frame says that it has
restarted, and it is set up anew.  While it streams, the frame that ends each cycle is its only sign
of life when no tag is there: without it the reader is lost.
"""

from edge.errors import ReaderError, ReaderRefused
from edge.model import HealthKind, Now
from edge.serial.faults import Fault
from edge.serial.fields import Unknown
from edge.serial.mercury.answers import Answer, Program, Version, decode_answer
from edge.serial.mercury.clock import StreamClock
from edge.serial.mercury.codes import Opcode, Status, status_text
from edge.serial.mercury.commands import (
    Command,
    GetVersion,
    SetBaud,
    StopReading,
    encode_command,
)
from edge.serial.mercury.frames import Frame, FrameDecoder
from edge.serial.mercury.rate import Rate
from edge.serial.mercury.reads import read_tags
from edge.serial.mercury.setup import ON_TIME_MS, Setup, State
from edge.serial.mercury.states import TRANSITIONS, Event
from edge.serial.reads import SerialRead
from edge.serial.session import Conversation
from edge.serial.settings import SerialSettings

BAUDS = (115_200, 9_600, 921_600, 19_200, 38_400, 57_600, 230_400, 460_800)
LISTEN_S = 0.3
PROBE_S = 0.15  # the module answers within 0.1 s
ANSWER_S = 2.0
DRAIN_S = 2.0
RATE_S = 0.5
SILENCE_S = ON_TIME_MS / 1000 + 2 * 2.0  # a cycle, and twice the longest way
REPEAT_S = 60.0  # between two warnings of the same kind
MOST_RESTARTS = 3  # within STEADY_S of each other
STEADY_S = 600.0


_PATIENCE = {  # seconds for an answer, and tries: the first answer after power-up may be lost
    State.PROBING: (PROBE_S, 2),
    State.DRAINING: (DRAIN_S, 2),
    State.RAISING: (RATE_S, 1),
    State.CHECKING_RATE: (PROBE_S, 3),
    State.LOWERING: (PROBE_S, 2),
}
_HARMLESS = {Status.NO_TAGS, Status.AUTHENTICATION_REQUEST}
_ANTENNA = {Status.ANTENNA_MISSING, Status.RETURN_LOSS}
_UNSET = {Status.AFE_NOT_ON, Status.BUFFER_FULL}
_STOP_STATUSES = {Status.WRONG_DATA_COUNT, Status.INVALID_OPCODE}  # nothing was to be stopped
_MUST_TELL = {
    State.PROBING,
    State.CHECKING_RATE,
    State.CHECKING_REGION,
    State.ASKING_POWER,
}
_RATES = {State.RAISING, State.CHECKING_RATE, State.LOWERING}
_READING = {State.STARTING, State.STREAMING}


class MercurySession(Conversation[Frame]):
    """`version` is what the module has told of itself."""

    def __init__(self, settings: SerialSettings) -> None:
        bauds = settings.bauds or BAUDS
        super().__init__(FrameDecoder(), bauds[0])
        self.version: Version | None = None
        self._bauds = bauds
        self._bauds_left = list(bauds[1:])
        self._rate = Rate(bauds)
        self._lower = self._higher = 0  # the rates before and after a raise that is under way
        self._ports = settings.antenna_ports
        self._setup = Setup(settings)
        self._state = State.LISTENING
        self._expected = -1  # the opcode of the answer that is waited for
        self._clock = StreamClock()
        self._alive_s = 0.0
        self._has_streamed = False
        self._restarts = 0
        self._restarted_s = float("-inf")
        self._warned_s: dict[int, float] = {}  # by status
        self._down: set[int] = set()

    def stop(self, now: Now) -> bytes:
        """Give the command that ends the stream; modules without one answer and do nothing."""
        del now
        return encode_command(StopReading())

    def _begin(self) -> None:
        self._ask(State.LISTENING.value, b"", LISTEN_S)

    def _move(self, event: Event) -> None:
        state = TRANSITIONS.get((self._state, event))
        if state is None:
            raise ReaderError(f"Mercury module: {event.value}, in the state {self._state.value}")
        self._state, self._pending = state, None
        if state is State.STREAMING:
            self._stream_begins()
            return
        command = self._command(state)
        if command is None:
            self._move(Event.ANSWERED)
            return
        self._expected = command.code
        timeout_s, tries = _PATIENCE.get(state, (ANSWER_S, 1))
        self._ask(state.value, encode_command(command), timeout_s, tries)

    def _command(self, state: State) -> Command | None:
        match state:
            case State.RAISING:
                return SetBaud(baud=self._higher)
            case State.CHECKING_RATE:
                self._set_baud(self._higher)
                return GetVersion()
            case State.LOWERING:
                return SetBaud(baud=self._lower)
            case _:
                return self._setup.command(state)

    def _stream_begins(self) -> None:
        self._rate.begin(self._received, self._now)
        self._clock = StreamClock()
        self._alive_s = self._now.monotonic_s
        if not self._has_streamed:
            hardware = self.version.hardware.hex(".") if self.version else "unknown"
            self._tell(HealthKind.CONNECTED, f"Mercury module, hardware {hardware}")
        self._has_streamed = True
        for port in self._setup.undetected:
            self._antenna_down(port, "no antenna is connected")

    def _no_answer(self, name: str) -> None:
        if self._state is State.LISTENING:
            self._move(Event.SILENT)
        elif self._state is State.PROBING and self._bauds_left:
            self._set_baud(self._bauds_left.pop(0))
            self._ask(name, encode_command(GetVersion()), *_PATIENCE[State.PROBING])
        elif self._state in _RATES:
            self._leave_rate(Event.SILENT)
        else:
            raise ReaderError(f"Mercury module: no answer to {name} at {self._baud} baud")

    def _check_time(self) -> None:
        if self._state is not State.STREAMING:
            return
        if self._is_due(self._alive_s, SILENCE_S):
            raise ReaderError(f"Mercury module: no sign of life for {SILENCE_S:.0f} s")
        if higher := self._rate.raised(self.baud, self._received, self._now):
            self._lower, self._higher = self.baud, higher
            self._move(Event.FULL)

    # A raise of the rate.

    def _leave_rate(self, event: Event) -> None:
        """Go on at the lower rate; after a raise that was not answered, from where it was."""
        was = self._state
        if was is not State.CHECKING_RATE:
            self._higher = 0
            self._bauds_left = [baud for baud in self._bauds if baud != self._lower]
            self._tell(HealthKind.NOTICE, f"the line stays at {self._lower} baud")
        if was is State.LOWERING:
            self._set_baud(self._lower)
        self._move(event)

    # Frames.

    def _take(self, frame: Frame) -> None:
        if frame.opcode == Opcode.READ_MULTIPLE:
            self._take_streamed(frame)
        elif frame.opcode == Opcode.BOOT_FIRMWARE and self._state is not State.BOOTING:
            self._take_restart()
        elif self._pending and frame.opcode == self._expected:
            self._take_answer(frame)
        elif self._state is State.STREAMING and _is_stop(frame):
            self._move(Event.ENDED)

    def _take_answer(self, frame: Frame) -> None:
        if self._state is State.DRAINING and not _is_stop(frame):
            return
        status = frame.status or 0
        if self._state is State.STARTING and not status and frame.data[:1] != b"\x01":
            return  # the word that an earlier stream has ended
        if self._state is State.LOWERING or (status and self._state is State.RAISING):
            self._leave_rate(Event.REFUSED if status else Event.ANSWERED)
            return
        if status and self._state is not State.DRAINING:
            if (self._state, Event.REFUSED) not in TRANSITIONS:
                text = status_text(status)
                raise ReaderRefused(self._state.value, status, text, "Mercury status")
            self._move(Event.REFUSED)
            return
        answer = decode_answer(frame)
        if isinstance(answer, Unknown):
            if self._state in _MUST_TELL:
                told = frame.data.hex()
                raise ReaderError(f"Mercury module: answer to {self._state.value} is {told}")
        elif isinstance(answer, Version):
            self.version, self._is_identified = answer, True
        else:
            self._setup.take(answer)
        self._move(self._after(answer))

    def _after(self, answer: Answer | Unknown) -> Event:
        if isinstance(answer, Program) and answer.is_bootloader:
            return Event.IN_BOOTLOADER
        if self._state is State.PROBING and self._higher:
            return Event.FULL
        if self._state is State.CHECKING_RATE:
            self._higher = 0
            self._tell(HealthKind.NOTICE, f"the line was full; now it runs at {self.baud} baud")
        return Event.ANSWERED

    def _take_restart(self) -> None:
        """Set a module up anew that says it has just started."""
        if self._is_identified:
            self._count_restart("the module has started anew")
        self._move(Event.RESTARTED)

    def _take_streamed(self, frame: Frame) -> None:
        if self._state in {State.LISTENING, State.PROBING}:
            self._move(Event.STREAMS)
        if self._state not in _READING:
            return
        self._alive_s = self._now.monotonic_s
        self._gathered.is_alive = frame.status in {Status.OK, Status.NO_TAGS}
        if frame.status:
            self._take_status(frame)
            return
        faults = list[Fault]()
        for read in read_tags(frame, faults):
            self._deliver(read)
        for fault in faults:
            self._note(fault)

    def _deliver(self, read: SerialRead) -> None:
        now = self._now
        at_us = now.utc_us if read.reader_ms is None else self._clock.at_us(read.reader_ms, now)
        self._gathered.reads.append(read.tag_read(at_us))
        if read.antenna_port in self._down:
            self._down.remove(read.antenna_port)
            detail = f"antenna {read.antenna_port} reads again"
            self._tell(HealthKind.ANTENNA_UP, detail, read.antenna_port)

    # Troubles.

    def _take_status(self, frame: Frame) -> None:
        status = frame.status or 0
        text = status_text(status)
        if status in _HARMLESS:
            return
        if status == Status.ASSERT_FAILED:
            raise ReaderError(f"Mercury module: {text} {frame.data!r}")
        if status in _ANTENNA and len(self._ports) == 1:
            self._antenna_down(self._ports[0], text)
            return
        if self._is_due(self._warned_s.get(status, float("-inf")), REPEAT_S):
            self._warned_s[status] = self._now.monotonic_s
            self._tell(HealthKind.WARNING, f"reader reports: {text}")
        if status == Status.INVALID_OPCODE:
            self._take_restart()
        elif status in _UNSET and self._state is State.STREAMING:
            self._count_restart(text)
            self._move(Event.UNSET)

    def _antenna_down(self, port: int, detail: str) -> None:
        """Tell it once: the module says it again with every cycle."""
        if port not in self._down:
            self._down.add(port)
            self._tell(HealthKind.ANTENNA_DOWN, f"antenna {port}: {detail}", port)

    def _count_restart(self, why: str) -> None:
        if self._is_due(self._restarted_s, STEADY_S):
            self._restarts = 0
        self._restarted_s = self._now.monotonic_s
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            raise ReaderError(
                f"Mercury module: {why}, {self._restarts} times; is its power enough?"
            )
        self._tell(HealthKind.WARNING, f"{why}; it is set up anew")


def _is_stop(frame: Frame) -> bool:
    """Tell whether all of the stream has come; modules differ in what is behind the first byte."""
    if frame.opcode != Opcode.MULTI_PROTOCOL:
        return False
    return frame.data[:1] == b"\x02" or frame.status in _STOP_STATUSES
