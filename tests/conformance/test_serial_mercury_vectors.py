"""The Mercury codec against frames that others have captured or printed.

The tables say in this program's words what the rows' own text says; a row in a table is decoded to
it, and a command is encoded to the very bytes.
"""

import pytest

from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import Direction
from edge.serial.mercury.answers import (
    Answer,
    AntennaInUse,
    AntennaPorts,
    Booted,
    Config,
    DetectedPort,
    DetectedPorts,
    Done,
    FilterTime,
    Gpio,
    HardwareVersion,
    HopTable,
    OutputPin,
    Parameter,
    PinState,
    PortPowers,
    PowerModeNow,
    Program,
    Protocol,
    ReadingStarted,
    ReadPower,
    ReadPowerLimits,
    ReadPowerNow,
    RegionNow,
    Statistics,
    SupportedProtocols,
    SupportedRegions,
    TagBufferIndexes,
    TagData,
    Temperature,
    UserMode,
    Version,
    decode_answer,
)
from edge.serial.mercury.codes import (
    ConfigKey,
    Gen2Key,
    ModuleRegion,
    Opcode,
    PowerMode,
    TagProtocol,
)
from edge.serial.mercury.commands import (
    AntennaPair,
    BootFirmware,
    ClearTagBuffer,
    Command,
    GetAntenna,
    GetConfig,
    GetGpio,
    GetHardwareVersion,
    GetHopTable,
    GetOutputPin,
    GetParameter,
    GetPowerMode,
    GetProgram,
    GetProtocol,
    GetReadPower,
    GetReadPowerBy,
    GetRegion,
    GetStatistics,
    GetSupportedProtocols,
    GetSupportedRegions,
    GetTagBuffer,
    GetTagBufferIndexes,
    GetTemperature,
    GetUserMode,
    GetVersion,
    PortPower,
    PortTime,
    ReadMultiple,
    ReadSelectedTagData,
    ReadSingle,
    Search,
    SetBaud,
    SetConfig,
    SetParameter,
    SetPortTimes,
    SetPowerMode,
    SetProtocol,
    SetReadPower,
    SetRegion,
    SetSearchList,
    SetWritePower,
    StartReading,
    StopReading,
    WriteTagData,
    decode_command,
    encode_command,
)
from edge.serial.mercury.frames import Frame, FrameDecoder
from edge.serial.mercury.reads import count_of, read_tags, streamed_of
from edge.serial.mercury.statistics import read_statistics
from edge.serial.reads import SerialRead
from tests.support.serial import Vector, all_of, vectors

pytestmark = pytest.mark.shared_data

VECTORS = vectors("mercury.tsv")
RIGHT = [vector for vector in VECTORS.values() if vector.verdict == "ok"]
BROKEN = {
    5: FaultCause.BAD_CHECK,
    30: FaultCause.TRUNCATED,
    149: FaultCause.BAD_CHECK,
    158: FaultCause.BAD_CHECK,
}

