"""Whether this reader can do what a ROSpec wants; Refused says which part it cannot do."""

from collections.abc import Iterator

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
from edge.llrp.fields import Custom, Element
from edge.llrp.parameters_c1g2 import C1G2Filter, C1G2RFControl
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    AntennaConfiguration,
    InventoryParameterSpec,
    PeriodicTriggerValue,
    RFTransmitter,
    ROReportSpec,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagObservationTrigger,
)
from simulators.profile import CHANNELS_KHZ, MODES, POWER_INDICES, Profile
from simulators.refusal import wrong_parameter

_STARTS = frozenset(
    {
        ROSpecStartTriggerType.NULL,
        ROSpecStartTriggerType.IMMEDIATE,
        ROSpecStartTriggerType.PERIODIC,
    }
)
_STOPS = frozenset({ROSpecStopTriggerType.NULL, ROSpecStopTriggerType.DURATION})
_AISPEC_STOPS = frozenset(
    {
        AISpecStopTriggerType.NULL,
        AISpecStopTriggerType.DURATION,
        AISpecStopTriggerType.TAG_OBSERVATION,
    }
)
_REPORTS = frozenset(
    {
        ROReportTriggerType.NONE,
        ROReportTriggerType.UPON_N_TAGS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC,
        ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC,
    }
)


def check_rospec(spec: ROSpec, profile: Profile) -> None:
    if spec.rospec_id == 0:
        raise wrong_parameter(ROSpec, "ROSpecID 0 stands for all of them", 0)
    if spec.priority:
        raise wrong_parameter(ROSpec, f"priority {spec.priority}, allowed is 0", 1)
    if spec.current_state != ROSpecState.DISABLED:
        raise wrong_parameter(ROSpec, "CurrentState must be disabled", 2)
    check_no_extension(spec)
    _check_start(spec.ro_boundary_spec.start_trigger)
    _check_stop(spec.ro_boundary_spec.stop_trigger)
    for part in spec.specs:
        if not isinstance(part, AISpec):
            why = f"{type(part).__name__} is not supported, allowed is AISpec"
            raise wrong_parameter(type(part), why, code=StatusCode.P_UNSUPPORTED_PARAMETER)
        _check_aispec(part, profile)
    if spec.ro_report_spec is not None:
        check_report_spec(spec.ro_report_spec)


def check_no_extension(element: Element) -> None:
    """Refuse a vendor's parameter anywhere within: this reader is of no vendor that has any."""
    for custom in _customs(element):
        why = "a vendor's extension that is not of this reader"
        raise wrong_parameter(type(custom), why, code=StatusCode.P_UNSUPPORTED_PARAMETER)


def check_report_spec(spec: ROReportSpec) -> None:
    if spec.ro_report_trigger not in _REPORTS:
        why = f"ROReportTrigger {spec.ro_report_trigger}, allowed are 0 to 2"
        raise wrong_parameter(ROReportSpec, why, 0)


def check_antenna_configuration(configuration: AntennaConfiguration, profile: Profile) -> None:
    port, transmitter = configuration.antenna_id, configuration.rf_transmitter
    if port and port not in profile.antenna_ports:
        raise wrong_parameter(AntennaConfiguration, _unknown_antenna(port, profile), 0)
    if transmitter and transmitter.transmit_power not in POWER_INDICES:
        allowed = f"allowed are {POWER_INDICES[0]} to {POWER_INDICES[-1]}"
        why = f"TransmitPower {transmitter.transmit_power}, {allowed}"
        raise wrong_parameter(RFTransmitter, why, 2)
    if transmitter and transmitter.channel_index > len(CHANNELS_KHZ):
        allowed = f"allowed are 1 to {len(CHANNELS_KHZ)}"
        why = f"ChannelIndex {transmitter.channel_index}, {allowed}"
        raise wrong_parameter(RFTransmitter, why, 1)
    for command in configuration.inventory_commands:
        if command.rf_control and command.rf_control.mode_index not in MODES:
            allowed = f"allowed are {', '.join(map(str, MODES))}"
            why = f"ModeIndex {command.rf_control.mode_index}, {allowed}"
            raise wrong_parameter(C1G2RFControl, why, 0)
        if command.filters:
            why = "the reader has no select filters"
            raise wrong_parameter(C1G2Filter, why, code=StatusCode.P_OVERFLOW_PARAMETER)


