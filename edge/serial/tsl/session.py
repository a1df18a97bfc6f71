"""A host's conversation with one handheld, as a machine of states.

    listening ─▶ version ─▶ battery ─▶ inventory ─▶ trigger ─▶ ready ◀──▶ battery
                                           ▲                     │ settings lost
                                           └─────────────────────┘

The operator's trigger reads; the host only asks for the battery from time to time, which tells too
whether the handheld is there.  The reads of one answer are given together and with one stamp, the
host's when the answer has ended; those of one press tell when it began (`presses`).  A handheld
that has slept without losing its link answers the trigger without the CRC that was asked for, and
is set up anew.
"""

from dataclasses import dataclass

from edge.errors import ReaderError, ReaderRefused
from edge.model import HealthKind, Now
from edge.serial.session import Conversation
from edge.serial.settings import SerialSettings
from edge.serial.tsl.codes import ABORTED, NO_TRANSPONDER, error_text
from edge.serial.tsl.commands import Command
from edge.serial.tsl.frames import Frame, FrameDecoder
from edge.serial.tsl.presses import Presses
from edge.serial.tsl.responses import Response, ResponseReader
from edge.serial.tsl.setup import Setup
from edge.serial.tsl.states import TRANSITIONS, Event, State

BAUDS = (115_200,)  # the handhelds take any
LISTEN_S = 0.3
PROBE_S = 1.0  # over Bluetooth
ANSWER_S = 5.0  # behind an inventory of some 3 s
GIVE_UP_S = 1.0  # of silence, then no more of a line comes: Bluetooth may pause within one
END_S = 5.0  # of silence, then an answer's end does not come any more
BATTERY_S = 60.0
LOW_PERCENT = 20
ENOUGH_PERCENT = 30  # before it can be low again
REPEAT_S = 60.0  # between two warnings of the same kind
PROTOCOL = "2."

_HARMLESS = {0, NO_TRANSPONDER, ABORTED}
_BATTERIES = {State.ASKING_BATTERY, State.CHECKING_BATTERY}
_READING = {State.READY, State.CHECKING_BATTERY}
_CHARGING = {"Charging", "Complete"}


@dataclass(frozen=True, slots=True)
class Battery:
    percent: int
    charge: str  # Off, Charging, Complete, Error; or empty

    def __str__(self) -> str:
        return f"battery at {self.percent} %, charge: {self.charge or 'unknown'}"


class _PatientDecoder(FrameDecoder):
    """Does not take the short silence of other lines for the end of what it waits for."""

    def flush(self) -> None:
        pass

    def give_up(self) -> None:
        super().flush()


