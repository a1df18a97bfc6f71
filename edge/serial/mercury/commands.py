"""Mercury's commands (MercuryAPI C 1.35.2.72, serial_reader_l3.c).

Powers are hundredths of a dBm, frequencies kHz.  Ports count from 1; where transmitting and
receiving are told apart, most modules use the same port for both.
"""

from edge.serial.fields import (
    E8,
    E16,
    S16,
    U8,
    U16,
    U32,
    Record,
    RecordTable,
    Rest,
    Unknown,
    encode_data,
    records_of,
)
from edge.serial.mercury.codes import (
    ConfigKey,
    Gen2Key,
    ModuleRegion,
    Opcode,
    PowerMode,
    TagProtocol,
)
from edge.serial.mercury.frames import Frame


class Command(Record):
    """What a host asks."""


class AntennaPair(Record):
    tx: U8
    rx: U8


class PortTime(Record):
    port: U8
    time_ms: U16


class PortPower(Record):
    """8000 hex says: as all ports."""

    port: U8
    read: S16
    write: S16
    settle_us: U16


class GetVersion(Command, code=Opcode.VERSION):
    pass


class BootFirmware(Command, code=Opcode.BOOT_FIRMWARE):
    pass


class SetBaud(Command, code=Opcode.SET_BAUD):
    """Answered at the old rate; not stored."""

    baud: U32


class GetProgram(Command, code=Opcode.PROGRAM):
    pass


class GetHardwareVersion(Command, code=Opcode.HARDWARE_VERSION):
    option: U16 = 0  # 0x40: the serial number


class ReadSingle(Command, code=Opcode.READ_SINGLE):
    timeout_ms: U16


class ReadMultiple(Command, code=Opcode.READ_MULTIPLE):
    timeout_ms: U16


class Search(Command, code=Opcode.READ_MULTIPLE):
    option: U8
    search: U16
    timeout_ms: U16


class SearchWithMetadata(Command, code=Opcode.READ_MULTIPLE):
    option: U8
    search: U16
    timeout_ms: U16
    metadata: U16


class WriteTagData(Command, code=Opcode.WRITE_DATA):
    timeout_ms: U16
    option: U8
    address: U32  # in words
    bank: U8
    words: Rest


class ReadTagData(Command, code=Opcode.READ_DATA):
    timeout_ms: U16
    option: U8
    bank: U8
    address: U32  # in words
    words: U8


class ReadSelectedTagData(Command, code=Opcode.READ_DATA):
    timeout_ms: U16
    option: U8
    bank: U8
    address: U32  # in words
    words: U8
    password: U32
    mask_pointer: U32  # in bits
    mask_bits: U8
    mask: Rest


class GetTagBufferIndexes(Command, code=Opcode.TAG_BUFFER):
    pass


class GetTagBuffer(Command, code=Opcode.TAG_BUFFER):
    metadata: U16
    is_again: U8 = 0  # 1: the tags that were fetched last


class ClearTagBuffer(Command, code=Opcode.CLEAR_TAG_BUFFER):
    pass


class StartReading(Command, code=Opcode.MULTI_PROTOCOL, head=b"\x00\x00\x01\x22"):
    """Read without end, in cycles of `on_time_ms`; the inner command is a SearchWithMetadata."""

    outer_search: U16 = 0
    protocol: E8[TagProtocol] = TagProtocol.GEN2
    inner_length: U8 = 7
    inner_opcode: E8[Opcode] = Opcode.READ_MULTIPLE
    option: U8 = 0x10  # metadata is named
    search: U16
    on_time_ms: U16
    metadata: U16


class StopReading(Command, code=Opcode.MULTI_PROTOCOL, head=b"\x00\x00\x02"):
    pass


class GetAntenna(Command, code=Opcode.GET_ANTENNA):
    option: U8  # 0 in use, 1 ports, 4 power of each, 5 detected, 6 return loss


class GetReadPower(Command, code=Opcode.GET_READ_POWER):
    pass


class GetReadPowerBy(Command, code=Opcode.GET_READ_POWER):
    option: U8  # 1: with the limits


class GetProtocol(Command, code=Opcode.GET_PROTOCOL):
    pass


class GetWritePower(Command, code=Opcode.GET_WRITE_POWER):
    pass


class GetWritePowerBy(Command, code=Opcode.GET_WRITE_POWER):
    option: U8


class GetHopTable(Command, code=Opcode.GET_HOP_TABLE):
    pass


class GetGpio(Command, code=Opcode.GET_GPIO, head=b"\x01"):
    pass


class GetRegion(Command, code=Opcode.GET_REGION):
    pass


class GetPowerMode(Command, code=Opcode.GET_POWER_MODE):
    pass


class GetUserMode(Command, code=Opcode.GET_USER_MODE):
    pass


class GetConfig(Command, code=Opcode.GET_CONFIG, head=b"\x01"):
    key: E8[ConfigKey]


class GetParameter(Command, code=Opcode.GET_PROTOCOL_PARAMETER):
    protocol: E8[TagProtocol] = TagProtocol.GEN2
    key: E8[Gen2Key]


class GetStatistics(Command, code=Opcode.STATISTICS):
    option: U8
    flags: Rest


class GetSupportedProtocols(Command, code=Opcode.SUPPORTED_PROTOCOLS):
    pass


class GetSupportedRegions(Command, code=Opcode.SUPPORTED_REGIONS):
    pass


class GetTemperature(Command, code=Opcode.TEMPERATURE):
    pass


class SetAntenna(Command, code=Opcode.SET_ANTENNA):
    tx: U8
    rx: U8


class SetSearchList(Command, code=Opcode.SET_ANTENNA, head=b"\x02"):
    ports: tuple[AntennaPair, ...]


class SetPortPowers(Command, code=Opcode.SET_ANTENNA, head=b"\x04"):
    ports: tuple[PortPower, ...]


class SetPortTimes(Command, code=Opcode.SET_ANTENNA, head=b"\x07"):
    ports: tuple[PortTime, ...]


class SetReadPower(Command, code=Opcode.SET_READ_POWER):
    power: S16


class SetProtocol(Command, code=Opcode.SET_PROTOCOL):
    protocol: E16[TagProtocol]


class SetWritePower(Command, code=Opcode.SET_WRITE_POWER):
    power: S16


class GetOutputPin(Command, code=Opcode.SET_GPIO):
    pin: U8


class SetOutputPin(Command, code=Opcode.SET_GPIO):
    pin: U8
    value: U8


class SetRegion(Command, code=Opcode.SET_REGION):
    region: E8[ModuleRegion]


class SetPowerMode(Command, code=Opcode.SET_POWER_MODE):
    mode: E8[PowerMode]


class SetUserMode(Command, code=Opcode.SET_USER_MODE):
    mode: U8


class SetConfig(Command, code=Opcode.SET_CONFIG, head=b"\x01"):
    key: E8[ConfigKey]
    value: Rest


class SetParameter(Command, code=Opcode.SET_PROTOCOL_PARAMETER):
    protocol: E8[TagProtocol] = TagProtocol.GEN2
    key: E8[Gen2Key]
    value: Rest


_COMMANDS = RecordTable(records_of(Command))


def encode_command(command: Command) -> bytes:
    """Give the whole frame.  Raises ValueError for a value that has no place in its field."""
    return Frame(command.code, encode_data(command)).encode()


def decode_command(frame: Frame) -> Command | Unknown:
    return _COMMANDS.decode(frame.opcode, frame.data)
