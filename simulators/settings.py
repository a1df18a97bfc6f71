"""How a simulated reader is set, asked for and changed over LLRP (LLRP 1.0.1 §12)."""

from collections.abc import Collection

import msgspec

from edge.llrp.constants import (
    AccessReportTriggerType,
    GPIPortState,
    KeepaliveTriggerType,
    NotificationEventType,
)
from edge.llrp.constants import GetReaderConfigRequestedData as Asked
from edge.llrp.fields import Custom
from edge.llrp.messages import GetReaderConfig, GetReaderConfigResponse, SetReaderConfig
from edge.llrp.parameters_access import AccessReportSpec
from edge.llrp.parameters_config import (
    AntennaProperties,
    EventNotificationState,
    EventsAndReports,
    GPIPortCurrentState,
    GPOWriteData,
    KeepaliveSpec,
    LLRPConfigurationStateValue,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_rospec import AntennaConfiguration, ROReportSpec
from simulators.antenna_check import check_antenna_configuration
from simulators.capabilities import antenna_configurations, identification
from simulators.device import Device
from simulators.profile import LLRP_1_1, Profile
from simulators.refusal import SUCCESS, wrong_field, wrong_parameter
from simulators.rospec_check import check_report_spec

_SHORTEST_KEEPALIVE_MS = 100
_ASKED_FIELDS = {  # of GET_READER_CONFIG_RESPONSE
    Asked.IDENTIFICATION: "identification",
    Asked.ANTENNA_PROPERTIES: "antenna_properties",
    Asked.ANTENNA_CONFIGURATION: "antenna_configurations",
    Asked.RO_REPORT_SPEC: "ro_report_spec",
    Asked.READER_EVENT_NOTIFICATION_SPEC: "reader_event_notification_spec",
    Asked.ACCESS_REPORT_SPEC: "access_report_spec",
    Asked.LLRP_CONFIGURATION_STATE_VALUE: "llrp_configuration_state_value",
    Asked.KEEPALIVE_SPEC: "keepalive_spec",
    Asked.GPI_PORT_CURRENT_STATE: "gpi_port_current_states",
    Asked.GPO_WRITE_DATA: "gpo_write_datas",
    Asked.EVENTS_AND_REPORTS: "events_and_reports",
}
# Fields of GET_READER_CONFIG that name a port, by their place, and what they are for.
_PORT_FIELDS: dict[int, tuple[str, set[int]]] = {
    0: ("AntennaID", {Asked.ALL, Asked.ANTENNA_PROPERTIES, Asked.ANTENNA_CONFIGURATION}),
    2: ("GPIPortNum", {Asked.ALL, Asked.GPI_PORT_CURRENT_STATE}),
    3: ("GPOPortNum", {Asked.ALL, Asked.GPO_WRITE_DATA}),
}

Customs = dict[type[Custom], Custom]  # a vendor's settings, the last of each kind


def event_types(profile: Profile) -> range:
    """Give the numbers of the events that the reader knows; 1.1 added one."""
    last = NotificationEventType.ANTENNA_EVENT
    return range(
        (NotificationEventType.SPEC_LOOP_EVENT if profile.version >= LLRP_1_1 else last) + 1
    )


class Settings:
    """All that SET_READER_CONFIG sets; it lasts as long as the connection (§12.1.3).

    Only whether events and reports are held is kept over a connection's end: it is meant for it.
    """

    def __init__(self, profile: Profile, device: Device) -> None:
        self._profile, self._device = profile, device
        self._state_value = 0
        self.holds_on_reconnect = False
        self.reset()

    def reset(self) -> None:
        defaults = self._profile.defaults
        self.events = {kind: kind in defaults.events for kind in event_types(self._profile)}
        self.report_spec = ROReportSpec(
            ro_report_trigger=defaults.report_trigger,
            n=1,
            tag_report_content_selector=defaults.selector,
        )
        self.access_report_spec = AccessReportSpec(
            access_report_trigger=defaults.access_report_trigger
        )
        kind = KeepaliveTriggerType.PERIODIC if defaults.keepalive_ms else KeepaliveTriggerType.NULL
        self.keepalive = KeepaliveSpec(
            keepalive_trigger_type=kind, periodic_trigger_value=defaults.keepalive_ms
        )
        self.gpis_enabled = dict.fromkeys(self._device.gpis, defaults.gpis_enabled)
        self.antennas = antenna_configurations(self._profile)
        self.customs = Customs()

    @property
    def keepalive_s(self) -> float | None:
        is_periodic = self.keepalive.keepalive_trigger_type == KeepaliveTriggerType.PERIODIC
        return self.keepalive.periodic_trigger_value / 1000 if is_periodic else None

    def tell(self, request: GetReaderConfig) -> GetReaderConfigResponse:
        """Answer GET_READER_CONFIG; raise Refused for what the reader does not have."""
        asked = request.requested_data
        if asked not in Asked.__members__.values() and not request.custom:
            raise wrong_field(f"RequestedData {asked}, allowed are 0 to 11", 1)
        antennas = self._wanted(request, 0, request.antenna_id, self._profile.antenna_ports)
        gpis = self._wanted(request, 2, request.gpi_port_num, self._device.gpis)
        gpos = self._wanted(request, 3, request.gpo_port_num, self._device.gpos)
        everything = self._everything(antennas, gpis, gpos)
        nothing: dict[str, object] = {
            name: () if isinstance(getattr(everything, name), tuple) else None
            for what, name in _ASKED_FIELDS.items()
            if asked not in {Asked.ALL, what}
        }
        return msgspec.structs.replace(everything, **nothing)

    def _wanted(
        self, request: GetReaderConfig, field: int, number: int, known: Collection[int]
    ) -> Collection[int]:
        """Give the ports that a field of the request means; 0 is all of them (§12.1.1).

        Where nothing is asked for that the field speaks of, it is ignored.
        """
        name, kinds = _PORT_FIELDS[field]
        if not number or request.requested_data not in kinds:
            return known
        if number not in known:
            has = f"the reader has 1 to {len(known)}, and 0 means all" if known else "there is none"
            raise wrong_field(f"{name} {number}, {has}", field)
        return [number]

    def _everything(
        self, antennas: Collection[int], gpis: Collection[int], gpos: Collection[int]
    ) -> GetReaderConfigResponse:
        return GetReaderConfigResponse(
            llrp_status=SUCCESS,
            identification=identification(self._profile),
            antenna_properties=tuple(map(self._properties, antennas)),
            antenna_configurations=tuple(self.antennas[port] for port in antennas),
            reader_event_notification_spec=self._event_spec(),
            ro_report_spec=self.report_spec,
            access_report_spec=self.access_report_spec,
            llrp_configuration_state_value=LLRPConfigurationStateValue(
                llrp_configuration_state_value=self._state_value
            ),
            keepalive_spec=self.keepalive,
            gpi_port_current_states=tuple(map(self._gpi, gpis)),
            gpo_write_datas=tuple(
                GPOWriteData(gpo_port_number=port, gpo_data=self._device.gpos[port])
                for port in gpos
            ),
            events_and_reports=EventsAndReports(
                hold_events_and_reports_upon_reconnect=self.holds_on_reconnect
            ),
        )

    def _properties(self, port: int) -> AntennaProperties:
        return AntennaProperties(
            antenna_connected=self._device.is_connected(port),
            antenna_id=port,
            antenna_gain=self._profile.antenna_gain,
        )

    def _gpi(self, port: int) -> GPIPortCurrentState:
        state = GPIPortState.HIGH if self._device.gpis[port] else GPIPortState.LOW
        return GPIPortCurrentState(gpi_port_num=port, config=self.gpis_enabled[port], state=state)

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
                self.antennas[port] = _merged(self.antennas[port], wanted)
        self.report_spec = request.ro_report_spec or self.report_spec
        self.access_report_spec = request.access_report_spec or self.access_report_spec
        self.keepalive = request.keepalive_spec or self.keepalive
        self._device.gpos |= {one.gpo_port_number: one.gpo_data for one in request.gpo_write_datas}
        self.gpis_enabled |= {
            one.gpi_port_num: one.config for one in request.gpi_port_current_states
        }
        if request.events_and_reports:
            hold = request.events_and_reports.hold_events_and_reports_upon_reconnect
            self.holds_on_reconnect = hold
        self.customs |= {type(custom): custom for custom in request.custom}
        self._state_value += 1

    def _check(self, request: SetReaderConfig) -> None:
        if request.ro_report_spec:
            check_report_spec(request.ro_report_spec, self._profile)
        for configuration in request.antenna_configurations:
            check_antenna_configuration(configuration, self._profile)
        for properties in request.antenna_properties:
            why = "the reader's antenna properties cannot be set"
            raise wrong_parameter(type(properties), why)
        for gpo in request.gpo_write_datas:
            if gpo.gpo_port_number not in self._device.gpos:
                why = f"GPO port {gpo.gpo_port_number}, the reader has 1 to {self._profile.gpos}"
                raise wrong_parameter(GPOWriteData, why, 0)
        for gpi in request.gpi_port_current_states:
            if gpi.gpi_port_num not in self._device.gpis:
                why = f"GPI port {gpi.gpi_port_num}, the reader has 1 to {self._profile.gpis}"
                raise wrong_parameter(GPIPortCurrentState, why, 0)
        self._check_triggers(request)

    def _check_triggers(self, request: SetReaderConfig) -> None:
        keepalive = request.keepalive_spec
        if keepalive and keepalive.keepalive_trigger_type == KeepaliveTriggerType.PERIODIC:
            period_ms = keepalive.periodic_trigger_value
            if period_ms < _SHORTEST_KEEPALIVE_MS:
                why = f"{period_ms} ms, allowed are {_SHORTEST_KEEPALIVE_MS} or more"
                raise wrong_parameter(KeepaliveSpec, why, 1)
        access = request.access_report_spec
        known = AccessReportTriggerType.__members__.values()
        if access and access.access_report_trigger not in known:
            why = f"AccessReportTrigger {access.access_report_trigger}, allowed are 0 and 1"
            raise wrong_parameter(AccessReportSpec, why, 0)
        events = request.reader_event_notification_spec
        for state in events.event_notification_states if events else ():
            if state.event_type not in self.events:
                why = f"event type {state.event_type}, allowed are 0 to {len(self.events) - 1}"
                raise wrong_parameter(EventNotificationState, why, 0)


def _merged(old: AntennaConfiguration, new: AntennaConfiguration) -> AntennaConfiguration:
    """Keep of the old what the new leaves out."""
    return AntennaConfiguration(
        antenna_id=old.antenna_id,
        rf_receiver=new.rf_receiver or old.rf_receiver,
        rf_transmitter=new.rf_transmitter or old.rf_transmitter,
        inventory_commands=new.inventory_commands or old.inventory_commands,
    )
