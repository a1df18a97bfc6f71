"""What a simulated reader's clock says, which need not be the time that it is.

Everything in the reader happens by its own UTC; only what it tells goes through here.
"""

from edge.llrp.parameters_common import Timestamp, Uptime, UTCTimestamp
from simulators.device import Device
from simulators.faults import Faults

_YEAR_2000_US = 946_684_800_000_000


class Stamps:
    def __init__(self, faults: Faults, device: Device) -> None:
        self._faults, self._device = faults, device

    @property
    def has_utc(self) -> bool:
        return self._faults.get("uptime-only") is None

    def shift_us(self, at_us: int) -> int:
        """Give what is to be added to the time so that it is what the reader tells."""
        if not self.has_utc:
            return self._device.uptime_us(at_us) - at_us
        shift_us = self._device.clock_jumped_us
        if self._faults.get("clock-2000"):
            shift_us += _YEAR_2000_US + self._device.uptime_us(at_us) - at_us
        if values := self._faults.get("clock-ahead"):
            shift_us += round(values.number("by_s") * 1_000_000)
        return shift_us

    def of(self, at_us: int) -> Timestamp:
        told_us = max(0, at_us + self.shift_us(at_us))
        return UTCTimestamp(microseconds=told_us) if self.has_utc else Uptime(microseconds=told_us)
