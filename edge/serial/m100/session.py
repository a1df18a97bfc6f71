"""A host's conversation with one M100 module, as a machine of states.

    listening ─▶ probing ─▶ region ─▶ hopping ─▶ power ─▶ query ─▶ reading
                   ▲                                                  │ nothing heard
                   └──────────────────────────────────────────────────┘

A module that reads says something in every round: its tags, or that there is none.  When it says
nothing it has done its rounds, or started anew with settings of its own, or is one that keeps
silent without tags, or is lost: it is stopped and asked, and set up as at the beginning.
"""

from edge.errors import ReaderError, ReaderRefused
from edge.model import HealthKind, Now
from edge.serial.faults import Fault
from edge.serial.fields import Unknown
from edge.serial.m100.codes import CommandCode, ErrorCode, FrameType, error_text
from edge.serial.m100.commands import (
    Answer,
    Failed,
    Info,
    StopPolling,
    decode_answer,
    encode_command,
)
from edge.serial.m100.frames import Frame, FrameDecoder
from edge.serial.m100.reads import read_tags
from edge.serial.m100.setup import Setup
from edge.serial.m100.states import TRANSITIONS, Event, State
from edge.serial.session import Conversation
from edge.serial.settings import SerialSettings

BAUDS = (115_200, 57_600, 38_400, 19_200, 9_600)
LISTEN_S = 0.3
PROBE_S = 0.15
ANSWER_S = 1.0
SILENCE_S = 3.0  # while it reads; a round takes some 20 ms
REPEAT_S = 60.0  # between two warnings of the same kind

_CHECKS = {State.CHECKING_REGION, State.CHECKING_POWER, State.CHECKING_QUERY}
_SETS = {State.SETTING_REGION, State.SETTING_HOPPING, State.SETTING_POWER, State.SETTING_QUERY}


class M100Session(Conversation[Frame]):
    """`module` is what the module has told of itself."""

    def __init__(self, settings: SerialSettings) -> None:
        bauds = settings.bauds or BAUDS
        super().__init__(FrameDecoder(), bauds[0])
        self.module: str | None = None
        self._bauds_left = list(bauds[1:])
        self._port = settings.antenna_ports[0]
        self._setup = Setup(settings)
        self._state = State.LISTENING
        self._expected = -1  # the command whose answer is waited for
        self._alive_s = 0.0
        self._has_read = False
        self._warned_s: dict[int, float] = {}

    def stop(self, now: Now) -> bytes:
        del now
        return encode_command(StopPolling()) if self._is_identified else b""

    def _begin(self) -> None:
        self._ask(State.LISTENING.value, b"", LISTEN_S)

    def _move(self, event: Event) -> None:
        state = TRANSITIONS.get((self._state, event))
        if state is None:
            raise ReaderError(f"M100 module: {event.value}, in the state {self._state.value}")
        self._state = state
        command = self._setup.command(state)
        self._expected = command.code
        data = encode_command(command)
        if state is State.READING:
            self._begin_reading(data)
        elif state is State.PROBING:
            self._probe(data)
        else:
            self._ask(state.value, data, ANSWER_S, 2)

    def _probe(self, question: bytes) -> None:
        """Ask twice: a module that sleeps loses what wakes it, one that polls hears the stop."""
        timeout_s = ANSWER_S if self._is_identified else PROBE_S
        self._ask(State.PROBING.value, encode_command(StopPolling()) + question, timeout_s, 2)

    def _begin_reading(self, data: bytes) -> None:
        self._gathered.to_send += data
        self._pending = None
        self._alive_s = self._now.monotonic_s
        if not self._has_read:
            self._has_read = True
            self._tell(HealthKind.CONNECTED, f"M100 module {self.module}")

    def _no_answer(self, name: str) -> None:
        if self._state is State.LISTENING:
            self._move(Event.SILENT)
        elif self._state is State.PROBING and self._bauds_left and not self._is_identified:
            self._set_baud(self._bauds_left.pop(0))
            self._probe(encode_command(self._setup.command(State.PROBING)))
        else:
            raise ReaderError(f"M100 module: no answer to {name} at {self._baud} baud")

    def _check_time(self) -> None:
        if self._state is State.READING and self._is_due(self._alive_s, SILENCE_S):
            self._move(Event.SILENT)

    # Frames.

    def _take(self, frame: Frame) -> None:
        self._alive_s = self._now.monotonic_s
        if frame.type == FrameType.NOTICE:
            self._take_notice(frame)
        elif frame.type == FrameType.ANSWER and frame.command == CommandCode.ERROR:
            self._take_error(decode_answer(frame))
        elif frame.type == FrameType.ANSWER and self._pending and frame.command == self._expected:
            self._take_answer(decode_answer(frame), frame)

    def _take_notice(self, frame: Frame) -> None:
        """Deliver a tag; what comes before the module is set up is of a poll that is not ours."""
        if not self._has_read:
            return
        self._gathered.is_alive = True
        faults = list[Fault]()
        for read in read_tags(frame, faults, self._port):
            self._gathered.reads.append(read.tag_read(self._now.utc_us))
        for fault in faults:
            self._note(fault)

    def _take_answer(self, answer: Answer | Unknown, frame: Frame) -> None:
        if isinstance(answer, Unknown):
            told = frame.data.hex()
            raise ReaderError(f"M100 module: answer to {self._state.value} is {told}")
        if isinstance(answer, Info):
            self.module, self._is_identified = answer.shown(), True
        if self._state in _CHECKS:
            self._setup.check(answer)
        is_as_wanted = self._state in _CHECKS | _SETS or self._setup.fits(answer)
        self._move(Event.ANSWERED if is_as_wanted else Event.DIFFERS)

    def _take_error(self, answer: Answer | Unknown) -> None:
        error = answer.error if isinstance(answer, Failed) else ErrorCode.BAD_COMMAND
        if self._state is State.READING:
            self._take_trouble(error)
        elif error == ErrorCode.NO_TAG or self._state is State.PROBING:
            return  # of a poll that is being stopped, or of a stop without one
        elif self._state is State.ASKING_QUERY:
            self._warn(error, "Gen2 session and Q stay as they are")
            self._move(Event.REFUSED)
        elif self._state is not State.LISTENING:
            raise ReaderRefused(self._state.value, error, error_text(error), "M100 error")

    def _take_trouble(self, error: int) -> None:
        if error == ErrorCode.BAD_COMMAND:
            raise ReaderRefused(self._state.value, error, error_text(error), "M100 error")
        self._gathered.is_alive = True
        if error != ErrorCode.NO_TAG:
            self._warn(error, "it goes on")

    def _warn(self, error: int, what: str) -> None:
        if self._is_due(self._warned_s.get(error, float("-inf")), REPEAT_S):
            self._warned_s[error] = self._now.monotonic_s
            self._tell(HealthKind.WARNING, f"module reports: {error_text(error)}; {what}")
