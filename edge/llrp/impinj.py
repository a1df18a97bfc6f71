"""Impinj's messages and parameters (vendor 25882), as published for its Octane firmware."""

from enum import IntEnum
from typing import Annotated

from edge.llrp.fields import (
    E16,
    E32,
    S16,
    S32,
    U16,
    U32,
    Bit,
    Custom,
    Reserved,
    Text,
    U16s,
    U32s,
    VendorMessage,
)
from edge.llrp.parameters_c1g2 import C1G2Read
from edge.llrp.parameters_common import LLRPStatus


class ImpinjRequestedDataType(IntEnum):
    ALL_CAPABILITIES = 1000
    IMPINJ_DETAILED_VERSION = 1001
    IMPINJ_FREQUENCY_CAPABILITIES = 1002
    IMPINJ_ARRAY_CAPABILITIES = 1003
    ALL_CONFIGURATION = 2000
    IMPINJ_SUB_REGULATORY_REGION = 2001
    IMPINJ_FORKLIFT_CONFIGURATION = 2002
    IMPINJ_GPI_DEBOUNCE_CONFIGURATION = 2003
    IMPINJ_READER_TEMPERATURE = 2004
    IMPINJ_LINK_MONITOR_CONFIGURATION = 2005
    IMPINJ_REPORT_BUFFER_CONFIGURATION = 2006
    IMPINJ_ACCESS_SPEC_CONFIGURATION = 2007
    IMPINJ_GPS_NMEA_SENTENCES = 2008
    IMPINJ_ADVANCED_GPO_CONFIGURATION = 2009
    IMPINJ_TILT_CONFIGURATION = 2010
    IMPINJ_BEACON_CONFIGURATION = 2011
    IMPINJ_ANTENNA_CONFIGURATION = 2012
    IMPINJ_LOCATION_CONFIGURATION = 2013
    IMPINJ_TRANSITION_CONFIGURATION = 2014


class ImpinjRegulatoryRegion(IntEnum):
    FCC_PART_15_247 = 0
    ETSI_EN_300_220 = 1
    ETSI_EN_302_208_WITH_LBT = 2
    HONG_KONG_920_925_MHZ = 3
    TAIWAN_922_928_MHZ = 4
    JAPAN_952_954_MHZ = 5
    JAPAN_952_954_MHZ_LOW_POWER = 6
    ETSI_EN_302_208_V1_2_1 = 7
    KOREA_917_921_MHZ = 8
    MALAYSIA_919_923_MHZ = 9
    CHINA_920_925_MHZ = 10
    JAPAN_952_956_MHZ_WITHOUT_LBT = 11
    SOUTH_AFRICA_915_919_MHZ = 12
    BRAZIL_902_907_AND_915_928_MHZ = 13
    THAILAND_920_925_MHZ = 14
    SINGAPORE_920_925_MHZ = 15
    AUSTRALIA_920_926_MHZ = 16
    INDIA_865_867_MHZ = 17
    URUGUAY_916_928_MHZ = 18
    VIETNAM_920_925_MHZ = 19
    ISRAEL_915_917_MHZ = 20
    PHILIPPINES_918_920_MHZ = 21
    CANADA_POST = 22
    INDONESIA_923_925_MHZ = 23
    NEW_ZEALAND_921P5_928_MHZ = 24
    JAPAN_916_921_MHZ_WITHOUT_LBT = 25
    LATIN_AMERICA_902_928_MHZ = 26


class ImpinjInventorySearchType(IntEnum):
    READER_SELECTED = 0
    SINGLE_TARGET = 1
    DUAL_TARGET = 2
    SINGLE_TARGET_WITH_SUPPRESSION = 3


class ImpinjFixedFrequencyMode(IntEnum):
    DISABLED = 0
    AUTO_SELECT = 1
    CHANNEL_LIST = 2


class ImpinjReducedPowerMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjLowDutyCycleMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjLinkMonitorMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjReportBufferMode(IntEnum):
    NORMAL = 0
    LOW_LATENCY = 1


class ImpinjSerializedTIDMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjRFPhaseAngleMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjPeakRSSIMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjGPSCoordinatesMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjOptimizedReadMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjAccessSpecOrderingMode(IntEnum):
    FIFO = 0
    ASCENDING = 1


class ImpinjRFDopplerFrequencyMode(IntEnum):
    DISABLED = 0
    ENABLED = 1