class TslSession(Conversation[Frame]):
    """`handheld` and `battery` are what the handheld has told of itself."""

    def __init__(self, settings: SerialSettings) -> None:
        self._lines = _PatientDecoder()
        super().__init__(self._lines, (settings.bauds or BAUDS)[0])
        self.handheld: str | None = None
        self.battery: Battery | None = None
        self._setup = Setup(settings)
        self._responses = ResponseReader(settings.antenna_ports[0])
        self._presses = Presses()
        self._state = State.LISTENING
        self._mark = 0  # of our latest command
        self._battery_s = 0.0  # when it was asked for
        self._told_battery: Battery | None = None
        self._is_low = False
        self._has_read = False
        self._warned_s: dict[int | str, float] = {}

    def stop(self, now: Now) -> bytes:
        """Give nothing: the handheld stays as it is, and goes to sleep when it likes."""
        del now
        return b""

    def _begin(self) -> None:
        self._ask(State.LISTENING.value, b"", LISTEN_S)

    def _move(self, event: Event) -> None:
        state = TRANSITIONS.get((self._state, event))
        if state is None:
            raise ReaderError(f"TSL handheld: {event.value}, in the state {self._state.value}")
        self._state = state
        if state is State.READY:
            self._pending = None
            self._tell_connected()
            return
        if state in _BATTERIES:
            self._battery_s = self._now.monotonic_s
        self._mark = (self._mark + 1) % 1_000_000
        command = self._setup.command(state)
        data = Command(command.name, command.parameters, self._mark).encode()
        if state is State.PROBING:
            self._ask(state.value, b"\r\n" + data, PROBE_S, 2)  # ends what another has begun
        else:
            self._ask(state.value, data, ANSWER_S, 2)

    def _tell_connected(self) -> None:
        if not self._has_read:
            self._has_read = True
            self._tell(HealthKind.CONNECTED, self.handheld or "")
        self._tell_battery()

    def _no_answer(self, name: str) -> None:
        self._take_response(self._responses.close())
        if self._state is not State.LISTENING:
            raise ReaderError(f"TSL handheld: no answer to {name}")
        self._move(Event.SILENT)

    def _check_time(self) -> None:
        if self._is_due(self._heard_s, GIVE_UP_S):
            self._lines.give_up()
            self._take_all()
        if self._responses.is_open and self._is_due(self._heard_s, END_S):
            self._take_response(self._responses.close())
        if self._state in _READING:
            self._gathered.is_alive = True  # the link is open: nobody has pressed the trigger
        if self._state is State.READY and self._is_due(self._battery_s, BATTERY_S):
            self._move(Event.BATTERY_DUE)

    # Answers.

    def _take(self, frame: Frame) -> None:
        self._take_response(self._responses.take(frame, self._now.utc_us))

    def _take_response(self, response: Response | None) -> None:
        if response is None:
            return
        for fault in response.faults:
            self._note(fault)
        if switch := response.told.get("SW"):
            self._presses.switch(switch, response.began_at_us)
        if self._is_identified:
            self._deliver(response)
        is_ours = self._pending is not None and response.mark == self._mark
        if is_ours and response.has_ended:
            self._take_answer(response)
        elif response.error not in _HARMLESS and response.mark is None:
            self._warn(response.error, f"handheld reports: {error_text(response.error)}")

    def _deliver(self, response: Response) -> None:
        at_us, pressed_at_us = self._now.utc_us, 0
        if response.is_inventory() and response.mark is None:
            pressed_at_us = self._presses.answer(response)
        self._gathered.reads += [read.tag_read(at_us, pressed_at_us) for read in response.reads]
        is_unset = response.is_unchecked() and self._state in _READING
        if is_unset and self._is_due_again(State.SETTING_INVENTORY.value):
            self._tell(HealthKind.WARNING, "the handheld has lost its settings; it is set up anew")
            self._move(Event.UNSET)

    def _take_answer(self, response: Response) -> None:
        if self._state in _BATTERIES:
            self._take_battery(response)
        elif response.error:
            text = error_text(response.error)
            raise ReaderRefused(self._state.value, response.error, text, "TSL error")
        elif self._state is State.PROBING:
            self._take_version(response.told)
        self._move(Event.ANSWERED)

    def _take_version(self, told: dict[str, str]) -> None:
        version = told.get("PV", "")
        if not version.startswith(PROTOCOL):
            raise ReaderError(f"TSL handheld: protocol version {version!r}, needed is {PROTOCOL}x")
        self._is_identified = True
        unit, firmware = told.get("US", "unknown"), told.get("UF", "unknown")
        self.handheld = f"TSL handheld {unit}, firmware {firmware}"

    # Battery and other troubles.

    def _take_battery(self, response: Response) -> None:
        percent = response.told.get("BP", "").removesuffix("%").strip()
        if response.error or not percent.isascii() or not percent.isdigit():
            return  # it is there, and does not tell
        battery = self.battery = Battery(int(percent), response.told.get("CH", ""))
        if self._has_read:
            self._tell_battery()
        if battery.charge == "Error":
            self._warn("charge", f"handheld does not charge: {battery}")
        if battery.percent >= ENOUGH_PERCENT or battery.charge in _CHARGING:
            self._is_low = False
        elif battery.percent <= LOW_PERCENT and not self._is_low:
            self._is_low = True
            self._tell(HealthKind.WARNING, f"handheld wants charging: {battery}")

    def _tell_battery(self) -> None:
        """Tell the level when it is another: it goes by single percents, and slowly."""
        if self.battery and self.battery != self._told_battery:
            self._told_battery = self.battery
            self._tell(HealthKind.BATTERY, str(self.battery))

    def _warn(self, what: int | str, detail: str) -> None:
        if self._is_due_again(what):
            self._tell(HealthKind.WARNING, detail)

    def _is_due_again(self, what: int | str) -> bool:
        if not self._is_due(self._warned_s.get(what, float("-inf")), REPEAT_S):
            return False
        self._warned_s[what] = self._now.monotonic_s
        return True
