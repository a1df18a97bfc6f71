"""A host's conversation with one A0 reader, as a machine of states.

    listening ─▶ probing ─▶ region ─▶ power ─▶ switching ─▶ reading ─┐
                                                   ▲   ▲             │ each round
                                                   │   └─────────────┤
                                                   └─ temperature, pause

The reader pushes nothing: each round of inventory is asked for, ends with a frame of its own, and
the next is asked for at once, at the next antenna in turn.  A round whose end does not come is
asked for again; when that helps nothing the reader is lost.
"""

from collections.abc import Callable
from enum import Enum

from edge.errors import ReaderError, ReaderRefused
from edge.model import HealthKind, Now
from edge.serial.faults import Fault
from edge.serial.fields import Unknown
from edge.serial.r2000.codes import Status, status_text
from edge.serial.r2000.commands import (
    Answer,
    Command,
    Firmware,
    GetFirmware,
    GetPower,
    GetRegion,
    GetTemperature,
    Result,
    SessionInventory,
    SetWorkAntenna,
    Temperature,
    decode_answer,
    encode_command,
)
from edge.serial.r2000.frames import PUBLIC, Frame, FrameDecoder
from edge.serial.r2000.reads import INVENTORIES, read_tags
from edge.serial.r2000.setup import Setup
from edge.serial.session import Conversation
from edge.serial.settings import SerialSettings

BAUDS = (115_200, 38_400)
LISTEN_S = 0.3
PROBE_S = 0.15
ANSWER_S = 1.0
ROUND_S = 5.0  # for any work on tags
BROKEN_ROUND_S = 0.5  # of silence after damaged bytes: they may have been the round's end
MOST_SILENT_ROUNDS = 2
PAUSE_S = 1.0  # after a round that could not be done
MOST_TROUBLES = 10  # such rounds in a row
RETRY_S = 10.0  # before an antenna that has failed is tried again
TEMPERATURE_S = 60.0
HOT_C = 70
REPEAT_S = 60.0  # between two warnings of the same kind


class State(Enum):
    """What the session waits for."""

    LISTENING = "listening"
    PROBING = "firmware"
    ASKING_REGION = "region"
    SETTING_REGION = "set region"
    CHECKING_REGION = "region as set"
    ASKING_POWER = "power"
    SETTING_POWER = "set power"
    SWITCHING = "set work antenna"
    READING = "inventory round"
    PAUSING = "pause"
    ASKING_TEMPERATURE = "temperature"


class Event(Enum):
    SILENT = "nothing was heard"
    ANSWERED = "answered"
    DIFFERS = "the reader has other settings"
    ANOTHER_ANTENNA = "the next round is another antenna's"
    TROUBLE = "the round could not be done"
    TEMPERATURE_DUE = "the temperature is due"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.LISTENING, Event.SILENT): State.PROBING,
    (State.PROBING, Event.ANSWERED): State.ASKING_REGION,
    (State.ASKING_REGION, Event.ANSWERED): State.ASKING_POWER,
    (State.ASKING_REGION, Event.DIFFERS): State.SETTING_REGION,
    (State.SETTING_REGION, Event.ANSWERED): State.CHECKING_REGION,
    (State.CHECKING_REGION, Event.ANSWERED): State.ASKING_POWER,
    (State.ASKING_POWER, Event.ANSWERED): State.SWITCHING,
    (State.ASKING_POWER, Event.DIFFERS): State.SETTING_POWER,
    (State.SETTING_POWER, Event.ANSWERED): State.SWITCHING,
    (State.SWITCHING, Event.ANSWERED): State.READING,
    (State.SWITCHING, Event.ANOTHER_ANTENNA): State.SWITCHING,
    (State.SWITCHING, Event.TROUBLE): State.PAUSING,
    (State.READING, Event.ANSWERED): State.READING,
    (State.READING, Event.ANOTHER_ANTENNA): State.SWITCHING,
    (State.READING, Event.TROUBLE): State.PAUSING,
    (State.READING, Event.TEMPERATURE_DUE): State.ASKING_TEMPERATURE,
    (State.ASKING_TEMPERATURE, Event.ANSWERED): State.SWITCHING,
    (State.PAUSING, Event.ANSWERED): State.SWITCHING,
}

