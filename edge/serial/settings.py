"""What a store wants of a serial reader, in words that all protocols share."""

from dataclasses import dataclass

from edge.errors import ConfigError
from edge.options import Region

__all__ = ["Region", "SerialSettings"]


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How one serial reader is used.

    What is None is left to the reader: its own power, a Q that follows the number of tags.  With
    `read_filter_s` a reader that can reports a tag once in that time and not at every read.
    `rssi_zero_dbm` is what the RSSI byte 0 means, of a protocol that gives the byte no unit.
    """

    region: Region
    antenna_ports: tuple[int, ...] = (1,)
    power_dbm: float | None = None
    gen2_session: int = 1
    q: int | None = None
    read_filter_s: float = 0.0
    bauds: tuple[int, ...] = ()  # rates to try, best guess first; none: the protocol's own list
    rssi_zero_dbm: float | None = None

    def __post_init__(self) -> None:
        if not self.antenna_ports or min(self.antenna_ports) < 1:
            raise ConfigError(f"antenna ports {self.antenna_ports}: at least one, counted from 1")
        if not 0 <= self.gen2_session <= 3:
            raise ConfigError(f"Gen2 session {self.gen2_session}: allowed are 0 to 3")
        if self.q is not None and not 0 <= self.q <= 15:
            raise ConfigError(f"Q {self.q}: allowed are 0 to 15")
        if self.read_filter_s < 0:
            raise ConfigError(f"read filter of {self.read_filter_s} s: allowed is 0 or more")
