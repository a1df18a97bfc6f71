"""The ROSpecs of a simulated reader, and which of them has the antennas (LLRP 1.0.1 §10).

One ROSpec is active at a time.  A start trigger that fires meanwhile takes the antennas if its
ROSpec has a higher priority, which is a lower number; else it waits for the other's end, but for
periods, which are missed.  One that starts immediately does so again when its AISpecs are done, as
clients expect that read in short AISpecs, but not when it was stopped.  Times are UTC microseconds
of the reader's clock.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from edge.llrp.constants import ROSpecStartTriggerType, ROSpecState, StatusCode
from edge.llrp.parameters_rospec import PeriodicTriggerValue, ROSpec
from simulators.profile import Profile
from simulators.refusal import wrong_field, wrong_parameter
from simulators.rospec_run import Run, Step, is_edge

ALL = 0  # a ROSpecID that stands for every ROSpec, where the message allows it


class Event(StrEnum):
    ENABLE = "enabled"
    DISABLE = "disabled"
    START = "started"
    STOP = "stopped"


NEXT_STATE = {
    (ROSpecState.DISABLED, Event.ENABLE): ROSpecState.INACTIVE,
    (ROSpecState.INACTIVE, Event.DISABLE): ROSpecState.DISABLED,
    (ROSpecState.INACTIVE, Event.START): ROSpecState.ACTIVE,
    (ROSpecState.ACTIVE, Event.STOP): ROSpecState.INACTIVE,
    (ROSpecState.ACTIVE, Event.DISABLE): ROSpecState.DISABLED,
}


@dataclass(slots=True)
class _Entry:
    spec: ROSpec
    state: ROSpecState = ROSpecState.DISABLED
    fires_at_us: int | None = None  # when its start trigger will fire, or has fired and waits

    @property
    def rospec_id(self) -> int:
        return self.spec.rospec_id

    @property
    def start_type(self) -> int:
        return self.spec.ro_boundary_spec.start_trigger.rospec_start_trigger_type

    @property
    def periodic(self) -> PeriodicTriggerValue | None:
        return self.spec.ro_boundary_spec.start_trigger.periodic_trigger_value

    def is_due(self, at_us: int) -> bool:
        return self.fires_at_us is not None and self.fires_at_us <= at_us

    def first_fire_us(self, enabled_at_us: int) -> int | None:
        if self.periodic is None:
            is_immediate = self.start_type == ROSpecStartTriggerType.IMMEDIATE
            return enabled_at_us if is_immediate else None
        stamp = self.periodic.utc_timestamp
        first_us = (stamp.microseconds if stamp else enabled_at_us) + 1000 * self.periodic.offset
        return first_us if first_us >= enabled_at_us else self.next_fire_us(first_us, enabled_at_us)

    def next_fire_us(self, fired_at_us: int, after_us: int) -> int | None:
        """Give the first time of the period that is later; periods that were missed are gone."""
        if self.periodic is None or not self.periodic.period:
            return None
        period_us = 1000 * self.periodic.period
        return fired_at_us + ((after_us - fired_at_us) // period_us + 1) * period_us


class ROSpecs:
    """All requests raise Refused and change nothing where the reader cannot do what they want."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._entries: dict[int, _Entry] = {}
        self.run: Run | None = None

    def all(self) -> tuple[ROSpec, ...]:
        return tuple(
            msgspec.structs.replace(entry.spec, current_state=entry.state)
            for entry in self._entries.values()
        )

    def add(self, spec: ROSpec) -> None:
        """Take a ROSpec that was checked (`simulators.rospec_check`)."""
        if spec.rospec_id in self._entries:
            raise wrong_parameter(ROSpec, f"ROSpec {spec.rospec_id} is there already", 0)
        if len(self._entries) == self._profile.limits.rospecs:
            others = ", ".join(map(str, self._entries))
            why = f"the reader holds {len(self._entries)} ROSpecs, and has them: {others}"
            raise wrong_parameter(ROSpec, why, code=StatusCode.P_OVERFLOW_PARAMETER)
        self._entries[spec.rospec_id] = _Entry(spec)

    def delete(self, rospec_id: int, at_us: int) -> list[Step]:
        steps: list[Step] = []
        for entry in self._named(rospec_id):
            if entry.state == ROSpecState.ACTIVE:
                steps += self._end(entry, Event.DISABLE, at_us)
            del self._entries[entry.rospec_id]
        return steps

    def enable(self, rospec_id: int, at_us: int) -> None:
        for entry in self._named(rospec_id):
            if rospec_id != ALL or entry.state == ROSpecState.DISABLED:
                entry.state = self._next_state(entry, Event.ENABLE)
                entry.fires_at_us = entry.first_fire_us(at_us)

    def disable(self, rospec_id: int, at_us: int) -> list[Step]:
        steps: list[Step] = []
        for entry in self._named(rospec_id):
            if entry.state == ROSpecState.ACTIVE:
                steps += self._end(entry, Event.DISABLE, at_us)
            elif rospec_id != ALL or entry.state == ROSpecState.INACTIVE:
                entry.state = self._next_state(entry, Event.DISABLE)
            entry.fires_at_us = None
        return steps

    def start(self, rospec_id: int, at_us: int) -> list[Step]:
        entry = self._one(rospec_id)
        self._next_state(entry, Event.START)
        if self.run is not None and not self._preempts(entry):
            raise wrong_field(f"ROSpec {self.run.spec.rospec_id} has the antennas")
        return [*self._preempt(entry, at_us), *self._start(entry, at_us)]

    def stop(self, rospec_id: int, at_us: int) -> list[Step]:
        entry = self._one(rospec_id)
        self._next_state(entry, Event.STOP)
        return self._end(entry, Event.STOP, at_us)

    def gpi(self, port: int, at_us: int, *, is_high: bool) -> list[Step]:
        """Learn that an input has changed: it may stop what runs, and start what waits for it."""
        steps: list[Step] = []
        for entry in self._entries.values():
            start = entry.spec.ro_boundary_spec.start_trigger
            waits = entry.state == ROSpecState.INACTIVE and start.gpi_trigger_value is not None
            if waits and is_edge(start.gpi_trigger_value, port, is_high=is_high):
                entry.fires_at_us = at_us
        if self.run is not None and self.run.is_ended_by(port, is_high=is_high):
            entry = self._entries[self.run.spec.rospec_id]
            steps += self._end(entry, Event.STOP, at_us)
        elif self.run is not None and self.run.is_part_ended_by(port, is_high=is_high):
            steps += self._step_run(self.run, at_us)
        return steps

    @property
    def due_us(self) -> int | None:
        """Tell when the next thing happens of itself."""
        fires = [entry.fires_at_us for entry in self._entries.values() if self._preempts(entry)]
        fires.append(self.run.due_us if self.run is not None else None)
        return min((at for at in fires if at is not None), default=None)

    def step(self, at_us: int) -> list[Step]:
        """Let the next thing happen that is due; at most one ROSpec ends, and one starts."""
        if self.due_us is None or self.due_us > at_us:
            return []
        ends_us = self.run.due_us if self.run is not None else None
        if self.run is not None and ends_us is not None and ends_us <= at_us:
            return self._step_run(self.run, at_us)
        firing = [
            entry
            for entry in self._entries.values()
            if entry.is_due(at_us) and self._preempts(entry)
        ]
        entry = min(firing, key=lambda entry: (entry.spec.priority, entry.fires_at_us))
        return [*self._preempt(entry, at_us), *self._start(entry, at_us)]

    def _step_run(self, run: Run, at_us: int) -> list[Step]:
        steps = run.step(at_us)
        if run.is_over:
            entry = self._entries[run.spec.rospec_id]
            self._end(entry, Event.STOP, at_us)
            if run.is_done and entry.start_type == ROSpecStartTriggerType.IMMEDIATE:
                entry.fires_at_us = at_us
        return steps

    def _preempts(self, entry: _Entry) -> bool:
        """Tell whether a ROSpec may have the antennas now."""
        return self.run is None or entry.spec.priority < self.run.spec.priority

    def _preempt(self, entry: _Entry, at_us: int) -> list[Step]:
        if self.run is None:
            return []
        run = self.run
        preempted = self._entries[run.spec.rospec_id]
        self._end(preempted, Event.STOP, at_us)
        if preempted.start_type == ROSpecStartTriggerType.IMMEDIATE:
            preempted.fires_at_us = at_us  # it is still enabled, and so goes on afterwards
        return run.end(at_us, preempted_by=entry.rospec_id)

    def _start(self, entry: _Entry, at_us: int) -> list[Step]:
        entry.state = self._next_state(entry, Event.START)
        if entry.fires_at_us is not None and entry.fires_at_us <= at_us:
            entry.fires_at_us = entry.next_fire_us(entry.fires_at_us, at_us)
        self.run = Run(entry.spec, at_us, self._profile)
        return self.run.started

    def _end(self, entry: _Entry, event: Event, at_us: int) -> list[Step]:
        entry.state = self._next_state(entry, event)
        for other in self._entries.values():
            if other.fires_at_us is not None and other.fires_at_us < at_us:
                later_us = other.next_fire_us(other.fires_at_us, at_us - 1)
                other.fires_at_us = at_us if later_us is None else later_us
        run, self.run = self.run, None
        return run.end(at_us) if run is not None else []

    def _next_state(self, entry: _Entry, event: Event) -> ROSpecState:
        state = NEXT_STATE.get((entry.state, event))
        if state is None:
            name = entry.state.name.lower()
            raise wrong_field(f"ROSpec {entry.rospec_id} is {name} and cannot be {event}")
        return state

    def _named(self, rospec_id: int) -> list[_Entry]:
        return list(self._entries.values()) if rospec_id == ALL else [self._one(rospec_id)]

    def _one(self, rospec_id: int) -> _Entry:
        entry = self._entries.get(rospec_id)
        if entry is None:
            raise wrong_field(f"ROSpec {rospec_id} is not there")
        return entry
