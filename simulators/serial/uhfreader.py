"""Readers of the UHFReader family: a 288M with four antennas, and a UHFReader18 with one.

(User's Manual V2.20, UHFReader18 V2.0.)  A reader does one thing at a time and is deaf meanwhile.
An inventory is a round: frames with tags, and one that ends it.  Told to push, it sends tags by
itself and answers little else.
"""

import abc
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from edge.model import Now, TagRead
from edge.serial.faults import Fault, FaultCause
from edge.serial.fields import Unknown
from edge.serial.framing import Direction
from edge.serial.uhfreader import commands as c
from edge.serial.uhfreader.codes import CommandCode, Status
from edge.serial.uhfreader.frames import BROADCAST, Frame, FrameDecoder, Keepalive
from simulators.faults import Values
from simulators.serial.reader import Ear, Inbox, SerialReader
from simulators.serial.surroundings import Surroundings

ROUND_S = 0.1
_BAUDS = {0: 9600, 1: 19_200, 2: 38_400, 5: 57_600, 6: 115_200}
_EU = bytes((0x4E, 0x00))  # highest and lowest channel, with the band in their upper bits
_DO_NOT_STORE = 0x80
_KNOWN = frozenset(
    {
        CommandCode.INVENTORY,
        CommandCode.INFO,
        CommandCode.SET_REGION,
        CommandCode.SET_ADDRESS,
        CommandCode.SET_SCAN_TIME,
        CommandCode.SET_BAUD,
        CommandCode.SET_POWER,
    }
)
_TEMPERATURE_C, _HOT_C = 34, 85
_LONGEST_TAG = 80  # bytes
_MOST_POWER = 30
_HEARTBEAT_S = 30.0

Answer: TypeAlias = bytes | None  # status and data, or nothing
Do: TypeAlias = Callable[["UhfReader", Any], Answer]
OK = bytes((Status.OK,))
_WRONG = bytes((Status.PARAMETER,))


@dataclass(slots=True)
class _Round:
    ends_us: int
    reads: deque[TagRead]
    ports: deque[int]  # that come after this one
    port: int
    told: int = 0


@dataclass(slots=True)
class _Flash:
    """What is kept without power."""

    region: bytes = _EU
    address: int = 0
    power: int = _MOST_POWER
    scan_time: int = 10  # tenths of a second
    mode: int = 0  # 0 answers only


