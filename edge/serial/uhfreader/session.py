"""A host's conversation with one reader of the UHFReader family, as a machine of states.

    listening ─▶ information ─▶ (mode) ─▶ (region) ─▶ (power) ─▶ (check) ─▶ reading ─┐
                                                                 ▲           ▲       │ each round
                                                                 │           └───────┤
                                                                 └── temperature, pause

The reader does one thing at a time and is deaf meanwhile: each round is asked for when the one
before has ended, at the next antenna in turn.  A reader that pushes tags of itself is told to
answer only, and so is one that answers no inventory, since without a tag it pushes nothing; what is
still pushed is taken.  A round whose end does not come is asked for again; when that helps nothing
the reader is lost.  Of the forms in which readers know the inventory the
first that this one does not refuse is used.
"""

import msgspec

from edge.errors import ReaderError, ReaderRefused
from edge.model import HealthKind, Now
from edge.serial.faults import Fault
from edge.serial.fields import Unknown
from edge.serial.reads import SerialRead
from edge.serial.session import Conversation
from edge.serial.settings import SerialSettings
from edge.serial.uhfreader.antennas import Turns
from edge.serial.uhfreader.codes import MODELS, CommandCode, Status, status_text
from edge.serial.uhfreader.commands import (
    Answer,
    Command,
    Info,
    InventoryAt,
    LongInfo,
    Mode18,
    Result,
    StopInventory,
    Temperature,
    decode_answer,
    encode_command,
)
from edge.serial.uhfreader.frames import BROADCAST, Frame, FrameDecoder, Keepalive
from edge.serial.uhfreader.reads import ROUND_STATUSES, read_tags
from edge.serial.uhfreader.setup import Setup
from edge.serial.uhfreader.states import TRANSITIONS, Event, State

BAUDS = (57_600, 115_200, 9_600, 38_400, 19_200)
LISTEN_S = 0.3
PROBE_S = 0.15
ANSWER_S = 1.0
LATE_S = 1.0  # of a round's end: what the manual allows, and the line
MOST_SILENT_ROUNDS = 2
PAUSE_S = 1.0  # after a round that could not be done
MOST_TROUBLES = 10  # such rounds in a row
TEMPERATURE_S = 60.0
HOT_C = 70
REPEAT_S = 60.0  # between two warnings of the same kind

_ONCE = {State.ASKING_MODE, State.ASKING_TEMPERATURE}  # what a reader may lack
_FORM_REFUSED = {Status.LENGTH, Status.ILLEGAL, Status.PARAMETER}
_DONE = {Status.OK, Status.NOT_STORED}


