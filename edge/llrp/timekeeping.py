"""One connection's stamps: which clock they are of, and what this machine calls that time."""

from collections.abc import Callable, Iterable
from itertools import takewhile

from edge.llrp.clock import FLAGGED_US, ClockMemory, ClockState, ReaderClock, shifted
from edge.llrp.parameters_common import Timestamp, Uptime
from edge.llrp.reports import ReportDecoder
from edge.model import Now, TagRead

_MOST_WAITING = 50_000


class Timekeeping:
    """Has the reports corrected by the reader's clock, and the clock hear what is reported.

    `warn` is told what a person should know.
    """

    def __init__(
        self,
        memory: ClockMemory,
        reports: ReportDecoder,
        warn: Callable[[str], None],
        *,
        trusts: bool,
    ) -> None:
        self._memory, self._reports, self._warn, self._trusts = memory, reports, warn, trusts
        self.begin(Now(0.0, 0))

    def begin(self, now: Now) -> None:
        self._clock = ReaderClock(self._memory, now, trusts=self._trusts)
        self._is_uptime = False  # the reader counts from its own start
        self._connected_us = 0
        self._may_be_held = False  # reads may come that were made before the connection
        self._is_connected = False  # before that no stamp can be compared with anything
        self._waiting: list[tuple[list[TagRead], int]] = []  # and from when on they may be moved

    def connect(self, timestamp: Timestamp, now: Now) -> None:
        """Take the stamp of the connection event."""
        self._is_uptime = isinstance(timestamp, Uptime)
        told = self._clock.connect(timestamp.microseconds, now, is_uptime=self._is_uptime)
        self._correct_reports()
        self._reports.reset()
        self._connected_us = self._clock.at(now)
        self._may_be_held = self._is_connected = True
        for text in told:
            self._warn(text)

    def at(self, now: Now) -> int:
        """Give the corrected time: the last stamp heard, and what has passed since."""
        return self._clock.at(now)

    def state(self, now: Now) -> ClockState:
        return self._clock.state(now)

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether reads wait until it is known what time their stamps mean."""
        return self._clock.is_in_doubt

    def heard_at(self, timestamp: Timestamp, now: Now) -> int:
        """Give an event's corrected time, and let the clock hear it."""
        if isinstance(timestamp, Uptime) != self._is_uptime:
            return self._clock.at(now)
        at_us = timestamp.microseconds + self._clock.offset_us
        step_us = self._hear(at_us, now)
        return self._clock.at(now) if self._clock.is_in_doubt else at_us + step_us

    def hear_reads(
        self, reads: list[TagRead], now: Now, *, is_end: bool
    ) -> tuple[list[TagRead], int]:
        """Give reads with their time right, and how many of them were made before we came.

        While it is in doubt what their stamps mean they wait, some seconds at most; at the `is_end`
        of the connection none does.
        """
        if reads:
            after_us = self._clock.here_us(now) + FLAGGED_US
            if step_us := self._hear(reads[-1].at_us, now):
                reads = shifted(reads, step_us, after_us if step_us < 0 else 0)
            if self._clock.is_in_doubt or self._waiting:
                self._waiting.append((reads, after_us))
        if self._clock.is_in_doubt:
            must = is_end or sum(len(some) for some, _ in self._waiting) > _MOST_WAITING
            self._moved(*self._clock.settle(now, must=must))
        if self._clock.is_in_doubt:
            return [], 0
        if self._waiting:
            reads = [read for some, _ in self._waiting for read in some]
            self._waiting.clear()
        held = 0
        if self._may_be_held:
            held = sum(takewhile(bool, (read.at_us < self._connected_us for read in reads)))
            self._may_be_held = held == len(reads)
        return reads, held

    def _hear(self, at_us: int, now: Now) -> int:
        """Let the clock hear a corrected stamp; give what is to be added to it."""
        if not self._is_connected:
            return 0
        before_us = self._clock.offset_us
        step_us, told = self._clock.hear(at_us, now)
        if self._clock.offset_us != before_us:
            self._correct_reports()
        self._moved(step_us, told)
        return step_us

    def _moved(self, step_us: int, told: Iterable[str]) -> None:
        """Learn that the clock was set, and move the reads that have waited to know it."""
        if step_us:
            self._correct_reports()
            self._waiting = [
                (shifted(reads, step_us, after_us), after_us) for reads, after_us in self._waiting
            ]
        for text in told:
            self._warn(text)

    def _correct_reports(self) -> None:
        offset_us = self._clock.offset_us
        utc_us, uptime_us = (0, offset_us) if self._is_uptime else (offset_us, 0)
        self._reports.correct(utc_us=utc_us, uptime_us=uptime_us)
