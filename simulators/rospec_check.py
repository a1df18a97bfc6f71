"""Whether this reader can do what a ROSpec wants; Refused says which part it cannot do."""

from edge.llrp.constants import (
    AirProtocols,
    AISpecStopTriggerType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
    ROSpecStopTriggerType,
    StatusCode,
    TagObservationTriggerType,
)
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    GPITriggerValue,
    InventoryParameterSpec,
    LoopSpec,
    PeriodicTriggerValue,
    RFSurveySpec,
    ROReportSpec,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagObservationTrigger,
)
from simulators.antenna_check import check_antenna_configuration, unknown_antenna
from simulators.extensions import Extensions
from simulators.profile import LLRP_1_1, Profile
from simulators.refusal import wrong_parameter
from simulators.survey import check_survey

_UNEXPECTED = StatusCode.P_UNEXPECTED_PARAMETER
_LAST_REPORT_TRIGGER = {  # by version
    False: ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC,
    True: ROReportTriggerType.UPON_N_MILLISECONDS_OR_END_OF_ROSPEC,
}
_LAST_OBSERVATION = {
    False: TagObservationTriggerType.N_ATTEMPTS_TO_SEE_ALL_TAGS_IN_FOV_OR_TIMEOUT,
    True: TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_UNIQUE_TAGS_FOR_TMS_OR_TIMEOUT,
}
_OBSERVATION_FIELDS = {  # which field each trigger goes by, and where it stands
    TagObservationTriggerType.UPON_SEEING_N_TAGS_OR_TIMEOUT: ("number_of_tags", 1),
    TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_TAGS_FOR_TMS_OR_TIMEOUT: ("t", 3),
    TagObservationTriggerType.N_ATTEMPTS_TO_SEE_ALL_TAGS_IN_FOV_OR_TIMEOUT: (
        "number_of_attempts",
        2,
    ),
    TagObservationTriggerType.UPON_SEEING_N_UNIQUE_TAGS_OR_TIMEOUT: ("number_of_tags", 1),
    TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_UNIQUE_TAGS_FOR_TMS_OR_TIMEOUT: ("t", 3),
}


def check_rospec(spec: ROSpec, profile: Profile, extensions: Extensions) -> None:
    if spec.rospec_id == 0:
        raise wrong_parameter(ROSpec, "ROSpecID 0 stands for all of them", 0)
    lowest = profile.limits.lowest_priority
    if spec.priority > lowest:
        raise wrong_parameter(ROSpec, f"priority {spec.priority}, allowed are 0 to {lowest}", 1)
    if spec.current_state != ROSpecState.DISABLED:
        raise wrong_parameter(ROSpec, "CurrentState must be disabled", 2)
    extensions.check(spec)
    _check_start(spec.ro_boundary_spec.start_trigger, profile)
    _check_stop(spec.ro_boundary_spec.stop_trigger, profile)
    _check_parts(spec, profile)
    if spec.ro_report_spec is not None:
        check_report_spec(spec.ro_report_spec, profile)


def check_report_spec(spec: ROReportSpec, profile: Profile) -> None:
    last = _LAST_REPORT_TRIGGER[profile.version >= LLRP_1_1]
    if spec.ro_report_trigger not in range(last + 1):
        why = f"ROReportTrigger {spec.ro_report_trigger}, allowed are 0 to {last}"
        raise wrong_parameter(ROReportSpec, why, 0)


def _check_parts(spec: ROSpec, profile: Profile) -> None:
    most = profile.limits.specs_per_rospec
    if most and len(spec.specs) > most:
        why = f"{len(spec.specs)} specs, allowed are 1 to {most}"
        raise wrong_parameter(ROSpec, why, code=StatusCode.P_OVERFLOW_PARAMETER)
    for index, part in enumerate(spec.specs):
        is_last_loop = index and index == len(spec.specs) - 1 and profile.version >= LLRP_1_1
        if isinstance(part, AISpec):
            _check_aispec(part, profile)
        elif isinstance(part, RFSurveySpec):
            check_survey(part, profile)
        elif not isinstance(part, LoopSpec) or not is_last_loop:
            why = f"{type(part).__name__} is not supported here, allowed is AISpec"
            raise wrong_parameter(type(part), why, code=StatusCode.P_UNSUPPORTED_PARAMETER)


def _check_start(trigger: ROSpecStartTrigger, profile: Profile) -> None:
    kind, periodic = trigger.rospec_start_trigger_type, trigger.periodic_trigger_value
    if kind not in ROSpecStartTriggerType.__members__.values():
        why = f"ROSpecStartTriggerType {kind}, allowed are 0 to 3"
        raise wrong_parameter(ROSpecStartTrigger, why, 0)
    if (kind == ROSpecStartTriggerType.PERIODIC) != (periodic is not None):
        why = "a PeriodicTriggerValue belongs to the periodic trigger, and to no other"
        raise wrong_parameter(PeriodicTriggerValue, why, code=_UNEXPECTED)
    is_gpi = kind == ROSpecStartTriggerType.GPI
    _check_gpi(trigger.gpi_trigger_value, profile, is_needed=is_gpi)


