"""A0's commands and their answers ("UHF RFID Reader Serial Interface Protocol" V3.7).

Powers are dBm.  Antennas count from 0 here, as on the wire; reads count them from 1.
"""

from typing import Annotated

from edge.serial.fields import (
    E8,
    U8,
    U16,
    U24,
    U32,
    Fixed,
    Record,
    RecordTable,
    Rest,
    U8s,
    Unknown,
    encode_data,
    member_of,
    records_of,
)
from edge.serial.r2000.codes import Beeper, CommandCode, LinkProfile, ReaderRegion, Status
from edge.serial.r2000.frames import PUBLIC, Frame

Password = Annotated[bytes, Fixed(4)]


class Command(Record):
    """What a host asks."""


class Answer(Record):
    """What a reader answers; most answers are a `Result`."""


# Commands.


class ReadGpio(Command, code=CommandCode.READ_GPIO):
    pass


class WriteGpio(Command, code=CommandCode.WRITE_GPIO):
    pin: U8
    level: U8


class SetAntennaDetector(Command, code=CommandCode.SET_ANTENNA_DETECTOR):
    return_loss_db: U8  # 0: off


class GetAntennaDetector(Command, code=CommandCode.GET_ANTENNA_DETECTOR):
    pass


class SetTemporaryPower(Command, code=CommandCode.SET_TEMPORARY_POWER):
    """Not stored, so that it does not wear the flash."""

    power_dbm: U8


class SetLinkProfile(Command, code=CommandCode.SET_LINK_PROFILE):
    profile: E8[LinkProfile]


class GetLinkProfile(Command, code=CommandCode.GET_LINK_PROFILE):
    pass


class Reset(Command, code=CommandCode.RESET):
    """Answered by nothing when it succeeds."""


class GetFirmware(Command, code=CommandCode.FIRMWARE):
    pass


class SetWorkAntenna(Command, code=CommandCode.SET_WORK_ANTENNA):
    antenna: U8


class GetWorkAntenna(Command, code=CommandCode.GET_WORK_ANTENNA):
    pass


class SetPower(Command, code=CommandCode.SET_POWER):
    """One power for all antennas, or one for each of 4 or 8; stored in the flash."""

    powers_dbm: U8s


class GetPower(Command, code=CommandCode.GET_POWER):
    pass


class GetAntennaPowers(Command, code=CommandCode.GET_ANTENNA_POWERS):
    pass


class SetRegion(Command, code=CommandCode.SET_REGION):
    region: E8[ReaderRegion]
    first: U8  # indexes of frequencies
    last: U8


class SetOwnRegion(Command, code=CommandCode.SET_REGION, head=b"\x04"):
    space: U8  # of 10 kHz
    count: U8
    first_khz: U24


class GetRegion(Command, code=CommandCode.GET_REGION):
    pass


class SetBeeper(Command, code=CommandCode.SET_BEEPER):
    mode: E8[Beeper]


class GetTemperature(Command, code=CommandCode.TEMPERATURE):
    pass


class GetReturnLoss(Command, code=CommandCode.RETURN_LOSS):
    frequency: U8


class BufferInventory(Command, code=CommandCode.BUFFERED_INVENTORY):
    repeat: U8


class ReadTag(Command, code=CommandCode.READ):
    bank: U8
    word_address: U8
    words: U8
    password: Rest  # of 4 bytes, or none


class WriteTag(Command, code=CommandCode.WRITE):
    password: Password
    bank: U8
    word_address: U8
    words: U8
    data: Rest


class BlockWriteTag(Command, code=CommandCode.BLOCK_WRITE):
    password: Password
    bank: U8
    word_address: U8
    words: U8
    data: Rest


class MatchEpc(Command, code=CommandCode.SET_EPC_MATCH, head=b"\x00"):
    length: U8
    epc: Rest


class MatchAnyEpc(Command, code=CommandCode.SET_EPC_MATCH, head=b"\x01"):
    pass


class GetEpcMatch(Command, code=CommandCode.GET_EPC_MATCH):
    pass


