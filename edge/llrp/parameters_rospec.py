"""What a reader is ordered to do: reader operations (LLRP 1.0.1 §16.2.4 and §16.2.7.1).

Times are in milliseconds, frequencies in kHz.
"""

from typing import Annotated

from edge.llrp.constants import (
    AirProtocols,
    AISpecStopTriggerType,
    RFSurveySpecStopTriggerType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
    ROSpecStopTriggerType,
    TagObservationTriggerType,
)
from edge.llrp.fields import E8, U8, U16, U32, Bit, Custom, Parameter, Reserved, U16s
from edge.llrp.parameters_c1g2 import C1G2EPCMemorySelector, C1G2InventoryCommand
from edge.llrp.parameters_common import UTCTimestamp


class PeriodicTriggerValue(Parameter, number=180):
    offset: U32
    period: U32
    utc_timestamp: UTCTimestamp | None = None


class GPITriggerValue(Parameter, number=181):
    gpi_port_num: U16
    gpi_event: Annotated[Bit, Reserved(7)] = False
    timeout: U32


class ROSpecStartTrigger(Parameter, number=179):
    rospec_start_trigger_type: E8[ROSpecStartTriggerType]
    periodic_trigger_value: PeriodicTriggerValue | None = None
    gpi_trigger_value: GPITriggerValue | None = None


class ROSpecStopTrigger(Parameter, number=182):
    rospec_stop_trigger_type: E8[ROSpecStopTriggerType]
    duration_trigger_value: U32
    gpi_trigger_value: GPITriggerValue | None = None


class ROBoundarySpec(Parameter, number=178):
    start_trigger: ROSpecStartTrigger
    stop_trigger: ROSpecStopTrigger


class TagObservationTrigger(Parameter, number=185):
    trigger_type: Annotated[E8[TagObservationTriggerType], Reserved(8)]
    number_of_tags: U16
    number_of_attempts: U16
    t: U16
    timeout: U32


class AISpecStopTrigger(Parameter, number=184):
    aispec_stop_trigger_type: E8[AISpecStopTriggerType]
    duration_trigger: U32
    gpi_trigger_value: GPITriggerValue | None = None
    tag_observation_trigger: TagObservationTrigger | None = None


class RFReceiver(Parameter, number=223):
    receiver_sensitivity: U16


class RFTransmitter(Parameter, number=224):
    hop_table_id: U16
    channel_index: U16
    transmit_power: U16


class AntennaConfiguration(Parameter, number=222):
    antenna_id: U16
    rf_receiver: RFReceiver | None = None
    rf_transmitter: RFTransmitter | None = None
    inventory_commands: tuple[C1G2InventoryCommand, ...] = ()
    custom: tuple[Custom, ...] = ()


class InventoryParameterSpec(Parameter, number=186):
    inventory_parameter_spec_id: U16
    protocol_id: E8[AirProtocols]
    antenna_configurations: tuple[AntennaConfiguration, ...] = ()
    custom: tuple[Custom, ...] = ()


class AISpec(Parameter, number=183):
    antenna_ids: U16s
    stop_trigger: AISpecStopTrigger
    inventory_parameter_specs: tuple[InventoryParameterSpec, ...]
    custom: tuple[Custom, ...] = ()


class RFSurveySpecStopTrigger(Parameter, number=188):
    stop_trigger_type: E8[RFSurveySpecStopTriggerType]
    duration_period: U32
    n: U32


class RFSurveySpec(Parameter, number=187):
    antenna_id: U16
    start_frequency: U32
    end_frequency: U32
    stop_trigger: RFSurveySpecStopTrigger
    custom: tuple[Custom, ...] = ()


class LoopSpec(Parameter, number=355):
    loop_count: U32


class TagReportContentSelector(Parameter, number=238):
    enable_rospec_id: Bit = False
    enable_spec_index: Bit = False
    enable_inventory_parameter_spec_id: Bit = False
    enable_antenna_id: Bit = False
    enable_channel_index: Bit = False
    enable_peak_rssi: Bit = False
    enable_first_seen_timestamp: Bit = False
    enable_last_seen_timestamp: Bit = False
    enable_tag_seen_count: Bit = False
    enable_access_spec_id: Bit = False
    enable_crypto_response: Annotated[Bit, Reserved(5)] = False  # LLRP 2.0
    epc_memory_selectors: tuple[C1G2EPCMemorySelector, ...] = ()
    custom: tuple[Custom, ...] = ()


class ROReportSpec(Parameter, number=237):
    ro_report_trigger: E8[ROReportTriggerType]
    n: U16
    tag_report_content_selector: TagReportContentSelector
    custom: tuple[Custom, ...] = ()


class ROSpec(Parameter, number=177):
    rospec_id: U32
    priority: U8
    current_state: E8[ROSpecState]
    ro_boundary_spec: ROBoundarySpec
    specs: tuple[AISpec | RFSurveySpec | LoopSpec | Custom, ...]
    ro_report_spec: ROReportSpec | None = None
