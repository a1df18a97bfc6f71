"""What a reader is asked and told before it reads, and what of its answers forbids to go on.

Region and power are stored in the reader's flash, which wears: the region is set only where it is
another, and power by the command that stores nothing wherever that can say it.
"""

from edge.errors import ConfigError, ReaderError
from edge.serial.r2000.codes import ReaderRegion
from edge.serial.r2000.commands import (
    Answer,
    Command,
    OwnRegion,
    Power,
    RegionNow,
    SetPower,
    SetRegion,
    SetTemporaryPower,
)
from edge.serial.settings import Region, SerialSettings

TEMPORARY_DBM = range(20, 34)  # what SetTemporaryPower takes
MOST_DBM = 33
MOST_PORTS = 8

# With the indexes of the first and last frequency that the region has in the protocol's table.
REGIONS: dict[Region, SetRegion] = {
    Region.US: SetRegion(region=ReaderRegion.FCC, first=7, last=59),
    Region.EU: SetRegion(region=ReaderRegion.ETSI, first=0, last=6),
    Region.CHINA: SetRegion(region=ReaderRegion.CHINA, first=43, last=53),
}


class Setup:
    """Raises ConfigError for settings that no A0 reader can have."""

    def __init__(self, settings: SerialSettings) -> None:
        if settings.region not in REGIONS:
            known = ", ".join(REGIONS)
            raise ConfigError(f"R2000: region {settings.region}; allowed: {known}")
        if max(settings.antenna_ports) > MOST_PORTS:
            text = f"R2000: antenna ports {settings.antenna_ports}; allowed: 1 to {MOST_PORTS}"
            raise ConfigError(text)
        if settings.q is not None or settings.read_filter_s:
            raise ConfigError("R2000: the protocol has no Q and no read filter")
        power = settings.power_dbm
        if power is not None and (power != int(power) or not 0 <= power <= MOST_DBM):
            raise ConfigError(f"R2000: power of {power} dBm; allowed: 0 to {MOST_DBM}, whole")
        self._region = REGIONS[settings.region]
        self._power_dbm = None if power is None else int(power)

    def set_region(self) -> Command:
        return self._region

    def set_power(self) -> Command:
        """Give the command for the power that `has_power` has found to be another."""
        power_dbm = self._power_dbm or 0
        if power_dbm in TEMPORARY_DBM:
            return SetTemporaryPower(power_dbm=power_dbm)
        return SetPower(powers_dbm=(power_dbm,))

    def has_region(self, answer: Answer) -> bool:
        """Tell whether the reader is where it should be, within the region's frequencies."""
        wanted = self._region
        return (
            isinstance(answer, RegionNow)
            and answer.region == wanted.region
            and wanted.first <= answer.first <= answer.last <= wanted.last
        )

    def has_power(self, answer: Answer) -> bool:
        if not isinstance(answer, Power):
            raise ReaderError("R2000 reader: it does not tell its power")
        return self._power_dbm is None or set(answer.powers_dbm) == {self._power_dbm}

    def check_region(self, answer: Answer) -> None:
        if not self.has_region(answer):
            has = answer if isinstance(answer, RegionNow | OwnRegion) else "another"
            raise ReaderError(f"R2000 reader: the region is {has} after {self._region}")
