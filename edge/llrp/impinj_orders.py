"""What Impinj's own parameters say to a reader: sent to readers of this maker only.

They count from IMPINJ_ENABLE_EXTENSIONS on, which is due on every connection.  What a
TagReportContentSelector leaves out is off; it has its place in an ROReportSpec only.
"""

from edge.llrp.fields import Custom
from edge.llrp.impinj import (
    ImpinjEnablePeakRSSI,
    ImpinjEnableRFPhaseAngle,
    ImpinjEnableSerializedTID,
    ImpinjInventorySearchMode,
    ImpinjInventorySearchType,
    ImpinjLinkMonitorConfiguration,
    ImpinjLinkMonitorMode,
    ImpinjLowDutyCycle,
    ImpinjLowDutyCycleMode,
    ImpinjPeakRSSIMode,
    ImpinjReportBufferConfiguration,
    ImpinjReportBufferMode,
    ImpinjRFPhaseAngleMode,
    ImpinjSerializedTIDMode,
    ImpinjTagReportContentSelector,
)
from edge.llrp.settings import ImpinjSettings
from edge.options import SearchMode

LINK_DOWN_THRESHOLD = 3  # keepalives without acknowledgement, after which the reader is free again

_SEARCH = {
    SearchMode.READER_SELECTED: ImpinjInventorySearchType.READER_SELECTED,
    SearchMode.SINGLE_TARGET: ImpinjInventorySearchType.SINGLE_TARGET,
    SearchMode.DUAL_TARGET: ImpinjInventorySearchType.DUAL_TARGET,
    SearchMode.TAG_FOCUS: ImpinjInventorySearchType.SINGLE_TARGET_WITH_SUPPRESSION,
}


def of_configuration(settings: ImpinjSettings) -> tuple[Custom, ...]:
    """Have the reader drop a client that has gone: its place would stay taken otherwise."""
    monitor = ImpinjLinkMonitorConfiguration(
        link_monitor_mode=ImpinjLinkMonitorMode.ENABLED, link_down_threshold=LINK_DOWN_THRESHOLD
    )
    low_latency = settings.low_latency
    mode = ImpinjReportBufferMode.LOW_LATENCY if low_latency else ImpinjReportBufferMode.NORMAL
    return monitor, ImpinjReportBufferConfiguration(report_buffer_mode=mode)


def of_inventory(settings: ImpinjSettings) -> tuple[Custom, ...]:
    customs: list[Custom] = []
    if settings.search_mode is not None:
        search = _SEARCH[settings.search_mode]
        customs.append(ImpinjInventorySearchMode(inventory_search_mode=search))
    if cycle := settings.low_duty_cycle:
        customs.append(
            ImpinjLowDutyCycle(
                low_duty_cycle_mode=ImpinjLowDutyCycleMode.ENABLED,
                empty_field_timeout=cycle.empty_field_ms,
                field_ping_interval=cycle.ping_ms,
            )
        )
    return tuple(customs)


def of_report(settings: ImpinjSettings) -> tuple[Custom, ...]:
    """Ask for the signal strength in hundredths of dBm, and for what else is wanted."""
    selector = ImpinjTagReportContentSelector(
        impinj_enable_serialized_tid=(
            ImpinjEnableSerializedTID(serialized_tid_mode=ImpinjSerializedTIDMode.ENABLED)
            if settings.serialized_tid
            else None
        ),
        impinj_enable_rf_phase_angle=(
            ImpinjEnableRFPhaseAngle(rf_phase_angle_mode=ImpinjRFPhaseAngleMode.ENABLED)
            if settings.phase
            else None
        ),
        impinj_enable_peak_rssi=ImpinjEnablePeakRSSI(peak_rssi_mode=ImpinjPeakRSSIMode.ENABLED),
    )
    return (selector,)