class UhfReaderSession(Conversation[Frame | Keepalive]):
    """`reader` is what the reader has told of itself."""

    def __init__(self, settings: SerialSettings) -> None:
        bauds = settings.bauds or BAUDS
        super().__init__(FrameDecoder(), bauds[0])
        self.reader: str | None = None
        self._bauds_left = list(bauds[1:])
        self._gen2_session = settings.gen2_session
        self._ports = settings.antenna_ports
        self._rssi_zero_dbm = settings.rssi_zero_dbm
        self._turns = Turns(settings.antenna_ports)
        self._targets = dict.fromkeys(settings.antenna_ports, 0)
        self._setup = Setup(settings)
        self._address = BROADCAST
        self._state = State.LISTENING
        self._expected = -1  # the command whose answer is waited for
        self._form = 0  # of the inventory
        self._is_form_known = False
        self._round_s = 0.0  # what the round may take
        self._asked_port: int | None = None  # of the round, if its answers are of one port
        self._has_read = False
        self._silent_rounds = 0
        self._troubles = 0  # in a row
        self._temperature_s = float("-inf")  # when it was asked for
        self._warned_s: dict[int, float] = {}

    def stop(self, now: Now) -> bytes:
        """Give what ends a round at once; a reader that does not know it ends it by itself."""
        del now
        return encode_command(StopInventory(), self._address) if self._has_read else b""

    def _begin(self) -> None:
        self._ask(State.LISTENING.value, b"", LISTEN_S)

    def _move(self, event: Event) -> None:
        state = TRANSITIONS.get((self._state, event))
        if state is None:
            raise ReaderError(f"UHFReader: {event.value}, in the state {self._state.value}")
        self._state = state
        if state is State.READING:
            self._begin_round()
        elif state is State.PAUSING:
            self._ask(state.value, b"", PAUSE_S)
        elif (command := self._setup.command(state)) is None:
            self._move(Event.ANSWERED)
        else:
            self._expected = command.code
            timeout_s = PROBE_S if state is State.PROBING else ANSWER_S
            data = encode_command(command, self._address)
            self._ask(state.value, data, timeout_s, 1 if state in _ONCE else 2)

    def _no_answer(self, name: str) -> None:
        match self._state:
            case State.LISTENING:
                self._move(Event.SILENT)
            case State.PROBING if self._bauds_left:
                self._set_baud(self._bauds_left.pop(0))
                command = self._setup.command(State.PROBING)
                self._ask(name, encode_command(command) if command else b"", PROBE_S, 2)
            case State.ASKING_MODE:
                self._move(Event.ANSWERED)
            case State.ASKING_TEMPERATURE:
                self._temperature_s = float("inf")  # this reader does not tell it
                self._move(Event.ANSWERED)
            case State.PAUSING:
                self._turns.go_on(self._now.monotonic_s)
                self._move(Event.ANSWERED)
            case State.READING if self._silent_rounds < MOST_SILENT_ROUNDS:
                self._silent_rounds += 1
                self._move(Event.ANSWERED)
            case State.READING if self._setup.may_push():
                self._setup.is_pushing = True
                self._move(Event.SILENT)
            case _:
                raise ReaderError(f"UHFReader: no answer to {name} at {self._baud} baud")

    # Frames.

    def _take(self, frame: Frame | Keepalive) -> None:
        if isinstance(frame, Keepalive) or self._address not in {BROADCAST, frame.address}:
            return
        is_refusal = frame.command == CommandCode.UNKNOWN
        if frame.command == CommandCode.PUSHED:
            self._take_pushed(frame)
        elif self._pending is None or not (is_refusal or frame.command == self._expected):
            return
        elif self._state is State.READING:
            self._take_round(frame)
        else:
            self._take_answer(decode_answer(frame), frame)

    def _take_pushed(self, frame: Frame) -> None:
        if not self._has_read:
            self._setup.is_pushing = True
            return
        self._gathered.is_alive = True
        self._deliver(frame)

    def _take_answer(self, answer: Answer | Unknown, frame: Frame) -> None:
        match answer:
            case Info() | LongInfo():
                self._take_info(answer, frame)
            case Mode18():
                self._setup.take_mode(answer)
            case Temperature() if answer.degrees_c >= HOT_C:
                detail = f"the reader is at {answer.degrees_c} degrees Celsius, {HOT_C} is too hot"
                self._tell(HealthKind.WARNING, detail)
            case Result(status=status) if self._state is State.ASKING_TEMPERATURE:
                del status
                self._temperature_s = float("inf")
            case Result(status=status) if self._state is not State.ASKING_MODE:
                self._check_result(status)
            case Unknown():
                told = frame.data.hex()
                raise ReaderError(f"UHFReader: answer to {self._state.value} is {told}")
            case _:
                pass
        self._move(Event.ANSWERED)

    def _check_result(self, status: int) -> None:
        if status not in _DONE:
            text = status_text(status)
            raise ReaderRefused(self._state.value, status, text, "UHFReader status")
        if self._state in {State.PROBING, State.CHECKING}:
            raise ReaderError(f"UHFReader: it does not tell its {State.PROBING.value}")

    def _take_info(self, info: Info | LongInfo, frame: Frame) -> None:
        self._setup.take_info(info)
        self._address, self._is_identified = frame.address, True
        self.reader = reader_name(info, frame.address)
        if self._state is State.CHECKING:
            self._setup.check_region()
            if not self._setup.has_power():
                self._tell(HealthKind.WARNING, f"the reader says that its power is {info.power}")

    # Rounds.

    def _begin_round(self) -> None:
        if not self._has_read:
            self._has_read = True
            self._tell(HealthKind.CONNECTED, self.reader or "")
        command = self._inventory()
        is_of_one = isinstance(command, InventoryAt) or len(self._ports) == 1
        self._asked_port = self._turns.port if is_of_one else None
        self._expected = command.code
        self._round_s = self._setup.scan_s(command) + LATE_S
        self._ask(State.READING.value, encode_command(command, self._address), self._round_s)

    def _inventory(self) -> Command:
        port = self._turns.port
        return self._setup.forms(port, self._targets[port])[self._form]

    def _take_round(self, frame: Frame) -> None:
        self._silent_rounds = 0
        status = frame.data[0] if frame.data else Status.FINISHED
        if status == Status.STATISTICS:
            return
        if status not in ROUND_STATUSES and status != Status.NO_TAG:
            self._take_trouble(status)
            return
        self._gathered.is_alive = True
        self._is_form_known = True
        self._troubles = 0
        self._deliver(frame)
        if status == Status.MEMORY_FULL:
            self._warn(status)
        if status == Status.MORE:
            self._go_on_waiting(self._round_s)
        else:
            self._end_round()

    def _deliver(self, frame: Frame) -> None:
        faults = list[Fault]()
        reads = read_tags(frame, faults, self._setup.dialect, self._asked_port)
        self._gathered.reads += [self._scaled(read).tag_read(self._now.utc_us) for read in reads]
        for fault in faults:
            self._note(fault)

    def _scaled(self, read: SerialRead) -> SerialRead:
        """Give the read with dBm, where the site knows what the byte means."""
        if self._rssi_zero_dbm is None or read.rssi_raw is None:
            return read
        return msgspec.structs.replace(read, rssi_dbm=self._rssi_zero_dbm + read.rssi_raw)

    def _end_round(self) -> None:
        port, now_s = self._turns.port, self._now.monotonic_s
        if self._turns.work():
            self._tell(HealthKind.ANTENNA_UP, f"antenna {port} works again", port)
        if self._gen2_session >= 2:  # where tags do not come back to A by themselves
            self._targets[port] ^= 1
        self._turns.go_on(now_s)
        if self._setup.has_temperature() and self._is_due(self._temperature_s, TEMPERATURE_S):
            self._temperature_s = now_s
            self._move(Event.TEMPERATURE_DUE)
        else:
            self._move(Event.ANSWERED)

    def _take_trouble(self, status: int) -> None:
        """Leave an antenna that is missing; give up a reader that can do nothing at all."""
        port, now_s, text = self._turns.port, self._now.monotonic_s, status_text(status)
        if status == Status.ANTENNA:
            if self._turns.fail(now_s):
                self._tell(HealthKind.ANTENNA_DOWN, f"antenna {port}: {text}", port)
            self._move(Event.ANSWERED if self._turns.go_on(now_s) else Event.TROUBLE)
            return
        forms = len(self._setup.forms(port, 0))
        if status in _FORM_REFUSED and not self._is_form_known and self._form + 1 < forms:
            self._form += 1
            self._move(Event.ANSWERED)
            return
        self._troubles += 1
        if self._troubles > MOST_TROUBLES:
            raise ReaderRefused(self._state.value, status, text, "UHFReader status")
        self._warn(status)
        self._move(Event.TROUBLE)

    def _warn(self, status: int) -> None:
        if self._is_due(self._warned_s.get(status, float("-inf")), REPEAT_S):
            self._warned_s[status] = self._now.monotonic_s
            detail = f"reader reports: {status_text(status)}"
            self._tell(HealthKind.WARNING, detail, self._turns.port)


def reader_name(info: Info | LongInfo, address: int) -> str:
    model = MODELS.get(info.type)
    name = f"{model.name if model else 'UHFReader'} (type {info.type:02X})"
    return f"{name}, address {address}, firmware {info.major}.{info.minor}, {info.channels}"
