"""What a store wants of an LLRP reader, and the orders to the reader that say so."""

from dataclasses import dataclass

from edge.llrp.constants import (
    AirProtocols,
    AISpecStopTriggerType,
    KeepaliveTriggerType,
    NotificationEventType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
    ROSpecStopTriggerType,
)
from edge.llrp.messages import SetReaderConfig
from edge.llrp.parameters_c1g2 import C1G2InventoryCommand, C1G2SingulationControl
from edge.llrp.parameters_config import (
    EventNotificationState,
    KeepaliveSpec,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    AntennaConfiguration,
    InventoryParameterSpec,
    PeriodicTriggerValue,
    ROBoundarySpec,
    ROReportSpec,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagReportContentSelector,
)

ALL_ANTENNAS = 0
_EVENTS = (
    NotificationEventType.ROSPEC_EVENT,
    NotificationEventType.REPORT_BUFFER_FILL_WARNING,
    NotificationEventType.READER_EXCEPTION_EVENT,
    NotificationEventType.ANTENNA_EVENT,
)


@dataclass(frozen=True, slots=True)
class LlrpSettings:
    """How one LLRP reader is used.

    A reader reports whenever it has `report_tags` tags, or with `report_period_ms` what it has seen
    in each such period.  `rospec_id` is ours alone: a ROSpec of that number is replaced, others are
    left as they are.
    """

    antenna_ports: tuple[int, ...] = ()  # none: all that the reader has
    gen2_session: int = 1  # some readers see little in session 2 and 3
    tag_population: int = 32  # how many tags a round should reckon with at first
    report_tags: int = 1
    report_period_ms: int | None = None
    rospec_id: int = 0x7A6
    keepalive_s: float = 10.0  # shorter ones trouble Impinj readers
    connect_timeout_s: float = 10.0  # for the reader's first word
    request_timeout_s: float = 15.0  # some answers take an Impinj reader 10 s


def rospec(settings: LlrpSettings) -> ROSpec:
    """Make the ROSpec: inventory without end on all the antennas, to be added, enabled, started.

    With a period it starts itself once it is enabled, for one period each time.
    """
    return ROSpec(
        rospec_id=settings.rospec_id,
        priority=0,
        current_state=ROSpecState.DISABLED,
        ro_boundary_spec=ROBoundarySpec(
            start_trigger=_start_trigger(settings),
            stop_trigger=ROSpecStopTrigger(
                rospec_stop_trigger_type=ROSpecStopTriggerType.NULL, duration_trigger_value=0
            ),
        ),
        specs=(_aispec(settings),),
        ro_report_spec=_report_spec(settings),
    )


def _start_trigger(settings: LlrpSettings) -> ROSpecStartTrigger:
    if settings.report_period_ms is None:
        return ROSpecStartTrigger(rospec_start_trigger_type=ROSpecStartTriggerType.NULL)
    return ROSpecStartTrigger(
        rospec_start_trigger_type=ROSpecStartTriggerType.PERIODIC,
        periodic_trigger_value=PeriodicTriggerValue(offset=0, period=settings.report_period_ms),
    )


def _aispec(settings: LlrpSettings) -> AISpec:
    period = settings.report_period_ms
    stop = AISpecStopTriggerType.DURATION if period else AISpecStopTriggerType.NULL
    singulation = C1G2SingulationControl(
        session=settings.gen2_session, tag_population=settings.tag_population, tag_transit_time=0
    )
    antennas = AntennaConfiguration(
        antenna_id=ALL_ANTENNAS,
        inventory_commands=(C1G2InventoryCommand(singulation_control=singulation),),
    )
    return AISpec(
        antenna_ids=settings.antenna_ports or (ALL_ANTENNAS,),
        stop_trigger=AISpecStopTrigger(aispec_stop_trigger_type=stop, duration_trigger=period or 0),
        inventory_parameter_specs=(
            InventoryParameterSpec(
                inventory_parameter_spec_id=1,
                protocol_id=AirProtocols.EPC_GLOBAL_CLASS1_GEN2,
                antenna_configurations=(antennas,),
            ),
        ),
    )


def _report_spec(settings: LlrpSettings) -> ROReportSpec:
    trigger, tags = ROReportTriggerType.UPON_N_TAGS_OR_END_OF_ROSPEC, settings.report_tags
    if settings.report_period_ms is not None:
        trigger, tags = ROReportTriggerType.UPON_N_TAGS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC, 0
    return ROReportSpec(
        ro_report_trigger=trigger,
        n=tags,
        tag_report_content_selector=TagReportContentSelector(
            enable_antenna_id=True,
            enable_peak_rssi=True,
            enable_last_seen_timestamp=True,
            enable_tag_seen_count=True,
        ),
    )


def reader_config(settings: LlrpSettings, *, with_events: bool) -> SetReaderConfig:
    """Ask for keepalives and for word of what happens to the reader; leave all else as it is."""
    states = tuple(
        EventNotificationState(event_type=event, notification_state=True) for event in _EVENTS
    )
    return SetReaderConfig(
        reset_to_factory_default=False,
        reader_event_notification_spec=(
            ReaderEventNotificationSpec(event_notification_states=states) if with_events else None
        ),
        keepalive_spec=KeepaliveSpec(
            keepalive_trigger_type=KeepaliveTriggerType.PERIODIC,
            periodic_trigger_value=round(settings.keepalive_s * 1000),
        ),
    )
