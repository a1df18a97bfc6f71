"""What a module is asked and told before it reads, and what of its answers forbids to go on.

The order is one that works: protocol, region, power, ports, filter, Gen2, start.  Nothing here is
stored in the module.
"""

from collections.abc import Callable
from enum import Enum

from edge.errors import ConfigError, ReaderError
from edge.serial.mercury.answers import (
    Answer,
    DetectedPorts,
    ReadPowerLimits,
    RegionNow,
    SupportedRegions,
)
from edge.serial.mercury.codes import ConfigKey, Gen2Key, ModuleRegion, TagProtocol
from edge.serial.mercury.commands import (
    AntennaPair,
    BootFirmware,
    Command,
    GetAntenna,
    GetProgram,
    GetReadPowerBy,
    GetRegion,
    GetSupportedRegions,
    GetVersion,
    SetConfig,
    SetParameter,
    SetProtocol,
    SetReadPower,
    SetRegion,
    SetSearchList,
    StartReading,
    StopReading,
)
from edge.serial.settings import Region, SerialSettings

ON_TIME_MS = 1000
SEARCH = 0x001B  # listed ports, streaming, large population
METADATA = 0x0017  # hits, RSSI, port, time: what a read needs, and no more bytes on the line

# The module's regions that are right for a site, the better first.  A region that has several
# whose rules differ from place to place (Japan, Israel) is not here.
REGIONS: dict[Region, tuple[ModuleRegion, ...]] = {
    Region.EU: (ModuleRegion.EU3, ModuleRegion.EU),
    Region.US: (ModuleRegion.NA, ModuleRegion.NA2),
    Region.CHINA: (ModuleRegion.PRC,),
    Region.KOREA: (ModuleRegion.KR2,),
    Region.INDIA: (ModuleRegion.IN,),
    Region.AUSTRALIA: (ModuleRegion.AU,),
    Region.NEW_ZEALAND: (ModuleRegion.NZ,),
    Region.MALAYSIA: (ModuleRegion.MY,),
    Region.INDONESIA: (ModuleRegion.ID,),
    Region.PHILIPPINES: (ModuleRegion.PH,),
    Region.TAIWAN: (ModuleRegion.TW,),
    Region.MACAO: (ModuleRegion.MO,),
    Region.RUSSIA: (ModuleRegion.RU,),
    Region.SINGAPORE: (ModuleRegion.SG,),
    Region.VIETNAM: (ModuleRegion.VN,),
    Region.THAILAND: (ModuleRegion.TH,),
    Region.ARGENTINA: (ModuleRegion.AR,),
    Region.HONG_KONG: (ModuleRegion.HK,),
    Region.BANGLADESH: (ModuleRegion.BD,),
}


class State(Enum):
    """What the session waits for."""

    LISTENING = "listening"
    DRAINING = "stop"
    PROBING = "version"
    RAISING = "set baud rate"
    CHECKING_RATE = "version at the new rate"
    LOWERING = "set baud rate back"
    ASKING_PROGRAM = "current program"
    BOOTING = "boot firmware"
    ASKING_REGIONS = "supported regions"
    SETTING_PROTOCOL = "set protocol"
    SETTING_REGION = "set region"
    CHECKING_REGION = "region"
    ASKING_POWER = "read power and its limits"
    SETTING_POWER = "set read power"
    ASKING_PORTS = "antenna ports"
    SETTING_PORTS = "set antenna ports"
    SETTING_FILTER = "set read filter"
    SETTING_FILTER_TIME = "set read filter time"
    SETTING_SESSION = "set Gen2 session"
    SETTING_TARGET = "set Gen2 target"
    SETTING_Q = "set Q"
    STARTING = "start reading"
    STREAMING = "streaming"


