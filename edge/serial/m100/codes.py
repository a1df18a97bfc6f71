"""Numbers with a meaning of the M100 firmware's command set (M100/QM100 manual)."""

from enum import IntEnum


class FrameType(IntEnum):
    COMMAND = 0
    ANSWER = 1
    NOTICE = 2  # a tag, unasked while the module polls


class CommandCode(IntEnum):
    INFO = 0x03
    SET_REGION = 0x07
    GET_REGION = 0x08
    GET_SELECT = 0x0B
    SET_SELECT = 0x0C
    GET_QUERY = 0x0D
    SET_QUERY = 0x0E
    SET_BAUD = 0x11
    SELECT_MODE = 0x12
    SLEEP = 0x17
    POLL = 0x22
    POLL_MANY = 0x27
    STOP = 0x28
    READ = 0x39
    WRITE = 0x49
    KILL = 0x65
    LOCK = 0x82
    GET_CHANNEL = 0xAA
    SET_CHANNEL = 0xAB
    SET_HOPPING = 0xAD
    SET_POWER = 0xB6
    GET_POWER = 0xB7
    ERROR = 0xFF  # of answers only


class InfoKind(IntEnum):
    HARDWARE = 0
    SOFTWARE = 1
    MAKER = 2


class ModuleRegion(IntEnum):
    CHINA_900 = 1
    US = 2
    EU = 3
    CHINA_800 = 4
    KOREA = 6


class Hopping(IntEnum):
    OFF = 0x00
    ON = 0xFF


class ErrorCode(IntEnum):
    READ = 0x09
    WRITE = 0x10
    KILL = 0x12
    LOCK = 0x13
    NO_TAG = 0x15
    ACCESS_PASSWORD = 0x16
    BAD_COMMAND = 0x17
    FREQUENCY_HOP = 0x20


_OWN_WORDS = {
    ErrorCode.NO_TAG: "no tag answers",
    ErrorCode.ACCESS_PASSWORD: "wrong access password",
    ErrorCode.BAD_COMMAND: "the module does not know the command",
    ErrorCode.FREQUENCY_HOP: "every channel is taken",
}
_OF_TAGS = {0xA0: "read", 0xB0: "write", 0xC0: "lock", 0xD0: "kill"}  # and the tag's own code


def error_text(code: int) -> str:
    """Give the error in words, with its number as the makers write it."""
    if code & 0xF0 in _OF_TAGS:
        return f"the tag refuses to {_OF_TAGS[code & 0xF0]}, code {code & 0xF} ({code:02X})"
    try:
        known = ErrorCode(code)
    except ValueError:
        return f"unknown error ({code:02X})"
    return f"{_OWN_WORDS.get(known, known.name.lower().replace('_', ' '))} ({code:02X})"