COMMANDS: dict[int, Command] = {
    1: BootFirmware(),
    3: GetVersion(),
    6: SetRegion(region=ModuleRegion.EU),
    8: GetProtocol(),
    10: SetProtocol(protocol=TagProtocol.GEN2),
    13: GetReadPowerBy(option=1),
    15: GetAntenna(option=1),
    17: ReadSingle(timeout_ms=1000),
    20: GetPowerMode(),
    22: SetPowerMode(mode=PowerMode.MAXSAVE),
    25: SetReadPower(power=1000),
    33: GetVersion(),
    35: GetProgram(),
    37: GetConfig(key=ConfigKey.TRANSPORT),
    39: SetBaud(baud=115200),
    41: GetConfig(key=ConfigKey.PRODUCT_GROUP),
    43: GetConfig(key=ConfigKey.ANTENNA_SAFETY),
    45: GetConfig(key=ConfigKey.READ_FILTER),
    47: GetConfig(key=ConfigKey.READ_FILTER_TIME),
    49: GetSupportedRegions(),
    51: GetRegion(),
    53: SetRegion(region=ModuleRegion.NA2),
    54: GetConfig(key=ConfigKey.ANTENNA_CHECK),
    56: GetSupportedProtocols(),
    59: SetWritePower(power=2700),
    61: GetHopTable(),
    63: GetParameter(key=Gen2Key.LINK_FREQUENCY),
    65: GetParameter(key=Gen2Key.TARI),
    67: GetParameter(key=Gen2Key.ENCODING),
    69: GetParameter(key=Gen2Key.SESSION),
    71: GetParameter(key=Gen2Key.TARGET),
    73: GetParameter(key=Gen2Key.Q),
    75: GetParameter(key=Gen2Key.INITIAL_Q),
    77: GetHardwareVersion(),
    79: GetHardwareVersion(option=64),
    81: SetParameter(key=Gen2Key.ENCODING, value=bytes.fromhex("02")),
    83: SetParameter(key=Gen2Key.TARGET, value=bytes.fromhex("0100")),
    84: GetStatistics(option=1, flags=bytes.fromhex("9f41")),
    86: GetUserMode(),
    88: GetConfig(key=ConfigKey.UNIQUE_BY_DATA),
    90: GetParameter(protocol=TagProtocol.ISO_6B, key=Gen2Key.LINK_FREQUENCY),
    92: GetAntenna(option=4),
    94: GetConfig(key=9),
    96: GetConfig(key=ConfigKey.UNIQUE_BY_ANTENNA),
    98: GetConfig(key=ConfigKey.HIGHEST_RSSI),
    100: GetStatistics(option=1, flags=bytes.fromhex("00")),
    102: ClearTagBuffer(),
    104: GetReadPowerBy(option=0),
    106: SetPortTimes(ports=(PortTime(port=1, time_ms=125), PortTime(port=2, time_ms=125))),
    108: GetGpio(),
    110: GetOutputPin(pin=1),
    112: GetConfig(key=ConfigKey.UNIQUE_BY_PROTOCOL),
    114: SetSearchList(ports=(AntennaPair(tx=1, rx=1),)),
    116: GetTemperature(),
    118: SetConfig(key=ConfigKey.READ_FILTER, value=bytes.fromhex("00")),
    120: GetTagBuffer(metadata=4095),
    125: StopReading(),
    126: SetRegion(region=ModuleRegion.PRC),
    127: Search(option=0, search=19, timeout_ms=10),
    128: Search(option=0, search=19, timeout_ms=500),
    129: GetTagBuffer(metadata=511),
    130: StartReading(search=27, on_time_ms=1000, metadata=511),
    131: StartReading(search=27, on_time_ms=1000, metadata=0),
    132: SetReadPower(power=3000),
    133: SetParameter(key=Gen2Key.Q, value=bytes.fromhex("00")),
    134: SetParameter(key=Gen2Key.LINK_FREQUENCY, value=bytes.fromhex("00")),
    135: SetParameter(key=Gen2Key.TARI, value=bytes.fromhex("00")),
    136: SetParameter(key=Gen2Key.SESSION, value=bytes.fromhex("00")),
    137: SetParameter(key=Gen2Key.TARGET, value=bytes.fromhex("0000")),
    139: GetHardwareVersion(),
    141: GetTagBufferIndexes(),
    143: ReadMultiple(timeout_ms=500),
    144: GetTagBuffer(metadata=0),
    145: SetBaud(baud=115200),
    146: GetAntenna(option=0),
    148: GetAntenna(option=1),
    150: SetWritePower(power=2500),
    151: GetReadPower(),
    155: ReadSelectedTagData(
        timeout_ms=1000,
        option=3,
        bank=0,
        address=0,
        words=2,
        password=0,
        mask_pointer=32,
        mask_bits=16,
        mask=bytes.fromhex("1234"),
    ),
    156: WriteTagData(timeout_ms=1000, option=0, address=0, bank=3, words=bytes.fromhex("00ee")),
    157: SetRegion(region=ModuleRegion.NA),
}
ANSWERS: dict[int, Answer] = {
    2: Booted(
        bootloader=bytes.fromhex("07102300"),
        hardware=bytes.fromhex("01000003"),
        firmware_date=bytes.fromhex("20141007"),
        firmware=bytes.fromhex("01070209"),
        protocols=16,
    ),
    4: Version(
        bootloader=bytes.fromhex("07102300"),
        hardware=bytes.fromhex("01000003"),
        firmware_date=bytes.fromhex("20141007"),
        firmware=bytes.fromhex("01070209"),
        protocols=16,
    ),
    7: Done(),
    9: Protocol(protocol=TagProtocol.NONE),
    11: Done(),
    12: Protocol(protocol=TagProtocol.GEN2),
    14: ReadPowerLimits(power=2300, highest=2300, lowest=1000),
    16: AntennaPorts(ports=(DetectedPort(port=1, is_detected=0),)),
    21: PowerModeNow(mode=PowerMode.FULL),
    23: Done(),
    24: PowerModeNow(mode=PowerMode.MAXSAVE),
    26: Done(),
    27: ReadPowerLimits(power=1000, highest=2300, lowest=1000),
    28: Version(
        bootloader=bytes.fromhex("23010600"),
        hardware=bytes.fromhex("38000201"),
        firmware_date=bytes.fromhex("20240913"),
        firmware=bytes.fromhex("02010608"),
        protocols=16,
    ),
    29: Booted(
        bootloader=bytes.fromhex("14120800"),
        hardware=bytes.fromhex("30000002"),
        firmware_date=bytes.fromhex("20190923"),
        firmware=bytes.fromhex("01090202"),
        protocols=16,
    ),
    34: Version(
        bootloader=bytes.fromhex("14120800"),
        hardware=bytes.fromhex("30000002"),
        firmware_date=bytes.fromhex("20220804"),
        firmware=bytes.fromhex("010b0125"),
        protocols=16,
    ),
    36: Program(program=82),
    38: Config(key=ConfigKey.TRANSPORT, value=bytes.fromhex("00")),
    40: Done(),
    42: Config(key=ConfigKey.PRODUCT_GROUP, value=bytes.fromhex("0000")),
    44: Config(key=ConfigKey.ANTENNA_SAFETY, value=bytes.fromhex("00")),
    46: Config(key=ConfigKey.READ_FILTER, value=bytes.fromhex("01")),
    48: FilterTime(time_ms=0),
    50: SupportedRegions(
        regions=(
            13,
            14,
            4,
            5,
            6,
            8,
            9,
            11,
            12,
            16,
            17,
            18,
            19,
            20,
            21,
            22,
            23,
            24,
            25,
            26,
            27,
            28,
            29,
            30,
            32,
            255,
        )
    ),
    52: RegionNow(region=ModuleRegion.NA2),
    55: Config(key=ConfigKey.ANTENNA_CHECK, value=bytes.fromhex("00")),
    57: SupportedProtocols(protocols=(5,)),
    58: ReadPowerLimits(power=2700, highest=2700, lowest=0),
    60: Done(),
    64: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.LINK_FREQUENCY, value=bytes.fromhex("00")),
    66: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.TARI, value=bytes.fromhex("00")),
    68: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.ENCODING, value=bytes.fromhex("02")),
    70: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.SESSION, value=bytes.fromhex("00")),
    72: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.TARGET, value=bytes.fromhex("0100")),
    74: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.Q, value=bytes.fromhex("00")),
    76: Parameter(protocol=TagProtocol.GEN2, key=Gen2Key.INITIAL_Q, value=bytes.fromhex("0002")),
    78: HardwareVersion(
        told=bytes.fromhex(
            "007f01024149020200300402720908020001100b3430302d303036372d303220023041401231363233303036373932373136373236392b"
        )
    ),
    80: HardwareVersion(told=bytes.fromhex("0040401231363233303036373932373136373236392b")),
    82: Done(),
    85: Statistics(option=1, told=bytes.fromhex("9f41")),
    87: UserMode(mode=0),
    89: Config(key=ConfigKey.UNIQUE_BY_DATA, value=bytes.fromhex("01")),
    93: PortPowers(
        ports=tuple(
            PortPower(port=port, read=-0x8000, write=-0x8000, settle_us=0) for port in range(1, 17)
        )
    ),
    95: Config(key=9, value=bytes.fromhex("01")),
    97: Config(key=ConfigKey.UNIQUE_BY_ANTENNA, value=bytes.fromhex("00")),
    99: Config(key=ConfigKey.HIGHEST_RSSI, value=bytes.fromhex("00")),
    101: Statistics(option=1, told=bytes.fromhex("00")),
    103: Done(),
    105: ReadPowerNow(power=1200),
    107: Done(),
    109: Gpio(
        pins=(
            PinState(pin=1, is_output=1, value=0),
            PinState(pin=2, is_output=1, value=0),
            PinState(pin=3, is_output=1, value=0),
            PinState(pin=4, is_output=1, value=0),
        )
    ),
    111: OutputPin(pin=1, value=1),
    113: Config(key=ConfigKey.UNIQUE_BY_PROTOCOL, value=bytes.fromhex("00")),
    115: Done(),
    117: Temperature(degrees_c=30),
    119: Done(),
    121: DetectedPorts(ports=(DetectedPort(port=1, is_detected=0),)),
    123: ReadingStarted(opcode=Opcode.READ_MULTIPLE, search=0),
    138: Version(
        bootloader=bytes.fromhex("07091700"),
        hardware=bytes.fromhex("01000001"),
        firmware_date=bytes.fromhex("20071012"),
        firmware=bytes.fromhex("09051200"),
        protocols=16,
    ),
    140: HardwareVersion(told=bytes.fromhex("1234567800100104")),
    142: TagBufferIndexes(read_index=1, write_index=4),
    147: AntennaInUse(tx=1, rx=2),
    152: ReadPower(power=2500),
    154: TagData(option=3, words=bytes.fromhex("11112222")),
}
# By their status.
REFUSED = {
    19: 0x0400,
    91: 0x0402,
    122: 0x0400,
}

