"""What happens in a reader, and how it tells its client (LLRP 1.0.1 §13.2.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.llrp.constants import (
    AISpecEventType,
    AntennaEventType,
    NotificationEventType,
    RFSurveyEventType,
    ROSpecEventType,
)
from edge.llrp.messages import ReaderEventNotification
from edge.llrp.parameters_c1g2 import C1G2SingulationDetails
from edge.llrp.parameters_common import Timestamp
from edge.llrp.parameters_report import (
    AISpecEvent,
    AntennaEvent,
    ConnectionAttemptEvent,
    ConnectionCloseEvent,
    GPIEvent,
    ReaderEventNotificationData,
    ReaderExceptionEvent,
    ReportBufferLevelWarningEvent,
    ReportBufferOverflowErrorEvent,
    RFSurveyEvent,
    ROSpecEvent,
    SpecLoopEvent,
)
from simulators.rospec_run import (
    AISpecEnded,
    ROSpecEnded,
    ROSpecStarted,
    SpecLooped,
    SurveyEnded,
    SurveyStarted,
)


@dataclass(frozen=True, slots=True)
class GPIChanged:
    at_us: int
    port: int
    is_high: bool


@dataclass(frozen=True, slots=True)
class AntennaChanged:
    at_us: int
    port: int
    is_up: bool


@dataclass(frozen=True, slots=True)
class BufferFilled:
    """`percent` 100 is an overflow: what is read from then on is lost."""

    at_us: int
    percent: int


@dataclass(frozen=True, slots=True)
class ReaderFailed:
    at_us: int
    why: str


Happening = (
    ROSpecStarted
    | AISpecEnded
    | SurveyStarted
    | SurveyEnded
    | ROSpecEnded
    | SpecLooped
    | GPIChanged
    | AntennaChanged
    | BufferFilled
    | ReaderFailed
)

_FULL = 100
_KINDS: dict[type, NotificationEventType] = {
    ROSpecStarted: NotificationEventType.ROSPEC_EVENT,
    ROSpecEnded: NotificationEventType.ROSPEC_EVENT,
    AISpecEnded: NotificationEventType.AISPEC_EVENT,
    SurveyStarted: NotificationEventType.RFSURVEY_EVENT,
    SurveyEnded: NotificationEventType.RFSURVEY_EVENT,
    SpecLooped: NotificationEventType.SPEC_LOOP_EVENT,
    GPIChanged: NotificationEventType.GPI_EVENT,
    AntennaChanged: NotificationEventType.ANTENNA_EVENT,
    BufferFilled: NotificationEventType.REPORT_BUFFER_FILL_WARNING,
    ReaderFailed: NotificationEventType.READER_EXCEPTION_EVENT,
}


def connection_attempt(status: int, stamp: Timestamp) -> ReaderEventNotification:
    return _notification(stamp, connection_attempt_event=ConnectionAttemptEvent(status=status))


def connection_close(stamp: Timestamp) -> ReaderEventNotification:
    return _notification(stamp, connection_close_event=ConnectionCloseEvent())


def event_type(happening: Happening) -> NotificationEventType:
    """Tell by which entry of the ReaderEventNotificationSpec the client asks for it."""
    return _KINDS[type(happening)]


def event_notification(
    happening: Happening, stamp: Timestamp, *, with_details: bool = False
) -> ReaderEventNotification:
    """Say it; `with_details` adds C1G2SingulationDetails to the end of an AISpec."""
    fields = _MAKERS[type(happening)](happening)
    if with_details and isinstance(happening, AISpecEnded):
        details = C1G2SingulationDetails(num_collision_slots=0, num_empty_slots=0)
        fields = {"aispec_event": _aispec_event(happening, details)}
    return _notification(stamp, **fields)


def _notification(stamp: Timestamp, **event: Any) -> ReaderEventNotification:  # noqa: ANN401 - one of the events
    return ReaderEventNotification(
        reader_event_notification_data=ReaderEventNotificationData(timestamp=stamp, **event)
    )


def _aispec_event(ended: AISpecEnded, details: C1G2SingulationDetails | None = None) -> AISpecEvent:
    return AISpecEvent(
        event_type=AISpecEventType.END_OF_AISPEC,
        rospec_id=ended.spec.rospec_id,
        spec_index=ended.spec_index,
        singulation_details=details,
    )


def _started(started: ROSpecStarted) -> ROSpecEvent:
    return ROSpecEvent(
        event_type=ROSpecEventType.START_OF_ROSPEC,
        rospec_id=started.spec.rospec_id,
        preempting_rospec_id=0,
    )


def _ended(ended: ROSpecEnded) -> ROSpecEvent:
    is_end = ended.preempted_by is None
    return ROSpecEvent(
        event_type=(
            ROSpecEventType.END_OF_ROSPEC if is_end else ROSpecEventType.PREEMPTION_OF_ROSPEC
        ),
        rospec_id=ended.spec.rospec_id,
        preempting_rospec_id=ended.preempted_by or 0,
    )


def _survey_event(survey: SurveyStarted | SurveyEnded) -> RFSurveyEvent:
    is_end = isinstance(survey, SurveyEnded)
    return RFSurveyEvent(
        event_type=(
            RFSurveyEventType.END_OF_RFSURVEY if is_end else RFSurveyEventType.START_OF_RFSURVEY
        ),
        rospec_id=survey.spec.rospec_id,
        spec_index=survey.spec_index,
    )


def _antenna_event(changed: AntennaChanged) -> AntennaEvent:
    kind = AntennaEventType.ANTENNA_CONNECTED
    if not changed.is_up:
        kind = AntennaEventType.ANTENNA_DISCONNECTED
    return AntennaEvent(event_type=kind, antenna_id=changed.port)


def _buffer_event(filled: BufferFilled) -> dict[str, object]:
    if filled.percent >= _FULL:
        return {"report_buffer_overflow_error_event": ReportBufferOverflowErrorEvent()}
    warning = ReportBufferLevelWarningEvent(report_buffer_percentage_full=filled.percent)
    return {"report_buffer_level_warning_event": warning}


_MAKERS: dict[type, Callable[[Any], dict[str, object]]] = {
    ROSpecStarted: lambda started: {"rospec_event": _started(started)},
    ROSpecEnded: lambda ended: {"rospec_event": _ended(ended)},
    AISpecEnded: lambda ended: {"aispec_event": _aispec_event(ended)},
    SurveyStarted: lambda started: {"rf_survey_event": _survey_event(started)},
    SurveyEnded: lambda ended: {"rf_survey_event": _survey_event(ended)},
    SpecLooped: lambda looped: {
        "spec_loop_event": SpecLoopEvent(rospec_id=looped.spec.rospec_id, loop_count=looped.loops)
    },
    GPIChanged: lambda changed: {
        "gpi_event": GPIEvent(gpi_port_number=changed.port, gpi_event=changed.is_high)
    },
    AntennaChanged: lambda changed: {"antenna_event": _antenna_event(changed)},
    BufferFilled: _buffer_event,
    ReaderFailed: lambda failed: {
        "reader_exception_event": ReaderExceptionEvent(message=failed.why)
    },
}
