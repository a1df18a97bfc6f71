"""M100's commands and their answers (M100/QM100 manual, section 2).

Powers are hundredths of a dBm.
"""

from edge.serial.fields import (
    E8,
    U8,
    U16,
    Record,
    RecordTable,
    Rest,
    Unknown,
    encode_data,
    records_of,
)
from edge.serial.m100.codes import (
    CommandCode,
    ErrorCode,
    FrameType,
    Hopping,
    InfoKind,
    ModuleRegion,
)
from edge.serial.m100.frames import Frame

_SESSION_SHIFT = 8
_Q_SHIFT = 3
_TARGET_B = 0x0080


class Command(Record):
    """What a host asks."""


class Answer(Record):
    """What a module answers; most answers are `Done`."""


# Commands.


class GetInfo(Command, code=CommandCode.INFO):
    kind: E8[InfoKind]


class SetRegion(Command, code=CommandCode.SET_REGION):
    region: E8[ModuleRegion]


class GetRegion(Command, code=CommandCode.GET_REGION):
    pass


class GetQuery(Command, code=CommandCode.GET_QUERY):
    pass


class SetQuery(Command, code=CommandCode.SET_QUERY):
    query: U16


class Sleep(Command, code=CommandCode.SLEEP):
    """Any byte wakes the module and is lost, and with it the command that it began."""


class Poll(Command, code=CommandCode.POLL):
    """One round of inventory."""


class PollMany(Command, code=CommandCode.POLL_MANY, head=b"\x22"):
    rounds: U16


class StopPolling(Command, code=CommandCode.STOP):
    pass


class GetChannel(Command, code=CommandCode.GET_CHANNEL):
    pass


class SetChannel(Command, code=CommandCode.SET_CHANNEL):
    channel: U8


class SetHopping(Command, code=CommandCode.SET_HOPPING):
    mode: E8[Hopping]


class SetPower(Command, code=CommandCode.SET_POWER):
    power: U16


class GetPower(Command, code=CommandCode.GET_POWER):
    pass


# Answers.


class Info(Answer, code=CommandCode.INFO):
    kind: E8[InfoKind]
    text: Rest

    def shown(self) -> str:
        return "".join(chr(byte) for byte in self.text if 0x20 <= byte < 0x7F).strip()


class RegionNow(Answer, code=CommandCode.GET_REGION):
    region: E8[ModuleRegion]


class QueryNow(Answer, code=CommandCode.GET_QUERY):
    """Bits from the top: DR, M 2, TRext, Sel 2, session 2, target, Q 4, three of no use."""

    query: U16


class ChannelNow(Answer, code=CommandCode.GET_CHANNEL):
    channel: U8


class PowerNow(Answer, code=CommandCode.GET_POWER):
    power: U16


class Failed(Answer, code=CommandCode.ERROR):
    error: E8[ErrorCode]
    tag: Rest  # PC and EPC of the tag that refused, or nothing


class Done(Answer):
    """It does not tell of what: the frame does."""


_COMMANDS = RecordTable(records_of(Command))
_ANSWERS = RecordTable(records_of(Answer))


def encode_command(command: Command) -> bytes:
    """Give the whole frame.  Raises ValueError for a value that has no place in its field."""
    return Frame(FrameType.COMMAND, command.code, encode_data(command)).encode()


def decode_command(frame: Frame) -> Command | Unknown:
    return _COMMANDS.decode(frame.command, frame.data)


def decode_answer(frame: Frame) -> Answer | Unknown:
    """Read an answer; tags are read by `edge.serial.m100.reads`."""
    answer = _ANSWERS.decode(frame.command, frame.data)
    return Done() if isinstance(answer, Unknown) and frame.data == b"\x00" else answer


def query_with(query: int, gen2_session: int, q: int | None) -> int:
    """Give query parameters with another session and Q, target A; a Q of None stays as it is."""
    query = query & ~(0b11 << _SESSION_SHIFT | _TARGET_B) | gen2_session << _SESSION_SHIFT
    return query if q is None else query & ~(0xF << _Q_SHIFT) | q << _Q_SHIFT
