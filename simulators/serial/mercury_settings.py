"""What a Mercury module is and how it is set, by its commands (MercuryAPI C 1.35.2.72).

An answer is data, or the status that says what is wrong; a status may have data too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from edge.serial.fields import Record, Unknown
from edge.serial.mercury import commands as c
from edge.serial.mercury.codes import ConfigKey, Status
from simulators.serial.mercury_records import antenna_byte

VERSION = bytes.fromhex("2301060038000201202409130201060800000010")  # of an M7e Hecto
REGIONS = bytes((0x01, 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x15, 0x16))
BAUDS = frozenset((9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600))
PORTS = range(1, 5)
HIGHEST_POWER, LOWEST_POWER = 2700, 0  # hundredths of a dBm
_CHANNELS_KHZ = (865_700, 866_300, 866_900, 867_500)
_AS_ALL = bytes.fromhex("800080000000")  # powers and settling time of a port that has none
_GEN2 = 5
_NO_RETURN_LOSS, _RETURN_LOSS = 0, 15
_SIZES = {ConfigKey.READ_FILTER_TIME: 4, ConfigKey.PRODUCT_GROUP: 2, ConfigKey.PRODUCT_ID: 2}


class Answer(NamedTuple):
    data: bytes = b""
    status: Status = Status.OK


@dataclass(slots=True)
class Settings:
    """What is lost with the power."""

    is_connected: Callable[[int], bool]  # whether a port has an antenna
    region: int = 0
    protocol: int = 0
    read_power: int = 1000
    write_power: int = 1000
    power_mode: int = 0
    user_mode: int = 0
    ports: tuple[int, ...] = (1,)
    outputs: dict[int, int] = field(default_factory=dict)
    config: dict[int, bytes] = field(default_factory=lambda: {ConfigKey.READ_FILTER: b"\x01"})
    parameters: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_filtering(self) -> bool:
        return self.config.get(ConfigKey.READ_FILTER) == b"\x01"

    @property
    def filter_ms(self) -> int:
        """How long the filter remembers a tag; 0 or less is for ever."""
        return int.from_bytes(self.config.get(ConfigKey.READ_FILTER_TIME, b""), signed=True)

    def do(self, command: Record | Unknown) -> Answer | None:
        """Ask or set; None where it is no command of settings."""
        do = _COMMANDS.get(type(command))
        return None if do is None else do(self, command)


_Do: TypeAlias = Callable[[Settings, Any], Answer]


def _telling(tell: Callable[[Settings], bytes]) -> _Do:
    return lambda settings, _: Answer(tell(settings))


def _store(name: str, key: str | None = None) -> _Do:
    def do(settings: Settings, command: Any) -> Answer:  # noqa: ANN401 - any class with the field
        setattr(settings, name, getattr(command, key or name))
        return Answer()

    return do


def _set_region(settings: Settings, command: c.SetRegion) -> Answer:
    if command.region not in REGIONS:
        return Answer(status=Status.BAD_REGION)
    settings.region = command.region
    return Answer()


def _set_power(name: str) -> _Do:
    def do(settings: Settings, command: Any) -> Answer:  # noqa: ANN401 - of reading or writing
        if command.power > HIGHEST_POWER:
            return Answer(status=Status.POWER_TOO_HIGH)
        if command.power < LOWEST_POWER:
            return Answer(status=Status.POWER_TOO_LOW)
        setattr(settings, name, command.power)
        return Answer()

    return do


def _power(name: str, *, has_option: bool) -> _Do:
    def do(settings: Settings, command: Any) -> Answer:  # noqa: ANN401 - of reading or writing
        hundredths: int = getattr(settings, name)
        power = hundredths.to_bytes(2, signed=True)
        if not has_option:
            return Answer(power)
        limits = HIGHEST_POWER.to_bytes(2) + LOWEST_POWER.to_bytes(2)
        return Answer(bytes((command.option,)) + power + (limits if command.option == 1 else b""))

    return do


def _set_ports(settings: Settings, command: c.SetSearchList) -> Answer:
    return _use(settings, [pair.tx or 16 for pair in command.ports])


def _set_antenna(settings: Settings, command: c.SetAntenna) -> Answer:
    return _use(settings, [command.tx])


def _use(settings: Settings, ports: Sequence[int]) -> Answer:
    if not ports or not set(ports) <= set(PORTS):
        return Answer(status=Status.BAD_PARAMETER)
    settings.ports = tuple(ports)
    return Answer()


def _antenna(settings: Settings, command: c.GetAntenna) -> Answer:
    of_ports: dict[int, Callable[[int], bytes]] = {
        1: lambda port: bytes((antenna_byte(port) & 0xF, settings.is_connected(port))),
        4: lambda port: bytes((port,)) + _AS_ALL,
        5: lambda port: bytes((port, settings.is_connected(port))),
        6: lambda port: bytes(
            (port, _RETURN_LOSS if settings.is_connected(port) else _NO_RETURN_LOSS)
        ),
    }
    if command.option == 0:
        return Answer(bytes((settings.ports[0], settings.ports[0])))
    tell = of_ports.get(command.option)
    if tell is None:
        return Answer(status=Status.BAD_PARAMETER)
    return Answer(bytes((command.option,)) + b"".join(map(tell, PORTS)))


def _set_config(settings: Settings, command: c.SetConfig) -> Answer:
    settings.config[command.key] = command.value
    return Answer()


def _config(settings: Settings, command: c.GetConfig) -> Answer:
    usual = bytes(_SIZES.get(ConfigKey(command.key), 1)) if command.key in _SIZES else b"\x00"
    return Answer(bytes((1, command.key)) + settings.config.get(command.key, usual))


def _set_parameter(settings: Settings, command: c.SetParameter) -> Answer:
    if command.protocol != _GEN2:
        return Answer(bytes((command.protocol, command.key)), Status.INVALID_PROTOCOL)
    settings.parameters[command.key] = command.value
    return Answer()


def _parameter(settings: Settings, command: c.GetParameter) -> Answer:
    asked = bytes((command.protocol, command.key))
    if command.protocol != _GEN2:
        return Answer(asked, Status.INVALID_PROTOCOL)
    sizes = {0x01: b"\x01\x00", 0x16: b"\x00\x02"}  # target, initial Q
    value = settings.parameters.get(command.key, sizes.get(command.key, b"\x00"))
    return Answer(asked + value)


def _set_output(settings: Settings, command: c.SetOutputPin) -> Answer:
    settings.outputs[command.pin] = command.value
    return Answer()


def _output(settings: Settings, command: c.GetOutputPin) -> Answer:
    return Answer(bytes((command.pin, settings.outputs.get(command.pin, 0))))


def _gpio(settings: Settings) -> bytes:
    return b"\x01" + b"".join(bytes((pin, 1, settings.outputs.get(pin, 0))) for pin in PORTS)


def _hardware(_: Settings, command: c.GetHardwareVersion) -> Answer:
    serial = b"SIMULATED"
    head = bytes.fromhex("004040") + bytes((len(serial),)) if command.option else bytes(4)
    return Answer(head + serial)


_COMMANDS: Mapping[type, _Do] = {
    c.GetHardwareVersion: _hardware,
    c.GetAntenna: _antenna,
    c.SetAntenna: _set_antenna,
    c.SetSearchList: _set_ports,
    c.SetPortPowers: lambda *_: Answer(),
    c.SetPortTimes: lambda *_: Answer(),
    c.GetReadPower: _power("read_power", has_option=False),
    c.GetReadPowerBy: _power("read_power", has_option=True),
    c.SetReadPower: _set_power("read_power"),
    c.GetWritePower: _power("write_power", has_option=False),
    c.GetWritePowerBy: _power("write_power", has_option=True),
    c.SetWritePower: _set_power("write_power"),
    c.GetProtocol: _telling(lambda settings: settings.protocol.to_bytes(2)),
    c.SetProtocol: _store("protocol"),
    c.GetHopTable: _telling(lambda _: b"".join(khz.to_bytes(4) for khz in _CHANNELS_KHZ)),
    c.GetGpio: _telling(_gpio),
    c.GetOutputPin: _output,
    c.SetOutputPin: _set_output,
    c.GetRegion: _telling(lambda settings: bytes((settings.region,))),
    c.SetRegion: _set_region,
    c.GetPowerMode: _telling(lambda settings: bytes((settings.power_mode,))),
    c.SetPowerMode: _store("power_mode", "mode"),
    c.GetUserMode: _telling(lambda settings: bytes((settings.user_mode,))),
    c.SetUserMode: _store("user_mode", "mode"),
    c.GetConfig: _config,
    c.SetConfig: _set_config,
    c.GetParameter: _parameter,
    c.SetParameter: _set_parameter,
    c.GetStatistics: lambda _, command: Answer(bytes((command.option,)) + command.flags),
    c.GetSupportedProtocols: _telling(lambda _: _GEN2.to_bytes(2)),
    c.GetSupportedRegions: _telling(lambda _: REGIONS),
    c.GetTemperature: _telling(lambda _: b"\x23"),
}
