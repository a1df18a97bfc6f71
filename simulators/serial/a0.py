"""An A0 ("R2000") reader ("UHF RFID Reader Serial Interface Protocol" V3.7).

It says nothing unasked.  An inventory is a round: a frame for each tag as it is seen, and one that
ends the round; what it is told meanwhile waits for that.  A round of the buffered inventory tells
only how many tags there were, which are then fetched.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from edge.model import Now, TagRead
from edge.serial.framing import Direction
from edge.serial.r2000 import commands as c
from edge.serial.r2000.codes import CommandCode, ReaderRegion, Status
from edge.serial.r2000.frames import PUBLIC, Frame, FrameDecoder
from simulators.fault_table import Effect, FaultKind, whole
from simulators.serial.a0_buffer import Buffer, place_of
from simulators.serial.reader import Inbox, SerialReader
from simulators.serial.surroundings import Surroundings

ROUND_S = 0.04  # with repeat FF; documents say 30 to 50 ms
_LOWEST_POWER, _HIGHEST_POWER = 0, 33
_TEMPERATURE_C, _HOT_C = 32, 85
_MOST_WAITING = 16  # commands

Answer: TypeAlias = bytes | Status | None  # data, a status, or nothing
_Inventory: TypeAlias = c.Inventory | c.SessionInventory | c.FastSwitch | c.BufferInventory


@dataclass(slots=True)
class _Round:
    command: int
    ends_us: int
    begins_us: int
    reads: deque[TagRead]
    turns: deque[int]  # antennas that come after this one, from 1
    port: int
    told: int = 0


@dataclass(slots=True)
class _Flash:
    """What is kept without power."""

    region: bytes = bytes((ReaderRegion.ETSI, 0, 6))
    powers: bytes = bytes((30,))
    address: int = 1
    beeper: int = 0


class A0Reader(SerialReader):
    title = "R2000"
    protocol = "r2000"
    usual_baud = 115_200
    most_ports = 8
    kinds: Mapping[str, FaultKind] = {
        "antenna-missing": FaultKind(
            "This port has no antenna: its rounds end with status 22.",
            Effect.LASTING,
            (whole("port", 1, 1, 8),),
        ),
        "no-tag-status": FaultKind(
            "A round without tags ends with status 36 instead of its own frame.", Effect.LASTING
        ),
        "no-round-end": FaultKind(
            "Of so many rounds one never ends.", Effect.LASTING, (whole("every", 25, 1, 100_000),)
        ),
        "over-temperature": FaultKind("The reader tells 85 degrees Celsius.", Effect.LASTING),
        "refused-inventory": FaultKind(
            "Every inventory is answered with status 31.", Effect.LASTING
        ),
    }

    def __init__(self, surroundings: Surroundings, baud: int | None = None) -> None:
        super().__init__(surroundings, baud)
        self._air = surroundings.rounds(ROUND_S)
        self.flash = _Flash()
        self._rounds = 0
        self._start_anew()

    def power_up(self, now: Now) -> None:
        del now
        self._start_anew()

    def _start_anew(self) -> None:
        self.baud, self.next_baud = self.stored_baud, None
        self.antenna = 0
        self.temporary_power: int | None = None
        self.buffer = Buffer()
        self._round: _Round | None = None
        self._waiting: deque[Frame] = deque(maxlen=_MOST_WAITING)
        self._inbox = Inbox(FrameDecoder(Direction.TO_READER))

    def receive(self, data: bytes, now: Now) -> None:
        for frame in self._inbox.frames(data, now):
            if frame.address in {self.flash.address, PUBLIC}:
                self._waiting.append(frame)
        self._work(now)

    def advance(self, now: Now, room: int) -> None:
        if self._round is not None:
            self._go_on(self._round, now, room)
        self._work(now)

    def _work(self, now: Now) -> None:
        while self._round is None and self._waiting:
            self._obey(self._waiting.popleft(), now)

    def _obey(self, frame: Frame, now: Now) -> None:
        command = c.decode_command(frame)
        if isinstance(command, _Inventory):
            self._begin(frame.command, command, now)
            return
        do = _COMMANDS.get(type(command))
        answer = Status.PARAMETER if do is None else do(self, command)
        if answer is not None:
            data = bytes((answer,)) if isinstance(answer, Status) else answer
            self._answer(frame.command, data)

    def _answer(self, command: int, data: bytes) -> None:
        self._say(Frame(self.flash.address, command, data).encode())

    # Rounds.

    def _begin(self, code: int, command: _Inventory, now: Now) -> None:
        if self.faults.get("refused-inventory"):
            self._answer(code, bytes((Status.INVENTORY,)))
            return
        if isinstance(command, c.FastSwitch):
            stays = zip(command.stays[::2], command.stays[1::2], strict=True)
            turns = deque(
                antenna + 1 for antenna, stay in stays for _ in range(stay) if antenna < 8
            )
        else:
            turns = deque([self.antenna + 1] * (1 if command.repeat == 0xFF else command.repeat))
        if not turns:
            self._answer(code, bytes((Status.PARAMETER,)))
            return
        self._rounds += 1
        self._next_turn(code, turns, now, told=0, begins_us=now.utc_us)

    def _next_turn(
        self, code: int, turns: deque[int], now: Now, *, told: int, begins_us: int
    ) -> None:
        port = turns.popleft()
        ends_us = now.utc_us + round(ROUND_S * 1_000_000)
        reads = self._air.begin(port, now.utc_us)
        self._round = _Round(code, ends_us, begins_us, reads, turns, port, told)

    def _go_on(self, a_round: _Round, now: Now, room: int) -> None:
        if self._is_missing(a_round.port):
            self._round = None
            missing = bytes((Status.ANTENNA_MISSING,))
            is_fast = a_round.command == CommandCode.FAST_SWITCH
            self._answer(
                a_round.command, bytes((a_round.port - 1,)) + missing if is_fast else missing
            )
            return
        while a_round.reads and a_round.reads[0].at_us <= now.utc_us and room > 0:
            read = a_round.reads.popleft()
            if self._air.is_there(read):
                a_round.told += 1
                room -= self._tell(a_round.command, read)
        if now.utc_us < a_round.ends_us or a_round.reads:
            return
        self._round = None
        if a_round.turns:
            told, begins_us = a_round.told, a_round.begins_us
            self._next_turn(a_round.command, a_round.turns, now, told=told, begins_us=begins_us)
        else:
            self._end(a_round, now)

    def _tell(self, command: int, read: TagRead) -> int:
        """Tell a tag, or keep it until it is fetched; give how many bytes were said."""
        if command == CommandCode.BUFFERED_INVENTORY:
            self.buffer.keep(read)
            return 0
        frame = _tag(read)
        self._answer(command, frame)
        self.told += 1
        return len(frame) + 5

    def fetch(self, command: int, *, clears: bool) -> Answer:
        """Tell all tags of the buffer, a frame each."""
        if not self.buffer:
            return Status.BUFFER_EMPTY
        for data in self.buffer.frames():
            self._answer(command, data)
            self.told += 1
        if clears:
            self.buffer.clear()
        return None

    def clear_buffer(self) -> Status:
        self.buffer.clear()
        return Status.SUCCESS

    def _end(self, a_round: _Round, now: Now) -> None:
        never = self.faults.get("no-round-end")
        if never and self._rounds % never.whole("every") == 0:
            return
        if not a_round.told and self.faults.get("no-tag-status"):
            self._answer(a_round.command, bytes((Status.NO_TAG,)))
            return
        duration_us = now.utc_us - a_round.begins_us
        if a_round.command == CommandCode.FAST_SWITCH:
            end = a_round.told.to_bytes(3) + (duration_us // 1000).to_bytes(4)
        else:
            rate = min(0xFFFF, round(a_round.told * 1_000_000 / max(1, duration_us)))
            is_buffered = a_round.command == CommandCode.BUFFERED_INVENTORY
            tags = len(self.buffer).to_bytes(2) if is_buffered else b""
            end = bytes((a_round.port - 1,)) + tags + rate.to_bytes(2) + a_round.told.to_bytes(4)
        self._answer(a_round.command, end)

    def _is_missing(self, port: int) -> bool:
        missing = self.faults.get("antenna-missing")
        named = missing is not None and missing.whole("port") == port
        return port not in self.antenna_ports or named

    # Settings.

    @property
    def temperature(self) -> bytes:
        return bytes((1, _HOT_C if self.faults.get("over-temperature") else _TEMPERATURE_C))

    @property
    def powers(self) -> bytes:
        return self.flash.powers if self.temporary_power is None else bytes((self.temporary_power,))

    def set_powers(self, powers: tuple[int, ...]) -> Status:
        if len(powers) not in {1, 4, 8} or not all(
            _LOWEST_POWER <= power <= _HIGHEST_POWER for power in powers
        ):
            return Status.POWER
        self.flash.powers, self.temporary_power = bytes(powers), None
        return Status.SUCCESS

    def set_temporary_power(self, power_dbm: int) -> Status:
        if not 20 <= power_dbm <= _HIGHEST_POWER:
            return Status.POWER
        self.temporary_power = power_dbm
        return Status.SUCCESS

    def set_region(self, command: c.SetRegion) -> Status:
        if command.region not in {ReaderRegion.FCC, ReaderRegion.ETSI, ReaderRegion.CHINA}:
            return Status.REGION
        if not command.first <= command.last < 60:
            return Status.FREQUENCY_RANGE
        self.flash.region = bytes((command.region, command.first, command.last))
        return Status.SUCCESS

    def set_antenna(self, antenna: int) -> Status:
        if antenna >= self.most_ports:
            return Status.ANTENNA_NUMBER
        self.antenna = antenna
        return Status.SUCCESS

    def reset(self) -> None:
        self._start_anew()


def _tag(read: TagRead) -> bytes:
    """Write a tag: frequency and antenna, PC, EPC, RSSI with the antenna's third bit."""
    place, rssi = place_of(read)
    pc = (len(read.epc) // 2 << 11).to_bytes(2)
    return bytes((place,)) + pc + read.epc + bytes((rssi,))


_Do: TypeAlias = Callable[[A0Reader, Any], Answer]

_COMMANDS: Mapping[type, _Do] = {
    c.GetFirmware: lambda *_: b"\x03\x07",
    c.SetWorkAntenna: lambda reader, command: reader.set_antenna(command.antenna),
    c.GetWorkAntenna: lambda reader, _: bytes((reader.antenna,)),
    c.SetPower: lambda reader, command: reader.set_powers(command.powers_dbm),
    c.SetTemporaryPower: lambda reader, command: reader.set_temporary_power(command.power_dbm),
    c.GetPower: lambda reader, _: reader.powers,
    c.GetAntennaPowers: lambda reader, _: (reader.powers * 8)[:8],
    c.SetRegion: lambda reader, command: reader.set_region(command),
    c.GetRegion: lambda reader, _: reader.flash.region,
    c.SetBeeper: lambda *_: Status.SUCCESS,
    c.GetTemperature: lambda reader, _: reader.temperature,
    c.GetLinkProfile: lambda *_: b"\xd1",
    c.SetLinkProfile: lambda *_: Status.SUCCESS,
    c.GetAntennaDetector: lambda *_: b"\x00",
    c.SetAntennaDetector: lambda *_: Status.SUCCESS,
    c.GetReturnLoss: lambda *_: b"\x0f",
    c.GetEpcMatch: lambda *_: b"\x01",
    c.MatchAnyEpc: lambda *_: Status.SUCCESS,
    c.ReadGpio: lambda *_: b"\x00\x00",
    c.WriteGpio: lambda *_: Status.SUCCESS,
    c.GetBuffer: lambda reader, command: reader.fetch(command.code, clears=False),
    c.TakeBuffer: lambda reader, command: reader.fetch(command.code, clears=True),
    c.GetBufferCount: lambda reader, _: len(reader.buffer).to_bytes(2),
    c.ClearBuffer: lambda reader, _: reader.clear_buffer(),
    c.Reset: lambda reader, _: reader.reset(),
}