class ImpinjAdvancedGPOMode(IntEnum):
    NORMAL = 0
    PULSED = 1
    READER_OPERATIONAL_STATUS = 2
    LLRP_CONNECTION_STATUS = 3


class ImpinjHubConnectedType(IntEnum):
    UNKNOWN = 0
    DISCONNECTED = 1
    CONNECTED = 2


class ImpinjHubFaultType(IntEnum):
    NO_FAULT = 0
    RF_POWER = 1
    RF_POWER_ON_HUB_1 = 2
    RF_POWER_ON_HUB_2 = 3
    RF_POWER_ON_HUB_3 = 4
    RF_POWER_ON_HUB_4 = 5
    NO_INIT = 6
    SERIAL_OVERFLOW = 7
    DISCONNECTED = 8


VENDOR = 25882  # IANA's private enterprise number


class ImpinjMessage(VendorMessage, vendor=VENDOR):
    pass


class ImpinjParameter(Custom, vendor=VENDOR):
    pass


class ImpinjEnableExtensions(ImpinjMessage, subtype=21):
    custom: Annotated[tuple[Custom, ...], Reserved(32)] = ()


class ImpinjEnableExtensionsResponse(ImpinjMessage, subtype=22):
    llrp_status: LLRPStatus
    custom: tuple[Custom, ...] = ()


class ImpinjSaveSettings(ImpinjMessage, subtype=23):
    save_configuration: Annotated[Bit, Reserved(7)] = False
    custom: tuple[Custom, ...] = ()


class ImpinjSaveSettingsResponse(ImpinjMessage, subtype=24):
    llrp_status: LLRPStatus
    custom: tuple[Custom, ...] = ()


class ImpinjRequestedData(ImpinjParameter, subtype=21):
    requested_data: E32[ImpinjRequestedDataType]
    custom: tuple[Custom, ...] = ()


class ImpinjSubRegulatoryRegion(ImpinjParameter, subtype=22):
    regulatory_region: E16[ImpinjRegulatoryRegion]
    custom: tuple[Custom, ...] = ()


class ImpinjInventorySearchMode(ImpinjParameter, subtype=23):
    inventory_search_mode: E16[ImpinjInventorySearchType]
    custom: tuple[Custom, ...] = ()


class ImpinjFixedFrequencyList(ImpinjParameter, subtype=26):
    fixed_frequency_mode: Annotated[E16[ImpinjFixedFrequencyMode], Reserved(16)]
    channel_list: U16s
    custom: tuple[Custom, ...] = ()


class ImpinjReducedPowerFrequencyList(ImpinjParameter, subtype=27):
    reduced_power_mode: Annotated[E16[ImpinjReducedPowerMode], Reserved(16)]
    channel_list: U16s
    custom: tuple[Custom, ...] = ()


class ImpinjLowDutyCycle(ImpinjParameter, subtype=28):
    low_duty_cycle_mode: E16[ImpinjLowDutyCycleMode]
    empty_field_timeout: U16
    field_ping_interval: U16
    custom: tuple[Custom, ...] = ()


class ImpinjArrayVersion(ImpinjParameter, subtype=1520):
    serial_number: Text
    firmware_version: Text
    pc_bav_ersion: Text
    custom: tuple[Custom, ...] = ()


class ImpinjHubVersions(ImpinjParameter, subtype=1537):
    impinj_array_versions: tuple[ImpinjArrayVersion, ...]
    custom: tuple[Custom, ...] = ()


class ImpinjDetailedVersion(ImpinjParameter, subtype=29):
    model_name: Text
    serial_number: Text
    software_version: Text
    firmware_version: Text
    fpga_version: Text
    pc_bav_ersion: Text
    impinj_hub_versions: ImpinjHubVersions | None = None
    impinj_array_version: ImpinjArrayVersion | None = None
    custom: tuple[Custom, ...] = ()


class ImpinjFrequencyCapabilities(ImpinjParameter, subtype=30):
    frequency_list: U32s
    custom: tuple[Custom, ...] = ()


class ImpinjGPIDebounceConfiguration(ImpinjParameter, subtype=36):
    gpi_port_num: U16
    gpi_debounce_timer_msec: U32
    custom: tuple[Custom, ...] = ()


class ImpinjReaderTemperature(ImpinjParameter, subtype=37):
    temperature: S16
    custom: tuple[Custom, ...] = ()


class ImpinjLinkMonitorConfiguration(ImpinjParameter, subtype=38):
    link_monitor_mode: E16[ImpinjLinkMonitorMode]
    link_down_threshold: U16
    custom: tuple[Custom, ...] = ()


