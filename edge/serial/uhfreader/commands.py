"""Commands and answers of the UHFReader family (User's Manual V2.20, UHFReader18 V2.0).

Powers are dBm, scan times tenths of a second.  Where both dialects use a code for different things,
it is a 288's here and says so.
"""

from edge.serial.fields import (
    E8,
    U8,
    U16,
    U32,
    Record,
    RecordTable,
    Rest,
    U8s,
    Unknown,
    encode_data,
    member_of,
    records_of,
)
from edge.serial.uhfreader.codes import Channels, CommandCode, Status
from edge.serial.uhfreader.frames import BROADCAST, Frame

_OK = b"\x00"  # the status of an answer that has more to tell


class Command(Record):
    """What a host asks."""


class Answer(Record):
    """What a reader answers, status included; most answers are a `Result`."""


# Commands.


class InventoryAll(Command, code=CommandCode.INVENTORY):
    """A UHFReader18's: with the reader's own settings."""


class Inventory(Command, code=CommandCode.INVENTORY):
    """A 288's, at all of its antennas.  To a UHFReader18 it would be an inventory of TIDs."""

    q: U8
    session: U8  # FF: the reader chooses


class InventoryTid(Command, code=CommandCode.INVENTORY):
    q: U8
    session: U8
    first_word: U8
    words: U8


class InventoryAt(Command, code=CommandCode.INVENTORY):
    """A 288's, at one antenna."""

    q: U8
    session: U8
    target: U8
    antenna: U8  # 80 and the number from 0
    scan_time: U8


class InventoryMasked(Command, code=CommandCode.INVENTORY):
    q: U8
    session: U8
    mask_bank: U8
    mask_bit: U16
    mask_bits: U8
    more: Rest  # the mask, and what the unmasked ones have behind the session


class SingleInventory(Command, code=CommandCode.SINGLE_INVENTORY):
    pass


class GetInfo(Command, code=CommandCode.INFO):
    pass


class SetRegion(Command, code=CommandCode.SET_REGION):
    """Stored in the flash.  `Channels.as_bytes` gives both."""

    highest: U8
    lowest: U8


class SetAddress(Command, code=CommandCode.SET_ADDRESS):
    """Answered from the old address."""

    address: U8


class SetScanTime(Command, code=CommandCode.SET_SCAN_TIME):
    scan_time: U8


class SetBaud(Command, code=CommandCode.SET_BAUD):
    """Answered at the old rate: 0 is 9600 baud, 1 19200, 2 38400, 5 57600, 6 115200."""

    rate: U8


class SetPower(Command, code=CommandCode.SET_POWER):
    """One power for all antennas or one for each.  With bit 7 a 288 does not store it."""

    powers: U8s


class SetMode18(Command, code=CommandCode.SET_MODE_18):
    read_mode: U8  # 0: answers only
    state: U8
    bank: U8
    first: U8
    words: U8
    tag_time: U8


class GetMode18(Command, code=CommandCode.GET_MODE_18):
    pass


class SetMode288(Command, code=CommandCode.SET_MODE_288):
    """Stored in the flash.  0 answers only, 1 pushes, 2 pushes while its input is low."""

    mode: U8


class SetAntennaCheck(Command, code=CommandCode.ANTENNA_CHECK):
    is_on: U8


class GetBuffer(Command, code=CommandCode.GET_BUFFER):
    pass


class ClearBuffer(Command, code=CommandCode.CLEAR_BUFFER):
    pass


class GetBufferCount(Command, code=CommandCode.BUFFER_COUNT):
    pass


class GetTemperature(Command, code=CommandCode.TEMPERATURE):
    pass


class StopInventory(Command, code=CommandCode.STOP):
    """A 288's; answered by nothing."""


class GetPowers(Command, code=CommandCode.GET_POWERS):
    pass


# Answers.


class Info(Answer, code=CommandCode.INFO, head=_OK):
    major: U8
    minor: U8
    type: U8
    protocols: U8  # bit 1: Gen2, bit 0: ISO 18000-6B
    highest: U8
    lowest: U8
    power: U8
    scan_time: U8

    @property
    def channels(self) -> Channels:
        return Channels.of_bytes(self.highest, self.lowest)


class LongInfo(Answer, code=CommandCode.INFO, head=_OK):
    """A 288's."""

    major: U8
    minor: U8
    type: U8
    protocols: U8
    highest: U8
    lowest: U8
    power: U8
    scan_time: U8
    antennas: U8
    reserved: U16
    antenna_check: U8

    @property
    def channels(self) -> Channels:
        return Channels.of_bytes(self.highest, self.lowest)


class Mode18(Answer, code=CommandCode.GET_MODE_18, head=_OK):
    wiegand: U32
    read_mode: U8
    state: U8
    bank: U8
    first: U8
    words: U8
    tag_time: U8
    accuracy: U8
    offset_time: U8


class Temperature(Answer, code=CommandCode.TEMPERATURE, head=_OK):
    is_positive: U8
    degrees: U8

    @property
    def degrees_c(self) -> int:
        return self.degrees if self.is_positive else -self.degrees


class Powers(Answer, code=CommandCode.GET_POWERS, head=_OK):
    powers: U8s


class BufferCount(Answer, code=CommandCode.BUFFER_COUNT, head=_OK):
    tags: U16


class Buffered(Answer, code=CommandCode.BUFFER_INVENTORY, head=_OK):
    tags: U16
    reads: U16


class Statistics(Answer, code=CommandCode.INVENTORY, head=Status.STATISTICS.to_bytes(1)):
    antenna: U8
    reads_per_s: U16
    reads: U32


class Heartbeat(Answer, code=CommandCode.PUSHED, head=Status.HEARTBEAT.to_bytes(1)):
    packet: U32
    more: Rest  # a byte an antenna (0 idle, 1 good, 2 open), and the reads, 4


class Result(Answer):
    status: E8[Status]
    more: Rest


_COMMANDS = RecordTable(records_of(Command))
_ANSWERS = RecordTable(records_of(Answer))


def encode_command(command: Command, address: int = BROADCAST) -> bytes:
    """Give the whole frame.  Raises ValueError for a value that has no place in its field."""
    return Frame(address, command.code, encode_data(command)).encode()


def decode_command(frame: Frame) -> Command | Unknown:
    return _COMMANDS.decode(frame.command, frame.data)


def decode_answer(frame: Frame) -> Answer | Unknown:
    """Read an answer; tags are read by `edge.serial.uhfreader.reads`."""
    answer = _ANSWERS.decode(frame.command, frame.data)
    if isinstance(answer, Unknown) and frame.data:
        status = member_of(Status, frame.data[0])
        if isinstance(status, Status):
            return Result(status=status, more=frame.data[1:])
    return answer
