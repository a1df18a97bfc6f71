"""One execution of a ROSpec: its AISpecs one after the other, until something ends it.

Opens nothing and waits for nothing: whoever runs it asks when the next thing is due, gives it the
reads that were made, and takes the step when the time has come (LLRP 1.0.1 §10.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.llrp.constants import AISpecStopTriggerType, ROSpecStopTriggerType
from edge.llrp.parameters_rospec import AISpec, ROSpec
from edge.model import TagRead
from simulators.reports import Origin


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
class ROSpecEnded:
    spec: ROSpec
    at_us: int


Happening = ROSpecStarted | AISpecEnded | ROSpecEnded


class Run:
    def __init__(self, spec: ROSpec, at_us: int) -> None:
        self.spec = spec
        self.is_over = False
        self.is_done = False  # it is over because all its AISpecs are done
        stop = spec.ro_boundary_spec.stop_trigger
        has_duration = stop.rospec_stop_trigger_type == ROSpecStopTriggerType.DURATION
        self._ends_at_us = at_us + 1000 * stop.duration_trigger_value if has_duration else None
        self._index = 0
        self._part_ends_at_us: int | None = None
        self.wanted: int | None = None  # reads until the AISpec is done, if it counts them
        self._begin(at_us)

    @property
    def part(self) -> AISpec:
        part = self.spec.specs[self._index]
        if not isinstance(part, AISpec):
            raise TypeError(f"{type(part).__name__} was to be refused when it was added")
        return part

    @property
    def origin(self) -> Origin:
        inventory = self.part.inventory_parameter_specs[0]
        return Origin(self.spec.rospec_id, self._index + 1, inventory.inventory_parameter_spec_id)

    @property
    def due_us(self) -> int | None:
        """Tell when the AISpec, or all of it, ends; None where only others can end it."""
        ends = [at for at in (self._ends_at_us, self._part_ends_at_us) if at is not None]
        return min(ends, default=None)

    def note(self, reads: Sequence[TagRead]) -> None:
        """Count what was read; the read that fulfils the AISpec ends it."""
        if self.wanted is not None and reads:
            self.wanted -= len(reads)
            if self.wanted <= 0:
                self._part_ends_at_us = reads[-1].at_us

    def step(self, at_us: int) -> list[Happening]:
        """Do what is due: go on to the next AISpec, or come to the end."""
        if self._ends_at_us is not None and self._ends_at_us <= at_us:
            return self.end(at_us)
        if self._index + 1 == len(self.spec.specs):
            self.is_done = True
            return self.end(at_us)
        ended = AISpecEnded(self.spec, at_us, self._index + 1)
        self._index += 1
        self._begin(at_us)
        return [ended]

    def end(self, at_us: int) -> list[Happening]:
        """Come to the end, whatever was still to do; calling it again changes nothing."""
        self.is_over = True
        return [AISpecEnded(self.spec, at_us, self._index + 1), ROSpecEnded(self.spec, at_us)]

    def _begin(self, at_us: int) -> None:
        stop = self.part.stop_trigger
        self.wanted = None
        duration_ms = 0
        if stop.aispec_stop_trigger_type == AISpecStopTriggerType.DURATION:
            duration_ms = stop.duration_trigger
        elif stop.tag_observation_trigger is not None:
            self.wanted = stop.tag_observation_trigger.number_of_tags
            duration_ms = stop.tag_observation_trigger.timeout
        self._part_ends_at_us = at_us + 1000 * duration_ms if duration_ms else None