_TRIES = {State.READING: 1, State.PAUSING: 1, State.ASKING_TEMPERATURE: 1}
_PATIENCE_S = {State.PROBING: PROBE_S, State.READING: ROUND_S}
_COMMANDS: dict[State, Callable[[Setup], Command]] = {
    State.PROBING: lambda _: GetFirmware(),
    State.ASKING_REGION: lambda _: GetRegion(),
    State.SETTING_REGION: lambda setup: setup.set_region(),
    State.CHECKING_REGION: lambda _: GetRegion(),
    State.ASKING_POWER: lambda _: GetPower(),
    State.SETTING_POWER: lambda setup: setup.set_power(),
    State.ASKING_TEMPERATURE: lambda _: GetTemperature(),
}
_ROUND_ENDS = {Status.SUCCESS, Status.NO_TAG}  # instead of the end's own frame
_ANTENNA = {Status.ANTENNA_MISSING, Status.RETURN_LOSS_FAILED}


class R2000Session(Conversation[Frame]):
    """`firmware` is what the reader has told of itself."""

    def __init__(self, settings: SerialSettings) -> None:
        bauds = settings.bauds or BAUDS
        super().__init__(FrameDecoder(), bauds[0])
        self.firmware: Firmware | None = None
        self._bauds_left = list(bauds[1:])
        self._gen2_session = settings.gen2_session
        self._ports = settings.antenna_ports
        self._turn = 0  # whose round it is, in `_ports`
        self._setup = Setup(settings)
        self._address = PUBLIC
        self._state = State.LISTENING
        self._expected = -1  # the command whose answer is waited for
        self._targets = dict.fromkeys(self._ports, 0)
        self._has_read = False
        self._silent_rounds = 0
        self._troubles = 0  # in a row
        self._is_damaged = False  # bytes of this round were
        self._temperature_s = float("-inf")  # when it was asked for
        self._failed_s: dict[int, float] = {}  # antenna ports that are down, and since when
        self._warned_s: dict[int, float] = {}

    def stop(self, now: Now) -> bytes:
        """Give nothing: a round ends by itself."""
        del now
        return b""

    def _begin(self) -> None:
        self._ask(State.LISTENING.value, b"", LISTEN_S)

    def _move(self, event: Event) -> None:
        state = TRANSITIONS.get((self._state, event))
        if state is None:
            raise ReaderError(f"R2000 reader: {event.value}, in the state {self._state.value}")
        self._state = state
        if state is State.PAUSING:
            self._ask(state.value, b"", PAUSE_S)
            return
        command = self._command(state)
        self._expected = command.code
        if state is State.READING and not self._has_read:
            self._has_read = True
            self._tell(HealthKind.CONNECTED, self._shown())
        timeout_s = _PATIENCE_S.get(state, ANSWER_S)
        data = encode_command(command, self._address)
        self._ask(state.value, data, timeout_s, _TRIES.get(state, 2))

    def _shown(self) -> str:
        firmware = self.firmware
        version = f"{firmware.major}.{firmware.minor}" if firmware else "unknown"
        return f"R2000 reader, address {self._address}, firmware {version}"

    def _command(self, state: State) -> Command:
        port = self._ports[self._turn]
        if state is State.SWITCHING:
            return SetWorkAntenna(antenna=port - 1)
        if state is State.READING:
            session, target = self._gen2_session, self._targets[port]
            return SessionInventory(session=session, target=target, repeat=1)
        return _COMMANDS[state](self._setup)

    def _no_answer(self, name: str) -> None:
        match self._state:
            case State.LISTENING:
                self._move(Event.SILENT)
            case State.PROBING if self._bauds_left:
                self._set_baud(self._bauds_left.pop(0))
                self._ask(name, encode_command(GetFirmware()), PROBE_S, 2)
            case State.PAUSING:
                self._turn = (self._turn + 1) % len(self._ports)
                self._move(Event.ANSWERED)
            case State.ASKING_TEMPERATURE:
                self._temperature_s = float("inf")  # this reader does not tell it
                self._move(Event.ANSWERED)
            case State.READING if self._silent_rounds < MOST_SILENT_ROUNDS:
                self._silent_rounds += 1
                self._move(Event.ANSWERED)
            case _:
                raise ReaderError(f"R2000 reader: no answer to {name} at {self._baud} baud")

    def _check_time(self) -> None:
        damaged = self._is_damaged and self._state is State.READING
        if damaged and self._is_due(self._heard_s, BROKEN_ROUND_S):
            self._is_damaged = False
            self._move(Event.ANSWERED)

    def _note(self, fault: Fault) -> None:
        self._is_damaged = True
        super()._note(fault)

    # Frames.

    def _take(self, frame: Frame) -> None:
        if self._address not in {PUBLIC, frame.address}:
            return
        if self._state is State.READING and frame.command in INVENTORIES:
            self._take_round(frame)
        elif self._pending and frame.command == self._expected:
            self._take_answer(decode_answer(frame), frame)

    def _take_answer(self, answer: Answer | Unknown, frame: Frame) -> None:
        if isinstance(answer, Unknown):
            told = frame.data.hex()
            raise ReaderError(f"R2000 reader: answer to {self._state.value} is {told}")
        event = Event.ANSWERED
        match self._state:
            case State.PROBING if isinstance(answer, Firmware):
                self.firmware, self._address, self._is_identified = answer, frame.address, True
            case State.ASKING_REGION if not self._setup.has_region(answer):
                event = Event.DIFFERS
            case State.CHECKING_REGION:
                self._setup.check_region(answer)
            case State.ASKING_POWER if not self._setup.has_power(answer):
                event = Event.DIFFERS
            case State.ASKING_TEMPERATURE:
                self._take_temperature(answer)
            case State.SWITCHING if isinstance(answer, Result) and answer.status in _ANTENNA:
                self._take_trouble(answer.status)
                return
            case _:
                self._check_result(answer)
        self._move(event)

    def _check_result(self, answer: Answer) -> None:
        if isinstance(answer, Result) and answer.status != Status.SUCCESS:
            text = status_text(answer.status)
            raise ReaderRefused(self._state.value, answer.status, text, "A0 status")

    def _take_temperature(self, answer: Answer) -> None:
        if isinstance(answer, Temperature) and answer.degrees_c >= HOT_C:
            detail = f"the reader is at {answer.degrees_c} degrees Celsius, {HOT_C} is too hot"
            self._tell(HealthKind.WARNING, detail)

    # Rounds.

    def _take_round(self, frame: Frame) -> None:
        self._silent_rounds = 0
        faults = list[Fault]()
        reads = read_tags(frame, faults)
        for fault in faults:
            super()._note(fault)
        if reads or faults:
            self._gathered.is_alive = True
            self._gathered.reads += [read.tag_read(self._now.utc_us) for read in reads]
            self._go_on_waiting(ROUND_S)  # the rest of the round may take as long
            return
        answer = decode_answer(frame)
        if isinstance(answer, Result) and answer.status not in _ROUND_ENDS:
            self._take_trouble(answer.status)
            return
        self._gathered.is_alive = True
        self._troubles = 0
        self._antenna_up(self._ports[self._turn])
        self._next_round()

    def _next_round(self) -> None:
        port = self._ports[self._turn]
        if self._gen2_session >= 2:  # where tags do not come back to A by themselves
            self._targets[port] ^= 1
        self._is_damaged = False
        if self._is_due(self._temperature_s, TEMPERATURE_S):
            self._temperature_s = self._now.monotonic_s
            self._move(Event.TEMPERATURE_DUE)
        else:
            self._next_antenna()

    def _next_antenna(self) -> None:
        """Go on with the next antenna that works, or is to be tried again."""
        count = len(self._ports)
        for turn in (*range(self._turn + 1, count), *range(self._turn + 1)):
            if self._is_due(self._failed_s.get(self._ports[turn], float("-inf")), RETRY_S):
                is_same = turn == self._turn and self._state is State.READING
                self._turn = turn
                self._move(Event.ANSWERED if is_same else Event.ANOTHER_ANTENNA)
                return
        self._move(Event.TROUBLE)

    def _take_trouble(self, status: int) -> None:
        """Leave an antenna that is missing; give up a reader that can do nothing at all."""
        port, text = self._ports[self._turn], status_text(status)
        if status in _ANTENNA:
            if port not in self._failed_s:
                self._tell(HealthKind.ANTENNA_DOWN, f"antenna {port}: {text}", port)
            self._failed_s[port] = self._now.monotonic_s
            self._next_antenna()
            return
        self._troubles += 1
        if self._troubles > MOST_TROUBLES:
            raise ReaderRefused(self._state.value, status, text, "A0 status")
        if self._is_due(self._warned_s.get(status, float("-inf")), REPEAT_S):
            self._warned_s[status] = self._now.monotonic_s
            self._tell(HealthKind.WARNING, f"reader reports: {text}", port)
        self._move(Event.TROUBLE)

    def _antenna_up(self, port: int) -> None:
        if self._failed_s.pop(port, None) is not None:
            self._tell(HealthKind.ANTENNA_UP, f"antenna {port} works again", port)
