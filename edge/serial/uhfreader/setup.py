"""What a reader is asked and told before it reads, and what of its answers forbids to go on.

The region is stored in the reader's flash, which wears, and is set only where it is another.  So is
a UHFReader18's power; a 288 is told to forget it with its supply.
"""

from collections.abc import Callable

from edge.errors import ConfigError, ReaderError
from edge.serial.settings import Region, SerialSettings
from edge.serial.uhfreader.codes import MODELS, Channels, Dialect
from edge.serial.uhfreader.commands import (
    Command,
    GetInfo,
    GetMode18,
    GetTemperature,
    Info,
    Inventory,
    InventoryAll,
    InventoryAt,
    LongInfo,
    Mode18,
    SetMode18,
    SetMode288,
    SetPower,
    SetRegion,
)
from edge.serial.uhfreader.states import State

MOST_DBM = 33
MOST_PORTS = 16
SCAN_TIME = 5  # tenths of a second at an antenna
FIRST_Q = 4
_ENDLESS_S = 5.0  # of a round that ends when no tag is left
_FORGET = 0x80  # with a power
_FIRST_ANTENNA = 0x80

# What a region allows, the best first; the first is what a reader that has another is told.
REGIONS: dict[Region, tuple[Channels, ...]] = {
    Region.EU: (Channels(4, 14), Channels(9, 3)),
    Region.US: (Channels(2, 49), Channels(12, 52, 1)),
    Region.CHINA: (Channels(1, 19),),
    Region.KOREA: (Channels(3, 31),),
    Region.TAIWAN: (Channels(10, 11),),
}


class Setup:
    """Raises ConfigError for settings that no reader of the family can have."""

    def __init__(self, settings: SerialSettings) -> None:
        if settings.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise ConfigError(f"UHFReader: region {settings.region}; allowed: {known}")
        if max(settings.antenna_ports) > MOST_PORTS:
            text = f"UHFReader: antenna ports {settings.antenna_ports}; allowed: 1 to {MOST_PORTS}"
            raise ConfigError(text)
        if settings.read_filter_s:
            raise ConfigError("UHFReader: the protocol has no read filter")
        power = settings.power_dbm
        if power is not None and (power != int(power) or not 0 <= power <= MOST_DBM):
            raise ConfigError(f"UHFReader: power of {power} dBm; allowed: 0 to {MOST_DBM}, whole")
        self._settings = settings
        self._power = None if power is None else int(power)
        self._channels = REGIONS[settings.region]
        self._mode: Mode18 | None = None
        self._is_long = False
        self.info: Info | LongInfo | None = None
        self.dialect: Dialect | None = None  # None: answers have to tell
        self.is_pushing = False  # tags came that nobody had asked for

    def take_info(self, info: Info | LongInfo) -> None:
        """Learn what the reader is; raise ReaderError for settings that it cannot have."""
        model = MODELS.get(info.type)
        self.info, self._is_long = info, isinstance(info, LongInfo)
        self.dialect = model.dialect if model else None
        if self._is_long:
            return
        if len(self._settings.antenna_ports) > 1:
            ports = self._settings.antenna_ports
            raise ReaderError(f"UHFReader: it has one antenna, not {len(ports)}")
        if self._settings.q is not None:
            raise ReaderError("UHFReader: it chooses Q itself")

    def take_mode(self, mode: Mode18) -> None:
        self._mode = mode

    def command(self, state: State) -> Command | None:
        """Give what to send; None where there is nothing to be asked or told."""
        return _COMMANDS[state](self)

    def forms(self, port: int, target: int) -> list[Command]:
        """Give the inventories that this reader may know, the best first."""
        settings = self._settings
        q = FIRST_Q if settings.q is None else settings.q
        at = InventoryAt(
            q=q,
            session=settings.gen2_session,
            target=target,
            antenna=_FIRST_ANTENNA + port - 1,
            scan_time=SCAN_TIME,
        )
        plain = Inventory(q=q, session=settings.gen2_session)
        if self.dialect is Dialect.READER18:
            return [InventoryAll()]
        if self.dialect is Dialect.READER288 or self._is_long:
            return [at, plain]
        return [InventoryAll(), plain]

    def scan_s(self, command: Command) -> float:
        """Give how long a round may take by the reader's own words."""
        tenths = self.info.scan_time if self.info else 0
        if isinstance(command, InventoryAt):
            tenths = command.scan_time
        return tenths / 10 or _ENDLESS_S

    def has_region(self) -> bool:
        info = self.info
        return info is not None and any(map(info.channels.are_within, self._channels))

    def has_power(self) -> bool:
        return self._power is None or (self.info is not None and self.info.power == self._power)

    def check_region(self) -> None:
        if not self.has_region():
            has = self.info.channels if self.info else "unknown"
            raise ReaderError(f"UHFReader: the region is {has}, not {self._channels[0]}")

    def has_temperature(self) -> bool:
        return self._is_long

    # The commands of one state each.

    def get_mode(self) -> Command | None:
        return None if self._is_long else GetMode18()

    def set_region(self) -> Command | None:
        highest, lowest = self._channels[0].as_bytes()
        return None if self.has_region() else SetRegion(highest=highest, lowest=lowest)

    def set_power(self) -> Command | None:
        power = (self._power or 0) | (_FORGET if self._is_long else 0)
        return None if self.has_power() else SetPower(powers=(power,))

    def check(self) -> Command | None:
        return None if self.has_region() and self.has_power() else GetInfo()

    def may_push(self) -> bool:
        """Tell whether the reader may be in its active mode though it has pushed no tag yet.

        A UHFReader18 was asked for its mode; others cannot be asked.
        """
        return self._is_long and not self.is_pushing

    def set_mode(self) -> Command | None:
        if self._is_long:
            return SetMode288(mode=0) if self.is_pushing else None
        mode = self._mode
        if mode is None or not mode.read_mode:
            return None
        return SetMode18(
            read_mode=0,
            state=mode.state,
            bank=mode.bank,
            first=mode.first,
            words=mode.words,
            tag_time=mode.tag_time,
        )


_COMMANDS: dict[State, Callable[[Setup], Command | None]] = {
    State.PROBING: lambda _: GetInfo(),
    State.ASKING_MODE: Setup.get_mode,
    State.SETTING_MODE: Setup.set_mode,
    State.SETTING_REGION: Setup.set_region,
    State.SETTING_POWER: Setup.set_power,
    State.CHECKING: Setup.check,
    State.ASKING_TEMPERATURE: lambda _: GetTemperature(),
}
