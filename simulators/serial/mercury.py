"""A Mercury module, an M7e Hecto by its own words (MercuryAPI C 1.35.2.72, M6e manuals).

It is set up by commands, each answered at once; then it streams by itself, in cycles that each end
with a frame without a tag, until it is told to stop.  A stream outlives the host that began it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from edge.model import Now, TagRead
from edge.serial.fields import Record, Unknown
from edge.serial.framing import Direction
from edge.serial.mercury import commands as c
from edge.serial.mercury.codes import Opcode, Status
from edge.serial.mercury.frames import Frame, FrameDecoder
from simulators.faults import Effect, FaultKind, Values, number, whole
from simulators.serial.mercury_records import broken_record, tag_record
from simulators.serial.reader import Ear, Inbox, SerialReader
from simulators.serial.surroundings import Surroundings

VERSION = bytes.fromhex("2301060038000201202409130201060800000010")
REGIONS = bytes((0x01, 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x15, 0x16))
BAUDS = frozenset((9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600))
HIGHEST_POWER, LOWEST_POWER = 2700, 0  # hundredths of a dBm
_APPLICATION, _BOOTLOADER = 0x12, 0x11
_LONGEST_TAG = 100  # bytes of a streamed frame
_CONFIGURED_LIST, _METADATA = 0x0003, 0x10

Answer: TypeAlias = bytes | Status | None  # data, what is wrong, or nothing at all


@dataclass(slots=True)
class _Stream:
    option: int
    search: int
    on_time_ms: int
    metadata: int
    began_us: int
    cycle_ends_us: int


@dataclass(slots=True)
class _Settings:
    """What is lost with the power."""

    region: int = 0
    protocol: int = 0
    read_power: int = 1000
    write_power: int = 1000
    power_mode: int = 0
    user_mode: int = 0
    ports: tuple[int, ...] = (1,)
    config: dict[int, bytes] = field(default_factory=lambda: {0x0C: b"\x01"})  # filter is on
    parameters: dict[int, bytes] = field(default_factory=dict)


class MercuryModule(SerialReader):
    title = "Mercury"
    protocol = "mercury"
    usual_baud = 115_200
    most_ports = 4
    kinds: Mapping[str, FaultKind] = {
        "streams": FaultKind(
            "The module streams, as if a host that is gone had started it.", Effect.ONCE
        ),
        "bootloader": FaultKind(
            "The module starts anew and stays in its bootloader until it is told to boot.",
            Effect.ONCE,
        ),
        "late-stop": FaultKind(
            "A stop is obeyed only after so many seconds.",
            Effect.LASTING,
            (number("s", 2, 0, 60),),
        ),
        "over-temperature": FaultKind(
            "Status 0504 in every cycle; every second cycle reads nothing.", Effect.LASTING
        ),
        "antenna-missing": FaultKind(
            "This port has no antenna: status 0503 in every cycle, and no reads by it.",
            Effect.LASTING,
            (whole("port", 1, 1, 4),),
        ),
        "broken-record": FaultKind(
            "Before one of so many tags comes a frame whose check value is right, and whose record "
            "announces more than it has.",
            Effect.LASTING,
            (whole("every", 25, 1, 100_000),),
        ),
        "impossible-length": FaultKind(
            "Before one of so many tags come the first bytes of a frame that nobody can send.",
            Effect.LASTING,
            (whole("every", 25, 1, 100_000),),
        ),
    }

    def __init__(self, surroundings: Surroundings, baud: int | None = None) -> None:
        super().__init__(surroundings, baud)
        self._ear = Ear(surroundings.air())
        self._seen_us: dict[bytes, int] = {}
        self._tags = self._cycles = 0
        self._start_anew()

    def power_up(self, now: Now) -> None:
        del now
        self._start_anew()
        self._answer(Opcode.BOOT_FIRMWARE, VERSION)  # it tells so unasked

    def _start_anew(self) -> None:
        self.baud = self.stored_baud
        self._settings = _Settings()
        self._stream: _Stream | None = None
        self._program = _APPLICATION
        self.next_baud = None
        self._stop_at_s: float | None = None
        self._inbox = Inbox(FrameDecoder(Direction.TO_READER))
        self._ear.stop()

    def receive(self, data: bytes, now: Now) -> None:
        for frame in self._inbox.frames(data, now):
            self._obey(frame, now)

    def advance(self, now: Now, room: int) -> None:
        if self._stop_at_s is not None and now.monotonic_s >= self._stop_at_s:
            self._stop_at_s = self._stream = None
            self._ear.stop()
            self._answer(Opcode.MULTI_PROTOCOL, b"\x02")
        if self._stream is None:
            return
        if not self._settings.region:
            self._report(Status.AFE_NOT_ON)
            self._stream = None
            return
        self._read(self._stream, now, room)
        if now.utc_us >= self._stream.cycle_ends_us:
            self._end_cycle(self._stream)

    def act(self, name: str, values: Values, now: Now) -> None:
        if name == "streams":
            self._settings.region = self._settings.region or 0x08
            self._settings.ports = self.antenna_ports
            self._settings.config[0x0C] = b"\x00"
            self._start(c.StartReading(search=0x001B, on_time_ms=1000, metadata=0x01FF), now)
        elif name == "bootloader":
            self._start_anew()
            self._program = _BOOTLOADER
        else:
            super().act(name, values, now)

    # Commands.

    def _obey(self, frame: Frame, now: Now) -> None:
        command = c.decode_command(frame)
        if self._stream is not None and not isinstance(command, c.StopReading):
            return  # it has no ear for anything else
        if isinstance(command, c.StopReading):
            self._stop(now)
            return
        if isinstance(command, c.StartReading):
            self._answer(frame.opcode, b"\x01" + Opcode.READ_MULTIPLE.to_bytes() + bytes(2))
            self._start(command, now)
            return
        answer = self._do(command)
        if self._program == _BOOTLOADER and not isinstance(command, _IN_BOOTLOADER):
            answer = Status.INVALID_OPCODE
        if isinstance(answer, Status):
            self._say(Frame(frame.opcode, b"", answer).encode())
        elif answer is not None:
            self._answer(frame.opcode, answer)

    def _do(self, command: Record | Unknown) -> Answer:
        do = _COMMANDS.get(type(command))
        return Status.INVALID_OPCODE if do is None else do(self, self._settings, command)

    def _answer(self, opcode: int, data: bytes) -> None:
        self._say(Frame(opcode, data, Status.OK).encode())

    def boot(self) -> bytes:
        self._program = _APPLICATION
        return VERSION

    @property
    def program(self) -> bytes:
        return bytes((self._program,))

    def set_baud(self, baud: int) -> Answer:
        if baud not in BAUDS:
            return Status.BAD_BAUD
        self.next_baud = baud
        return b""

    def is_connected(self, port: int) -> bool:
        missing = self.faults.get("antenna-missing")
        is_missing = missing is not None and missing.whole("port") == port
        return port in self.antenna_ports and not is_missing

    # The stream.

    def _start(self, command: c.StartReading, now: Now) -> None:
        ends_us = now.utc_us + command.on_time_ms * 1000
        self._stream = _Stream(
            command.option,
            command.search,
            command.on_time_ms,
            command.metadata,
            now.utc_us,
            ends_us,
        )
        self._seen_us.clear()

    def _stop(self, now: Now) -> None:
        late = self.faults.get("late-stop")
        self._stop_at_s = now.monotonic_s + (late.number("s") if late else 0.0)

    def _read(self, stream: _Stream, now: Now, room: int) -> None:
        listed = stream.search & _CONFIGURED_LIST == _CONFIGURED_LIST
        ports = [p for p in (self._settings.ports if listed else (1, 2)) if self.is_connected(p)]
        reads = self._ear.hear(ports, now, room // _LONGEST_TAG)
        if self.faults.get("over-temperature") and self._cycles % 2:
            return
        for read in reads:
            if self._is_filtered(read):
                continue
            self._tags += 1
            self.told += 1
            self._spoil(stream)
            reader_ms = (read.at_us - stream.began_us) // 1000
            self._tell(stream, tag_record(read, stream.metadata, reader_ms))

    def _tell(self, stream: _Stream, record: bytes) -> None:
        head = bytes((stream.option,)) + stream.search.to_bytes(2)
        head += stream.metadata.to_bytes(2) if stream.option & _METADATA else b""
        self._answer(Opcode.READ_MULTIPLE, head + b"\x01" + record)

    def _spoil(self, stream: _Stream) -> None:
        broken, impossible = self.faults.get("broken-record"), self.faults.get("impossible-length")
        if broken and self._tags % broken.whole("every") == 0:
            self._tell(stream, broken_record(stream.metadata))
        if impossible and self._tags % impossible.whole("every") == 0:
            self._say(bytes((0xFF, 0xF9 + self._tags % 7, Opcode.READ_MULTIPLE)))

    def _is_filtered(self, read: TagRead) -> bool:
        """Tell whether the module's own filter keeps a tag back that it has reported before."""
        if self._settings.config.get(0x0C) != b"\x01":
            return False
        time_ms = int.from_bytes(self._settings.config.get(0x0D, b""), signed=True)
        seen_us = self._seen_us.get(read.epc)
        if seen_us is not None and (time_ms <= 0 or read.at_us - seen_us < time_ms * 1000):
            return True
        self._seen_us[read.epc] = read.at_us
        return False

    def _end_cycle(self, stream: _Stream) -> None:
        stream.cycle_ends_us += max(1, stream.on_time_ms) * 1000
        self._cycles += 1
        if self.faults.get("over-temperature"):
            self._report(Status.OVER_TEMPERATURE)
        if any(not self.is_connected(port) for port in self._settings.ports):
            self._report(Status.ANTENNA_MISSING)
        self._report(Status.NO_TAGS)

    def _report(self, status: Status) -> None:
        self._say(Frame(Opcode.READ_MULTIPLE, b"", status).encode())


