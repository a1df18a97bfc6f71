"""Zebra's messages and parameters (vendor 161; formerly Motorola).

From one open transcription; where it was checked against an FX9600, reserved bits follow the
reader, not the vendor's guide, which counts 24 too many in most places.
"""

from typing import Annotated

from edge.llrp.fields import (
    S16,
    U2,
    U8,
    U16,
    U32,
    U64,
    Bit,
    Bits,
    Custom,
    Reserved,
    Rest,
    Text,
    U16s,
    VendorMessage,
)
from edge.llrp.parameters_access import AccessSpec
from edge.llrp.parameters_common import AntennaID, EPCData, LLRPStatus
from edge.llrp.parameters_report import PeakRSSI
from edge.llrp.parameters_rospec import ROSpec

VENDOR = 161  # IANA's private enterprise number


class ZebraMessage(VendorMessage, vendor=VENDOR):
    pass


class ZebraParameter(Custom, vendor=VENDOR):
    pass


class MotoGetTagEventReport(ZebraMessage, subtype=2):
    pass


class MotoPurgeTags(ZebraMessage, subtype=3):
    purge_tag_event_state_only: Annotated[Bit, Reserved(7)] = False
    data: Rest = b""


class MotoPurgeTagsResponse(ZebraMessage, subtype=4):
    llrp_status: LLRPStatus


class MotoTagEventNotify(ZebraMessage, subtype=5):
    pass


class MotoGeneralRequestCapabilities(ZebraParameter, subtype=50):
    requested_data: U8


class MotoGeneralCapabilities(ZebraParameter, subtype=1):
    version: U32
    can_get_general_params: Bit = False
    can_report_part_number: Bit = False
    can_report_radio_version: Bit = False
    can_support_radio_power_state: Bit = False
    can_support_radio_transmit_delay: Bit = False
    can_support_zebra_trigger: Annotated[Bit, Reserved(2)] = False


class MotoAutonomousCapabilities(ZebraParameter, subtype=100):
    version: U32
    can_support_autonomous_mode: Annotated[Bit, Reserved(7)] = False


class MotoTagEventsGenerationCapabilities(ZebraParameter, subtype=120):
    version: U32
    can_select_tag_events: Bit = False
    can_select_tag_reporting_format: Bit = False
    can_select_moving_event: Annotated[Bit, Reserved(5)] = False


class MotoFilterCapabilities(ZebraParameter, subtype=200):
    version: U32
    can_filter_tags_based_on_rssi: Bit = False
    can_filter_tags_based_on_time_of_day: Bit = False
    can_filter_tags_based_on_utc_time_stamp: Bit = False
    device_set_capability_bit4: Annotated[Bit, Reserved(4)] = False


class MotoPersistenceCapabilities(ZebraParameter, subtype=300):
    version: U32
    can_save_configuration: Bit = False
    can_save_tags: Bit = False
    can_save_events: Annotated[Bit, Reserved(5)] = False


class MotoAdvancedCapabilities(ZebraParameter, subtype=110):
    version: U32
    can_report_phase: Bit = False
    can_support_zone: Bit = False
    can_support_antenna_rf_config: Bit = False
    can_support_periodic_tag_reports: Bit = False
    can_support_sled_battery_status: Bit = False
    can_support_logical_antenna: Bit = False
    can_report_gps: Annotated[Bit, Reserved(1)] = False


class MotoC1G2LLRPCapabilities(ZebraParameter, subtype=400):
    version: U32
    can_support_block_permalock: Bit = False
    can_support_recommissioning: Bit = False
    can_write_umi: Bit = False
    can_support_nxp_cuxtom_commands: Bit = False
    can_support_fujitsu_cuxtom_commands: Bit = False
    can_support_g2_v2_commands: Bit = False
    device_set_capability_bit1: Annotated[Bit, Reserved(1)] = False


class MotoGeneralGetParams(ZebraParameter, subtype=51):
    requested_data: U8


class MotoVersion(ZebraParameter, subtype=256):
    module_name: Text
    module_version: Text


class MotoVersionList(ZebraParameter, subtype=504):
    moto_versions: tuple[MotoVersion, ...] = ()


class MotoAutonomousState(ZebraParameter, subtype=101):
    autonomous_mode_state: Annotated[Bit, Reserved(7)] = False


class MotoRadioTransmitDelay(ZebraParameter, subtype=511):
    radio_transmit_delay: Annotated[U8, Reserved(8)]


class MotoRadioPowerState(ZebraParameter, subtype=500):
    radio_power_state: Annotated[Bit, Reserved(7)] = False


class MotoPersistenceSaveParams(ZebraParameter, subtype=350):
    save_configuration: Bit = False
    save_tag_data: Bit = False
    save_tag_event_data: Annotated[Bit, Reserved(5)] = False