# Frames with tags, by what the rows tell of them.
TAGS = {
    18: SerialRead(bytes.fromhex("e200322fe20df9311328b7e3"), 0, None, None),
    31: SerialRead(
        bytes.fromhex("000000000000000000001545"),
        antenna_port=1,
        rssi_dbm=-60.0,
        rssi_raw=-60,
        hits=1,
        pc=0x3000,
        is_crc_right=True,
        reader_ms=295,
        frequency_khz=923_200,
        phase=0,
    ),
    153: SerialRead(bytes.fromhex("c80507a80084c4ff"), 0, None, None),
}
OTHERS = {32, 62, 124}  # a broken record, a long table, statistics: tested by themselves


def frame_of(vector: Vector) -> Frame:
    (frame,) = all_of(FrameDecoder(vector.direction), vector.data)
    assert isinstance(frame, Frame)
    return frame


def test_every_row_is_tested() -> None:
    tested = {*BROKEN, *COMMANDS, *ANSWERS, *REFUSED, *TAGS, *OTHERS}
    assert tested == set(VECTORS)


@pytest.mark.parametrize("vector", RIGHT, ids=lambda vector: f"{vector.number}")
def test_a_frame_gives_its_own_bytes_again(vector: Vector) -> None:
    assert frame_of(vector).encode() == vector.data