class ImpinjReportBufferConfiguration(ImpinjParameter, subtype=39):
    report_buffer_mode: E16[ImpinjReportBufferMode]
    custom: tuple[Custom, ...] = ()


class ImpinjBlockWriteWordCount(ImpinjParameter, subtype=41):
    word_count: U16
    custom: tuple[Custom, ...] = ()


class ImpinjOpSpecRetryCount(ImpinjParameter, subtype=63):
    retry_count: U16
    custom: tuple[Custom, ...] = ()


class ImpinjAccessSpecOrdering(ImpinjParameter, subtype=66):
    ordering_mode: E16[ImpinjAccessSpecOrderingMode]
    custom: tuple[Custom, ...] = ()


class ImpinjAccessSpecConfiguration(ImpinjParameter, subtype=40):
    impinj_block_write_word_count: ImpinjBlockWriteWordCount | None = None
    impinj_op_spec_retry_count: ImpinjOpSpecRetryCount | None = None
    impinj_access_spec_ordering: ImpinjAccessSpecOrdering | None = None
    custom: tuple[Custom, ...] = ()


class ImpinjEnableSerializedTID(ImpinjParameter, subtype=51):
    serialized_tid_mode: E16[ImpinjSerializedTIDMode]
    custom: tuple[Custom, ...] = ()


class ImpinjEnableRFPhaseAngle(ImpinjParameter, subtype=52):
    rf_phase_angle_mode: E16[ImpinjRFPhaseAngleMode]
    custom: tuple[Custom, ...] = ()


class ImpinjEnablePeakRSSI(ImpinjParameter, subtype=53):
    peak_rssi_mode: E16[ImpinjPeakRSSIMode]
    custom: tuple[Custom, ...] = ()


class ImpinjEnableGPSCoordinates(ImpinjParameter, subtype=54):
    gps_coordinates_mode: E16[ImpinjGPSCoordinatesMode]
    custom: tuple[Custom, ...] = ()


class ImpinjEnableOptimizedRead(ImpinjParameter, subtype=65):
    optimized_read_mode: E16[ImpinjOptimizedReadMode]
    reads: tuple[C1G2Read, ...] = ()
    custom: tuple[Custom, ...] = ()


class ImpinjEnableRFDopplerFrequency(ImpinjParameter, subtype=67):
    rf_doppler_frequency_mode: E16[ImpinjRFDopplerFrequencyMode]
    custom: tuple[Custom, ...] = ()


class ImpinjTagReportContentSelector(ImpinjParameter, subtype=50):
    impinj_enable_serialized_tid: ImpinjEnableSerializedTID | None = None
    impinj_enable_rf_phase_angle: ImpinjEnableRFPhaseAngle | None = None
    impinj_enable_peak_rssi: ImpinjEnablePeakRSSI | None = None
    impinj_enable_gps_coordinates: ImpinjEnableGPSCoordinates | None = None
    impinj_enable_optimized_read: ImpinjEnableOptimizedRead | None = None
    impinj_enable_rf_doppler_frequency: ImpinjEnableRFDopplerFrequency | None = None
    custom: tuple[Custom, ...] = ()


class ImpinjSerializedTID(ImpinjParameter, subtype=55):
    tid: U16s
    custom: tuple[Custom, ...] = ()


class ImpinjRFPhaseAngle(ImpinjParameter, subtype=56):
    phase_angle: U16
    custom: tuple[Custom, ...] = ()


class ImpinjPeakRSSI(ImpinjParameter, subtype=57):
    rssi: S16
    custom: tuple[Custom, ...] = ()


class ImpinjGPSCoordinates(ImpinjParameter, subtype=58):
    latitude: S32
    longitude: S32
    custom: tuple[Custom, ...] = ()


class ImpinjAdvancedGPOConfiguration(ImpinjParameter, subtype=64):
    gpo_port_num: U16
    gpo_mode: E16[ImpinjAdvancedGPOMode]
    gpo_pulse_duration_msec: U32
    custom: tuple[Custom, ...] = ()


class ImpinjRFDopplerFrequency(ImpinjParameter, subtype=68):
    doppler_frequency: S16
    custom: tuple[Custom, ...] = ()


class ImpinjHubConfiguration(ImpinjParameter, subtype=1538):
    hub_id: U16
    connected: E16[ImpinjHubConnectedType]
    fault: E16[ImpinjHubFaultType]
    custom: tuple[Custom, ...] = ()