class Setup:
    """What is asked for in a state, and what an answer means for the next ones.

    Raises ConfigError for settings that no Mercury module can have.
    """

    def __init__(self, settings: SerialSettings) -> None:
        if settings.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise ConfigError(f"Mercury: region {settings.region}; allowed: {known}")
        if max(settings.antenna_ports) > 16:
            raise ConfigError(
                f"Mercury: antenna ports {settings.antenna_ports}, allowed is 1 to 16"
            )
        self._settings = settings
        self._region = REGIONS[settings.region][0]
        self.undetected: tuple[int, ...] = ()  # our ports that have no antenna, if it can tell

    def command(self, state: State) -> Command | None:
        """Give what to send; None where the settings leave that to the module."""
        settings = self._settings
        if state is State.SETTING_POWER and settings.power_dbm is None:
            return None
        if state is State.SETTING_FILTER_TIME and not settings.read_filter_s:
            return None
        return _COMMANDS[state](settings, self._region)

    def take(self, answer: Answer) -> None:
        """Compare an answer with the settings; raise ReaderError where they do not fit."""
        settings = self._settings
        match answer:
            case SupportedRegions(regions=regions):
                self._choose(regions)
            case RegionNow(region=region) if region != self._region:
                raise ReaderError(f"the module has region {region}, not {self._region.name}")
            case ReadPowerLimits(highest=highest, lowest=lowest) if settings.power_dbm is not None:
                if not lowest <= _hundredths(settings.power_dbm) <= highest:
                    span = f"{lowest / 100:.2f} to {highest / 100:.2f} dBm"
                    raise ReaderError(f"the module gives {span}, not {settings.power_dbm} dBm")
            case DetectedPorts(ports=ports):
                self._compare_ports({port.port: bool(port.is_detected) for port in ports})
            case _:
                pass

    def _choose(self, supported: tuple[int, ...]) -> None:
        wanted = REGIONS[self._settings.region]
        allowed = [region for region in wanted if region in supported]
        if not allowed:
            has = ", ".join(region.name for region in ModuleRegion if region in supported)
            raise ReaderError(f"region {self._settings.region} is not one of the module's: {has}")
        self._region = allowed[0]

    def _compare_ports(self, detected: dict[int, bool]) -> None:
        ports = self._settings.antenna_ports
        if missing := [port for port in ports if port not in detected]:
            raise ReaderError(f"the module has no antenna ports {missing}, only {[*detected]}")
        # A module that cannot tell says of all its ports that nothing is there.
        can_tell = any(detected.values())
        self.undetected = tuple(port for port in ports if can_tell and not detected[port])


def _hundredths(dbm: float) -> int:
    return round(100 * dbm)


def _target(settings: SerialSettings) -> bytes:
    """Choose A only, where tags come back to A by themselves; in sessions 2 and 3 A, then B."""
    return b"\x01\x00" if settings.gen2_session < 2 else b"\x00\x00"


def _ports(settings: SerialSettings) -> tuple[AntennaPair, ...]:
    return tuple(AntennaPair(tx=port & 0xF, rx=port & 0xF) for port in settings.antenna_ports)


_COMMANDS: dict[State, Callable[[SerialSettings, ModuleRegion], Command]] = {
    State.DRAINING: lambda _, __: StopReading(),
    State.PROBING: lambda _, __: GetVersion(),
    State.ASKING_PROGRAM: lambda _, __: GetProgram(),
    State.BOOTING: lambda _, __: BootFirmware(),
    State.ASKING_REGIONS: lambda _, __: GetSupportedRegions(),
    State.SETTING_PROTOCOL: lambda _, __: SetProtocol(protocol=TagProtocol.GEN2),
    State.SETTING_REGION: lambda _, region: SetRegion(region=region),
    State.CHECKING_REGION: lambda _, __: GetRegion(),
    State.ASKING_POWER: lambda _, __: GetReadPowerBy(option=1),
    State.SETTING_POWER: lambda settings, _: SetReadPower(
        power=_hundredths(settings.power_dbm or 0.0)
    ),
    State.ASKING_PORTS: lambda _, __: GetAntenna(option=5),
    State.SETTING_PORTS: lambda settings, _: SetSearchList(ports=_ports(settings)),
    State.SETTING_FILTER: lambda settings, _: SetConfig(
        key=ConfigKey.READ_FILTER, value=b"\x01" if settings.read_filter_s else b"\x00"
    ),
    State.SETTING_FILTER_TIME: lambda settings, _: SetConfig(
        key=ConfigKey.READ_FILTER_TIME, value=round(1000 * settings.read_filter_s).to_bytes(4)
    ),
    State.SETTING_SESSION: lambda settings, _: SetParameter(
        key=Gen2Key.SESSION, value=settings.gen2_session.to_bytes(1)
    ),
    State.SETTING_TARGET: lambda settings, _: SetParameter(
        key=Gen2Key.TARGET, value=_target(settings)
    ),
    State.SETTING_Q: lambda settings, _: SetParameter(
        key=Gen2Key.Q, value=b"\x00" if settings.q is None else bytes((1, settings.q))
    ),
    State.STARTING: lambda _, __: StartReading(
        search=SEARCH, on_time_ms=ON_TIME_MS, metadata=METADATA
    ),
}
