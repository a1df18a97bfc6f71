"""What a reader does with its antennas as time passes: ROSpecs run, tags are heard, reports made.

Everything happens in the order of its time, however far apart the calls are: a ROSpec that ends
between two calls hears no tag that came later.
"""

from collections.abc import Iterable, Sequence

from edge.llrp import encode_parameter
from edge.llrp.constants import AccessReportTriggerType, ROReportTriggerType
from edge.llrp.parameters_access import AccessSpec
from edge.llrp.parameters_c1g2 import C1G2InventoryCommand
from edge.llrp.parameters_rospec import AntennaConfiguration, ROReportSpec, ROSpec
from edge.model import TagRead
from simulators.access_ops import perform
from simulators.access_specs import AccessSpecs
from simulators.body import Body
from simulators.events import BufferFilled, GPIChanged, Happening
from simulators.reports import ReportBuffer, TagLayout, TagReport
from simulators.rospec_run import ROSpecEnded, ROSpecStarted, Run, Step, SurveyEnded, SurveyStarted
from simulators.rospecs import ROSpecs
from simulators.selection import takes_part
from simulators.settings import Settings
from simulators.survey import survey_report
from simulators.telling import Telling

MOST_READS = 2000  # of one call, so that a client's requests are heard in between
MOST_BUFFERED = 20_000  # reads that nobody has asked for; beyond it the reader stops reading
WARNING_PERCENT = 80
ALL_ANTENNAS = 0
_EMPTY_REPORT_US = 1_000_000  # how often a reader that hears nothing new says so, if it does

Told = TagReport | Happening
Commands = dict[int, C1G2InventoryCommand]  # by antenna port

_AT_END_OF_ROSPEC = frozenset(
    {
        ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC,
        ROReportTriggerType.UPON_N_SECONDS_OR_END_OF_ROSPEC,
        ROReportTriggerType.UPON_N_MILLISECONDS_OR_END_OF_ROSPEC,
    }
)
_BY_NUMBER = frozenset(
    {
        ROReportTriggerType.UPON_N_TAGS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC,
        ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC,
    }
)
_TRIGGER_UNIT_US = {
    ROReportTriggerType.UPON_N_SECONDS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC: 1_000_000,
    ROReportTriggerType.UPON_N_SECONDS_OR_END_OF_ROSPEC: 1_000_000,
    ROReportTriggerType.UPON_N_MILLISECONDS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC: 1000,
    ROReportTriggerType.UPON_N_MILLISECONDS_OR_END_OF_ROSPEC: 1000,
}


