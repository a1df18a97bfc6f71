"""Mercury's numbers with a meaning (MercuryAPI C 1.35.2.72: tmr_status.h, tmr_region.h)."""

from enum import IntEnum


class Opcode(IntEnum):
    VERSION = 0x03
    BOOT_FIRMWARE = 0x04
    SET_BAUD = 0x06
    BOOT_BOOTLOADER = 0x09
    PROGRAM = 0x0C
    HARDWARE_VERSION = 0x10
    READ_SINGLE = 0x21
    READ_MULTIPLE = 0x22  # and of every streamed frame
    WRITE_EPC = 0x23
    WRITE_DATA = 0x24
    LOCK = 0x25
    KILL = 0x26
    READ_DATA = 0x28
    TAG_BUFFER = 0x29
    CLEAR_TAG_BUFFER = 0x2A
    MULTI_PROTOCOL = 0x2F
    GET_ANTENNA = 0x61
    GET_READ_POWER = 0x62
    GET_PROTOCOL = 0x63
    GET_WRITE_POWER = 0x64
    GET_HOP_TABLE = 0x65
    GET_GPIO = 0x66
    GET_REGION = 0x67
    GET_POWER_MODE = 0x68
    GET_USER_MODE = 0x69
    GET_CONFIG = 0x6A
    GET_PROTOCOL_PARAMETER = 0x6B
    STATISTICS = 0x6C
    SUPPORTED_PROTOCOLS = 0x70
    SUPPORTED_REGIONS = 0x71
    TEMPERATURE = 0x72
    SET_ANTENNA = 0x91
    SET_READ_POWER = 0x92
    SET_PROTOCOL = 0x93
    SET_WRITE_POWER = 0x94
    SET_HOP_TABLE = 0x95
    SET_GPIO = 0x96
    SET_REGION = 0x97
    SET_POWER_MODE = 0x98
    SET_USER_MODE = 0x99
    SET_CONFIG = 0x9A
    SET_PROTOCOL_PARAMETER = 0x9B
    USER_PROFILE = 0x9D
    LICENCE_KEY = 0x9E


class TagProtocol(IntEnum):
    NONE = 0
    ISO_6B = 3
    GEN2 = 5


class ModuleRegion(IntEnum):
    NONE = 0x00
    NA = 0x01
    EU = 0x02
    KR = 0x03
    IN = 0x04
    JP = 0x05
    PRC = 0x06
    EU2 = 0x07
    EU3 = 0x08
    KR2 = 0x09
    PRC2 = 0x0A
    AU = 0x0B
    NZ = 0x0C
    NA2 = 0x0D
    NA3 = 0x0E
    IS = 0x0F
    MY = 0x10
    ID = 0x11
    PH = 0x12
    TW = 0x13
    MO = 0x14
    RU = 0x15
    SG = 0x16
    JP2 = 0x17
    JP3 = 0x18
    VN = 0x19
    TH = 0x1A
    AR = 0x1B
    HK = 0x1C
    BD = 0x1D
    EU4 = 0x1E
    UNIVERSAL = 0x1F
    IS2 = 0x20
    NA4 = 0x21
    OPEN_EXTENDED = 0xFE
    OPEN = 0xFF


class PowerMode(IntEnum):
    FULL = 0
    MINSAVE = 1
    MEDSAVE = 2
    MAXSAVE = 3
    SLEEP = 4


class ConfigKey(IntEnum):
    UNIQUE_BY_ANTENNA = 0x00  # 0 is on
    POWER_SAVE = 0x01
    ANTENNA_SAFETY = 0x03
    ANTENNA_CHECK = 0x04
    TEMPERATURE_CHECK = 0x05
    HIGHEST_RSSI = 0x06
    UNIQUE_BY_DATA = 0x08  # 0 is on
    SELF_JAMMER_CANCELLATION = 0x0A
    UNIQUE_BY_PROTOCOL = 0x0B  # 0 is on
    READ_FILTER = 0x0C
    READ_FILTER_TIME = 0x0D
    TRANSPORT = 0x0E
    PRODUCT_GROUP = 0x12
    PRODUCT_ID = 0x13
    SEND_CRC = 0x1B
    TRIGGER_GPI = 0x1E


class Gen2Key(IntEnum):
    SESSION = 0x00
    TARGET = 0x01
    ENCODING = 0x02
    LINK_FREQUENCY = 0x10
    TARI = 0x11
    Q = 0x12
    BAP = 0x13
    EXTENSION = 0x14
    T4 = 0x15
    INITIAL_Q = 0x16
    SEND_SELECT = 0x17