class MotoCustomCommandOptions(ZebraParameter, subtype=466):
    enable_nxp_set_and_reset_quiet_commands: Annotated[Bit, Reserved(31)] = False


class MotoDefaultSpec(ZebraParameter, subtype=102):
    use_default_spec_for_auto_mode: Annotated[Bit, Reserved(7)] = False
    rospec: ROSpec
    access_specs: tuple[AccessSpec, ...] = ()


class MotoFilterRule(ZebraParameter, subtype=254):
    rule_type: U8
    data: Rest = b""


class MotoFilterTimeOfDay(ZebraParameter, subtype=251):
    microseconds: U64


class MotoUTCTimestamp(ZebraParameter, subtype=250):
    microseconds: U64


class MotoFilterTimeRange(ZebraParameter, subtype=252):
    time_format: U8
    match: U8
    moto_filter_time_format_choices: tuple[MotoFilterTimeOfDay | MotoUTCTimestamp, ...]


class MotoFilterRSSIRange(ZebraParameter, subtype=253):
    match: Annotated[U8, Reserved(8)]
    peak_rssis: tuple[PeakRSSI, ...]


class MotoFilterTagList(ZebraParameter, subtype=258):
    match: Annotated[U8, Reserved(24)]
    epc_datas: tuple[EPCData, ...]


class MotoFilterList(ZebraParameter, subtype=255):
    use_filter: Annotated[Bit, Reserved(31)] = False
    moto_filter_rules: tuple[MotoFilterRule, ...] = ()


class MotoTagEventSelector(ZebraParameter, subtype=121):
    report_new_tag_event: U8
    new_tag_event_moderated_timeout: U16
    report_tag_invisible_event: U8
    tag_invisible_event_moderated_timeout: U16
    report_tag_visibility_change_event: U8
    tag_visibility_change_event_moderated_timeout: U16


class MotoTagReportMode(ZebraParameter, subtype=122):
    report_format: U8


class MovingStationaryTagReport(ZebraParameter, subtype=126):
    report_moving_tag: Annotated[Bit, Reserved(7)] = False
    stray_tag_moderated_timeout: Annotated[U16, Reserved(8)]


class MotoROReportTrigger(ZebraParameter, subtype=125):
    moto_report_trigger: Annotated[U8, Reserved(24)]


class MotoTagEventEntry(ZebraParameter, subtype=124):
    event_type: U8
    microseconds: U64


class MotoTagEventList(ZebraParameter, subtype=123):
    moto_tag_event_entries: tuple[MotoTagEventEntry, ...] = ()


class MotoC1G2ExtendedPC(ZebraParameter, subtype=450):
    xpc_1: U16
    xpc_2: U16


class MotoTagGPS(ZebraParameter, subtype=1000):
    longitude: U32
    latitude: U32
    altitude: U32


class MotoAntennaStopCondition(ZebraParameter, subtype=704):
    antenna_stop_trigger: U8
    antenna_stop_condition_value: U16


class MotoAntennaPhysicalPortConfig(ZebraParameter, subtype=705):
    physical_transmit_port: U16
    physical_receive_port: U16


class MotoAntennaQueryConfig(ZebraParameter, subtype=710):
    enable_sl_all: Bit = False
    enable_abflip: Annotated[Bit, Reserved(14)] = False


class MotoAntennaConfig(ZebraParameter, subtype=703):
    moto_antenna_stop_condition: MotoAntennaStopCondition | None = None
    moto_antenna_physical_port_config: MotoAntennaPhysicalPortConfig | None = None
    moto_antenna_query_config: MotoAntennaQueryConfig | None = None


class MotoTagReportContentSelector(ZebraParameter, subtype=708):
    enable_zone_id: Bit = False
    enable_zone_name: Bit = False
    enable_antenna_physical_port_config: Bit = False
    enable_phase: Bit = False
    enable_gps: Bit = False
    enable_mltr_eport: Annotated[Bit, Reserved(26)] = False


class MotoTagPhase(ZebraParameter, subtype=709):
    phase: S16


class NXPBrandIDCheckConfig(ZebraParameter, subtype=711):
    brand_id: Annotated[U8, Reserved(24)]


class BrandIDCheckStatus(ZebraParameter, subtype=712):
    brand_id: U8


class MotoNXPEASAlarmSpec(ZebraParameter, subtype=463):
    antenna_ids: U16s


class MotoNXPEASAlarmNotification(ZebraParameter, subtype=464):
    eas_alarm_code: U64
    antenna_id: AntennaID | None = None


class MotoConnectionFailureReason(ZebraParameter, subtype=465):
    error_code: U8
    error_description: Text = ""


class MotoC1G2Recommission(ZebraParameter, subtype=451):
    op_spec_id: U16
    kill_password: U32
    operation: Annotated[U8, Reserved(8)]