@pytest.mark.parametrize("vector", RIGHT, ids=lambda vector: f"{vector.number}")
def test_a_frame_is_found_without_knowing_who_sent_it(vector: Vector) -> None:
    assert all_of(FrameDecoder(Direction.EITHER), vector.data) == [frame_of(vector)]


@pytest.mark.parametrize(("number", "cause"), BROKEN.items())
def test_a_misprinted_frame_is_a_fault_with_its_cause(number: int, cause: FaultCause) -> None:
    vector = VECTORS[number]
    found = all_of(FrameDecoder(vector.direction), vector.data)
    assert found == [Fault(cause, vector.data, offset=0)]


@pytest.mark.parametrize(("number", "command"), COMMANDS.items())
def test_a_command_is_encoded_and_decoded(number: int, command: Command) -> None:
    vector = VECTORS[number]
    assert encode_command(command) == vector.data
    assert decode_command(frame_of(vector)) == command


@pytest.mark.parametrize(("number", "answer"), ANSWERS.items())
def test_an_answer_is_decoded(number: int, answer: Answer) -> None:
    frame = frame_of(VECTORS[number])
    assert (frame.status, decode_answer(frame)) == (0, answer)


@pytest.mark.parametrize(("number", "status"), REFUSED.items())
def test_a_status_is_told(number: int, status: int) -> None:
    assert frame_of(VECTORS[number]).status == status


@pytest.mark.parametrize(("number", "read"), TAGS.items())
def test_a_tag_is_read(number: int, read: SerialRead) -> None:
    faults = list[Fault]()
    assert read_tags(frame_of(VECTORS[number]), faults) == [read]
    assert not faults


def test_a_right_frame_with_a_malformed_record_is_a_fault_and_no_read() -> None:
    faults = list[Fault]()
    assert read_tags(frame_of(VECTORS[32]), faults) == []
    assert [fault.cause for fault in faults] == [FaultCause.BAD_RECORD]


def test_the_hop_table_has_fifty_channels_of_the_american_band() -> None:
    table = decode_answer(frame_of(VECTORS[62]))
    assert isinstance(table, HopTable)
    assert len(set(table.channels_khz)) == 50
    assert all(902_000 < channel < 928_000 for channel in table.channels_khz)


def test_streamed_statistics_tell_the_temperature_and_are_no_tag() -> None:
    frame = frame_of(VECTORS[124])
    faults = list[Fault]()
    streamed = streamed_of(frame)
    assert streamed is not None
    assert read_statistics(frame.data, streamed.at) == {"temperature_c": 28}
    assert (read_tags(frame, faults), faults, count_of(frame)) == ([], [], None)
