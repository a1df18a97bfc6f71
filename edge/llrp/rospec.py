"""The orders to a reader that say what a store wants of it, and plainer ones for poorer readers."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from edge.llrp import impinj_orders
from edge.llrp.capabilities import Capabilities
from edge.llrp.constants import (
    AirProtocols,
    AISpecStopTriggerType,
    GPIPortState,
    KeepaliveTriggerType,
    NotificationEventType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecState,
    ROSpecStopTriggerType,
)
from edge.llrp.messages import SetReaderConfig
from edge.llrp.parameters_c1g2 import (
    C1G2EPCMemorySelector,
    C1G2InventoryCommand,
    C1G2RFControl,
    C1G2SingulationControl,
)
from edge.llrp.parameters_config import (
    EventNotificationState,
    EventsAndReports,
    GPIPortCurrentState,
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
from edge.llrp.settings import LlrpSettings
from edge.llrp.wishes import ALL_ANTENNAS, Granted

LAP_MS = 60_000  # of an AISpec that must end: its ROSpec is started again then
ENDLESS = "AISpecs that never end"
_PC_BITS = (C1G2EPCMemorySelector(enable_pc_bits=True),)
_EVENTS = (
    NotificationEventType.GPI_EVENT,
    NotificationEventType.ROSPEC_EVENT,
    NotificationEventType.REPORT_BUFFER_FILL_WARNING,
    NotificationEventType.READER_EXCEPTION_EVENT,
    NotificationEventType.ANTENNA_EVENT,
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which parts of a ROSpec are there; readers refuse those that they do not know."""

    without: str = ""
    vendor: bool = True
    endless: bool = True
    gen2: bool = True


# What a reader that refuses the whole ROSpec is offered next.  Power is never left out: a reader
# that does not take it would radiate what nobody has said.
_SHAPES = (
    _Shape(),
    _Shape("the vendor's extensions", vendor=False),
    _Shape(ENDLESS, vendor=False, endless=False),
    _Shape("session, population and RF mode", vendor=False, gen2=False),
    _Shape(
        f"session, population, RF mode and {ENDLESS}",
        vendor=False,
        endless=False,
        gen2=False,
    ),
)


def rospecs(
    settings: LlrpSettings, capabilities: Capabilities, granted: Granted
) -> Iterator[tuple[str, ROSpec]]:
    """Yield the ROSpec that is wanted and then plainer ones, each with what it is without."""
    before: list[ROSpec] = []
    for shape in _SHAPES:
        spec = _rospec(settings, capabilities, granted, shape)
        if spec not in before:
            before.append(spec)
            yield shape.without, spec


def rospec(
    settings: LlrpSettings,
    capabilities: Capabilities | None = None,
    granted: Granted | None = None,
) -> ROSpec:
    """Make the ROSpec: inventory without end on all the antennas, to be added, enabled, started.

    With a period it starts itself once it is enabled, for one period each time.
    """
    return _rospec(settings, capabilities or Capabilities(), granted or Granted(), _SHAPES[0])


def _rospec(
    settings: LlrpSettings, capabilities: Capabilities, granted: Granted, shape: _Shape
) -> ROSpec:
    is_impinj = capabilities.is_impinj and shape.vendor
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
        specs=(_aispec(settings, granted, shape, is_impinj=is_impinj),),
        ro_report_spec=_report_spec(settings, is_impinj=is_impinj),
    )


def _start_trigger(settings: LlrpSettings) -> ROSpecStartTrigger:
    if settings.report_period_ms is None:
        return ROSpecStartTrigger(rospec_start_trigger_type=ROSpecStartTriggerType.NULL)
    return ROSpecStartTrigger(
        rospec_start_trigger_type=ROSpecStartTriggerType.PERIODIC,
        periodic_trigger_value=PeriodicTriggerValue(offset=0, period=settings.report_period_ms),
    )