class MotoC1G2RecommissionOpSpecResult(ZebraParameter, subtype=452):
    result: U8
    op_spec_id: Annotated[U16, Reserved(8)]


class MotoC1G2BlockPermalock(ZebraParameter, subtype=453):
    op_spec_id: U16
    access_password: U32
    mb: U2
    read_lock: Annotated[Bit, Reserved(5)] = False
    block_pointer: U16
    read_block_range: U16
    mask: U16s


class MotoC1G2BlockPermalockOpSpecResult(ZebraParameter, subtype=454):
    result: U8
    op_spec_id: U16
    status: U16s


class MotoNXPChangeEAS(ZebraParameter, subtype=455):
    op_spec_id: U16
    access_password: U32
    eas_state: Annotated[Bit, Reserved(31)] = False


class MotoNXPChangeEASOpSpecResult(ZebraParameter, subtype=456):
    result: U8
    op_spec_id: Annotated[U16, Reserved(8)]


class MotoNXPSetQuiet(ZebraParameter, subtype=457):
    op_spec_id: U16
    access_password: U32


class MotoNXPSetQuietOpSpecResult(ZebraParameter, subtype=458):
    result: U8
    op_spec_id: Annotated[U16, Reserved(8)]


class MotoNXPResetQuiet(ZebraParameter, subtype=459):
    op_spec_id: U16
    access_password: U32


class MotoNXPResetQuietOpSpecResult(ZebraParameter, subtype=460):
    result: U8
    op_spec_id: Annotated[U16, Reserved(8)]


class MotoNXPCalibrate(ZebraParameter, subtype=461):
    op_spec_id: U16
    access_password: U32


class MotoNXPCalibrateOpSpecResult(ZebraParameter, subtype=462):
    result: U8
    op_spec_id: U16
    read_data: U16s


class MotoNXPChangeConfig(ZebraParameter, subtype=485):
    op_spec_id: U16
    access_password: U32
    nxp_change_config_word: U16


class MotoNXPChangeConfigOpSpecResult(ZebraParameter, subtype=486):
    result: U8
    op_spec_id: U16
    nxp_change_config_word: U16


class QTData(ZebraParameter, subtype=488):
    qt_control: U16


class MotoImpinjQT(ZebraParameter, subtype=487):
    op_spec_id: U16
    access_password: U32
    qt_write: Bit = False
    qt_persist: Annotated[Bit, Reserved(6)] = False
    qt_data: QTData | None = None


class MotoImpinjQTOpSpecResult(ZebraParameter, subtype=489):
    result: U8
    op_spec_id: U16
    qt_write: Annotated[Bit, Reserved(7)] = False
    qt_data: QTData | None = None


class MotoC1G2Authenticate(ZebraParameter, subtype=490):
    op_spec_id: U16
    access_password: U32
    sen_resp: Bit = False
    inc_resp_len: Annotated[Bit, Reserved(6)] = False
    csi: U8
    message: Bits


class MotoC1G2AuthenticateOpSpecResult(ZebraParameter, subtype=491):
    result: U8
    op_spec_id: U16
    data_bits: Bits


class MotoC1G2ReadBuffer(ZebraParameter, subtype=492):
    op_spec_id: U16
    access_password: U32
    word_ptr: U16
    bit_count: U16


class MotoC1G2ReadBufferOpSpecResult(ZebraParameter, subtype=493):
    result: U8
    op_spec_id: U16
    data_bits: Bits


class MotoC1G2Untraceable(ZebraParameter, subtype=494):
    data: Rest = b""


class MotoC1G2UntraceableOpSpecResult(ZebraParameter, subtype=495):
    result: U8
    op_spec_id: U16
    data_bits: Bits


class MotoC1G2Crypto(ZebraParameter, subtype=496):
    data: Rest = b""


class MotoC1G2CryptoOpSpecResult(ZebraParameter, subtype=497):
    result: U8
    op_spec_id: U16
    data_bits: Bits


class ZebraTimelapseStart(ZebraParameter, subtype=803):
    time_of_day: Text
    period: U32


class ZebraDistance(ZebraParameter, subtype=804):
    value: U32


class ZebraROSpecStartTrigger(ZebraParameter, subtype=802):
    zebra_timelapse_start: ZebraTimelapseStart | None = None
    zebra_distance: ZebraDistance | None = None


class ZebraTimelapseStop(ZebraParameter, subtype=806):
    total_duration: U32
    periodic_duration: U32


class ZebraROSpecStopTrigger(ZebraParameter, subtype=805):
    zebra_timelapse_stop: ZebraTimelapseStop | None = None


class ZebraROTriggerSpec(ZebraParameter, subtype=801):
    zebra_rospec_start_trigger: ZebraROSpecStartTrigger | None = None
    zebra_rospec_stop_trigger: ZebraROSpecStopTrigger | None = None
