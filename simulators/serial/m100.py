"""A module with the M100 firmware (M100/QM100 manual; frames BB … 7E).

It reads when it is told to poll: once, or so many rounds.  A tag is a notice as it is seen, a round
without one is an error; a stop is answered at once.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from edge.model import Now, TagRead
from edge.serial.framing import Direction
from edge.serial.m100 import commands as c
from edge.serial.m100.codes import CommandCode, ErrorCode, FrameType, InfoKind, ModuleRegion
from edge.serial.m100.frames import Frame, FrameDecoder
from simulators.fault_table import Effect, FaultKind, whole
from simulators.faults import Values
from simulators.serial.mercury_records import epc_block
from simulators.serial.reader import Ear, Inbox, SerialReader
from simulators.serial.surroundings import Surroundings

ROUND_US = 40_000
_INFO = {
    InfoKind.HARDWARE: b"M100 26dBm V1.0",
    InfoKind.SOFTWARE: b"V2.3.5",
    InfoKind.MAKER: b"MagicRf",
}
_HIGHEST_POWER = 2600  # hundredths of a dBm
_QUERY = 0x1020  # DR 8, M 1, pilot tone, session 0, target A, Q 4
_LONGEST_TAG = 80  # bytes
_DONE = b"\x00"

Answer: TypeAlias = bytes | ErrorCode


class M100Module(SerialReader):
    title = "M100"
    protocol = "m100"
    usual_baud = 115_200
    most_ports = 1
    kinds: Mapping[str, FaultKind] = {
        "polls": FaultKind(
            "The module polls, as if a host that is gone had started it.", Effect.ONCE
        ),
        "no-query": FaultKind(
            "The module does not know the commands for query parameters.", Effect.LASTING
        ),
        "channel-taken": FaultKind(
            "Of so many rounds one ends with error 20: every channel is taken.",
            Effect.LASTING,
            (whole("every", 5, 1, 100_000),),
        ),
        "wrong-tag-crc": FaultKind(
            "Of so many tags one has a wrong CRC of its own, in a frame whose check is right.",
            Effect.LASTING,
            (whole("every", 10, 1, 100_000),),
        ),
        "asleep": FaultKind(
            "The module falls asleep; the next byte wakes it and is lost.", Effect.ONCE
        ),
    }

    def __init__(self, surroundings: Surroundings, baud: int | None = None) -> None:
        super().__init__(surroundings, baud)
        self._ear = Ear(surroundings.air())
        self._rounds = self._tags = 0
        self._start_anew()

    def power_up(self, now: Now) -> None:
        del now
        self._start_anew()

    def _start_anew(self) -> None:
        self.baud, self.next_baud = self.stored_baud, None
        self.region: int = ModuleRegion.CHINA_900
        self.power = 2000
        self.query = _QUERY
        self.channel = 1
        self._rounds_left = 0
        self._round_ends_us = 0
        self._tags_in_round = 0
        self._is_asleep = False
        self._inbox = Inbox(FrameDecoder(Direction.TO_READER))
        self._ear.stop()

    def receive(self, data: bytes, now: Now) -> None:
        if self._is_asleep:
            self._is_asleep, data = False, data[1:]
        for frame in self._inbox.frames(data, now):
            if frame.type == FrameType.COMMAND:
                self._obey(frame, now)

    def advance(self, now: Now, room: int) -> None:
        if not self._rounds_left:
            return
        for read in self._ear.hear(self.antenna_ports, now, room // _LONGEST_TAG):
            self._tell(read)
        if now.utc_us >= self._round_ends_us:
            self._end_round(now)

    def act(self, name: str, values: Values, now: Now) -> None:
        if name == "polls":
            self._begin(0xFFFF, now)
        elif name == "asleep":
            self._is_asleep = True
            self._rounds_left = 0
        else:
            super().act(name, values, now)

    # Commands.

    def _obey(self, frame: Frame, now: Now) -> None:
        command = c.decode_command(frame)
        if isinstance(command, c.Poll | c.PollMany):
            self._begin(command.rounds if isinstance(command, c.PollMany) else 1, now)
            return
        if isinstance(command, c.StopPolling):
            self._rounds_left = 0
            self._ear.stop()
        do = _COMMANDS.get(type(command))
        answer = ErrorCode.BAD_COMMAND if do is None else do(self, command)
        if isinstance(answer, ErrorCode):
            self._fail(answer)
        else:
            self._say(Frame(FrameType.ANSWER, frame.command, answer).encode())

    def sleep(self) -> bytes:
        self._is_asleep = True
        return _DONE

    def set_power(self, power: int) -> Answer:
        self.power = min(power, _HIGHEST_POWER)
        return _DONE

    def set_region(self, region: int) -> Answer:
        if region not in ModuleRegion.__members__.values():
            return ErrorCode.BAD_COMMAND
        self.region = region
        return _DONE

    def tell_query(self) -> Answer:
        if self.faults.get("no-query"):
            return ErrorCode.BAD_COMMAND
        return self.query.to_bytes(2)

    def set_query(self, query: int) -> Answer:
        if self.faults.get("no-query"):
            return ErrorCode.BAD_COMMAND
        self.query = query
        return _DONE

    # Rounds.

    def _begin(self, rounds: int, now: Now) -> None:
        self._rounds_left = rounds
        self._round_ends_us = now.utc_us + ROUND_US
        self._tags_in_round = 0

    def _tell(self, read: TagRead) -> None:
        self._tags += 1
        self._tags_in_round += 1
        self.told += 1
        block = epc_block(read.epc)
        wrong = self.faults.get("wrong-tag-crc")
        if wrong and self._tags % wrong.whole("every") == 0:
            block = block[:-1] + bytes((block[-1] ^ 1,))
        data = round(read.rssi_dbm).to_bytes(1, signed=True) + block
        self._say(Frame(FrameType.NOTICE, CommandCode.POLL, data).encode())

    def _end_round(self, now: Now) -> None:
        self._rounds += 1
        self._rounds_left -= 1
        taken = self.faults.get("channel-taken")
        if taken and self._rounds % taken.whole("every") == 0:
            self._fail(ErrorCode.FREQUENCY_HOP)
        elif not self._tags_in_round:
            self._fail(ErrorCode.NO_TAG)
        self._round_ends_us = now.utc_us + ROUND_US
        self._tags_in_round = 0

    def _fail(self, error: ErrorCode) -> None:
        self._say(Frame(FrameType.ANSWER, CommandCode.ERROR, bytes((error,))).encode())


_Do: TypeAlias = Callable[[M100Module, Any], Answer]


def _info(_: M100Module, command: c.GetInfo) -> Answer:
    text = _INFO.get(InfoKind(command.kind)) if command.kind in _INFO else None
    return ErrorCode.BAD_COMMAND if text is None else bytes((command.kind,)) + text


def _set_channel(module: M100Module, command: c.SetChannel) -> Answer:
    module.channel = command.channel
    return _DONE


_COMMANDS: Mapping[type, _Do] = {
    c.GetInfo: _info,
    c.GetRegion: lambda module, _: bytes((module.region,)),
    c.SetRegion: lambda module, command: module.set_region(command.region),
    c.GetQuery: lambda module, _: module.tell_query(),
    c.SetQuery: lambda module, command: module.set_query(command.query),
    c.GetPower: lambda module, _: module.power.to_bytes(2),
    c.SetPower: lambda module, command: module.set_power(command.power),
    c.GetChannel: lambda module, _: bytes((module.channel,)),
    c.SetChannel: _set_channel,
    c.SetHopping: lambda *_: _DONE,
    c.Sleep: lambda module, _: module.sleep(),
    c.StopPolling: lambda *_: _DONE,
}