def _check_stop(trigger: ROSpecStopTrigger, profile: Profile) -> None:
    kind = trigger.rospec_stop_trigger_type
    if kind not in ROSpecStopTriggerType.__members__.values():
        raise wrong_parameter(ROSpecStopTrigger, f"stop trigger {kind}, allowed are 0 to 2", 0)
    if kind == ROSpecStopTriggerType.DURATION and not trigger.duration_trigger_value:
        raise wrong_parameter(ROSpecStopTrigger, "a duration of 0 ms, allowed are 1 or more", 1)
    is_gpi = kind == ROSpecStopTriggerType.GPI_WITH_TIMEOUT
    _check_gpi(trigger.gpi_trigger_value, profile, is_needed=is_gpi)


def _check_gpi(trigger: GPITriggerValue | None, profile: Profile, *, is_needed: bool) -> None:
    if is_needed != (trigger is not None):
        why = "a GPITriggerValue belongs to a GPI trigger, and to no other"
        raise wrong_parameter(GPITriggerValue, why, code=_UNEXPECTED)
    if trigger is not None and trigger.gpi_port_num not in range(1, profile.gpis + 1):
        why = f"GPI port {trigger.gpi_port_num}, the reader has 1 to {profile.gpis}"
        raise wrong_parameter(GPITriggerValue, why, 0)


def _check_aispec(spec: AISpec, profile: Profile) -> None:
    for port in spec.antenna_ids:
        if port and port not in profile.antenna_ports:
            raise wrong_parameter(AISpec, unknown_antenna(port, profile), 0)
    if not spec.antenna_ids or (0 in spec.antenna_ids and len(spec.antenna_ids) > 1):
        why = "AntennaIDs must name antennas, or be 0 alone, which means all"
        raise wrong_parameter(AISpec, why, 0)
    _check_aispec_stop(spec.stop_trigger, profile)
    inventory, *others = spec.inventory_parameter_specs
    if others:
        why = "more than one InventoryParameterSpec"
        raise wrong_parameter(InventoryParameterSpec, why, code=StatusCode.P_OVERFLOW_PARAMETER)
    if inventory.inventory_parameter_spec_id == 0:
        raise wrong_parameter(InventoryParameterSpec, "InventoryParameterSpecID 0", 0)
    if inventory.protocol_id != AirProtocols.EPC_GLOBAL_CLASS1_GEN2:
        why = f"protocol {inventory.protocol_id}, allowed is 1, Class 1 Generation 2"
        raise wrong_parameter(InventoryParameterSpec, why, 1)
    for configuration in inventory.antenna_configurations:
        check_antenna_configuration(configuration, profile)


def _check_aispec_stop(trigger: AISpecStopTrigger, profile: Profile) -> None:
    kind, observation = trigger.aispec_stop_trigger_type, trigger.tag_observation_trigger
    if kind not in AISpecStopTriggerType.__members__.values():
        why = f"AISpecStopTriggerType {kind}, allowed are 0 to 3"
        raise wrong_parameter(AISpecStopTrigger, why, 0)
    if kind == AISpecStopTriggerType.DURATION and not trigger.duration_trigger:
        raise wrong_parameter(AISpecStopTrigger, "a duration of 0 ms, allowed are 1 or more", 1)
    is_gpi = kind == AISpecStopTriggerType.GPI_WITH_TIMEOUT
    _check_gpi(trigger.gpi_trigger_value, profile, is_needed=is_gpi)
    if (kind == AISpecStopTriggerType.TAG_OBSERVATION) != (observation is not None):
        why = "a TagObservationTrigger belongs to stop trigger 3, and to no other"
        raise wrong_parameter(TagObservationTrigger, why, code=_UNEXPECTED)
    if observation is not None:
        _check_observation(observation, profile)


def _check_observation(trigger: TagObservationTrigger, profile: Profile) -> None:
    last = _LAST_OBSERVATION[profile.version >= LLRP_1_1]
    if trigger.trigger_type not in range(last + 1):
        why = f"TriggerType {trigger.trigger_type}, allowed are 0 to {last}"
        raise wrong_parameter(TagObservationTrigger, why, 0)
    name, field = _OBSERVATION_FIELDS[TagObservationTriggerType(trigger.trigger_type)]
    if getattr(trigger, name) == 0:
        raise wrong_parameter(TagObservationTrigger, f"{name} 0, allowed are 1 or more", field)