def _check_start(trigger: ROSpecStartTrigger) -> None:
    kind, periodic = trigger.rospec_start_trigger_type, trigger.periodic_trigger_value
    if kind not in _STARTS:
        why = f"ROSpecStartTriggerType {kind}, allowed are 0 to 2"
        raise wrong_parameter(ROSpecStartTrigger, why, 0)
    if (kind == ROSpecStartTriggerType.PERIODIC) != (periodic is not None):
        why = "a PeriodicTriggerValue belongs to the periodic trigger, and to no other"
        raise wrong_parameter(PeriodicTriggerValue, why, code=StatusCode.P_UNEXPECTED_PARAMETER)


def _check_stop(trigger: ROSpecStopTrigger) -> None:
    kind = trigger.rospec_stop_trigger_type
    if kind not in _STOPS:
        raise wrong_parameter(ROSpecStopTrigger, f"stop trigger {kind}, allowed are 0 and 1", 0)
    if kind == ROSpecStopTriggerType.DURATION and not trigger.duration_trigger_value:
        raise wrong_parameter(ROSpecStopTrigger, "a duration of 0 ms, allowed are 1 or more", 1)


def _check_aispec(spec: AISpec, profile: Profile) -> None:
    for port in spec.antenna_ids:
        if port and port not in profile.antenna_ports:
            raise wrong_parameter(AISpec, _unknown_antenna(port, profile), 0)
    if not spec.antenna_ids or (0 in spec.antenna_ids and len(spec.antenna_ids) > 1):
        why = "AntennaIDs must name antennas, or be 0 alone, which means all"
        raise wrong_parameter(AISpec, why, 0)
    _check_aispec_stop(spec.stop_trigger)
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


def _check_aispec_stop(trigger: AISpecStopTrigger) -> None:
    kind, observation = trigger.aispec_stop_trigger_type, trigger.tag_observation_trigger
    counts = kind == AISpecStopTriggerType.TAG_OBSERVATION
    if kind not in _AISPEC_STOPS:
        why = f"AISpecStopTriggerType {kind}, allowed are 0, 1 and 3"
        raise wrong_parameter(AISpecStopTrigger, why, 0)
    if kind == AISpecStopTriggerType.DURATION and not trigger.duration_trigger:
        raise wrong_parameter(AISpecStopTrigger, "a duration of 0 ms, allowed are 1 or more", 1)
    if counts != (observation is not None):
        why = "a TagObservationTrigger belongs to stop trigger 3, and to no other"
        raise wrong_parameter(TagObservationTrigger, why, code=StatusCode.P_UNEXPECTED_PARAMETER)
    if observation is None:
        return
    if observation.trigger_type != TagObservationTriggerType.UPON_SEEING_N_TAGS_OR_TIMEOUT:
        why = f"TriggerType {observation.trigger_type}, allowed is 0"
        raise wrong_parameter(TagObservationTrigger, why, 0)
    if observation.number_of_tags == 0:
        raise wrong_parameter(TagObservationTrigger, "NumberOfTags 0, allowed are 1 or more", 1)


def _unknown_antenna(port: int, profile: Profile) -> str:
    return f"antenna {port}, the reader has 1 to {profile.antennas}"


def _customs(element: Element) -> Iterator[Custom]:
    """Find every vendor's extension within."""
    for name in element.__struct_fields__:
        value = getattr(element, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Custom):
                yield part
            elif isinstance(part, Element):
                yield from _customs(part)
