"""One execution of a ROSpec: AISpecs and RF surveys one after the other, until something ends it.

Opens nothing and waits for nothing: whoever runs it asks when the next thing is due, gives it the
reads that were made, and takes the step when the time has come (LLRP 1.1 §10.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.llrp.constants import (
    AISpecStopTriggerType,
    ROSpecStopTriggerType,
    TagObservationTriggerType,
)
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    GPITriggerValue,
    LoopSpec,
    RFSurveySpec,
    ROSpec,
    TagObservationTrigger,
)
from edge.model import TagRead
from simulators.profile import Profile
from simulators.reports import Origin
from simulators.survey import duration_us

ATTEMPT_US = 200_000  # what one look at the field of one antenna takes

_COUNTED = frozenset(
    {
        TagObservationTriggerType.UPON_SEEING_N_TAGS_OR_TIMEOUT,
        TagObservationTriggerType.UPON_SEEING_N_UNIQUE_TAGS_OR_TIMEOUT,
    }
)
_UNIQUE = frozenset(
    {
        TagObservationTriggerType.UPON_SEEING_N_UNIQUE_TAGS_OR_TIMEOUT,
        TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_UNIQUE_TAGS_FOR_TMS_OR_TIMEOUT,
    }
)
_SILENCE = frozenset(
    {
        TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_TAGS_FOR_TMS_OR_TIMEOUT,
        TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_UNIQUE_TAGS_FOR_TMS_OR_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class ROSpecStarted:
    spec: ROSpec
    at_us: int


@dataclass(frozen=True, slots=True)
class AISpecEnded:
    spec: ROSpec
    at_us: int
    spec_index: int  # counted from 1


@dataclass(frozen=True, slots=True)
class SurveyStarted:
    spec: ROSpec
    at_us: int
    spec_index: int


@dataclass(frozen=True, slots=True)
class SurveyEnded:
    spec: ROSpec
    at_us: int
    spec_index: int
    survey: RFSurveySpec


@dataclass(frozen=True, slots=True)
class ROSpecEnded:
    """`preempted_by` is the ROSpec of higher priority that took the antennas, if one did."""

    spec: ROSpec
    at_us: int
    preempted_by: int | None = None


@dataclass(frozen=True, slots=True)
class SpecLooped:
    spec: ROSpec
    at_us: int
    loops: int  # that are done


Step = ROSpecStarted | AISpecEnded | SurveyStarted | SurveyEnded | ROSpecEnded | SpecLooped


class Run:
    """`started` is what has happened as it was made."""

    def __init__(self, spec: ROSpec, at_us: int, profile: Profile) -> None:
        self.spec = spec
        self.is_over = False
        self.is_done = False  # it is over because all its AISpecs are done
        self._profile = profile
        stop = spec.ro_boundary_spec.stop_trigger
        has_duration = stop.rospec_stop_trigger_type == ROSpecStopTriggerType.DURATION
        duration_ms = (
            stop.duration_trigger_value if has_duration else _timeout_ms(stop.gpi_trigger_value)
        )
        self._ends_at_us = at_us + 1000 * duration_ms if duration_ms else None
        self._index = 0
        self._loops = 0
        self._part_ends_at_us: int | None = None
        self._observed: TagObservationTrigger | None = None
        self._quiet_since_us = at_us
        self._seen: set[bytes] = set()
        self.wanted: int | None = None  # reads until the AISpec is done at the earliest
        self.started: list[Step] = [ROSpecStarted(spec, at_us), *self._begin(at_us)]

    @property
    def part(self) -> AISpec:
        """The AISpec that goes on; none does during a survey."""
        part = self.spec.specs[self._index]
        if not isinstance(part, AISpec):
            raise TypeError(f"{type(part).__name__} is no AISpec")
        return part

    @property
    def survey(self) -> RFSurveySpec | None:
        """The survey that goes on, if one does; no tag is heard meanwhile."""
        part = self.spec.specs[self._index]
        return part if isinstance(part, RFSurveySpec) else None

    @property
    def origin(self) -> Origin:
        inventory = self.part.inventory_parameter_specs[0]
        return Origin(self.spec.rospec_id, self._index + 1, inventory.inventory_parameter_spec_id)

    @property
    def due_us(self) -> int | None:
        """Tell when the AISpec, or all of it, ends; None where only others can end it."""
        ends = [self._ends_at_us, self._part_ends_at_us, self._silent_at_us]
        return min((at for at in ends if at is not None), default=None)

    @property
    def _silent_at_us(self) -> int | None:
        if self._observed is None or self._observed.trigger_type not in _SILENCE:
            return None
        return self._quiet_since_us + 1000 * self._observed.t

    def note(self, reads: Sequence[TagRead]) -> None:
        """Learn what was read; the read that fulfils the AISpec ends it."""
        if self._observed is None:
            return
        for read in reads:
            if self._observed.trigger_type in _UNIQUE:
                if read.epc in self._seen:
                    continue
                self._seen.add(read.epc)
            self._quiet_since_us = read.at_us
            if self.wanted is not None:
                self.wanted -= 1
                if self.wanted <= 0:
                    self._part_ends_at_us = read.at_us

    def is_ended_by(self, port: int, *, is_high: bool) -> bool:
        """Tell whether this edge of an input is the ROSpec's stop trigger."""
        stop = self.spec.ro_boundary_spec.stop_trigger
        is_gpi = stop.rospec_stop_trigger_type == ROSpecStopTriggerType.GPI_WITH_TIMEOUT
        return is_gpi and is_edge(stop.gpi_trigger_value, port, is_high=is_high)

    def is_part_ended_by(self, port: int, *, is_high: bool) -> bool:
        """Tell whether this edge of an input is the AISpec's stop trigger."""
        if self.survey is not None:
            return False
        stop = self.part.stop_trigger
        is_gpi = stop.aispec_stop_trigger_type == AISpecStopTriggerType.GPI_WITH_TIMEOUT
        return is_gpi and is_edge(stop.gpi_trigger_value, port, is_high=is_high)

    def step(self, at_us: int) -> list[Step]:
        """Do what is due: go on to the next AISpec, or come to the end."""
        if self._ends_at_us is not None and self._ends_at_us <= at_us:
            return self.end(at_us)
        after = self._index + 1
        following = self.spec.specs[after] if after < len(self.spec.specs) else None
        if following is None:
            self.is_done = True
            return self.end(at_us)
        steps: list[Step] = [self._part_ended(at_us)]
        self._index = after
        if isinstance(following, LoopSpec):
            self._loops += 1
            if self._loops == following.loop_count:  # 0 is without end
                self.is_done = self.is_over = True
                return [*steps, ROSpecEnded(self.spec, at_us)]
            steps.append(SpecLooped(self.spec, at_us, self._loops))
            self._index = 0
        return [*steps, *self._begin(at_us)]

    def end(self, at_us: int, preempted_by: int | None = None) -> list[Step]:
        """Come to the end, whatever was still to do; calling it again changes nothing."""
        self.is_over = True
        return [self._part_ended(at_us), ROSpecEnded(self.spec, at_us, preempted_by)]

    def _part_ended(self, at_us: int) -> Step:
        if self.survey is not None:
            return SurveyEnded(self.spec, at_us, self._index + 1, self.survey)
        return AISpecEnded(self.spec, at_us, self._index + 1)

    def _begin(self, at_us: int) -> list[Step]:
        """Begin the part that is next; give what is to be told of it."""
        self._observed, self.wanted = None, None
        if self.survey is not None:
            lasts_us = duration_us(self.survey, self._profile)
            self._part_ends_at_us = at_us + lasts_us if lasts_us else None
            return [SurveyStarted(self.spec, at_us, self._index + 1)]
        stop = self.part.stop_trigger
        self._observed = stop.tag_observation_trigger
        self._seen.clear()
        self._quiet_since_us = at_us
        counts = self._observed is not None and self._observed.trigger_type in _COUNTED
        self.wanted = self._observed.number_of_tags if self._observed and counts else None
        lasts_us = self._duration_us(stop)
        self._part_ends_at_us = at_us + lasts_us if lasts_us else None
        return []

    def _duration_us(self, stop: AISpecStopTrigger) -> int:
        """Give how long the AISpec takes at most; 0 is without end."""
        if stop.aispec_stop_trigger_type == AISpecStopTriggerType.DURATION:
            return 1000 * stop.duration_trigger
        observed = stop.tag_observation_trigger
        if observed is None:
            return 1000 * _timeout_ms(stop.gpi_trigger_value)
        ends_us = [1000 * observed.timeout]
        attempts = TagObservationTriggerType.N_ATTEMPTS_TO_SEE_ALL_TAGS_IN_FOV_OR_TIMEOUT
        if observed.trigger_type == attempts:
            ports = self.part.antenna_ids
            antennas = self._profile.antennas if 0 in ports else len(ports)
            ends_us.append(observed.number_of_attempts * antennas * ATTEMPT_US)
        return min((end for end in ends_us if end), default=0)


def is_edge(trigger: GPITriggerValue | None, port: int, *, is_high: bool) -> bool:
    return trigger is not None and (trigger.gpi_port_num, trigger.gpi_event) == (port, is_high)


def _timeout_ms(trigger: GPITriggerValue | None) -> int:
    return trigger.timeout if trigger is not None else 0
