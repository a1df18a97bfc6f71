"""What a reader tells: tags, radio surveys, events (LLRP 1.0.1 §16.2.7.3 to §16.2.7.6).

Times are in microseconds, UTC since 1970 or uptime; signal strength is in dBm.
"""

from typing import Annotated

from edge.llrp.constants import (
    AISpecEventType,
    AntennaEventType,
    ConnectionAttemptStatusType,
    RFSurveyEventType,
    ROSpecEventType,
)
from edge.llrp.fields import E8, E16, S8, U8, U16, U32, U64, Bit, Custom, Parameter, Reserved, Text
from edge.llrp.parameters_c1g2 import (
    C1G2BlockEraseOpSpecResult,
    C1G2BlockPermalockOpSpecResult,
    C1G2BlockWriteOpSpecResult,
    C1G2GetBlockPermalockStatusOpSpecResult,
    C1G2KillOpSpecResult,
    C1G2LockOpSpecResult,
    C1G2ReadOpSpecResult,
    C1G2RecommissionOpSpecResult,
    C1G2SingulationDetails,
    C1G2WriteOpSpecResult,
    TagData,
)
from edge.llrp.parameters_common import (
    AccessSpecID,
    AntennaID,
    EPCParameter,
    InventoryParameterSpecID,
    OpSpecID,
    ROSpecID,
    SpecIndex,
    Timestamp,
)
from edge.llrp.parameters_gen2v2 import CryptoResponse, Gen2v2OpSpecResult


class PeakRSSI(Parameter, number=6):
    peak_rssi: S8


class ChannelIndex(Parameter, number=7):
    channel_index: U16


class FirstSeenTimestampUTC(Parameter, number=2):
    microseconds: U64


class FirstSeenTimestampUptime(Parameter, number=3):
    microseconds: U64


class LastSeenTimestampUTC(Parameter, number=4):
    microseconds: U64


class LastSeenTimestampUptime(Parameter, number=5):
    microseconds: U64


class TagSeenCount(Parameter, number=8):
    tag_count: U16


class ClientRequestOpSpecResult(Parameter, number=15):
    op_spec_id: U16


OpSpecResult = (
    C1G2ReadOpSpecResult
    | C1G2WriteOpSpecResult
    | C1G2KillOpSpecResult
    | C1G2RecommissionOpSpecResult
    | C1G2LockOpSpecResult
    | C1G2BlockEraseOpSpecResult
    | C1G2BlockWriteOpSpecResult
    | C1G2BlockPermalockOpSpecResult
    | C1G2GetBlockPermalockStatusOpSpecResult
    | Gen2v2OpSpecResult
    | ClientRequestOpSpecResult
)


class TagReportData(Parameter, number=240):
    epc: EPCParameter
    rospec_id: ROSpecID | None = None
    spec_index: SpecIndex | None = None
    inventory_parameter_spec_id: InventoryParameterSpecID | None = None
    antenna_id: AntennaID | None = None
    peak_rssi: PeakRSSI | None = None
    channel_index: ChannelIndex | None = None
    first_seen_timestamp_utc: FirstSeenTimestampUTC | None = None
    first_seen_timestamp_uptime: FirstSeenTimestampUptime | None = None
    last_seen_timestamp_utc: LastSeenTimestampUTC | None = None
    last_seen_timestamp_uptime: LastSeenTimestampUptime | None = None
    tag_seen_count: TagSeenCount | None = None
    tag_data: tuple[TagData, ...] = ()
    access_spec_id: AccessSpecID | None = None
    op_spec_results: tuple[OpSpecResult, ...] = ()
    crypto_response: CryptoResponse | None = None  # LLRP 2.0
    custom: tuple[Custom, ...] = ()


class FrequencyRSSILevelEntry(Parameter, number=243):
    frequency: U32
    bandwidth: U32
    average_rssi: S8
    peak_rssi: S8
    timestamp: Timestamp


class RFSurveyReportData(Parameter, number=242):
    rospec_id: ROSpecID | None = None
    spec_index: SpecIndex | None = None
    frequency_rssi_level_entries: tuple[FrequencyRSSILevelEntry, ...]
    custom: tuple[Custom, ...] = ()


class HoppingEvent(Parameter, number=247):
    hop_table_id: U16
    next_channel_index: U16


class GPIEvent(Parameter, number=248):
    gpi_port_number: U16
    gpi_event: Annotated[Bit, Reserved(7)] = False


class ROSpecEvent(Parameter, number=249):
    event_type: E8[ROSpecEventType]
    rospec_id: U32
    preempting_rospec_id: U32


class ReportBufferLevelWarningEvent(Parameter, number=250):
    report_buffer_percentage_full: U8


class ReportBufferOverflowErrorEvent(Parameter, number=251):
    pass


class ReaderExceptionEvent(Parameter, number=252):
    message: Text
    rospec_id: ROSpecID | None = None
    spec_index: SpecIndex | None = None
    inventory_parameter_spec_id: InventoryParameterSpecID | None = None
    antenna_id: AntennaID | None = None
    access_spec_id: AccessSpecID | None = None
    op_spec_id: OpSpecID | None = None
    custom: tuple[Custom, ...] = ()


class RFSurveyEvent(Parameter, number=253):
    event_type: E8[RFSurveyEventType]
    rospec_id: U32
    spec_index: U16


class AISpecEvent(Parameter, number=254):
    event_type: E8[AISpecEventType]
    rospec_id: U32
    spec_index: U16
    singulation_details: C1G2SingulationDetails | None = None


class AntennaEvent(Parameter, number=255):
    event_type: E8[AntennaEventType]
    antenna_id: U16


class ConnectionAttemptEvent(Parameter, number=256):
    status: E16[ConnectionAttemptStatusType]


class ConnectionCloseEvent(Parameter, number=257):
    pass


class SpecLoopEvent(Parameter, number=356):
    rospec_id: U32
    loop_count: U32


class ReaderEventNotificationData(Parameter, number=246):
    timestamp: Timestamp
    hopping_event: HoppingEvent | None = None
    gpi_event: GPIEvent | None = None
    rospec_event: ROSpecEvent | None = None
    report_buffer_level_warning_event: ReportBufferLevelWarningEvent | None = None
    report_buffer_overflow_error_event: ReportBufferOverflowErrorEvent | None = None
    reader_exception_event: ReaderExceptionEvent | None = None
    rf_survey_event: RFSurveyEvent | None = None
    aispec_event: AISpecEvent | None = None
    antenna_event: AntennaEvent | None = None
    connection_attempt_event: ConnectionAttemptEvent | None = None
    connection_close_event: ConnectionCloseEvent | None = None
    spec_loop_event: SpecLoopEvent | None = None
    custom: tuple[Custom, ...] = ()
