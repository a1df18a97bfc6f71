"""A Mercury module, an M7e Hecto by its own words (MercuryAPI C 1.35.2.72, M6e manuals).

It is set up by commands, each answered at once; then it streams by itself, in cycles that each end
with a frame without a tag, until it is told to stop.  A stream outlives the host that began it.
"""

from collections.abc import Mapping

from edge.model import Now
from edge.serial.fields import Record, Unknown
from edge.serial.framing import Direction
from edge.serial.mercury import commands as c
from edge.serial.mercury.codes import ConfigKey, Opcode, Status
from edge.serial.mercury.frames import Frame, FrameDecoder
from simulators.fault_table import Effect, FaultKind, number, whole
from simulators.faults import Values
from simulators.serial.mercury_records import broken_record, epc_block, tag_record
from simulators.serial.mercury_search import CONFIGURED_LIST, Filter, Search, Stream, TagBuffer
from simulators.serial.mercury_settings import BAUDS, PORTS, VERSION, Answer, Settings
from simulators.serial.reader import Ear, Inbox, SerialReader
from simulators.serial.surroundings import Surroundings

_APPLICATION, _BOOTLOADER = 0x12, 0x11
_LONGEST_TAG = 100  # bytes of a streamed frame
_IN_BOOTLOADER = (c.GetVersion, c.GetProgram, c.BootFirmware, c.SetBaud)