_Do: TypeAlias = Callable[[MercuryModule, _Settings, Any], Answer]
_IN_BOOTLOADER = (c.GetVersion, c.GetProgram, c.BootFirmware, c.SetBaud)


def _store(name: str) -> _Do:
    """Keep the command's only field under the same name."""

    def do(_: MercuryModule, settings: _Settings, command: Any) -> bytes:  # noqa: ANN401 - any class
        setattr(settings, name, getattr(command, name))
        return b""

    return do


def _set_region(_: MercuryModule, settings: _Settings, command: c.SetRegion) -> Answer:
    if command.region not in REGIONS:
        return Status.BAD_REGION
    settings.region = command.region
    return b""


def _set_power(name: str) -> _Do:
    def do(_: MercuryModule, settings: _Settings, command: Any) -> Answer:  # noqa: ANN401 - two classes
        if command.power > HIGHEST_POWER:
            return Status.POWER_TOO_HIGH
        if command.power < LOWEST_POWER:
            return Status.POWER_TOO_LOW
        setattr(settings, name, command.power)
        return b""

    return do


def _power(name: str, *, with_limits: bool) -> _Do:
    def do(_: MercuryModule, settings: _Settings, command: Any) -> bytes:  # noqa: ANN401 - four classes
        hundredths: int = getattr(settings, name)
        power = hundredths.to_bytes(2, signed=True)
        if not with_limits:
            return power
        limits = HIGHEST_POWER.to_bytes(2) + LOWEST_POWER.to_bytes(2)
        return bytes((command.option,)) + power + (limits if command.option == 1 else b"")

    return do


