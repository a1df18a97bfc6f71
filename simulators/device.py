"""What is plugged into a simulated reader: antennas, inputs, outputs; and how long it has run."""

from collections.abc import Collection

from edge.errors import ConfigError
from simulators.profile import Profile


class Device:
    """Ports are counted from 1; inputs are low until somebody says otherwise.

    Raises ConfigError for a port that the reader does not have.
    """

    def __init__(self, profile: Profile, connected: Collection[int] | None = None) -> None:
        self._profile = profile
        ports = profile.antenna_ports if connected is None else connected
        self.antennas = {port: port in ports for port in profile.antenna_ports}
        self.gpis = dict.fromkeys(range(1, profile.gpis + 1), False)
        self.gpos = dict.fromkeys(range(1, profile.gpos + 1), False)
        self.booted_at_us: int | None = None
        self.clock_jumped_us = 0

    def uptime_us(self, at_us: int) -> int:
        """Give the time since the boot, which is when this was asked first."""
        if self.booted_at_us is None:
            self.booted_at_us = at_us
        return at_us - self.booted_at_us

    def is_connected(self, port: int) -> bool:
        return self.antennas.get(port, False)

    def plug(self, port: int, *, is_up: bool) -> bool:
        """Connect or disconnect an antenna; tell whether that is a change."""
        _check("antenna", port, self.antennas)
        is_change = self.antennas[port] != is_up
        self.antennas[port] = is_up
        return is_change

    def set_gpi(self, port: int, *, is_high: bool) -> bool:
        """Pull an input up or down; tell whether that is a change."""
        _check("GPI port", port, self.gpis)
        is_change = self.gpis[port] != is_high
        self.gpis[port] = is_high
        return is_change


def _check(what: str, port: int, known: Collection[int]) -> None:
    if port not in known:
        allowed = f"allowed are 1 to {len(known)}" if known else "the reader has none"
        raise ConfigError(f"{what} {port}, {allowed}")
