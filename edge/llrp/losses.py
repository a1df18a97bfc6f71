"""Whether a reader's reports can be read: told when more tags' reports are lost than read.

One that cannot be read is a fault and no more, since the next one may be whole.  A reader all of
whose reports are of such a kind would be a reader that hears nothing, and nobody would know why.
"""

from collections.abc import Collection

from edge.llrp.codec import Fault
from edge.llrp.reports import ReportDecoder
from edge.model import HealthKind

MANY = 20  # reports lost, or read, are enough to judge by


class ReportLosses:
    """Watches what a decoder of reports cannot read; judges by `MANY` at a time."""

    def __init__(self, reports: ReportDecoder) -> None:
        self._reports = reports
        self._known_lost = self._lost = self._read = 0
        self._is_bad = False
        self._told_cuts = set[int]()

    def take(self, read: int, faults: Collection[Fault]) -> list[tuple[HealthKind, str]]:
        """Learn that a report gave so many reads, and these faults; give what is to be told."""
        self._lost += self._reports.lost - self._known_lost
        self._read += read
        self._known_lost = self._reports.lost
        told = self._tell_cuts() if self._reports.cut_by != self._told_cuts else []
        if max(self._lost, self._read) < MANY:
            return told
        lost, read, was_bad = self._lost, self._read, self._is_bad
        self._lost, self._read, self._is_bad = 0, 0, lost > read
        if self._is_bad and not was_bad:
            why = next((f"{fault.cause}, {fault.detail}" for fault in faults), "unknown")
            text = f"{lost} of {lost + read} tag reports cannot be read: {why}"
            told.append((HealthKind.WARNING, text))
        return told

    def _tell_cuts(self) -> list[tuple[HealthKind, str]]:
        new = self._reports.cut_by - self._told_cuts
        self._told_cuts |= new
        what = "which nobody knows: they are read up to it"
        return [
            (HealthKind.NOTICE, f"tag reports hold TV parameter {number}, {what}")
            for number in sorted(new)
        ]
