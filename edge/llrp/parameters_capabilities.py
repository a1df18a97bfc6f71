"""What a reader can do (LLRP 1.0.1 §16.2.3 and §16.3.1.1; 1.1 added 363 and 365).

Power is in hundredths of dBm, frequency in kHz, sensitivity in dB above the best.
"""

from typing import Annotated

from edge.llrp.constants import (
    C1G2DRValue,
    C1G2ForwardLinkModulation,
    C1G2MValue,
    C1G2SpectralMaskIndicator,
    CommunicationsStandard,
)
from edge.llrp.fields import (
    E1,
    E8,
    E16,
    S16,
    U8,
    U16,
    U32,
    Bit,
    Custom,
    Parameter,
    Reserved,
    Text,
    U8s,
    U32s,
)


class ReceiveSensitivityTableEntry(Parameter, number=139):
    index: U16
    receive_sensitivity_value: S16


class PerAntennaReceiveSensitivityRange(Parameter, number=149):
    antenna_id: U16
    receive_sensitivity_index_min: U16
    receive_sensitivity_index_max: U16


class PerAntennaAirProtocol(Parameter, number=140):
    antenna_id: U16
    protocol_id: U8s


class GPIOCapabilities(Parameter, number=141):
    num_gpis: U16
    num_gpos: U16


class MaximumReceiveSensitivity(Parameter, number=363):
    maximum_sensitivity_value: S16


class GeneralDeviceCapabilities(Parameter, number=137):
    max_number_of_antenna_supported: U16
    can_set_antenna_properties: Bit = False
    has_utc_clock_capability: Annotated[Bit, Reserved(14)] = False
    device_manufacturer_name: U32
    model_name: U32
    reader_firmware_version: Text
    receive_sensitivity_table_entries: tuple[ReceiveSensitivityTableEntry, ...]
    per_antenna_receive_sensitivity_ranges: tuple[PerAntennaReceiveSensitivityRange, ...] = ()
    gpio_capabilities: GPIOCapabilities
    per_antenna_air_protocols: tuple[PerAntennaAirProtocol, ...]
    maximum_receive_sensitivity: MaximumReceiveSensitivity | None = None


class LLRPCapabilities(Parameter, number=142):
    can_do_rf_survey: Bit = False
    can_report_buffer_fill_warning: Bit = False
    supports_client_request_op_spec: Bit = False
    can_do_tag_inventory_state_aware_singulation: Bit = False
    supports_event_and_report_holding: Annotated[Bit, Reserved(3)] = False
    max_num_priority_levels_supported: U8
    client_request_op_spec_timeout: U16
    max_num_rospecs: U32
    max_num_specs_per_rospec: U32
    max_num_inventory_parameter_specs_per_aispec: U32
    max_num_access_specs: U32
    max_num_op_specs_per_access_spec: U32


class TransmitPowerLevelTableEntry(Parameter, number=145):
    index: U16
    transmit_power_value: S16


class FrequencyHopTable(Parameter, number=147):
    hop_table_id: Annotated[U8, Reserved(8)]
    frequency: U32s


class FixedFrequencyTable(Parameter, number=148):
    frequency: U32s


class FrequencyInformation(Parameter, number=146):
    hopping: Annotated[Bit, Reserved(7)] = False
    frequency_hop_tables: tuple[FrequencyHopTable, ...] = ()
    fixed_frequency_table: FixedFrequencyTable | None = None


class RFSurveyFrequencyCapabilities(Parameter, number=365):
    minimum_frequency: U32
    maximum_frequency: U32


class C1G2UHFRFModeTableEntry(Parameter, number=329):
    mode_identifier: U32
    dr_value: E1[C1G2DRValue]
    epc_hagtc_conformance: Annotated[Bit, Reserved(6)] = False
    m_value: E8[C1G2MValue]
    forward_link_modulation: E8[C1G2ForwardLinkModulation]
    spectral_mask_indicator: E8[C1G2SpectralMaskIndicator]
    bdr_value: U32
    pie_value: U32
    min_tari_value: U32
    max_tari_value: U32
    step_tari_value: U32


class C1G2UHFRFModeTable(Parameter, number=328):
    entries: tuple[C1G2UHFRFModeTableEntry, ...]


class C1G2LLRPCapabilities(Parameter, number=327):
    can_support_block_erase: Bit = False
    can_support_block_write: Bit = False
    can_support_block_permalock: Bit = False
    can_support_tag_recommissioning: Bit = False
    can_support_umi_method2: Bit = False
    can_support_xpc: Annotated[Bit, Reserved(2)] = False
    max_num_select_filters_per_query: U16


class UHFBandCapabilities(Parameter, number=144):
    transmit_power_level_table_entries: tuple[TransmitPowerLevelTableEntry, ...]
    frequency_information: FrequencyInformation
    rf_mode_tables: tuple[C1G2UHFRFModeTable, ...]
    rf_survey_frequency_capabilities: RFSurveyFrequencyCapabilities | None = None


class RegulatoryCapabilities(Parameter, number=143):
    country_code: U16
    communications_standard: E16[CommunicationsStandard]
    uhf_band_capabilities: UHFBandCapabilities | None = None
    custom: tuple[Custom, ...] = ()
