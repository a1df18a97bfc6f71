"""How a reader is set (LLRP 1.0.1 §16.2.6 and §16.2.7.5); antennas and ports count from 1."""

from typing import Annotated

from edge.llrp.constants import (
    GPIPortState,
    IdentificationType,
    KeepaliveTriggerType,
    NotificationEventType,
)
from edge.llrp.fields import E8, E16, S16, U16, U32, Bit, Octets, Parameter, Reserved


class LLRPConfigurationStateValue(Parameter, number=217):
    llrp_configuration_state_value: U32


class Identification(Parameter, number=218):
    id_type: E8[IdentificationType]
    reader_id: Octets


class GPOWriteData(Parameter, number=219):
    gpo_port_number: U16
    gpo_data: Annotated[Bit, Reserved(7)] = False


class KeepaliveSpec(Parameter, number=220):
    keepalive_trigger_type: E8[KeepaliveTriggerType]
    periodic_trigger_value: U32


class AntennaProperties(Parameter, number=221):
    antenna_connected: Annotated[Bit, Reserved(7)] = False
    antenna_id: U16
    antenna_gain: S16


class GPIPortCurrentState(Parameter, number=225):
    gpi_port_num: U16
    config: Annotated[Bit, Reserved(7)] = False
    state: E8[GPIPortState]


class EventsAndReports(Parameter, number=226):
    hold_events_and_reports_upon_reconnect: Annotated[Bit, Reserved(7)] = False


class EventNotificationState(Parameter, number=245):
    event_type: E16[NotificationEventType]
    notification_state: Annotated[Bit, Reserved(7)] = False


class ReaderEventNotificationSpec(Parameter, number=244):
    event_notification_states: tuple[EventNotificationState, ...]