class Status(IntEnum):
    """What an answer says of its command; `status_text` has the same in words."""

    OK = 0x0000
    WRONG_DATA_COUNT = 0x0100
    INVALID_OPCODE = 0x0101
    UNIMPLEMENTED_OPCODE = 0x0102
    POWER_TOO_HIGH = 0x0103
    BAD_FREQUENCY = 0x0104
    BAD_PARAMETER = 0x0105
    POWER_TOO_LOW = 0x0106
    UNIMPLEMENTED_FEATURE = 0x0109
    BAD_BAUD = 0x010A
    BAD_REGION = 0x010B
    BAD_LICENCE = 0x010C
    IMAGE_CRC = 0x0200
    IMAGE_ADDRESS = 0x0201
    FLASH_PASSWORD = 0x0300
    FLASH_PASSWORD_OF_ANOTHER_SECTOR = 0x0301
    FLASH_ADDRESS = 0x0302
    FLASH_SECTOR_IN_USE = 0x0303
    FLASH_SECTOR_MISSING = 0x0304
    FLASH_READ_ONLY = 0x0305
    FLASH_VERIFY = 0x0306
    NO_TAGS = 0x0400
    NO_PROTOCOL = 0x0401
    INVALID_PROTOCOL = 0x0402
    WRITTEN_NOT_LOCKED = 0x0403
    NO_DATA_READ = 0x0404
    AFE_NOT_ON = 0x0405
    WRITE_FAILED = 0x0406
    NOT_FOR_THIS_PROTOCOL = 0x0407
    BAD_WRITE_DATA = 0x0408
    BAD_ADDRESS = 0x0409
    TAG_ERROR = 0x040A
    DATA_TOO_LARGE = 0x040B
    BAD_KILL_PASSWORD = 0x040C
    KILL_FAILED = 0x040E
    BIT_DECODING = 0x040F
    BAD_EPC = 0x0410
    BAD_COUNT = 0x0411
    BAD_TAG_OPERATION = 0x0413
    OTHER_TAG_ERROR = 0x0420
    MEMORY_OVERRUN = 0x0423
    LOCKED = 0x0424
    AUTHENTICATION = 0x0425
    UNTRACE = 0x0426
    TAG_POWER_LOW = 0x042B
    TAG_NON_SPECIFIC = 0x042F
    TAG_UNKNOWN = 0x0430
    AUTHENTICATION_FAILED = 0x04A7
    INVALID_FREQUENCY = 0x0500
    CHANNEL_OCCUPIED = 0x0501
    TRANSMITTER_ON = 0x0502
    ANTENNA_MISSING = 0x0503
    OVER_TEMPERATURE = 0x0504
    RETURN_LOSS = 0x0505
    ANTENNA_CONFIGURATION = 0x0507
    SUPPLY_VOLTAGE = 0x0509
    NOT_ENOUGH_TAGS = 0x0600
    BUFFER_FULL = 0x0601
    REPEATED_TAG = 0x0602
    TOO_MANY_TAGS = 0x0603
    AUTHENTICATION_REQUEST = 0x0604
    UNKNOWN_FAILURE = 0x7F00
    ASSERT_FAILED = 0x7F01


_OWN_WORDS = {
    Status.UNIMPLEMENTED_OPCODE: "the module's firmware does not know the command",
    Status.POWER_TOO_HIGH: "more power than the module can give",
    Status.POWER_TOO_LOW: "less power than the module can give",
    Status.BAD_REGION: "the module does not support the region",
    Status.AFE_NOT_ON: "the radio is off: no region is set",
    Status.ANTENNA_MISSING: "no antenna is connected",
    Status.OVER_TEMPERATURE: "the module is too hot",
    Status.RETURN_LOSS: "high return loss: antenna or cable is damaged or does not fit",
    Status.SUPPLY_VOLTAGE: "the supply voltage is out of range",
    Status.BUFFER_FULL: "the module's tag buffer is full",
    Status.ASSERT_FAILED: "the module's firmware has failed",
}


def status_text(status: int) -> str:
    """Give the status in words, with its number as the maker writes it."""
    try:
        known = Status(status)
    except ValueError:
        return f"unknown status ({status:04X})"
    return f"{_OWN_WORDS.get(known, known.name.lower().replace('_', ' '))} ({status:04X})"