def _set_ports(module: MercuryModule, settings: _Settings, command: c.SetSearchList) -> Answer:
    ports = tuple(pair.tx or 16 for pair in command.ports)
    if not ports or max(ports) > module.most_ports:
        return Status.BAD_PARAMETER
    settings.ports = ports
    return b""


def _antenna(module: MercuryModule, settings: _Settings, command: c.GetAntenna) -> Answer:
    ports = range(1, module.most_ports + 1)
    head = bytes((command.option,))
    if command.option == 0:
        return bytes((settings.ports[0], settings.ports[0]))
    if command.option in {1, 5}:
        return head + b"".join(bytes((port, module.is_connected(port))) for port in ports)
    return Status.BAD_PARAMETER


def _set_antenna(module: MercuryModule, settings: _Settings, command: c.SetAntenna) -> Answer:
    if not 1 <= command.tx <= module.most_ports:
        return Status.BAD_PARAMETER
    settings.ports = (command.tx,)
    return b""


def _set_config(_: MercuryModule, settings: _Settings, command: c.SetConfig) -> bytes:
    settings.config[command.key] = command.value
    return b""


def _config(_: MercuryModule, settings: _Settings, command: c.GetConfig) -> bytes:
    return bytes((1, command.key)) + settings.config.get(command.key, b"\x00")


