"""What a reader says of itself, as health events."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from edge.llrp.codec import Fault
from edge.llrp.constants import AntennaEventType, ConnectionAttemptStatusType
from edge.llrp.parameters_config import AntennaProperties
from edge.llrp.parameters_report import (
    AntennaEvent,
    ConnectionAttemptEvent,
    GPIEvent,
    ReaderEventNotificationData,
    ReaderExceptionEvent,
    ReportBufferLevelWarningEvent,
    ReportBufferOverflowErrorEvent,
)
from edge.model import HealthEvent, HealthKind

# Why a reader does not take a connection (LLRP 1.0.1 §13.2.6.11), by the status of its event.
CONNECTION_REFUSALS: dict[int, str] = {
    ConnectionAttemptStatusType.FAILED_A_READER_INITIATED_CONNECTION_ALREADY_EXISTS: (
        "it has called another client and talks to that one: look at what the reader is set to call"
    ),
    ConnectionAttemptStatusType.FAILED_A_CLIENT_INITIATED_CONNECTION_ALREADY_EXISTS: (
        "another client is connected, which may be another gateway, the vendor's own software or a "
        "test tool, or an earlier connection of ours is not given up yet"
    ),
    ConnectionAttemptStatusType.FAILED_REASON_OTHER_THAN_A_CONNECTION_ALREADY_EXISTS: (
        "it gives no reason"
    ),
}


def health_of(data: ReaderEventNotificationData, at_us: int) -> list[HealthEvent]:
    """Give what a person may want to know of a notification; most say nothing of the kind."""
    return [
        make(event, at_us)
        for name, make in _HEALTH.items()
        if (event := getattr(data, name)) is not None
    ]


def antenna_health(
    antennas: Iterable[AntennaProperties], used: Collection[int], at_us: int
) -> list[HealthEvent]:
    """Tell of antennas that are not connected; where none are named, all are used."""
    return [
        HealthEvent(
            HealthKind.ANTENNA_DOWN,
            f"antenna {one.antenna_id} is not connected",
            at_us,
            one.antenna_id,
        )
        for one in antennas
        if not one.antenna_connected and (not used or one.antenna_id in used)
    ]


def fault_health(faults: Iterable[Fault], at_us: int) -> list[HealthEvent]:
    """Tell of what could not be read, once for each kind of it."""
    events = []
    for (where, cause), count in Counter((f.where, f.cause) for f in faults).items():
        times = f" ({count} times)" if count > 1 else ""
        detail = f"{where or 'message'}: {cause}{times}"
        events.append(HealthEvent(HealthKind.FAULT, detail, at_us, count=count))
    return events


def _antenna(event: AntennaEvent, at_us: int) -> HealthEvent:
    port = event.antenna_id
    if event.event_type == AntennaEventType.ANTENNA_CONNECTED:
        return HealthEvent(HealthKind.ANTENNA_UP, f"antenna {port} is connected", at_us, port)
    return HealthEvent(HealthKind.ANTENNA_DOWN, f"antenna {port} is disconnected", at_us, port)


def _input(event: GPIEvent, at_us: int) -> HealthEvent:
    level = "high" if event.gpi_event else "low"
    return HealthEvent(HealthKind.INPUT, f"input {event.gpi_port_number} is {level}", at_us)


def _exception(event: ReaderExceptionEvent, at_us: int) -> HealthEvent:
    port = event.antenna_id.antenna_id if event.antenna_id else None
    return HealthEvent(HealthKind.WARNING, f"reader reports: {event.message}", at_us, port)


def _filling(event: ReportBufferLevelWarningEvent, at_us: int) -> HealthEvent:
    full = event.report_buffer_percentage_full
    return HealthEvent(HealthKind.WARNING, f"the reader's report buffer is {full} % full", at_us)


def _overflow(_: ReportBufferOverflowErrorEvent, at_us: int) -> HealthEvent:
    detail = "the reader's report buffer has overflowed: reads are lost"
    return HealthEvent(HealthKind.WARNING, detail, at_us)


def _attempt(event: ConnectionAttemptEvent, at_us: int) -> HealthEvent:
    detail = f"connection event with status {event.status} while connected"
    if event.status == ConnectionAttemptStatusType.ANOTHER_CONNECTION_ATTEMPTED:
        detail = "another client has tried to connect to the reader"
    return HealthEvent(HealthKind.WARNING, detail, at_us)


_HEALTH: dict[str, Callable[[Any, int], HealthEvent]] = {
    "antenna_event": _antenna,
    "gpi_event": _input,
    "reader_exception_event": _exception,
    "report_buffer_level_warning_event": _filling,
    "report_buffer_overflow_error_event": _overflow,
    "connection_attempt_event": _attempt,
}
