"""A TSL handheld (TSL ASCII Protocol 2.5): lines of text, and an operator who presses its trigger.

A press is an inventory of its own, or several while the trigger is held, each answered like a
command that nobody has sent.  Told to, the handheld says when it is pressed and let go.  Parameters
stick to their command until `-x`, or until the handheld sleeps.  What the trigger does before it is
told is not documented; here it reads.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge.model import Now, TagRead
from simulators.fault_table import Effect, FaultKind, whole
from simulators.faults import Values
from simulators.serial.mercury_records import epc_block
from simulators.serial.reader import SerialReader
from simulators.serial.surroundings import Surroundings

PRESS_S = 1.0  # from one press of the trigger to the next
ROUND_S = 0.4
_VERSION = (
    "MF: TSL UK Ltd.",
    "US: 1128-01-000001",
    "PV: 2.5.0",
    "UF: 3.8.0",
    "UB: 1.3.0",
    "RS: 116-ET-000001",
    "RF: 2.6.0",
    "RB: 1.2.0",
)
_LONGEST_LINE = 256
_SYNTAX, _NO_TRANSPONDER, _BATTERY_LOW = "ER: 001", "ER: 005", "ER: 009"

Parameters = dict[str, str]


@dataclass(slots=True)
class _Round:
    command: str  # as it came, or the trigger's own
    ends_us: int
    reads: deque[TagRead]
    held_for: int | None  # more inventories of the same press; None of a host's command
    told: int = 0


@dataclass(slots=True)
class _Memory:
    """What is lost with the power, and by sleep."""

    inventory: Parameters = field(default_factory=dict)
    switch: Parameters = field(default_factory=lambda: {"a": "off", "s": "inv"})


class TslHandheld(SerialReader):
    title = "TSL"
    protocol = "tsl"
    usual_baud = 115_200
    most_ports = 1
    kinds: Mapping[str, FaultKind] = {
        "press": FaultKind("The operator presses the trigger once more.", Effect.ONCE),
        "held": FaultKind(
            "The operator holds the trigger for so many inventories.",
            Effect.LASTING,
            (whole("inventories", 3, 1, 100),),
        ),
        "idle": FaultKind("The operator does not press the trigger.", Effect.LASTING),
        "asleep": FaultKind(
            "The handheld has slept without losing its link: its settings are gone.", Effect.ONCE
        ),
        "battery": FaultKind(
            "The battery is at so many percent; inventories fail at 0.",
            Effect.LASTING,
            (whole("percent", 15, 0, 100),),
        ),
        "messages": FaultKind("Lines for people come between the others.", Effect.LASTING),
        "stray-bytes": FaultKind("Bytes 00 and FF come before an answer.", Effect.LASTING),
    }

    def __init__(self, surroundings: Surroundings, baud: int | None = None) -> None:
        super().__init__(surroundings, baud)
        self._air = surroundings.rounds(ROUND_S)
        self._press_s = 0.0
        self._start_anew()

    def power_up(self, now: Now) -> None:
        del now
        self._start_anew()

    def _start_anew(self) -> None:
        self.memory = _Memory()
        self._line = bytearray()
        self._round: _Round | None = None
        self._waiting: deque[str] = deque(maxlen=16)  # commands, while a round goes on

    def receive(self, data: bytes, now: Now) -> None:
        for byte in data:
            if byte in b"\r\n":
                line = self._line.decode("ascii", "replace").strip()
                self._line.clear()
                if line:
                    self._waiting.append(line)
            elif len(self._line) < _LONGEST_LINE:
                self._line.append(byte)
        self._work(now)

    def advance(self, now: Now, room: int) -> None:
        if self._round is not None:
            self._go_on(self._round, now, room)
        elif self._is_pressed(now):
            self._press(now)
        self._work(now)

    def act(self, name: str, values: Values, now: Now) -> None:
        if name == "press" and self._round is None:
            self._press(now)
        elif name == "asleep":
            self.memory = _Memory()
        elif name != "press":
            super().act(name, values, now)

    def _is_pressed(self, now: Now) -> bool:
        if self.faults.get("idle") or self.memory.switch.get("s") != "inv":
            return False
        if now.monotonic_s - self._press_s < PRESS_S:
            return False
        self._press_s = now.monotonic_s
        return True

    def _press(self, now: Now) -> None:
        held = self.faults.get("held")
        self._report("single")
        self._begin(".iv", now, held.whole("inventories") - 1 if held else 0)

    def _report(self, switch: str) -> None:
        """Tell how the trigger is now, if that is wanted."""
        if self.memory.switch.get("a") == "on":
            self._answer(".ss", (f"SW: {switch}", "OK:"))

    # Commands.

    def _work(self, now: Now) -> None:
        while self._round is None and self._waiting:
            self._obey(self._waiting.popleft(), now)

    def _obey(self, line: str, now: Now) -> None:
        if not line.startswith(".") or len(line) < 3:
            return
        name, parameters = line[1:3], _parameters(line[3:])
        if name == "iv":
            _stick(self.memory.inventory, parameters)
            if "n" not in parameters:
                self._begin(line, now)
                return
        do = _COMMANDS.get(name)
        self._answer(line, (_SYNTAX,) if do is None else (*do(self, parameters), "OK:"))

    def _answer(self, command: str, lines: tuple[str, ...]) -> None:
        self._open(command)
        for line in lines:
            self._say(f"{line}\r\n".encode())
        self._say(b"\r\n")

    def _open(self, command: str) -> None:
        if self.faults.get("stray-bytes"):
            self._say(b"\x00\xff\x00")
        self._say(f"CS: {command}\r\n".encode())

    def set_switch(self, parameters: Parameters) -> tuple[str, ...]:
        _stick(self.memory.switch, parameters)
        return ()

    def battery(self) -> tuple[str, ...]:
        return (f"BP: {self._percent}%", "CH: Off")

    @property
    def _percent(self) -> int:
        fault = self.faults.get("battery")
        return fault.whole("percent") if fault else 87

    # Inventories.

    def _begin(self, command: str, now: Now, held_for: int | None = None) -> None:
        if not self._percent:
            self._answer(command, (_BATTERY_LOW,))
            if held_for is not None:
                self._report("off")
            return
        self._open(command)
        ends_us = now.utc_us + round(ROUND_S * 1_000_000)
        self._round = _Round(command, ends_us, self._air.begin(1, now.utc_us), held_for)

    def _go_on(self, a_round: _Round, now: Now, room: int) -> None:
        while a_round.reads and a_round.reads[0].at_us <= now.utc_us and room > 0:
            read = a_round.reads.popleft()
            if self._air.is_there(read):
                lines = self._lines_of(read)
                room -= len(lines)
                a_round.told += 1
                self.told += 1
                self._say(lines)
        if now.utc_us < a_round.ends_us or a_round.reads:
            return
        self._round = None
        if self.faults.get("messages"):
            self._say(b"ME: the operator may read this\r\n")
        self._say(b"OK:\r\n\r\n" if a_round.told else f"{_NO_TRANSPONDER}\r\n\r\n".encode())
        if a_round.held_for:
            self._begin(a_round.command, now, a_round.held_for - 1)
        elif a_round.held_for is not None:
            self._report("off")

    def _lines_of(self, read: TagRead) -> bytes:
        block, asked = epc_block(read.epc), self.memory.inventory
        lines = [f"EP: {read.epc.hex().upper()}"]
        lines += [f"PC: {block[:2].hex().upper()}"] if asked.get("e") == "on" else []
        lines += [f"CR: {block[-2:].hex().upper()}"] if asked.get("c") == "on" else []
        lines += [f"RI: {round(read.rssi_dbm)}"] if asked.get("r") == "on" else []
        return "".join(f"{line}\r\n" for line in lines).encode()


def _parameters(text: str) -> Parameters:
    """Read ` -x -qt a -ron`: a name of one or two letters, its value behind it or after a space.

    Of names that begin alike the longer one is taken.
    """
    parameters: Parameters = {}
    for part in text.replace("LCMD", "-lcmd").split("-")[1:]:
        word = part.strip()
        name = next((known for known in _LONG_NAMES if word.startswith(known)), word[:1])
        parameters[name] = word[len(name) :].strip()
    return parameters


def _stick(kept: Parameters, parameters: Parameters) -> None:
    if "x" in parameters:
        kept.clear()
    kept.update(parameters)


_LONG_NAMES = (
    *("lcmd", "al", "dr", "dt", "fi", "fs", "ic", "io", "ip", "ix", "qa", "ql", "qs", "qt", "qv"),
    *("rd", "rs", "sa", "sb", "sd", "sl", "so", "st", "tf"),
)
_COMMANDS: Mapping[str, Callable[[TslHandheld, Parameters], tuple[str, ...]]] = {
    "vr": lambda *_: _VERSION,
    "bl": lambda handheld, _: handheld.battery(),
    "iv": lambda *_: (),  # with -n
    "sa": lambda handheld, parameters: handheld.set_switch(parameters),
    "ss": lambda *_: ("SW: off",),
    "ab": lambda *_: (),
    "al": lambda *_: (),
    "da": lambda *_: (),
    "tm": lambda *_: (),
}
