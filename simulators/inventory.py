"""What a reader does with its antennas as time passes: ROSpecs run, tags are heard, reports made.

Everything happens in the order of its time, however far apart the calls are: a ROSpec that ends
between two calls hears no tag that came later.
"""

from collections.abc import Iterable, Sequence

from edge.llrp.constants import ROReportTriggerType
from edge.llrp.parameters_rospec import ROReportSpec, ROSpec
from edge.model import TagRead
from simulators.air import Air
from simulators.profile import Profile
from simulators.reports import Origin, ReportBuffer, TagLayout, TagReport
from simulators.rospec_run import AISpecEnded, Happening, ROSpecEnded, ROSpecStarted, Run
from simulators.rospecs import ROSpecs
from simulators.settings import Settings

MOST_READS = 2000  # of one call, so that a client's requests are heard in between
MOST_BUFFERED = 20_000  # reads that nobody has asked for; beyond it the reader stops reading
ALL_ANTENNAS = 0

Told = TagReport | Happening


class Inventory:
    def __init__(self, profile: Profile, settings: Settings, air: Air) -> None:
        self.rospecs = ROSpecs(profile)
        self.is_behind = False  # there was more to hear than one call may
        self.holds_reports = False
        self._profile, self._settings, self._air = profile, settings, air
        self._buffer = ReportBuffer()
        self._heard_until_us = 0
        self._layout: tuple[Run, Origin, TagLayout] | None = None

    @property
    def is_idle(self) -> bool:
        """Tell whether no ROSpec is active, nor will be of itself."""
        return self.rospecs.run is None and self.rospecs.due_us is None

    @property
    def is_full(self) -> bool:
        return len(self._buffer) >= MOST_BUFFERED

    def advance(self, at_us: int) -> list[Told]:
        """Let everything happen up to this time, or so much of it as one call may."""
        told: list[Told] = []
        left = MOST_READS
        while True:
            due_us = self.rospecs.due_us
            until_us = at_us if due_us is None else min(due_us, at_us)
            if self.rospecs.run is not None:
                reads = self._hear(self.rospecs.run, until_us, left)
                told += self._report(self.rospecs.run, reads)
                left -= len(reads)
            self.is_behind = left == 0
            due_us = self.rospecs.due_us  # the reads may have made the AISpec's number
            if self.is_behind or due_us is None or due_us > at_us:
                return told
            told += self.tell(self.rospecs.step(due_us))

    def tell(self, happenings: Iterable[Happening]) -> list[Told]:
        """Give what happened, and before it the reports that it brings about (§13.2.1)."""
        told: list[Told] = []
        for happening in happenings:
            if isinstance(happening, ROSpecStarted):
                self._heard_until_us = happening.at_us
            elif self._is_reported_by(happening) and not self.holds_reports:
                told += self.take_all()
            told.append(happening)
        return told

    def take_all(self) -> list[TagReport]:
        return self._buffer.take_all()

    def forget_reports(self) -> None:
        self._buffer.clear()

    def _hear(self, run: Run, until_us: int, limit: int) -> Sequence[TagRead]:
        limit = min(limit, run.wanted or limit, MOST_BUFFERED - len(self._buffer))
        if limit <= 0:
            return []
        ports = self._ports(run)
        reads = self._air.hear(ports, self._heard_until_us, until_us, limit)
        self._heard_until_us = reads[-1].at_us if len(reads) == limit else until_us
        run.note(reads)
        return reads

    def _ports(self, run: Run) -> Sequence[int]:
        ports = run.part.antenna_ids
        return self._profile.antenna_ports if ALL_ANTENNAS in ports else ports

    def _report(self, run: Run, reads: Sequence[TagRead]) -> list[TagReport]:
        if not reads:
            return []
        self._buffer.add(reads, self._layout_of(run))
        report_spec = self._report_spec(run.spec)
        by_number = report_spec.ro_report_trigger != ROReportTriggerType.NONE and report_spec.n
        return self._buffer.take_full(report_spec.n) if by_number and not self.holds_reports else []

    def _layout_of(self, run: Run) -> TagLayout:
        if self._layout is None or self._layout[:2] != (run, run.origin):
            selector = self._report_spec(run.spec).tag_report_content_selector
            self._layout = run, run.origin, TagLayout(selector, run.origin)
        return self._layout[2]

    def _report_spec(self, spec: ROSpec) -> ROReportSpec:
        return spec.ro_report_spec or self._settings.report_spec

    def _is_reported_by(self, ended: AISpecEnded | ROSpecEnded) -> bool:
        trigger = self._report_spec(ended.spec).ro_report_trigger
        if trigger == ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC:
            return isinstance(ended, ROSpecEnded)
        return trigger != ROReportTriggerType.NONE