def _set_parameter(_: MercuryModule, settings: _Settings, command: c.SetParameter) -> Answer:
    if command.protocol != 5:
        return Status.INVALID_PROTOCOL
    settings.parameters[command.key] = command.value
    return b""


def _parameter(_: MercuryModule, settings: _Settings, command: c.GetParameter) -> Answer:
    if command.protocol != 5:
        return Status.INVALID_PROTOCOL
    value = settings.parameters.get(command.key, b"\x00")
    return bytes((command.protocol, command.key)) + value


_COMMANDS: Mapping[type, _Do] = {
    c.GetVersion: lambda *_: VERSION,
    c.BootFirmware: lambda module, *_: module.boot(),
    c.SetBaud: lambda module, _, command: module.set_baud(command.baud),
    c.GetProgram: lambda module, *_: module.program,
    c.GetHardwareVersion: lambda *_: bytes.fromhex("00404009") + b"SIMULATED",
    c.GetAntenna: _antenna,
    c.SetAntenna: _set_antenna,
    c.SetSearchList: _set_ports,
    c.GetReadPower: _power("read_power", with_limits=False),
    c.GetReadPowerBy: _power("read_power", with_limits=True),
    c.SetReadPower: _set_power("read_power"),
    c.GetWritePower: _power("write_power", with_limits=False),
    c.GetWritePowerBy: _power("write_power", with_limits=True),
    c.SetWritePower: _set_power("write_power"),
    c.GetProtocol: lambda _, settings, __: settings.protocol.to_bytes(2),
    c.SetProtocol: _store("protocol"),
    c.GetRegion: lambda _, settings, __: bytes((settings.region,)),
    c.SetRegion: _set_region,
    c.GetPowerMode: lambda _, settings, __: bytes((settings.power_mode,)),
    c.SetPowerMode: lambda _, settings, command: _set_mode(settings, "power_mode", command.mode),
    c.GetUserMode: lambda _, settings, __: bytes((settings.user_mode,)),
    c.SetUserMode: lambda _, settings, command: _set_mode(settings, "user_mode", command.mode),
    c.GetConfig: _config,
    c.SetConfig: _set_config,
    c.GetParameter: _parameter,
    c.SetParameter: _set_parameter,
    c.GetSupportedProtocols: lambda *_: b"\x00\x05",
    c.GetSupportedRegions: lambda *_: REGIONS,
    c.GetTemperature: lambda *_: b"\x23",
    c.ClearTagBuffer: lambda *_: b"",
}


def _set_mode(settings: _Settings, name: str, mode: int) -> bytes:
    setattr(settings, name, mode)
    return b""