class Inventory(Command, code=CommandCode.INVENTORY):
    repeat: U8  # FF: the shortest round


class FastSwitch(Command, code=CommandCode.FAST_SWITCH):
    """Rounds at up to four antennas, one after the other."""

    stays: Annotated[bytes, Fixed(8)]  # four times an antenna, FF for none, and its rounds
    interval_ms: U8
    repeat: U8


class SessionInventory(Command, code=CommandCode.SESSION_INVENTORY):
    session: U8
    target: U8
    repeat: U8


class GetBuffer(Command, code=CommandCode.GET_BUFFER):
    pass


class TakeBuffer(Command, code=CommandCode.TAKE_BUFFER):
    pass


class GetBufferCount(Command, code=CommandCode.BUFFER_COUNT):
    pass


class ClearBuffer(Command, code=CommandCode.CLEAR_BUFFER):
    pass


# Answers.  A byte where the others have their status is a value in the first four.


class WorkAntenna(Answer, code=CommandCode.GET_WORK_ANTENNA):
    antenna: U8


class Power(Answer, code=CommandCode.GET_POWER):
    powers_dbm: U8s


class LinkProfileNow(Answer, code=CommandCode.GET_LINK_PROFILE):
    profile: E8[LinkProfile]


class AntennaDetector(Answer, code=CommandCode.GET_ANTENNA_DETECTOR):
    return_loss_db: U8


class ReturnLoss(Answer, code=CommandCode.RETURN_LOSS):
    return_loss_db: U8  # EE: it could not be measured


class Firmware(Answer, code=CommandCode.FIRMWARE):
    major: U8
    minor: U8


class AntennaPowers(Answer, code=CommandCode.GET_ANTENNA_POWERS):
    powers_dbm: Annotated[bytes, Fixed(8)]


class Gpio(Answer, code=CommandCode.READ_GPIO):
    pin_1: U8
    pin_2: U8


class OwnRegion(Answer, code=CommandCode.GET_REGION, head=b"\x04"):
    space: U8  # of 10 kHz
    count: U8
    first_khz: U24


class RegionNow(Answer, code=CommandCode.GET_REGION):
    region: E8[ReaderRegion]
    first: U8
    last: U8


class Temperature(Answer, code=CommandCode.TEMPERATURE):
    is_positive: U8
    degrees: U8

    @property
    def degrees_c(self) -> int:
        return self.degrees if self.is_positive else -self.degrees


class Buffered(Answer, code=CommandCode.BUFFERED_INVENTORY):
    antenna: U8
    tags: U16
    reads_per_s: U16
    reads: U32


class BufferCount(Answer, code=CommandCode.BUFFER_COUNT):
    tags: U16


class RoundEnd(Answer, code=CommandCode.INVENTORY):
    antenna: U8
    reads_per_s: U16
    reads: U32


class SessionRoundEnd(Answer, code=CommandCode.SESSION_INVENTORY):
    antenna: U8
    reads_per_s: U16
    reads: U32


class SwitchEnd(Answer, code=CommandCode.FAST_SWITCH):
    """As long as a RoundEnd, and another thing."""

    reads: U24
    duration_ms: U32


class AntennaFault(Answer, code=CommandCode.FAST_SWITCH):
    antenna: U8
    status: E8[Status]


class Result(Answer):
    status: E8[Status]


_COMMANDS = RecordTable(records_of(Command))
_ANSWERS = RecordTable(records_of(Answer))


def encode_command(command: Command, address: int = PUBLIC) -> bytes:
    """Give the whole frame.  Raises ValueError for a value that has no place in its field."""
    return Frame(address, command.code, encode_data(command)).encode()


def decode_command(frame: Frame) -> Command | Unknown:
    return _COMMANDS.decode(frame.command, frame.data)


def decode_answer(frame: Frame) -> Answer | Unknown:
    """Read an answer; tags are read by `edge.serial.r2000.reads`."""
    answer = _ANSWERS.decode(frame.command, frame.data)
    if isinstance(answer, Unknown) and len(frame.data) == 1:
        return Result(status=member_of(Status, frame.data[0]))
    return answer
