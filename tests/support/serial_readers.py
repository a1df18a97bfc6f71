"""Readers at the other end of a line without time: bytes in, bytes out, as their protocols say.

They keep to the sheets of the protocols and share with the sessions under test the codec only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge.model import HealthEvent, HealthKind, TagRead, Tick
from edge.serial.faults import Fault
from edge.serial.framing import Direction
from edge.serial.mercury import codes as mercury_codes
from edge.serial.mercury import frames as mercury_frames
from edge.serial.r2000 import codes as a0_codes
from edge.serial.r2000 import frames as a0_frames
from edge.serial.session import SerialSession
from tests.support.clocks import ManualClock
from tests.support.serial import waiting_in

KEEPALIVE = bytes.fromhex("ff00220400 84e0")  # as published


class SerialReader(Protocol):
    baud: int

    def hear(self, data: bytes) -> bytes: ...


@dataclass
class Heard:
    """What a session has told while it was played."""

    sent: list[bytes] = field(default_factory=list)
    bauds: list[int] = field(default_factory=list)
    reads: list[TagRead] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    health: list[HealthEvent] = field(default_factory=list)

    def of(self, kind: HealthKind) -> list[HealthEvent]:
        return [event for event in self.health if event.kind is kind]


class Line:
    """Joins a session and a reader as a driver would, by a clock of its own.

    At another rate than the reader's the two hear noise of each other.
    """

    def __init__(self, session: SerialSession, reader: SerialReader) -> None:
        self.clock = ManualClock()
        self.heard = Heard()
        self._session, self._reader = session, reader
        self._baud = session.baud
        self._coming = b""
        self._transfer(session.start(self.clock.now()))

    def play(self, seconds: float, step_s: float = 0.05) -> Heard:
        for _ in range(round(seconds / step_s)):
            self.step(step_s=step_s)
        return self.heard

    def play_until(self, is_so: Callable[[], bool], most_s: float = 10.0) -> Heard:
        deadline_s = self.clock.now().monotonic_s + most_s
        while not is_so():
            assert self.clock.now().monotonic_s < deadline_s, f"not so within {most_s} s"
            self.step()
        return self.heard

    def play_in_pieces(self, seconds: float, piece: int, step_s: float = 0.05) -> Heard:
        """Play, with everything coming so many bytes at a time, all within its step."""
        for _ in range(round(seconds / step_s)):
            coming, self._coming = self._coming, b""
            pieces = [coming[at : at + piece] for at in range(0, len(coming), piece)] or [b""]
            for index, part in enumerate(pieces):
                self.step(part, step_s=0 if index else step_s)
        return self.heard

    def step(self, received: bytes = b"", step_s: float = 0.05) -> None:
        """Let the session hear what is on the way, and then what is given."""
        now = self.clock.advance(step_s)
        output = self._session.step(self._coming + received, now)
        self._coming = b""
        if output.baud is not None:
            self.heard.bauds.append(output.baud)
            self._baud = output.baud
        self.heard.reads += output.polled.reads
        self.heard.ticks += [output.polled.tick] if output.polled.tick else []
        self.heard.health += output.polled.health
        self._transfer(output.to_send)

    def _transfer(self, data: bytes) -> None:
        if data:
            self.heard.sent.append(data)
            right = self._baud == self._reader.baud
            self._coming = self._reader.hear(data) if right else b"\xfe\x00\x80"


class MercuryModule:
    """`answers` replaces the answer to an opcode: a frame, or None for silence."""

    def __init__(self) -> None:
        self.baud = 115_200
        self.hardware = "30000002"
        self.regions = bytes((0x01, 0x08, 0x0D))
        self.region = 0
        self.power_limits = (2700, 0)
        self.ports = {1: 0}
        self.program = 0x12
        self.most_baud = 921_600  # at a higher rate nobody hears what it says
        self.is_streaming = False
        self.answers: dict[int, mercury_frames.Frame | None] = {}
        self.told: list[tuple[int, bytes]] = []  # opcodes and data of all commands
        self._decoder = mercury_frames.FrameDecoder(Direction.TO_READER)

    def hear(self, data: bytes) -> bytes:
        self._decoder.feed(data)
        said = b""
        for frame in waiting_in(self._decoder):
            if isinstance(frame, Fault):
                continue  # another protocol's identification, at a probe
            self.told.append((frame.opcode, frame.data))
            is_heard = self.baud <= self.most_baud
            answer = (
                self.answers[frame.opcode] if frame.opcode in self.answers else self._answer(frame)
            )
            said += answer.encode() if answer and is_heard else b""
        return said

    def opcodes(self) -> list[int]:
        return [opcode for opcode, _ in self.told]

    def boot_frame(self) -> bytes:
        return mercury_frames.Frame(0x04, self.version(), 0).encode()

    def version(self) -> bytes:
        return bytes.fromhex(f"14120800{self.hardware}20220804010b012500000010")

    def _answer(self, frame: mercury_frames.Frame) -> mercury_frames.Frame | None:
        make = _MERCURY.get(frame.opcode)
        return mercury_frames.Frame(frame.opcode, make(self, frame.data) if make else b"", 0)

    def start_or_stop(self, data: bytes) -> bytes:
        self.is_streaming = data[2] == 1
        return b"\x01\x22\x00\x00" if self.is_streaming else b"\x02"

    def set_region(self, data: bytes) -> bytes:
        self.region = data[0]
        return b""

    def set_baud(self, data: bytes) -> bytes:
        self.baud = int.from_bytes(data)
        return b""

    def boot(self, _: bytes) -> bytes:
        self.program = 0x12
        return self.version()

    def read_power(self, _: bytes) -> bytes:
        highest, lowest = self.power_limits
        return b"\x01" + (1000).to_bytes(2) + highest.to_bytes(2) + lowest.to_bytes(2)

    def detected(self, _: bytes) -> bytes:
        return b"\x05" + b"".join(bytes(pair) for pair in self.ports.items())


_MERCURY: dict[int, Callable[[MercuryModule, bytes], bytes]] = {
    mercury_codes.Opcode.SET_BAUD: MercuryModule.set_baud,
    mercury_codes.Opcode.VERSION: lambda module, _: module.version(),
    mercury_codes.Opcode.BOOT_FIRMWARE: MercuryModule.boot,
    mercury_codes.Opcode.PROGRAM: lambda module, _: bytes((module.program,)),
    mercury_codes.Opcode.SUPPORTED_REGIONS: lambda module, _: module.regions,
    mercury_codes.Opcode.SET_REGION: MercuryModule.set_region,
    mercury_codes.Opcode.GET_REGION: lambda module, _: bytes((module.region,)),
    mercury_codes.Opcode.GET_READ_POWER: MercuryModule.read_power,
    mercury_codes.Opcode.GET_ANTENNA: MercuryModule.detected,
    mercury_codes.Opcode.MULTI_PROTOCOL: MercuryModule.start_or_stop,
}


class A0Reader:
    """`rounds` are the answers to inventories, one after the other, the last again and again."""

    def __init__(self) -> None:
        self.baud = 115_200
        self.address = 0x01
        self.region = b"\x02\x00\x06"
        self.powers = b"\x1e"
        self.temperature = b"\x01\x20"
        self.antenna = 0
        self.rounds: list[list[bytes]] = [[bytes(7)]]
        self.answers: dict[int, bytes | None] = {}
        self.told: list[tuple[int, bytes]] = []
        self._decoder = a0_frames.FrameDecoder()

    def hear(self, data: bytes) -> bytes:
        self._decoder.feed(data)
        said = b""
        for frame in waiting_in(self._decoder):
            if isinstance(frame, Fault):
                continue
            assert frame.address in {self.address, a0_frames.PUBLIC}
            self.told.append((frame.command, frame.data))
            for answer in self._answers(frame):
                said += a0_frames.Frame(self.address, frame.command, answer).encode()
        return said

    def commands(self) -> list[int]:
        return [command for command, _ in self.told]

    def _answers(self, frame: a0_frames.Frame) -> list[bytes]:
        if frame.command in self.answers:
            answer = self.answers[frame.command]
            return [] if answer is None else [answer]
        if frame.command == a0_codes.CommandCode.SESSION_INVENTORY:
            return self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]
        if frame.command == a0_codes.CommandCode.SET_REGION:
            self.region = frame.data
        if frame.command == a0_codes.CommandCode.SET_WORK_ANTENNA:
            self.antenna = frame.data[0]
        told = {
            a0_codes.CommandCode.FIRMWARE: b"\x01\x09",
            a0_codes.CommandCode.GET_REGION: self.region,
            a0_codes.CommandCode.GET_POWER: self.powers,
            a0_codes.CommandCode.TEMPERATURE: self.temperature,
        }
        return [told.get(a0_codes.CommandCode(frame.command), b"\x10")]
