"""What a module is asked and told before it reads, and what of its answers forbids to go on."""

from edge.errors import ConfigError, ReaderError
from edge.serial.m100.codes import Hopping, InfoKind, ModuleRegion
from edge.serial.m100.commands import (
    Answer,
    Command,
    GetInfo,
    GetPower,
    GetQuery,
    GetRegion,
    PollMany,
    PowerNow,
    QueryNow,
    RegionNow,
    SetHopping,
    SetPower,
    SetQuery,
    SetRegion,
    query_with,
)
from edge.serial.m100.states import State
from edge.serial.settings import Region, SerialSettings

ROUNDS = 0xFFFF  # of one command: the most that it can say, some minutes
MOST_DBM = 33  # of any module of the family

REGIONS: dict[Region, ModuleRegion] = {
    Region.EU: ModuleRegion.EU,
    Region.US: ModuleRegion.US,
    Region.CHINA: ModuleRegion.CHINA_900,
    Region.KOREA: ModuleRegion.KOREA,
}


class Setup:
    """What is asked for in a state, and whether an answer is as the settings want it.

    Raises ConfigError for settings that no M100 module can have.
    """

    def __init__(self, settings: SerialSettings) -> None:
        if settings.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise ConfigError(f"M100: region {settings.region}; allowed: {known}")
        if len(settings.antenna_ports) > 1:
            raise ConfigError(f"M100: antenna ports {settings.antenna_ports}; it has one")
        if settings.gen2_session > 1:
            text = f"M100: Gen2 session {settings.gen2_session}; allowed: 0 and 1, since the module"
            raise ConfigError(f"{text} asks for tags in state A only")
        if settings.read_filter_s:
            raise ConfigError("M100: the protocol has no read filter")
        power = settings.power_dbm
        if power is not None and not 0 <= power <= MOST_DBM:
            raise ConfigError(f"M100: power of {power} dBm; allowed: 0 to {MOST_DBM}")
        self._settings = settings
        self._region = REGIONS[settings.region]
        self._power = None if power is None else round(100 * power)
        self._query = 0

    def command(self, state: State) -> Command:
        match state:
            case State.SETTING_REGION:
                return SetRegion(region=self._region)
            case State.SETTING_POWER:
                return SetPower(power=self._power or 0)
            case State.SETTING_QUERY:
                return SetQuery(query=self._query)
            case _:
                return _COMMANDS[state]

    def fits(self, answer: Answer) -> bool:
        """Tell whether the module has already what the settings want."""
        match answer:
            case RegionNow(region=region):
                return region == self._region
            case PowerNow(power=power):
                return self._power in {None, power}
            case QueryNow(query=query):
                settings = self._settings
                self._query = query_with(query, settings.gen2_session, settings.q)
                return self._query == query
            case _:
                return True

    def check(self, answer: Answer) -> None:
        """Raise ReaderError where the module has not taken what it was told."""
        if self.fits(answer):
            return
        match answer:
            case RegionNow(region=region):
                raise ReaderError(f"M100 module: region {region}, not {self._region.name}")
            case PowerNow(power=power):
                wanted = self._settings.power_dbm
                raise ReaderError(f"M100 module: it gives {power / 100} dBm, not {wanted} dBm")
            case _:
                raise ReaderError(f"M100 module: it has not taken the query {self._query:04X}")


_COMMANDS: dict[State, Command] = {
    State.PROBING: GetInfo(kind=InfoKind.HARDWARE),
    State.ASKING_REGION: GetRegion(),
    State.CHECKING_REGION: GetRegion(),
    State.SETTING_HOPPING: SetHopping(mode=Hopping.ON),
    State.ASKING_POWER: GetPower(),
    State.CHECKING_POWER: GetPower(),
    State.ASKING_QUERY: GetQuery(),
    State.CHECKING_QUERY: GetQuery(),
    State.READING: PollMany(rounds=ROUNDS),
}
