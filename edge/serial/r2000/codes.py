"""A0's numbers with a meaning ("UHF RFID Reader Serial Interface Protocol" V3.7)."""

from enum import IntEnum


class CommandCode(IntEnum):
    READ_GPIO = 0x60
    WRITE_GPIO = 0x61
    SET_ANTENNA_DETECTOR = 0x62
    GET_ANTENNA_DETECTOR = 0x63
    SET_TEMPORARY_POWER = 0x66
    SET_IDENTIFIER = 0x67
    GET_IDENTIFIER = 0x68
    SET_LINK_PROFILE = 0x69
    GET_LINK_PROFILE = 0x6A
    SET_ANTENNA_GROUP = 0x6C
    GET_ANTENNA_GROUP = 0x6D
    RESET = 0x70
    SET_BAUD = 0x71
    FIRMWARE = 0x72
    SET_ADDRESS = 0x73
    SET_WORK_ANTENNA = 0x74
    GET_WORK_ANTENNA = 0x75
    SET_POWER = 0x76
    GET_POWER = 0x77
    SET_REGION = 0x78
    GET_REGION = 0x79
    SET_BEEPER = 0x7A
    TEMPERATURE = 0x7B
    SET_DRM = 0x7C
    GET_DRM = 0x7D
    RETURN_LOSS = 0x7E
    BUFFERED_INVENTORY = 0x80
    READ = 0x81
    WRITE = 0x82
    LOCK = 0x83
    KILL = 0x84
    SET_EPC_MATCH = 0x85
    GET_EPC_MATCH = 0x86
    INVENTORY = 0x89  # in real time: a frame for each tag, as it is seen
    FAST_SWITCH = 0x8A  # the same, over several antennas
    SESSION_INVENTORY = 0x8B  # the same, in a Gen2 session of choice
    SET_FAST_TID = 0x8C
    SAVE_FAST_TID = 0x8D
    GET_FAST_TID = 0x8E
    GET_BUFFER = 0x90
    TAKE_BUFFER = 0x91
    BUFFER_COUNT = 0x92
    CLEAR_BUFFER = 0x93
    BLOCK_WRITE = 0x94
    GET_ANTENNA_POWERS = 0x97
    TAG_MASK = 0x98


class ReaderRegion(IntEnum):
    FCC = 1
    ETSI = 2
    CHINA = 3
    OWN = 4  # channels of the user's own


class Beeper(IntEnum):
    QUIET = 0
    EACH_ROUND = 1
    EACH_TAG = 2  # slow


class LinkProfile(IntEnum):
    FM0_40K = 0xD0
    MILLER4_250K = 0xD1  # as delivered
    MILLER4_300K = 0xD2
    FM0_400K = 0xD3


class Status(IntEnum):
    """What an answer of one byte says; `status_text` has the same in words."""

    SUCCESS = 0x10
    FAILED = 0x11
    MCU_RESET = 0x20
    CW_ON = 0x21
    ANTENNA_MISSING = 0x22
    FLASH_WRITE = 0x23
    FLASH_READ = 0x24
    SETTING_POWER = 0x25
    INVENTORY = 0x31
    READ = 0x32
    WRITE = 0x33
    LOCK = 0x34
    KILL = 0x35
    NO_TAG = 0x36
    ACCESS_FAILED = 0x37
    BUFFER_EMPTY = 0x38
    NXP_CUSTOM = 0x3C
    ACCESS_OR_PASSWORD = 0x40
    PARAMETER = 0x41
    WORD_COUNT = 0x42
    BANK = 0x43
    LOCK_REGION = 0x44
    LOCK_TYPE = 0x45
    ADDRESS = 0x46
    ANTENNA_NUMBER = 0x47
    POWER = 0x48
    REGION = 0x49
    BAUD = 0x4A
    BEEPER = 0x4B
    EPC_MATCH_LENGTH = 0x4C
    EPC_MATCH = 0x4D
    EPC_MATCH_MODE = 0x4E
    FREQUENCY_RANGE = 0x4F
    RN16 = 0x50
    DRM = 0x51
    PLL_LOCK = 0x52
    RF_CHIP = 0x53
    POWER_NOT_REACHED = 0x54
    COPYRIGHT = 0x55
    SPECTRUM = 0x56
    OUTPUT_TOO_LOW = 0x57
    RETURN_LOSS_FAILED = 0xEE


_OWN_WORDS = {
    Status.FAILED: "the command failed",
    Status.ANTENNA_MISSING: "no antenna is connected",
    Status.NO_TAG: "no tag answers",
    Status.POWER: "the power is out of the reader's range",
    Status.REGION: "the reader does not support the region",
    Status.ANTENNA_NUMBER: "the reader has no such antenna",
    Status.PARAMETER: "a parameter is out of range",
}


def status_text(status: int) -> str:
    """Give the status in words, with its number as the makers write it."""
    try:
        known = Status(status)
    except ValueError:
        return f"unknown status ({status:02X})"
    return f"{_OWN_WORDS.get(known, known.name.lower().replace('_', ' '))} ({status:02X})"


def frequency_khz(index: int) -> int | None:
    """Give the frequency of an index of the protocol's table; None beyond its end at 59."""
    if index < 7:
        return 865_000 + 500 * index
    return 902_000 + 500 * (index - 7) if index < 60 else None
