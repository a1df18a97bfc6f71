"""What is known of each reader, and what is wrong with the agent itself.

The engine's thread tells, any thread asks.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from edge.model import HealthEvent, HealthKind, Polled
from edge.wire import ReaderStatus

_log = logging.getLogger(__name__)

_LEVELS = {
    HealthKind.CONNECTED: logging.INFO,
    HealthKind.LOST: logging.DEBUG,  # the supervisor has said so, with the time of its next attempt
    HealthKind.REFUSED: logging.DEBUG,
    HealthKind.ANTENNA_UP: logging.INFO,
    HealthKind.ANTENNA_DOWN: logging.WARNING,
    HealthKind.ANTENNA_SILENT: logging.WARNING,
    HealthKind.ANTENNA_HEARD: logging.INFO,
    HealthKind.INPUT: logging.INFO,
    HealthKind.FAULT: logging.DEBUG,  # counted: a reader that babbles shall not fill the log
    HealthKind.WARNING: logging.WARNING,
    HealthKind.NOTICE: logging.INFO,
    HealthKind.LINE: logging.DEBUG,
    HealthKind.BATTERY: logging.INFO,
}


@dataclass(slots=True)
class _Reader:
    up: bool = False
    detail: str = "not heard of yet"
    gauges: dict[HealthKind, str] = field(default_factory=dict)  # what each of them says now
    dead_antennas: set[int] = field(default_factory=set)
    silent_antennas: set[int] = field(default_factory=set)
    last_read_at_us: int | None = None
    faults: int = 0
    dropped: int = 0

    def hear(self, event: HealthEvent) -> None:
        match event.kind:
            case HealthKind.CONNECTED:
                self.up, self.detail = True, event.detail
                self.dead_antennas.clear()
                self.silent_antennas.clear()
            case HealthKind.LOST | HealthKind.REFUSED:
                self.up, self.detail = False, event.detail
                self.gauges.clear()
            case HealthKind.ANTENNA_DOWN if event.antenna_port is not None:
                self.dead_antennas.add(event.antenna_port)
            case HealthKind.ANTENNA_UP if event.antenna_port is not None:
                self.dead_antennas.discard(event.antenna_port)
            case HealthKind.ANTENNA_SILENT if event.antenna_port is not None:
                self.silent_antennas.add(event.antenna_port)
            case HealthKind.ANTENNA_HEARD if event.antenna_port is not None:
                self.silent_antennas.discard(event.antenna_port)
            case HealthKind.FAULT:
                self.faults += event.count
            case HealthKind.LINE | HealthKind.BATTERY:
                self.gauges[event.kind] = event.detail

    def status(self, name: str) -> ReaderStatus:
        wrong = [f"antenna {port} is down" for port in sorted(self.dead_antennas)]
        silent = sorted(self.silent_antennas - self.dead_antennas)
        wrong += [f"antenna {port} hears nothing" for port in silent]
        detail = ", ".join(wrong) if self.up and wrong else self.detail
        detail = "; ".join([detail, *self.gauges.values()])
        if self.dropped:
            detail += f"; {self.dropped} reads dropped"
        return ReaderStatus(name, self.up, detail, self.last_read_at_us)


class Health:
    def __init__(self, readers: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._readers = {name: _Reader() for name in readers}
        self._alarms: dict[str, str] = {}

    def recall(self, readers: Iterable[ReaderStatus]) -> None:
        """Take from an earlier life when each reader was last heard, and nothing else."""
        with self._lock:
            for status in readers:
                if known := self._readers.get(status.name):
                    known.last_read_at_us = status.last_read_at_us

    def hear(self, reader: str, polled: Polled, at_us: int) -> None:
        """Take what a reader has brought; `at_us` is when, by this machine's clock."""
        with self._lock:
            known = self._readers.setdefault(reader, _Reader())
            if polled.reads:
                known.last_read_at_us = at_us
            for event in polled.health:
                known.hear(event)
        for event in polled.health:
            _log.log(_LEVELS[event.kind], "reader=%s %s: %s", reader, event.kind, event.detail)

    def readers(self) -> list[ReaderStatus]:
        with self._lock:
            return [known.status(name) for name, known in self._readers.items()]

    def faults(self) -> dict[str, int]:
        """Give how often each reader has said what was no message, since the start."""
        with self._lock:
            return {name: known.faults for name, known in self._readers.items()}

    def count_dropped(self, reader: str, reads: int) -> None:
        """Take how many reads had to go since the start; it is logged when it has grown."""
        with self._lock:
            known = self._readers.setdefault(reader, _Reader())
            has_grown, known.dropped = reads > known.dropped, reads
        if has_grown:
            _log.warning("reader=%s %d reads dropped: they came faster than counted", reader, reads)

    def raise_alarm(self, about: str, text: str) -> None:
        """Say what is wrong, in the log once for each new text, and until it is cleared."""
        with self._lock:
            known, self._alarms[about] = self._alarms.get(about), text
        if known != text:
            _log.error("%s alarm: %s", about, text)

    def clear_alarm(self, about: str) -> None:
        with self._lock:
            known = self._alarms.pop(about, None)
        if known is not None:
            _log.warning("%s is well again", about)

    def alarms(self) -> dict[str, str]:
        with self._lock:
            return dict(self._alarms)
