"""The AccessSpecs of a simulated reader: their states, and which one is meant for a tag.

The first that was added, is active and matches is carried out (LLRP 1.0.1 §11); one that counts
its operations is deleted after the last (§11.2.1.1).
"""

from dataclasses import dataclass

import msgspec

from edge.llrp.constants import (
    AccessSpecState,
    AccessSpecStopTriggerType,
    AirProtocols,
    C1G2LockDataField,
    C1G2LockPrivilege,
    StatusCode,
)
from edge.llrp.parameters_access import (
    AccessCommand,
    AccessReportSpec,
    AccessSpec,
    AccessSpecStopTrigger,
)
from edge.llrp.parameters_c1g2 import (
    C1G2BlockErase,
    C1G2BlockPermalock,
    C1G2BlockWrite,
    C1G2GetBlockPermalockStatus,
    C1G2Lock,
    C1G2LockPayload,
    C1G2TagSpec,
)
from simulators.access_ops import is_known, matches
from simulators.profile import Profile
from simulators.refusal import wrong_field, wrong_parameter
from simulators.tag_memory import Tag

ALL = 0  # an AccessSpecID that stands for every one; so do an AntennaID and a ROSpecID of 0
_MOST_TARGETS = 2


@dataclass(slots=True)
class _Entry:
    spec: AccessSpec
    is_active: bool = False
    left: int | None = None  # times until it is deleted


class AccessSpecs:
    """All requests raise Refused and change nothing where the reader cannot do what they want."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._entries: dict[int, _Entry] = {}

    @property
    def is_any_active(self) -> bool:
        return any(entry.is_active for entry in self._entries.values())

    def all(self) -> tuple[AccessSpec, ...]:
        return tuple(
            msgspec.structs.replace(
                entry.spec,
                current_state=(
                    AccessSpecState.ACTIVE if entry.is_active else AccessSpecState.DISABLED
                ),
            )
            for entry in self._entries.values()
        )

    def add(self, spec: AccessSpec) -> None:
        _check(spec, self._profile)
        if spec.access_spec_id in self._entries:
            raise wrong_parameter(
                AccessSpec, f"AccessSpec {spec.access_spec_id} is there already", 0
            )
        if len(self._entries) == self._profile.limits.access_specs:
            why = f"the reader holds {len(self._entries)} AccessSpecs, and has them"
            raise wrong_parameter(AccessSpec, why, code=StatusCode.P_OVERFLOW_PARAMETER)
        trigger = spec.stop_trigger
        counts = trigger.access_spec_stop_trigger == AccessSpecStopTriggerType.OPERATION_COUNT
        left = trigger.operation_count_value or None if counts else None
        self._entries[spec.access_spec_id] = _Entry(spec, left=left)

    def delete(self, access_spec_id: int) -> None:
        for entry in self._named(access_spec_id):
            del self._entries[entry.spec.access_spec_id]

    def enable(self, access_spec_id: int) -> None:
        self._switch(access_spec_id, is_active=True)

    def disable(self, access_spec_id: int) -> None:
        self._switch(access_spec_id, is_active=False)

    def find(self, rospec_id: int, antenna_port: int, tag: Tag) -> AccessSpec | None:
        """Give the AccessSpec to carry out for a tag that was singulated."""
        for entry in self._entries.values():
            spec = entry.spec
            if (
                entry.is_active
                and spec.rospec_id in {ALL, rospec_id}
                and spec.antenna_id in {ALL, antenna_port}
                and matches(spec.access_command.tag_spec, tag)
            ):
                return spec
        return None

    def note_done(self, spec: AccessSpec) -> bool:
        """Count that it was carried out; tell whether that was the last time, and it is gone."""
        entry = self._entries[spec.access_spec_id]
        if entry.left is None:
            return False
        entry.left -= 1
        if entry.left == 0:
            del self._entries[spec.access_spec_id]
        return entry.left == 0

    def _switch(self, access_spec_id: int, *, is_active: bool) -> None:
        for entry in self._named(access_spec_id):
            if access_spec_id != ALL and entry.is_active == is_active:
                state = "active" if is_active else "disabled"
                raise wrong_field(f"AccessSpec {access_spec_id} is {state} already")
            entry.is_active = is_active

    def _named(self, access_spec_id: int) -> list[_Entry]:
        if access_spec_id == ALL:
            return list(self._entries.values())
        entry = self._entries.get(access_spec_id)
        if entry is None:
            raise wrong_field(f"AccessSpec {access_spec_id} is not there")
        return [entry]


def _check(spec: AccessSpec, profile: Profile) -> None:
    if spec.access_spec_id == 0:
        raise wrong_parameter(AccessSpec, "AccessSpecID 0 stands for all of them", 0)
    if spec.antenna_id and spec.antenna_id not in profile.antenna_ports:
        why = f"antenna {spec.antenna_id}, the reader has 1 to {profile.antennas}"
        raise wrong_parameter(AccessSpec, why, 1)
    if spec.protocol_id != AirProtocols.EPC_GLOBAL_CLASS1_GEN2:
        why = f"protocol {spec.protocol_id}, allowed is 1, Class 1 Generation 2"
        raise wrong_parameter(AccessSpec, why, 2)
    if spec.current_state != AccessSpecState.DISABLED:
        raise wrong_parameter(AccessSpec, "CurrentState must be disabled", 3)
    trigger = spec.stop_trigger.access_spec_stop_trigger
    if trigger not in AccessSpecStopTriggerType.__members__.values():
        raise wrong_parameter(AccessSpecStopTrigger, f"trigger {trigger}, allowed are 0 and 1", 0)
    report = spec.access_report_spec
    if report and report.access_report_trigger > 1:
        why = f"trigger {report.access_report_trigger}, allowed are 0 and 1"
        raise wrong_parameter(AccessReportSpec, why, 0)
    _check_command(spec.access_command, profile)


def _check_command(command: AccessCommand, profile: Profile) -> None:
    if len(command.tag_spec.target_tags) > _MOST_TARGETS:
        why = f"{len(command.tag_spec.target_tags)} C1G2TargetTags, allowed are 1 and 2"
        raise wrong_parameter(C1G2TagSpec, why, code=StatusCode.P_OVERFLOW_PARAMETER)
    most = profile.limits.op_specs
    if len(command.op_specs) > most:
        why = f"{len(command.op_specs)} OpSpecs, allowed are 1 to {most}"
        raise wrong_parameter(AccessCommand, why, code=StatusCode.P_OVERFLOW_PARAMETER)
    lacks = {
        C1G2BlockErase: not profile.block_erase,
        C1G2BlockWrite: not profile.block_write,
        C1G2BlockPermalock: not profile.block_permalock,
        C1G2GetBlockPermalockStatus: not profile.block_permalock,
    }
    for op in command.op_specs:
        if not is_known(op) or lacks.get(type(op)):
            why = f"the reader cannot do {type(op).__name__}"
            raise wrong_parameter(type(op), why, code=StatusCode.P_UNSUPPORTED_PARAMETER)
        for payload in op.payloads if isinstance(op, C1G2Lock) else ():
            if payload.privilege not in C1G2LockPrivilege.__members__.values():
                raise wrong_parameter(C1G2LockPayload, "privilege, allowed are 0 to 3", 0)
            if payload.data_field not in C1G2LockDataField.__members__.values():
                raise wrong_parameter(C1G2LockPayload, "data field, allowed are 0 to 4", 1)
