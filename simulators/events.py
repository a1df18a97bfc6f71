"""What happens in a reader, as it tells its client (LLRP 1.0.1 §13.2.6)."""

from edge.llrp.constants import AISpecEventType, NotificationEventType, ROSpecEventType
from edge.llrp.messages import ReaderEventNotification
from edge.llrp.parameters_common import UTCTimestamp
from edge.llrp.parameters_report import (
    AISpecEvent,
    ConnectionAttemptEvent,
    ConnectionCloseEvent,
    ReaderEventNotificationData,
    ROSpecEvent,
)
from simulators.rospec_run import AISpecEnded, Happening, ROSpecStarted


def connection_attempt(status: int, at_us: int) -> ReaderEventNotification:
    return ReaderEventNotification(
        reader_event_notification_data=ReaderEventNotificationData(
            timestamp=UTCTimestamp(microseconds=at_us),
            connection_attempt_event=ConnectionAttemptEvent(status=status),
        )
    )


def connection_close(at_us: int) -> ReaderEventNotification:
    return ReaderEventNotification(
        reader_event_notification_data=ReaderEventNotificationData(
            timestamp=UTCTimestamp(microseconds=at_us),
            connection_close_event=ConnectionCloseEvent(),
        )
    )


def event_type(happening: Happening) -> NotificationEventType:
    """Tell by which entry of the ReaderEventNotificationSpec the client asks for it."""
    if isinstance(happening, AISpecEnded):
        return NotificationEventType.AISPEC_EVENT
    return NotificationEventType.ROSPEC_EVENT


def event_notification(happening: Happening) -> ReaderEventNotification:
    rospec_event = aispec_event = None
    rospec_id = happening.spec.rospec_id
    if isinstance(happening, AISpecEnded):
        aispec_event = AISpecEvent(
            event_type=AISpecEventType.END_OF_AISPEC,
            rospec_id=rospec_id,
            spec_index=happening.spec_index,
        )
    else:
        is_start = isinstance(happening, ROSpecStarted)
        kind = ROSpecEventType.START_OF_ROSPEC if is_start else ROSpecEventType.END_OF_ROSPEC
        rospec_event = ROSpecEvent(
            event_type=kind,
            rospec_id=rospec_id,
            preempting_rospec_id=0,
        )
    return ReaderEventNotification(
        reader_event_notification_data=ReaderEventNotificationData(
            timestamp=UTCTimestamp(microseconds=happening.at_us),
            rospec_event=rospec_event,
            aispec_event=aispec_event,
        )
    )
