"""All messages (LLRP 1.0.1 §16.1; 1.1 added the four about versions).

Names are the standard's: ADD_ROSPEC is AddROSpec.  Vendors' messages are in `impinj` and `zebra`.
"""

from typing import Annotated

from edge.llrp.constants import (
    GetReaderCapabilitiesRequestedData,
    GetReaderConfigRequestedData,
    MessageType,
)
from edge.llrp.fields import E8, U8, U16, U32, Bit, Custom, Message, Reserved
from edge.llrp.parameters_access import AccessReportSpec, AccessSpec, ClientRequestResponse
from edge.llrp.parameters_capabilities import (
    C1G2LLRPCapabilities,
    GeneralDeviceCapabilities,
    LLRPCapabilities,
    RegulatoryCapabilities,
)
from edge.llrp.parameters_common import LLRPStatus
from edge.llrp.parameters_config import (
    AntennaProperties,
    EventsAndReports,
    GPIPortCurrentState,
    GPOWriteData,
    Identification,
    KeepaliveSpec,
    LLRPConfigurationStateValue,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_gen2v2 import C1G2LLRPCapabilitiesGen2v2
from edge.llrp.parameters_report import (
    ReaderEventNotificationData,
    RFSurveyReportData,
    TagReportData,
)
from edge.llrp.parameters_rospec import AntennaConfiguration, ROReportSpec, ROSpec


class GetSupportedVersion(Message, number=MessageType.GET_SUPPORTED_VERSION):
    pass


class GetSupportedVersionResponse(Message, number=MessageType.GET_SUPPORTED_VERSION_RESPONSE):
    current_version: U8
    supported_version: U8
    llrp_status: LLRPStatus


class SetProtocolVersion(Message, number=MessageType.SET_PROTOCOL_VERSION):
    protocol_version: U8


class SetProtocolVersionResponse(Message, number=MessageType.SET_PROTOCOL_VERSION_RESPONSE):
    llrp_status: LLRPStatus


class GetReaderCapabilities(Message, number=MessageType.GET_READER_CAPABILITIES):
    requested_data: E8[GetReaderCapabilitiesRequestedData]
    custom: tuple[Custom, ...] = ()


class GetReaderCapabilitiesResponse(Message, number=MessageType.GET_READER_CAPABILITIES_RESPONSE):
    llrp_status: LLRPStatus
    general_device_capabilities: GeneralDeviceCapabilities | None = None
    llrp_capabilities: LLRPCapabilities | None = None
    regulatory_capabilities: RegulatoryCapabilities | None = None
    air_protocol_capabilities: C1G2LLRPCapabilities | C1G2LLRPCapabilitiesGen2v2 | None = None
    custom: tuple[Custom, ...] = ()


class AddROSpec(Message, number=MessageType.ADD_ROSPEC):
    rospec: ROSpec


class AddROSpecResponse(Message, number=MessageType.ADD_ROSPEC_RESPONSE):
    llrp_status: LLRPStatus


class DeleteROSpec(Message, number=MessageType.DELETE_ROSPEC):
    rospec_id: U32


class DeleteROSpecResponse(Message, number=MessageType.DELETE_ROSPEC_RESPONSE):
    llrp_status: LLRPStatus


class StartROSpec(Message, number=MessageType.START_ROSPEC):
    rospec_id: U32


class StartROSpecResponse(Message, number=MessageType.START_ROSPEC_RESPONSE):
    llrp_status: LLRPStatus


class StopROSpec(Message, number=MessageType.STOP_ROSPEC):
    rospec_id: U32


class StopROSpecResponse(Message, number=MessageType.STOP_ROSPEC_RESPONSE):
    llrp_status: LLRPStatus


class EnableROSpec(Message, number=MessageType.ENABLE_ROSPEC):
    rospec_id: U32


class EnableROSpecResponse(Message, number=MessageType.ENABLE_ROSPEC_RESPONSE):
    llrp_status: LLRPStatus


class DisableROSpec(Message, number=MessageType.DISABLE_ROSPEC):
    rospec_id: U32


class DisableROSpecResponse(Message, number=MessageType.DISABLE_ROSPEC_RESPONSE):
    llrp_status: LLRPStatus


class GetROSpecs(Message, number=MessageType.GET_ROSPECS):
    pass


class GetROSpecsResponse(Message, number=MessageType.GET_ROSPECS_RESPONSE):
    llrp_status: LLRPStatus
    rospecs: tuple[ROSpec, ...] = ()


class AddAccessSpec(Message, number=MessageType.ADD_ACCESSSPEC):
    access_spec: AccessSpec


class AddAccessSpecResponse(Message, number=MessageType.ADD_ACCESSSPEC_RESPONSE):
    llrp_status: LLRPStatus


class DeleteAccessSpec(Message, number=MessageType.DELETE_ACCESSSPEC):
    access_spec_id: U32


class DeleteAccessSpecResponse(Message, number=MessageType.DELETE_ACCESSSPEC_RESPONSE):
    llrp_status: LLRPStatus


class EnableAccessSpec(Message, number=MessageType.ENABLE_ACCESSSPEC):
    access_spec_id: U32


class EnableAccessSpecResponse(Message, number=MessageType.ENABLE_ACCESSSPEC_RESPONSE):
    llrp_status: LLRPStatus


class DisableAccessSpec(Message, number=MessageType.DISABLE_ACCESSSPEC):
    access_spec_id: U32


class DisableAccessSpecResponse(Message, number=MessageType.DISABLE_ACCESSSPEC_RESPONSE):
    llrp_status: LLRPStatus


class GetAccessSpecs(Message, number=MessageType.GET_ACCESSSPECS):
    pass


class GetAccessSpecsResponse(Message, number=MessageType.GET_ACCESSSPECS_RESPONSE):
    llrp_status: LLRPStatus
    access_specs: tuple[AccessSpec, ...] = ()


class GetReaderConfig(Message, number=MessageType.GET_READER_CONFIG):
    antenna_id: U16
    requested_data: E8[GetReaderConfigRequestedData]
    gpi_port_num: U16
    gpo_port_num: U16
    custom: tuple[Custom, ...] = ()


class GetReaderConfigResponse(Message, number=MessageType.GET_READER_CONFIG_RESPONSE):
    llrp_status: LLRPStatus
    identification: Identification | None = None
    antenna_properties: tuple[AntennaProperties, ...] = ()
    antenna_configurations: tuple[AntennaConfiguration, ...] = ()
    reader_event_notification_spec: ReaderEventNotificationSpec | None = None
    ro_report_spec: ROReportSpec | None = None
    access_report_spec: AccessReportSpec | None = None
    llrp_configuration_state_value: LLRPConfigurationStateValue | None = None
    keepalive_spec: KeepaliveSpec | None = None
    gpi_port_current_states: tuple[GPIPortCurrentState, ...] = ()
    gpo_write_datas: tuple[GPOWriteData, ...] = ()
    events_and_reports: EventsAndReports | None = None
    custom: tuple[Custom, ...] = ()


class SetReaderConfig(Message, number=MessageType.SET_READER_CONFIG):
    reset_to_factory_default: Annotated[Bit, Reserved(7)] = False
    reader_event_notification_spec: ReaderEventNotificationSpec | None = None
    antenna_properties: tuple[AntennaProperties, ...] = ()
    antenna_configurations: tuple[AntennaConfiguration, ...] = ()
    ro_report_spec: ROReportSpec | None = None
    access_report_spec: AccessReportSpec | None = None
    keepalive_spec: KeepaliveSpec | None = None
    gpo_write_datas: tuple[GPOWriteData, ...] = ()
    gpi_port_current_states: tuple[GPIPortCurrentState, ...] = ()
    events_and_reports: EventsAndReports | None = None
    custom: tuple[Custom, ...] = ()


class SetReaderConfigResponse(Message, number=MessageType.SET_READER_CONFIG_RESPONSE):
    llrp_status: LLRPStatus


class CloseConnection(Message, number=MessageType.CLOSE_CONNECTION):
    pass


class CloseConnectionResponse(Message, number=MessageType.CLOSE_CONNECTION_RESPONSE):
    llrp_status: LLRPStatus


class GetReport(Message, number=MessageType.GET_REPORT):
    pass


class ROAccessReport(Message, number=MessageType.RO_ACCESS_REPORT):
    tag_report_datas: tuple[TagReportData, ...] = ()
    rf_survey_report_datas: tuple[RFSurveyReportData, ...] = ()
    custom: tuple[Custom, ...] = ()


class Keepalive(Message, number=MessageType.KEEPALIVE):
    pass


class KeepaliveAck(Message, number=MessageType.KEEPALIVE_ACK):
    pass


class ReaderEventNotification(Message, number=MessageType.READER_EVENT_NOTIFICATION):
    reader_event_notification_data: ReaderEventNotificationData


class EnableEventsAndReports(Message, number=MessageType.ENABLE_EVENTS_AND_REPORTS):
    pass


class ErrorMessage(Message, number=MessageType.ERROR_MESSAGE):
    llrp_status: LLRPStatus


class ClientRequestOp(Message, number=MessageType.CLIENT_REQUEST_OP):
    tag_report_data: TagReportData


class ClientRequestOpResponse(Message, number=MessageType.CLIENT_REQUEST_OP_RESPONSE):
    client_request_response: ClientRequestResponse