class UhfReader(SerialReader):
    protocol = "uhfreader"
    usual_baud = 57_600
    answered_while_pushing: frozenset[int]

    def __init__(self, surroundings: Surroundings, baud: int | None = None) -> None:
        super().__init__(surroundings, baud)
        self._air, self._ear = surroundings.rounds(ROUND_S), Ear(surroundings.air())
        self.flash = _Flash()
        self._rounds = self._heartbeats = 0
        self._heartbeat_s = 0.0
        self._start_anew()

    @property
    @abc.abstractmethod
    def info(self) -> bytes: ...

    @abc.abstractmethod
    def round_ports(self, command: c.Command) -> Iterable[int] | None:
        """Give the ports whose tags an inventory asks for; None where it is no command of ours."""

    @abc.abstractmethod
    def records(self, reads: list[TagRead]) -> bytes:
        """Write the tags of one port, with what stands before them."""

    @abc.abstractmethod
    def pushed(self, read: TagRead) -> bytes: ...

    @abc.abstractmethod
    def end(self, port: int, told: int) -> bytes:
        """Write what ends a round at a port in which so many tags were told, status included."""

    def power_up(self, now: Now) -> None:
        del now
        self._start_anew()

    def _start_anew(self) -> None:
        self.baud, self.next_baud = self.stored_baud, None
        self.power = self.flash.power
        self._round: _Round | None = None
        self._inbox = Inbox(FrameDecoder(Direction.TO_READER), on_fault=self._hear_damage)
        self._ear.stop()

    def receive(self, data: bytes, now: Now) -> None:
        for frame in self._inbox.frames(data, now):
            if isinstance(frame, Keepalive) or frame.address not in {self.flash.address, BROADCAST}:
                continue
            if self._round is None:
                self._obey(frame, now)
            elif frame.command == CommandCode.STOP:
                self._round.ends_us = now.utc_us
                self._round.reads.clear()

    def advance(self, now: Now, room: int) -> None:
        self.receive(b"", now)
        if self._round is not None:
            self._go_on(self._round, now, room)
        elif self.flash.mode:
            for read in self._ear.hear(self.antenna_ports, now, room // _LONGEST_TAG):
                self._push(read)
            self._beat(now)

    def act(self, name: str, values: Values, now: Now) -> None:
        if name == "pushes":
            self.flash.mode = 1
            self._round = None
        else:
            super().act(name, values, now)

    # Commands.

    def _obey(self, frame: Frame, now: Now) -> None:
        if self.flash.mode and frame.command not in self.answered_while_pushing:
            return
        command = c.decode_command(frame)
        if isinstance(command, Unknown):
            if frame.command in _KNOWN:
                self._answer(frame.command, bytes((Status.LENGTH,)))
            else:
                self._refuse()
            return
        if (ports := self.round_ports(command)) is not None:
            self._begin(deque(ports), now)
            return
        do = self.table().get(type(command))
        if do is None:
            self._refuse()
        elif (answer := do(self, command)) is not None:
            self._answer(frame.command, answer)

    @abc.abstractmethod
    def table(self) -> Mapping[type, Do]: ...

    def _answer(self, command: int, data: bytes) -> None:
        self._say(Frame(self.flash.address, command, data).encode())

    def _refuse(self) -> None:
        self._answer(CommandCode.UNKNOWN, bytes((Status.ILLEGAL,)))

    def _hear_damage(self, fault: Fault) -> None:
        """Tell the host that its command came damaged, if it seems to be for this reader."""
        is_ours = fault.data[1:2] in {bytes((self.flash.address,)), bytes((BROADCAST,))}
        if fault.cause is FaultCause.BAD_CHECK and is_ours and self._round is None:
            self._refuse()

    # Rounds.

    def _begin(self, ports: deque[int], now: Now) -> None:
        self._rounds += 1
        port = ports.popleft()
        ends_us = now.utc_us + round(ROUND_S * 1_000_000)
        self._round = _Round(ends_us, self._air.begin(port, now.utc_us), ports, port)

    def _go_on(self, a_round: _Round, now: Now, room: int) -> None:
        if self._is_missing(a_round.port):
            self._round = None
            self._answer(CommandCode.INVENTORY, bytes((Status.ANTENNA,)))
            return
        while a_round.reads and a_round.reads[0].at_us <= now.utc_us and room > 0:
            read = a_round.reads.popleft()
            if self._air.is_there(read):
                a_round.told += 1
                self.told += 1
                room -= _LONGEST_TAG
                self._tell(read)
        if now.utc_us < a_round.ends_us or a_round.reads:
            return
        self._round = None
        if a_round.ports:
            self._begin(a_round.ports, now)
        else:
            self._end(a_round)

    def _tell(self, read: TagRead) -> None:
        if self._is_wrong_count():
            self._push(read)
        else:
            data = bytes((Status.MORE,)) + self.records([read])
            self._answer(CommandCode.INVENTORY, data)

    def _end(self, a_round: _Round) -> None:
        port = a_round.port
        if self._is_wrong_count():
            self._answer(CommandCode.INVENTORY, bytes((Status.FINISHED, 1 << port - 1, 9)))
        else:
            self._answer(CommandCode.INVENTORY, self.end(port, a_round.told))

    def _push(self, read: TagRead) -> None:
        self._answer(CommandCode.PUSHED, OK + self.pushed(read))

    def _beat(self, now: Now) -> None:
        if now.monotonic_s < self._heartbeat_s:
            return
        self._heartbeat_s = now.monotonic_s + _HEARTBEAT_S
        self._heartbeats += 1
        antennas = bytes(port in self.antenna_ports for port in range(1, self.most_ports + 1))
        data = self._heartbeats.to_bytes(4) + antennas + self.told.to_bytes(4)
        self._answer(CommandCode.PUSHED, bytes((Status.HEARTBEAT,)) + data)

    def _is_wrong_count(self) -> bool:
        wrong = self.faults.get("wrong-count")
        return wrong is not None and self._rounds % wrong.whole("every") == 0

    def _is_missing(self, port: int) -> bool:
        missing = self.faults.get("antenna-missing")
        named = missing is not None and missing.whole("port") == port
        return port not in self.antenna_ports or named

    # Settings.

    def set_baud(self, rate: int) -> Answer:
        if rate not in _BAUDS:
            return _WRONG
        self.next_baud = self.stored_baud = _BAUDS[rate]
        return OK

    def set_power(self, powers: tuple[int, ...]) -> Answer:
        wanted = powers[0] & ~_DO_NOT_STORE if powers else _MOST_POWER + 1
        if wanted > _MOST_POWER:
            return _WRONG
        self.power = wanted
        if not powers[0] & _DO_NOT_STORE:
            self.flash.power = wanted
        return OK

    def set_region(self, region: bytes) -> Answer:
        self.flash.region = region
        return OK

    def set_address(self, address: int) -> Answer:
        if address == BROADCAST:
            return _WRONG
        self._answer(CommandCode.SET_ADDRESS, OK)  # from the old one
        self.flash.address = address
        return None

    def set_scan_time(self, tenths: int) -> Answer:
        self.flash.scan_time = tenths
        return OK

    def set_mode(self, mode: int) -> Answer:
        self.flash.mode = mode
        if not mode:
            self._ear.stop()
        return OK

    @property
    def temperature(self) -> bytes:
        return bytes((1, _HOT_C if self.faults.get("over-temperature") else _TEMPERATURE_C))

    def _info(self, kind: int) -> bytes:
        flash = self.flash
        return bytes((1, 14, kind, 0b10)) + flash.region + bytes((self.power, flash.scan_time))
