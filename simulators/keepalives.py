"""KEEPALIVE messages: when one is due, and whether the client still answers them.

They go by monotonic time, since the peer's patience does.  An Impinj reader that was told to
monitor the link closes it when so many KEEPALIVEs in a row were not acknowledged, each under its
own message id.
"""

from edge.llrp.impinj import ImpinjLinkMonitorConfiguration
from edge.llrp.messages import Keepalive
from edge.model import Now
from simulators.faults import Faults
from simulators.settings import Settings


class Keepalives:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._period_s: float | None = None
        self._due_s = 0.0
        self._open: list[int] = []  # ids of those that were not acknowledged, since the last ack
        self.sent = 0

    def set(self, period_s: float | None, now: Now) -> None:
        """Send one each period from now on, or none."""
        self._period_s = period_s
        self._due_s = now.monotonic_s + (period_s or 0.0)
        self._open.clear()

    def due(self, now: Now) -> Keepalive | None:
        if self._period_s is None or now.monotonic_s < self._due_s:
            return None
        self._due_s = max(self._due_s + self._period_s, now.monotonic_s)
        return None if self._faults.take("keepalives-stop") else Keepalive()

    def note_sent(self, message_id: int) -> None:
        self.sent += 1
        self._open.append(message_id)
        del self._open[:-1000]

    def note_ack(self, message_id: int) -> None:
        if message_id in self._open:
            self._open.clear()

    def is_lost(self, settings: Settings) -> bool:
        """Tell whether the client is to be taken for dead."""
        monitor = settings.customs.get(ImpinjLinkMonitorConfiguration)
        if not isinstance(monitor, ImpinjLinkMonitorConfiguration) or not monitor.link_monitor_mode:
            return False
        return len(self._open) > monitor.link_down_threshold
