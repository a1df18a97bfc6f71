"""How a simulated reader is set, asked for and changed over LLRP (LLRP 1.0.1 §12)."""

import msgspec

from edge.llrp.constants import (
    AccessReportTriggerType,
    KeepaliveTriggerType,
    NotificationEventType,
    ROReportTriggerType,
)
from edge.llrp.constants import GetReaderConfigRequestedData as Asked
from edge.llrp.messages import GetReaderConfig, GetReaderConfigResponse, SetReaderConfig
from edge.llrp.parameters_access import AccessReportSpec
from edge.llrp.parameters_config import (
    EventNotificationState,
    EventsAndReports,
    KeepaliveSpec,
    LLRPConfigurationStateValue,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_rospec import (
    AntennaConfiguration,
    ROReportSpec,
    TagReportContentSelector,
)
from simulators.profile import Profile
from simulators.refusal import SUCCESS, wrong_field, wrong_parameter
from simulators.rospec_check import (
    check_antenna_configuration,
    check_no_extension,
    check_report_spec,
)

_SHORTEST_KEEPALIVE_MS = 100
_KNOWN_EVENTS = range(NotificationEventType.ANTENNA_EVENT + 1)  # 1.0.1 has no others
_ASKED_FIELDS = {  # of GET_READER_CONFIG_RESPONSE
    Asked.IDENTIFICATION: "identification",
    Asked.ANTENNA_PROPERTIES: "antenna_properties",
    Asked.ANTENNA_CONFIGURATION: "antenna_configurations",
    Asked.RO_REPORT_SPEC: "ro_report_spec",
    Asked.READER_EVENT_NOTIFICATION_SPEC: "reader_event_notification_spec",
    Asked.ACCESS_REPORT_SPEC: "access_report_spec",
    Asked.LLRP_CONFIGURATION_STATE_VALUE: "llrp_configuration_state_value",
    Asked.KEEPALIVE_SPEC: "keepalive_spec",
    Asked.EVENTS_AND_REPORTS: "events_and_reports",
}


class Settings:
    """All that SET_READER_CONFIG sets; it lasts as long as the connection (§12.1.3).

    Only whether events and reports are held is kept over a connection's end: it is meant for it.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._state_value = 0
        self.holds_on_reconnect = False
        self.reset()

    def reset(self) -> None:
        self.events = dict.fromkeys(_KNOWN_EVENTS, False)
        self.report_spec = ROReportSpec(
            ro_report_trigger=ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC,
            n=1,
            tag_report_content_selector=TagReportContentSelector(
                enable_antenna_id=True,
                enable_peak_rssi=True,
                enable_first_seen_timestamp=True,
                enable_last_seen_timestamp=True,
                enable_tag_seen_count=True,
            ),
        )
        self.access_report_spec = AccessReportSpec(
            access_report_trigger=AccessReportTriggerType.WHENEVER_ROREPORT_IS_GENERATED
        )
        self.keepalive = KeepaliveSpec(
            keepalive_trigger_type=KeepaliveTriggerType.NULL, periodic_trigger_value=0
        )
        self._antennas = {
            configuration.antenna_id: configuration
            for configuration in self._profile.antenna_configurations()
        }

    @property
    def keepalive_s(self) -> float | None:
        is_periodic = self.keepalive.keepalive_trigger_type == KeepaliveTriggerType.PERIODIC
        return self.keepalive.periodic_trigger_value / 1000 if is_periodic else None

    def tell(self, request: GetReaderConfig) -> GetReaderConfigResponse:
        """Answer GET_READER_CONFIG; raise Refused for what the reader does not have."""
        asked = request.requested_data
        if asked not in Asked.__members__.values():
            raise wrong_field(f"RequestedData {asked}, allowed are 0 to 11", 1)
        if request.antenna_id and request.antenna_id not in self._profile.antenna_ports:
            raise wrong_field(f"AntennaID {request.antenna_id}, {self._known_antennas()}", 0)
        if asked == Asked.GPI_PORT_CURRENT_STATE and request.gpi_port_num:
            raise wrong_field(f"GPIPortNum {request.gpi_port_num}, the reader has none", 2)
        if asked == Asked.GPO_WRITE_DATA and request.gpo_port_num:
            raise wrong_field(f"GPOPortNum {request.gpo_port_num}, the reader has none", 3)
        return self._answer(asked, request.antenna_id)

    def _answer(self, asked: int, antenna_id: int) -> GetReaderConfigResponse:
        ports = [antenna_id] if antenna_id else list(self._profile.antenna_ports)
        properties = self._profile.antenna_properties()
        everything = GetReaderConfigResponse(
            llrp_status=SUCCESS,
            identification=self._profile.identification(),
            antenna_properties=tuple(one for one in properties if one.antenna_id in ports),
            antenna_configurations=tuple(self._antennas[port] for port in ports),
            reader_event_notification_spec=self._event_spec(),
            ro_report_spec=self.report_spec,
            access_report_spec=self.access_report_spec,
            llrp_configuration_state_value=LLRPConfigurationStateValue(
                llrp_configuration_state_value=self._state_value
            ),
            keepalive_spec=self.keepalive,
            events_and_reports=EventsAndReports(
                hold_events_and_reports_upon_reconnect=self.holds_on_reconnect
            ),
        )
        nothing: dict[str, object] = {
            name: () if isinstance(getattr(everything, name), tuple) else None
            for what, name in _ASKED_FIELDS.items()
            if asked not in {Asked.ALL, what}
        }
        return msgspec.structs.replace(everything, **nothing)

    def _event_spec(self) -> ReaderEventNotificationSpec:
        return ReaderEventNotificationSpec(
            event_notification_states=tuple(
                EventNotificationState(event_type=event, notification_state=on)
                for event, on in self.events.items()
            )
        )

    def change(self, request: SetReaderConfig) -> None:
        """Do what SET_READER_CONFIG wants, or raise Refused and leave everything as it was."""
        self._check(request)
        if request.reset_to_factory_default:
            self.reset()
            self.holds_on_reconnect = False
        if spec := request.reader_event_notification_spec:
            self.events |= {
                state.event_type: state.notification_state
                for state in spec.event_notification_states
            }
        for wanted in request.antenna_configurations:
            ports = [wanted.antenna_id] if wanted.antenna_id else self._profile.antenna_ports
            for port in ports:
                self._antennas[port] = _merged(self._antennas[port], wanted)
        self.report_spec = request.ro_report_spec or self.report_spec
        self.access_report_spec = request.access_report_spec or self.access_report_spec
        self.keepalive = request.keepalive_spec or self.keepalive
        if request.events_and_reports:
            hold = request.events_and_reports.hold_events_and_reports_upon_reconnect
            self.holds_on_reconnect = hold
        self._state_value += 1

    def _check(self, request: SetReaderConfig) -> None:
        check_no_extension(request)
        if request.ro_report_spec:
            check_report_spec(request.ro_report_spec)
        for configuration in request.antenna_configurations:
            check_antenna_configuration(configuration, self._profile)
        for properties in request.antenna_properties:
            why = "the reader's antenna properties cannot be set"
            raise wrong_parameter(type(properties), why)
        for port in (*request.gpo_write_datas, *request.gpi_port_current_states):
            raise wrong_parameter(type(port), "the reader has no such port", 0)
        keepalive = request.keepalive_spec
        if keepalive and keepalive.keepalive_trigger_type == KeepaliveTriggerType.PERIODIC:
            period_ms = keepalive.periodic_trigger_value
            if period_ms < _SHORTEST_KEEPALIVE_MS:
                why = f"{period_ms} ms, allowed are {_SHORTEST_KEEPALIVE_MS} or more"
                raise wrong_parameter(KeepaliveSpec, why, 1)
        events = request.reader_event_notification_spec
        for state in events.event_notification_states if events else ():
            if state.event_type not in _KNOWN_EVENTS:
                why = f"event type {state.event_type}, allowed are 0 to {_KNOWN_EVENTS[-1]}"
                raise wrong_parameter(EventNotificationState, why, 0)

    def _known_antennas(self) -> str:
        return f"the reader has 1 to {self._profile.antennas}, and 0 means all"


def _merged(old: AntennaConfiguration, new: AntennaConfiguration) -> AntennaConfiguration:
    """Keep of the old what the new leaves out."""
    return AntennaConfiguration(
        antenna_id=old.antenna_id,
        rf_receiver=new.rf_receiver or old.rf_receiver,
        rf_transmitter=new.rf_transmitter or old.rf_transmitter,
        inventory_commands=new.inventory_commands or old.inventory_commands,
    )
