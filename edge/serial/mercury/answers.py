"""Mercury's answers (MercuryAPI C 1.35.2.72, serial_reader_l3.c).

Powers are hundredths of a dBm, frequencies kHz, ports count from 1.
"""

from typing import Annotated

from edge.serial.fields import (
    E8,
    E16,
    S8,
    S16,
    S32,
    U8,
    U16,
    U32,
    Fixed,
    Record,
    RecordTable,
    Rest,
    U8s,
    U16s,
    U32s,
    Unknown,
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
from edge.serial.mercury.commands import PortPower
from edge.serial.mercury.frames import Frame

Quad = Annotated[bytes, Fixed(4)]


class Answer(Record):
    """What a module answers when its status is 0; `Done` where that is all."""


class DetectedPort(Record):
    port: U8
    is_detected: U8


class PinState(Record):
    pin: U8
    is_output: U8
    value: U8


class Version(Answer, code=Opcode.VERSION):
    bootloader: Quad
    hardware: Quad
    firmware_date: Quad  # BCD, YYYYMMDD
    firmware: Quad
    protocols: U32  # bit n-1 for protocol n


class Booted(Answer, code=Opcode.BOOT_FIRMWARE):
    """Also sent by a module that has just started, unasked."""

    bootloader: Quad
    hardware: Quad
    firmware_date: Quad
    firmware: Quad
    protocols: U32


class Program(Answer, code=Opcode.PROGRAM):
    program: U8

    @property
    def is_bootloader(self) -> bool:
        return self.program & 3 == 1


class HardwareVersion(Answer, code=Opcode.HARDWARE_VERSION):
    told: Rest


class TagData(Answer, code=Opcode.READ_DATA):
    option: U8
    words: Rest


class TagBufferIndexes(Answer, code=Opcode.TAG_BUFFER):
    read_index: U16
    write_index: U16


class ReadingStarted(Answer, code=Opcode.MULTI_PROTOCOL, head=b"\x01"):
    opcode: E8[Opcode]
    search: U16


class ReadingStopped(Answer, code=Opcode.MULTI_PROTOCOL, head=b"\x02"):
    told: Rest


class AntennaInUse(Answer, code=Opcode.GET_ANTENNA):
    tx: U8
    rx: U8


class AntennaPorts(Answer, code=Opcode.GET_ANTENNA, head=b"\x01"):
    ports: tuple[DetectedPort, ...]


class PortPowers(Answer, code=Opcode.GET_ANTENNA, head=b"\x04"):
    ports: tuple[PortPower, ...]


class DetectedPorts(Answer, code=Opcode.GET_ANTENNA, head=b"\x05"):
    ports: tuple[DetectedPort, ...]


class ReadPower(Answer, code=Opcode.GET_READ_POWER):
    power: S16


class ReadPowerNow(Answer, code=Opcode.GET_READ_POWER, head=b"\x00"):
    power: S16


class ReadPowerLimits(Answer, code=Opcode.GET_READ_POWER, head=b"\x01"):
    power: S16
    highest: S16
    lowest: S16


class Protocol(Answer, code=Opcode.GET_PROTOCOL):
    protocol: E16[TagProtocol]


class WritePower(Answer, code=Opcode.GET_WRITE_POWER):
    power: S16


class WritePowerLimits(Answer, code=Opcode.GET_WRITE_POWER, head=b"\x01"):
    power: S16
    highest: S16
    lowest: S16


class HopTable(Answer, code=Opcode.GET_HOP_TABLE):
    channels_khz: U32s


class Gpio(Answer, code=Opcode.GET_GPIO, head=b"\x01"):
    pins: tuple[PinState, ...]


class RegionNow(Answer, code=Opcode.GET_REGION):
    region: E8[ModuleRegion]


class PowerModeNow(Answer, code=Opcode.GET_POWER_MODE):
    mode: E8[PowerMode]


class UserMode(Answer, code=Opcode.GET_USER_MODE):
    mode: U8


class FilterTime(Answer, code=Opcode.GET_CONFIG, head=b"\x01\x0d"):
    time_ms: S32


class Config(Answer, code=Opcode.GET_CONFIG, head=b"\x01"):
    key: E8[ConfigKey]
    value: Rest


class Parameter(Answer, code=Opcode.GET_PROTOCOL_PARAMETER):
    protocol: E8[TagProtocol]
    key: E8[Gen2Key]
    value: Rest


class Statistics(Answer, code=Opcode.STATISTICS):
    option: U8
    told: Rest


class SupportedProtocols(Answer, code=Opcode.SUPPORTED_PROTOCOLS):
    protocols: U16s


class SupportedRegions(Answer, code=Opcode.SUPPORTED_REGIONS):
    regions: U8s


class Temperature(Answer, code=Opcode.TEMPERATURE):
    degrees_c: S8


class OutputPin(Answer, code=Opcode.SET_GPIO):
    pin: U8
    value: U8


class Done(Answer):
    """An answer without data."""


_ANSWERS = RecordTable(records_of(Answer))


def decode_answer(frame: Frame) -> Answer | Unknown:
    """Read an answer whose status is 0; tags are read by `edge.serial.mercury.reads`."""
    return _ANSWERS.decode(frame.opcode, frame.data) if frame.data else Done()
