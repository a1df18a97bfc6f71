"""Numbers with a meaning ("UHF RFID Reader Series User's Manual" V2.20, UHFReader18 V2.0)."""

from dataclasses import dataclass
from enum import Enum, IntEnum


class Dialect(Enum):
    """What the readers of one framing differ in: antenna and RSSI in reads, and work modes."""

    READER18 = "UHFReader18"
    READER288 = "UHFReader288"


class CommandCode(IntEnum):
    UNKNOWN = 0x00  # of answers to what the reader did not understand
    INVENTORY = 0x01
    READ = 0x02
    WRITE = 0x03
    WRITE_EPC = 0x04
    KILL = 0x05
    LOCK = 0x06
    SINGLE_INVENTORY = 0x0F
    BUFFER_INVENTORY = 0x18
    MIX_INVENTORY = 0x19
    INFO = 0x21
    SET_REGION = 0x22
    SET_ADDRESS = 0x24
    SET_SCAN_TIME = 0x25
    SET_BAUD = 0x28
    SET_POWER = 0x2F
    LIGHT = 0x33
    SET_MODE_18 = 0x35
    GET_MODE_18 = 0x36
    SET_ANTENNAS = 0x3F
    SET_BEEPER = 0x40
    SET_GPIO = 0x46
    GET_GPIO = 0x47
    ANTENNA_CHECK = 0x66
    RETURN_LOSS_LIMIT = 0x6E
    GET_BUFFER = 0x72
    CLEAR_BUFFER = 0x73
    BUFFER_COUNT = 0x74
    SET_PUSHING = 0x75
    SET_MODE_288 = 0x76
    GET_MODE_288 = 0x77
    SET_HEARTBEAT = 0x78
    RETURN_LOSS = 0x91
    TEMPERATURE = 0x92
    STOP = 0x93
    GET_POWERS = 0x94
    PUSHED = 0xEE  # of answers that nobody asked for


class Status(IntEnum):
    """What the first byte of an answer's data says; `status_text` has the same in words."""

    OK = 0x00
    FINISHED = 0x01
    SCAN_TIME_OVER = 0x02
    MORE = 0x03
    MEMORY_FULL = 0x04
    ACCESS_PASSWORD = 0x05
    KILL_FAILED = 0x09
    ZERO_KILL_PASSWORD = 0x0A
    NOT_BY_TAG = 0x0B
    ZERO_ACCESS_PASSWORD = 0x0C
    PROTECT_FAILED = 0x0D
    UNPROTECT_FAILED = 0x0E
    LOCKED_6B = 0x10
    CANNOT_LOCK_6B = 0x11
    ALREADY_LOCKED_6B = 0x12
    NOT_STORED = 0x13
    POWER_NOT_SET = 0x14
    SPECIAL_FAILED = 0x1A
    STATISTICS = 0x26
    HEARTBEAT = 0x28
    EAS_ALARM = 0xEE
    ANTENNA = 0xF8
    COMMAND_FAILED = 0xF9
    POOR_COMMUNICATION = 0xFA
    NO_TAG = 0xFB
    TAG_ERROR = 0xFC
    LENGTH = 0xFD
    ILLEGAL = 0xFE
    PARAMETER = 0xFF


_OWN_WORDS = {
    Status.OK: "done",
    Status.MEMORY_FULL: "the reader's memory is full",
    Status.ANTENNA: "the antenna is missing or its return loss is below the reader's limit",
    Status.NO_TAG: "no tag answers",
    Status.LENGTH: "the command's length is wrong",
    Status.ILLEGAL: "the reader does not know the command, or it came damaged",
    Status.PARAMETER: "a parameter is out of range, or fixed in this reader",
}


def status_text(status: int) -> str:
    """Give the status in words, with its number as the makers write it."""
    try:
        known = Status(status)
    except ValueError:
        return f"unknown status ({status:02X})"
    return f"{_OWN_WORDS.get(known, known.name.lower().replace('_', ' '))} ({status:02X})"


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    dialect: Dialect | None  # None: the length of the information and the answers have to tell


# New types appear with every product; one that is not here is as good.
MODELS: dict[int, Model] = {
    0x03: Model("RRU9803M", Dialect.READER18),
    0x08: Model("RRU9803M", Dialect.READER18),
    0x09: Model("UHFReader18", Dialect.READER18),
    0x0C: Model("UHFReader288M", Dialect.READER288),
    0x0F: Model("UHFReader86", None),
    0x10: Model("UHFReader86", None),
    0x16: Model("RRU9883M", None),
    0x20: Model("UHFReader288MP", Dialect.READER288),
    0x3D: Model("UHFEx10 (E310)", Dialect.READER288),
    0x8B: Model("UHFReader288ADV", Dialect.READER288),
}


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    first_khz: float
    step_khz: float
    last: int  # the highest channel; the lowest is 0


BANDS: dict[int, Band] = {
    0: Band("user", 902_600, 400, 62),
    1: Band("China 2", 920_125, 250, 19),
    2: Band("US", 902_750, 500, 49),
    3: Band("Korea", 917_100, 200, 31),
    4: Band("EU", 865_100, 200, 14),
    6: Band("Ukraine", 868_000, 100, 6),
    7: Band("Peru", 916_200, 900, 11),
    8: Band("China 1", 840_125, 250, 19),
    9: Band("EU3", 865_700, 600, 3),
    10: Band("Taiwan", 922_250, 500, 11),
    12: Band("US3", 902_000, 500, 52),
}


@dataclass(frozen=True, slots=True)
class Channels:
    """Part of a band, as two bytes of the wire tell it: their upper two bits are the band's."""

    band: int
    highest: int
    lowest: int = 0

    @classmethod
    def of_bytes(cls, highest: int, lowest: int) -> "Channels":
        return cls((highest >> 6) * 4 + (lowest >> 6), highest & 0x3F, lowest & 0x3F)

    def as_bytes(self) -> tuple[int, int]:
        """Give the byte of the highest channel, then that of the lowest."""
        return self.band // 4 << 6 | self.highest, self.band % 4 << 6 | self.lowest

    def are_within(self, other: "Channels") -> bool:
        inside = other.lowest <= self.lowest <= self.highest <= other.highest
        return self.band == other.band and inside

    def __str__(self) -> str:
        band = BANDS.get(self.band)
        if band is None:
            return f"band {self.band}, channels {self.lowest} to {self.highest}"
        low, high = (band.first_khz + band.step_khz * n for n in (self.lowest, self.highest))
        return f"{band.name}, {low / 1000:g} to {high / 1000:g} MHz"