class Inventory:
    """`telling` has how tags are reported."""

    def __init__(self, body: Body, settings: Settings, telling: Telling) -> None:
        self.rospecs = ROSpecs(body.profile)
        self.access_specs = AccessSpecs(body.profile)
        self.is_behind = False  # there was more to hear than one call may
        self.holds_reports = False
        self.most_buffered = MOST_BUFFERED
        self.drops_oldest = False  # where the buffer is full; else nothing more is read
        self._profile, self._device = body.profile, body.device
        self._air, self._tags, self._stamps = body.air, body.tags, body.stamps
        self._settings, self._telling = settings, telling
        self._buffer = ReportBuffer()
        self._heard_until_us = 0
        self._timed_report_us: int | None = None
        self._warned_percent = 0
        self._answered: set[bytes] = set()  # in a session in which a tag answers once
        self._empty_report_us: int | None = None

    @property
    def is_idle(self) -> bool:
        """Tell whether no ROSpec is active, nor will be of itself."""
        return self.rospecs.run is None and self.rospecs.due_us is None

    @property
    def is_full(self) -> bool:
        return len(self._buffer) >= self.most_buffered and not self.drops_oldest

    @property
    def buffered(self) -> int:
        return len(self._buffer)

    def advance(self, at_us: int) -> list[Told]:
        """Let everything happen up to this time, or so much of it as one call may."""
        told: list[Told] = []
        left = MOST_READS
        while True:
            due_us = self._due_us
            until_us = at_us if due_us is None else min(due_us, at_us)
            run = self.rospecs.run
            reached_us = until_us
            if run is not None and run.survey is None:
                reads = self._hear(run, until_us, left)
                told += self._report(run, reads, until_us)
                left -= len(reads)
                reached_us = self._heard_until_us if reads else until_us
            self.is_behind = left <= 0
            if self.is_behind:
                return told
            due_us = self._due_us  # the reads may have made the AISpec's number
            if due_us is not None and due_us <= min(at_us, reached_us):
                told += self._step(due_us)
            elif reached_us >= at_us or self.is_full:
                return told

    def tell(self, steps: Iterable[Step]) -> list[Told]:
        """Give what happened, and before it the reports that it brings about (§13.2.1)."""
        told: list[Told] = []
        for step in steps:
            if isinstance(step, SurveyEnded):
                self._note_survey(step)
            if isinstance(step, ROSpecStarted):
                self._begin(step)
            elif self._is_reported_by(step) and not self.holds_reports:
                told += self.take_all()
            if isinstance(step, ROSpecEnded):
                self._timed_report_us = self._empty_report_us = None
            told.append(step)
        return told

    def gpi(self, port: int, at_us: int, *, is_high: bool) -> list[Told]:
        """Learn that an input has changed, and let it start and stop what waits for it."""
        if not self._settings.gpis_enabled[port]:
            return []
        happened: list[Told] = [GPIChanged(at_us, port, is_high)]
        return [*happened, *self.tell(self.rospecs.gpi(port, at_us, is_high=is_high))]

    def take_all(self) -> list[TagReport]:
        self._warned_percent = 0
        return self._buffer.take_all()

    def forget_reports(self) -> None:
        self._warned_percent = 0
        self._buffer.clear()

    @property
    def _due_us(self) -> int | None:
        due = (self.rospecs.due_us, self._timed_report_us, self._empty_report_us)
        return min((at for at in due if at is not None), default=None)

    def _step(self, due_us: int) -> list[Told]:
        if self._timed_report_us == due_us and self.rospecs.run is not None:
            self._timed_report_us = due_us + self._period_us(self.rospecs.run.spec)
            return [] if self.holds_reports else [*self.take_all()]
        if self._empty_report_us == due_us:
            self._empty_report_us = due_us + _EMPTY_REPORT_US
            return [] if self.holds_reports else [TagReport(b"", 0)]
        return self.tell(self.rospecs.step(due_us))

    def _begin(self, started: ROSpecStarted) -> None:
        self._heard_until_us = started.at_us
        period_us = self._period_us(started.spec)
        self._timed_report_us = started.at_us + period_us if period_us else None
        self._answered.clear()

    def _note_survey(self, ended: SurveyEnded) -> None:
        stamp = self._stamps.of(ended.at_us)
        index, survey = ended.spec_index, ended.survey
        report = survey_report(ended.spec.rospec_id, index, survey, self._profile, stamp)
        self._buffer.add_survey(encode_parameter(report))
        self._heard_until_us = ended.at_us

    def _period_us(self, spec: ROSpec) -> int:
        report_spec = self.report_spec(spec)
        return report_spec.n * _TRIGGER_UNIT_US.get(
            ROReportTriggerType(report_spec.ro_report_trigger), 0
        )

    def _hear(self, run: Run, until_us: int, limit: int) -> Sequence[TagRead]:
        """Give what the antennas hear, those tags among it that are not to be told."""
        room = self.most_buffered - len(self._buffer)
        limit = min(limit, run.wanted or limit, limit if self.drops_oldest else room)
        if limit <= 0:
            return []
        ports = [port for port in self._ports(run) if self._hears(port)]
        reads = self._air.hear(ports, self._heard_until_us, until_us, limit)
        self._heard_until_us = reads[-1].at_us if len(reads) == limit else until_us
        run.note(reads)
        return reads

    def _hears(self, port: int) -> bool:
        return self._device.is_connected(port) and not self._telling.is_deaf(port)

    def _ports(self, run: Run) -> Sequence[int]:
        ports = run.part.antenna_ids
        return self._profile.antenna_ports if ALL_ANTENNAS in ports else ports

    def _report(self, run: Run, reads: Sequence[TagRead], at_us: int) -> list[Told]:
        if not reads:
            return []
        told: list[Told] = []
        report_spec = self.report_spec(run.spec)
        layout = self._telling.layout(run.origin, report_spec, at_us)
        commands = self._commands(run)
        if self._is_choosy(commands):
            for read in reads:
                told += self._add_one(run, read, layout, commands.get(read.antenna_port))
        else:
            self._buffer.add(reads, layout)
        is_full_report = report_spec.ro_report_trigger in _BY_NUMBER and report_spec.n
        if is_full_report and not self.holds_reports:
            told += self._buffer.take_full(report_spec.n)
        return [*told, *self._watch_buffer(at_us)]

    def _is_choosy(self, commands: Commands) -> bool:
        """Tell whether each read is to be looked at."""
        return (
            self.access_specs.is_any_active
            or bool(self._profile.quirks.silent_sessions)
            or any(command.filters for command in commands.values())
        )

    def _add_one(
        self, run: Run, read: TagRead, layout: TagLayout, command: C1G2InventoryCommand | None
    ) -> list[Told]:
        tag = self._tags.meet(read.epc)
        is_meant = command is None or takes_part(command, tag)
        if not is_meant or self._is_repeated(command, read):
            self._buffer.skip(1)
            return []
        spec = self.access_specs.find(run.spec.rospec_id, read.antenna_port, tag)
        if spec is None:
            self._buffer.add_tag(layout.encode(read))
            return []
        return self._access(spec, read, layout)

    def _access(self, spec: AccessSpec, read: TagRead, layout: TagLayout) -> list[Told]:
        """Do what an AccessSpec orders with a tag, and report it with the read."""
        tag = self._tags.meet(read.epc)
        results = perform(spec.access_command.op_specs, tag, self._telling.version)
        self._tags.settle(read.epc)
        self._buffer.add_tag(layout.encode_access(read, spec.access_spec_id, results))
        self.access_specs.note_done(spec)
        report_spec = spec.access_report_spec or self._settings.access_report_spec
        is_now = report_spec.access_report_trigger == AccessReportTriggerType.END_OF_ACCESS_SPEC
        return [*self.take_all()] if is_now and not self.holds_reports else []

    def _is_repeated(self, command: C1G2InventoryCommand | None, read: TagRead) -> bool:
        singulation = command.singulation_control if command is not None else None
        if singulation is None or singulation.session not in self._profile.quirks.silent_sessions:
            return False
        if self._empty_report_us is None:
            self._empty_report_us = read.at_us + _EMPTY_REPORT_US
        is_repeated = read.epc in self._answered
        self._answered.add(read.epc)
        return is_repeated

    def _commands(self, run: Run) -> Commands:
        """Give the command for each antenna: the AISpec's own, or as the reader is set."""
        antennas = run.part.inventory_parameter_specs[0].antenna_configurations
        own = _first_commands(antennas)
        general = _first_commands(self._settings.antennas.values())
        for_all = own.pop(ALL_ANTENNAS, None)
        if for_all is not None:
            general = dict.fromkeys(general, for_all)
        return general | own

    def _watch_buffer(self, at_us: int) -> list[Told]:
        """Warn once when the buffer fills, and once more when it is full."""
        if self.drops_oldest:
            self._buffer.drop_oldest(max(0, len(self._buffer) - self.most_buffered))
            return []
        percent = 100 * len(self._buffer) // self.most_buffered
        for limit in (WARNING_PERCENT, 100):
            if self._warned_percent < limit <= percent:
                self._warned_percent = limit
                return [BufferFilled(at_us, percent)]
        return []

    def report_spec(self, spec: ROSpec) -> ROReportSpec:
        """Give how a ROSpec is reported: as it says itself, or else as the reader is set."""
        return spec.ro_report_spec or self._settings.report_spec

    def _is_reported_by(self, step: Step) -> bool:
        trigger = self.report_spec(step.spec).ro_report_trigger
        if trigger in _AT_END_OF_ROSPEC:
            return isinstance(step, ROSpecEnded)
        return trigger != ROReportTriggerType.NONE and not isinstance(step, SurveyStarted)


def _first_commands(antennas: Iterable[AntennaConfiguration]) -> Commands:
    """Give the inventory command of each antenna that has one."""
    return {one.antenna_id: one.inventory_commands[0] for one in antennas if one.inventory_commands}