class MercuryModule(SerialReader):
    title = "Mercury"
    protocol = "mercury"
    usual_baud = 115_200
    most_ports = PORTS[-1]
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
        self._tags = self._cycles = 0
        self._start_anew()

    def power_up(self, now: Now) -> None:
        del now
        self._start_anew()
        self._tell(Opcode.BOOT_FIRMWARE, VERSION)  # it tells so unasked

    def _start_anew(self) -> None:
        self.baud, self.next_baud = self.stored_baud, None
        self._settings = Settings(self._is_connected)
        self._filter, self._buffer = Filter(), TagBuffer()
        self._stream: Stream | None = None
        self._search: Search | None = None
        self._program = _APPLICATION
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
            self._tell(Opcode.MULTI_PROTOCOL, b"\x02")
        if self._stream is not None:
            self._go_on(self._stream, now, room)
        elif self._search is not None:
            self._look(self._search, now)

    def act(self, name: str, values: Values, now: Now) -> None:
        if name == "streams":
            self._settings.region = self._settings.region or 0x08
            self._settings.ports = self.antenna_ports
            self._settings.config[ConfigKey.READ_FILTER] = b"\x00"
            self._start(c.StartReading(search=0x001B, on_time_ms=1000, metadata=0x01FF), now)
        elif name == "bootloader":
            self._start_anew()
            self._program = _BOOTLOADER
        else:
            super().act(name, values, now)

    def _is_connected(self, port: int) -> bool:
        missing = self.faults.get("antenna-missing")
        is_missing = missing is not None and missing.whole("port") == port
        return port in self.antenna_ports and not is_missing

    # Commands.

    def _obey(self, frame: Frame, now: Now) -> None:
        command = c.decode_command(frame)
        if isinstance(command, c.StopReading):
            late = self.faults.get("late-stop")
            self._stop_at_s = now.monotonic_s + (late.number("s") if late else 0.0)
        elif self._stream is not None or self._search is not None:
            return  # it has no ear for anything else
        elif self._program == _BOOTLOADER and not isinstance(command, _IN_BOOTLOADER):
            self._tell(frame.opcode, b"", Status.INVALID_OPCODE)
        elif isinstance(command, c.StartReading):
            self._tell(frame.opcode, b"\x01" + Opcode.READ_MULTIPLE.to_bytes() + bytes(2))
            self._start(command, now)
        elif not self._begin_search(frame.opcode, command, now):
            answer = self._answer(command)
            self._tell(frame.opcode, *answer)

    def _answer(self, command: Record | Unknown) -> Answer:
        match command:
            case c.GetVersion():
                return Answer(VERSION)
            case c.GetProgram():
                return Answer(bytes((self._program,)))
            case c.BootFirmware():
                self._program = _APPLICATION
                return Answer(VERSION)
            case c.SetBaud(baud=baud):
                self.next_baud = baud if baud in BAUDS else None
                return Answer(status=Status.OK if baud in BAUDS else Status.BAD_BAUD)
            case c.ClearTagBuffer() | c.GetTagBufferIndexes() | c.GetTagBuffer():
                return self._of_buffer(command)
            case _:
                return self._settings.do(command) or Answer(status=Status.INVALID_OPCODE)

    def _of_buffer(
        self, command: c.ClearTagBuffer | c.GetTagBufferIndexes | c.GetTagBuffer
    ) -> Answer:
        if isinstance(command, c.ClearTagBuffer):
            self._buffer.clear()
            return Answer()
        if isinstance(command, c.GetTagBufferIndexes):
            return Answer(self._buffer.indexes)
        if not len(self._buffer):
            return Answer(status=Status.NO_TAGS)
        return Answer(self._buffer.fetch(command.metadata, is_again=bool(command.is_again)))

    def _tell(self, opcode: int, data: bytes, status: Status = Status.OK) -> None:
        self._say(Frame(opcode, data, status).encode())

    # Searches.

    def _ports(self, search: int) -> list[int]:
        listed = search & CONFIGURED_LIST == CONFIGURED_LIST
        return [p for p in (self._settings.ports if listed else (1, 2)) if self._is_connected(p)]

    def _begin_search(self, opcode: int, command: Record | Unknown, now: Now) -> bool:
        """Begin to look for one tag or for many, if that is what the command asks for."""
        match command:
            case c.ReadSingle(timeout_ms=timeout_ms) | c.ReadMultiple(timeout_ms=timeout_ms):
                head, flags = b"", CONFIGURED_LIST
            case c.Search(option=option, search=flags, timeout_ms=timeout_ms):
                head = bytes((option,)) + flags.to_bytes(2)
            case c.SearchWithMetadata(option=option, search=flags, timeout_ms=timeout_ms):
                head = bytes((option,)) + flags.to_bytes(2)
            case _:
                return False
        if not self._settings.region:
            self._tell(opcode, b"", Status.AFE_NOT_ON)
        else:
            ends_us, is_single = now.utc_us + timeout_ms * 1000, isinstance(command, c.ReadSingle)
            self._search = Search(opcode, head, flags, ends_us, is_single)
        return True

    def _look(self, search: Search, now: Now) -> None:
        for read in self._ear.hear(self._ports(search.search), now, 1000):
            if search.is_single:
                self._end_search()
                self.told += 1
                self._tell(search.opcode, read.epc + epc_block(read.epc)[-2:])
                return
            self.told += self._buffer.add(read)
        if now.utc_us < search.ends_us:
            return
        self._end_search()
        if not search.is_single and (found := len(self._buffer)):
            self._tell(search.opcode, search.found(found))
        else:
            self._tell(search.opcode, b"", Status.NO_TAGS)

    def _end_search(self) -> None:
        self._search = None
        self._ear.stop()

    def _start(self, command: c.StartReading, now: Now) -> None:
        ends_us = now.utc_us + command.on_time_ms * 1000
        self._stream = Stream(
            command.option,
            command.search,
            command.on_time_ms,
            command.metadata,
            now.utc_us,
            ends_us,
        )
        self._filter.clear()

    def _go_on(self, stream: Stream, now: Now, room: int) -> None:
        if not self._settings.region:
            self._report(Status.AFE_NOT_ON)
            self._stream = None
            return
        self._read(stream, now, room)
        if now.utc_us >= stream.cycle_ends_us:
            stream.cycle_ends_us += max(1, stream.on_time_ms) * 1000
            self._end_cycle()

    def _read(self, stream: Stream, now: Now, room: int) -> None:
        reads = self._ear.hear(self._ports(stream.search), now, room // _LONGEST_TAG)
        if self.faults.get("over-temperature") and self._cycles % 2:
            return
        for read in reads:
            if self._filter.holds_back(read, self._settings):
                continue
            self._tags += 1
            self.told += 1
            self._spoil(stream)
            reader_ms = (read.at_us - stream.began_us) // 1000
            record = tag_record(read, stream.metadata, reader_ms)
            self._tell(Opcode.READ_MULTIPLE, stream.tag(record))

    def _spoil(self, stream: Stream) -> None:
        broken, impossible = self.faults.get("broken-record"), self.faults.get("impossible-length")
        if broken and self._tags % broken.whole("every") == 0:
            self._tell(Opcode.READ_MULTIPLE, stream.tag(broken_record(stream.metadata)))
        if impossible and self._tags % impossible.whole("every") == 0:
            self._say(bytes((0xFF, 0xF9 + self._tags % 7, Opcode.READ_MULTIPLE)))

    def _end_cycle(self) -> None:
        self._cycles += 1
        if self.faults.get("over-temperature"):
            self._report(Status.OVER_TEMPERATURE)
        if any(not self._is_connected(port) for port in self._settings.ports):
            self._report(Status.ANTENNA_MISSING)
        self._report(Status.NO_TAGS)

    def _report(self, status: Status) -> None:
        self._tell(Opcode.READ_MULTIPLE, b"", status)