def _aispec(settings: LlrpSettings, granted: Granted, shape: _Shape, *, is_impinj: bool) -> AISpec:
    duration_ms = settings.report_period_ms or (0 if shape.endless else LAP_MS)
    stop = AISpecStopTriggerType.DURATION if duration_ms else AISpecStopTriggerType.NULL
    return AISpec(
        antenna_ids=settings.antenna_ports or (ALL_ANTENNAS,),
        stop_trigger=AISpecStopTrigger(aispec_stop_trigger_type=stop, duration_trigger=duration_ms),
        inventory_parameter_specs=(
            InventoryParameterSpec(
                inventory_parameter_spec_id=1,
                protocol_id=AirProtocols.EPC_GLOBAL_CLASS1_GEN2,
                antenna_configurations=_antennas(settings, granted, shape, is_impinj=is_impinj),
            ),
        ),
    )


def _antennas(
    settings: LlrpSettings, granted: Granted, shape: _Shape, *, is_impinj: bool
) -> tuple[AntennaConfiguration, ...]:
    commands = (_command(settings, granted, is_impinj=is_impinj),) if shape.gen2 else ()
    ports = granted.transmitters or ((ALL_ANTENNAS,) if commands else ())
    return tuple(
        AntennaConfiguration(
            antenna_id=port,
            rf_transmitter=granted.transmitters.get(port),
            inventory_commands=commands,
        )
        for port in ports
    )


def _command(settings: LlrpSettings, granted: Granted, *, is_impinj: bool) -> C1G2InventoryCommand:
    mode = granted.rf_mode
    return C1G2InventoryCommand(
        rf_control=None if mode is None else C1G2RFControl(mode_index=mode, tari=0),
        singulation_control=C1G2SingulationControl(
            session=settings.gen2_session,
            tag_population=settings.tag_population,
            tag_transit_time=0,
        ),
        custom=impinj_orders.of_inventory(settings.impinj) if is_impinj else (),
    )


def _report_spec(settings: LlrpSettings, *, is_impinj: bool) -> ROReportSpec:
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
            epc_memory_selectors=_PC_BITS if settings.pc_bits else (),
        ),
        custom=impinj_orders.of_report(settings.impinj) if is_impinj else (),
    )


def reader_configs(
    settings: LlrpSettings, capabilities: Capabilities
) -> Iterator[tuple[str, SetReaderConfig]]:
    """Yield what the reader is to be set to, and then less, each with what it is without.

    Keepalives are asked for in all of them, and nothing that is not named is changed.
    """
    is_impinj, inputs = capabilities.is_impinj, range(1, capabilities.gpis + 1)
    config = SetReaderConfig(
        reset_to_factory_default=settings.factory_reset,
        reader_event_notification_spec=_event_spec(),
        keepalive_spec=KeepaliveSpec(
            keepalive_trigger_type=KeepaliveTriggerType.PERIODIC,
            periodic_trigger_value=round(settings.keepalive_s * 1000),
        ),
        gpi_port_current_states=tuple(_input(port) for port in inputs),
        events_and_reports=_HELD if capabilities.holds_reports else None,
        custom=impinj_orders.of_configuration(settings.impinj) if is_impinj else (),
    )
    yield "", config
    without: list[str] = []
    for name, change in _LESS.items():
        less = msgspec.structs.replace(config, **change)
        if less != config:
            config = less
            without.append(name)
            yield ", ".join(without), config


_HELD = EventsAndReports(hold_events_and_reports_upon_reconnect=True)
_LESS: dict[str, dict[str, object]] = {
    "the vendor's extensions": {"custom": ()},
    "its inputs": {"gpi_port_current_states": ()},
    "reports held for a client that comes back": {"events_and_reports": None},
    "word of what happens to it": {"reader_event_notification_spec": None},
}


def _input(port: int) -> GPIPortCurrentState:
    """Ask for word of an input's changes; its state is not ours to say."""
    return GPIPortCurrentState(gpi_port_num=port, config=True, state=GPIPortState.UNKNOWN)


def _event_spec() -> ReaderEventNotificationSpec:
    return ReaderEventNotificationSpec(
        event_notification_states=tuple(
            EventNotificationState(event_type=event, notification_state=True) for event in _EVENTS
        )
    )
