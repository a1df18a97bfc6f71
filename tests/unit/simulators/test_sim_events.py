"""What a client is told unasked: as it wants, while it holds events, and by which clock."""

from collections.abc import Callable

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import NotificationEventType, ROReportTriggerType
from edge.llrp.fields import Message
from edge.llrp.parameters_common import Uptime, UTCTimestamp
from edge.llrp.parameters_config import (
    EventNotificationState,
    EventsAndReports,
    ReaderEventNotificationSpec,
)
from edge.llrp.parameters_report import ReaderEventNotificationData, TagReportData
from edge.llrp.parameters_rospec import TagReportContentSelector
from simulators.events import BufferFilled, ReaderFailed
from simulators.inventory import MOST_BUFFERED
from simulators.profile import GENERIC, R420, Profile
from tests.support.orders import aispec_of, report_spec, rospec
from tests.support.reader_desk import EPCS, START_US, Desk

HOLD = m.SetReaderConfig(
    events_and_reports=EventsAndReports(hold_events_and_reports_upon_reconnect=True)
)
YEAR_2000_US = 946_684_800_000_000


@pytest.fixture
def desk() -> Desk:
    return connected()


def connected(profile: Profile = GENERIC) -> Desk:
    desk = Desk(profile=profile)
    desk.connect()
    desk.take()
    return desk


def wanting(*kinds: int) -> m.SetReaderConfig:
    states = tuple(
        EventNotificationState(event_type=kind, notification_state=True) for kind in kinds
    )
    return m.SetReaderConfig(
        reader_event_notification_spec=ReaderEventNotificationSpec(event_notification_states=states)
    )


def events(desk: Desk) -> list[ReaderEventNotificationData]:
    return [
        message.reader_event_notification_data
        for message in desk.take()
        if isinstance(message, m.ReaderEventNotification)
    ]


def happen(desk: Desk, what: BufferFilled | ReaderFailed) -> None:
    desk.put(desk.reader.happen(what))


HAPPENINGS: dict[str, tuple[int, Callable[[Desk], None], str]] = {
    "an input": (
        NotificationEventType.GPI_EVENT,
        lambda desk: desk.gpi(3, high=True),
        "gpi_event",
    ),
    "an antenna": (
        NotificationEventType.ANTENNA_EVENT,
        lambda desk: desk.plug(2, up=False),
        "antenna_event",
    ),
    "a buffer that fills": (
        NotificationEventType.REPORT_BUFFER_FILL_WARNING,
        lambda desk: happen(desk, BufferFilled(START_US, 80)),
        "report_buffer_level_warning_event",
    ),
    "a buffer that is full": (
        NotificationEventType.REPORT_BUFFER_FILL_WARNING,
        lambda desk: happen(desk, BufferFilled(START_US, 100)),
        "report_buffer_overflow_error_event",
    ),
    "an exception": (
        NotificationEventType.READER_EXCEPTION_EVENT,
        lambda desk: happen(desk, ReaderFailed(START_US, "too hot")),
        "reader_exception_event",
    ),
}


@pytest.mark.parametrize(("kind", "cause", "field"), HAPPENINGS.values(), ids=HAPPENINGS)
def test_a_client_hears_of_what_it_wants_to_hear_and_of_nothing_else(
    desk: Desk, kind: int, cause: Callable[[Desk], None], field: str
) -> None:
    desk.enable_gpis()
    desk.ask(wanting(kind))
    cause(desk)
    (data,) = events(desk)
    assert getattr(data, field) is not None
    deaf = connected()
    deaf.enable_gpis()
    cause(deaf)
    assert deaf.take() == []


def test_an_antenna_that_is_unplugged_hears_nothing_and_is_told_as_it_is(desk: Desk) -> None:
    desk.ask(wanting(NotificationEventType.ANTENNA_EVENT))
    desk.plug(2, up=False)
    desk.plug(2, up=False)
    desk.run()
    desk.pass_ms(100)
    messages = desk.take()
    antennas = {tag.antenna_id.antenna_id for tag in tags_of(messages) if tag.antenna_id}
    assert antennas == {1}
    assert len([1 for message in messages if isinstance(message, m.ReaderEventNotification)]) == 1
    asked = m.GetReaderConfig(antenna_id=2, requested_data=2, gpi_port_num=0, gpo_port_num=0)
    told = desk.ask(asked)
    assert isinstance(told, m.GetReaderConfigResponse)
    assert [properties.antenna_connected for properties in told.antenna_properties] == [False]


def tags_of(messages: list[Message]) -> list[TagReportData]:
    reports = [message for message in messages if isinstance(message, m.ROAccessReport)]
    return [tag for report in reports for tag in report.tag_report_datas]


def test_details_of_an_aispec_are_told_to_whom_asks_for_them(desk: Desk) -> None:
    desk.ask(wanting(NotificationEventType.AISPEC_EVENT_WITH_DETAILS))
    desk.run(rospec(specs=[aispec_of(50)]))
    desk.pass_ms(100)
    (data,) = events(desk)
    assert data.aispec_event is not None
    assert data.aispec_event.singulation_details is not None


def test_a_buffer_that_nobody_empties_warns_once_and_is_full_once(desk: Desk) -> None:
    desk.ask(wanting(NotificationEventType.REPORT_BUFFER_FILL_WARNING))
    desk.run(rospec(report=report_spec(trigger=ROReportTriggerType.NONE)))
    desk.pass_ms(10 * MOST_BUFFERED + 5000, step_ms=1000)
    warning, overflow = events(desk)
    assert warning.report_buffer_level_warning_event is not None
    assert warning.report_buffer_level_warning_event.report_buffer_percentage_full == 80
    assert overflow.report_buffer_overflow_error_event is not None
    desk.ask(m.GetReport())
    desk.take()
    desk.pass_ms(9 * MOST_BUFFERED, step_ms=1000)
    assert len(events(desk)) == 1


# ------------------------------------------------------------------------------------------ holds


@pytest.mark.parametrize(("profile", "kept"), [(GENERIC, 1), (R420, 0)], ids=["generic", "r420"])
def test_held_events_come_when_the_hold_ends_if_the_reader_keeps_them(
    profile: Profile, kept: int
) -> None:
    desk = connected(profile)
    desk.ask(HOLD)
    desk.disconnect()
    desk.connect()
    desk.enable_gpis()
    desk.ask(wanting(NotificationEventType.GPI_EVENT))
    desk.take()
    desk.gpi(1, high=True)
    assert desk.take() == []
    desk.say(m.EnableEventsAndReports())
    assert len(events(desk)) == kept
    desk.gpi(1, high=False)
    assert len(events(desk)) == 1


def test_get_report_fetches_what_is_held_and_the_hold_stays(desk: Desk) -> None:
    desk.ask(HOLD)
    desk.run()
    desk.disconnect()
    desk.pass_ms(100)
    desk.connect()
    answer = desk.ask(m.GetReport())
    assert isinstance(answer, m.ROAccessReport)
    assert len(answer.tag_report_datas) == 10
    desk.take()
    desk.pass_ms(100)
    assert desk.take() == []


def test_the_hold_is_for_connections_that_come_and_not_for_this_one(desk: Desk) -> None:
    desk.ask(HOLD)
    desk.run()
    desk.pass_ms(100)
    assert len(desk.take_tags()) == 10


# ------------------------------------------------------------------------------------------ clocks


def stamp_of(desk: Desk) -> UTCTimestamp | Uptime:
    """Connect anew and give the greeting's stamp."""
    desk.disconnect()
    desk.connect()
    (data,) = events(desk)
    return data.timestamp


CLOCKS: dict[str, tuple[str, dict[str, object], UTCTimestamp | Uptime]] = {
    "since 2000": ("clock-2000", {}, UTCTimestamp(microseconds=YEAR_2000_US + 100_000)),
    "an hour ahead": (
        "clock-ahead",
        {"by_s": 3600},
        UTCTimestamp(microseconds=START_US + 100_000 + 3_600_000_000),
    ),
    "a minute behind": (
        "clock-ahead",
        {"by_s": -60},
        UTCTimestamp(microseconds=START_US + 100_000 - 60_000_000),
    ),
    "none, but uptime": ("uptime-only", {}, Uptime(microseconds=100_000)),
}


@pytest.mark.parametrize(("name", "values", "expected"), CLOCKS.values(), ids=CLOCKS)
def test_stamps_are_what_the_readers_clock_says(
    desk: Desk, name: str, values: dict[str, object], expected: UTCTimestamp | Uptime
) -> None:
    desk.pass_ms(100)
    desk.reader.faults.set(name, values)
    assert stamp_of(desk) == expected
    desk.run()
    desk.pass_ms(20)
    tag = desk.take_tags()[0]
    is_utc = isinstance(expected, UTCTimestamp)
    assert (tag.last_seen_timestamp_utc is not None) == is_utc
    assert (tag.last_seen_timestamp_uptime is not None) == (not is_utc)
    seen = tag.last_seen_timestamp_utc or tag.last_seen_timestamp_uptime
    assert seen is not None
    assert seen.microseconds - expected.microseconds == 10_000
    told = desk.ask(m.GetReaderCapabilities(requested_data=1))
    assert isinstance(told, m.GetReaderCapabilitiesResponse)
    assert told.general_device_capabilities is not None
    assert told.general_device_capabilities.has_utc_clock_capability == is_utc


def test_the_clock_is_right_again_when_the_fault_is_cleared(desk: Desk) -> None:
    desk.reader.faults.set("clock-ahead", {})
    desk.reader.faults.clear()
    assert stamp_of(desk) == UTCTimestamp(microseconds=START_US)


def test_a_reboot_begins_a_new_uptime(desk: Desk) -> None:
    desk.reader.faults.set("uptime-only", {})
    desk.pass_ms(5000)
    desk.disconnect()
    desk.reader.reboot(desk.now, keeps_specs=False)
    desk.pass_ms(30)
    assert stamp_of(desk) == Uptime(microseconds=30_000)


# ----------------------------------------------------------------------- what reports leave out

FIELDS = TagReportContentSelector(
    enable_rospec_id=True, enable_antenna_id=True, enable_last_seen_timestamp=True
)


def test_what_has_not_changed_is_left_out_and_told_anew_to_the_next_client(desk: Desk) -> None:
    desk.reader.faults.set("omit-unchanged", {})
    desk.run(rospec(report=report_spec(n=4, fields=FIELDS)))
    desk.pass_ms(40)
    told = [
        (tag.rospec_id is not None, tag.antenna_id is not None, tag.last_seen_timestamp_utc is None)
        for tag in desk.take_tags()
    ]
    assert told == [(True, True, False)] + [(False, True, False)] * 3
    desk.disconnect()
    desk.connect()
    desk.pass_ms(80)
    assert desk.take_tags()[0].rospec_id is not None


@pytest.mark.parametrize("kind", ["tlv", "tv", "custom"])
def test_an_unknown_parameter_ends_a_tags_report_and_leaves_the_rest_whole(kind: str) -> None:
    desk = connected()
    desk.reader.faults.set("unknown-in-reports", {"kind": kind})
    desk.run(rospec(report=report_spec(n=1)))
    desk.pass_ms(20, check=False)
    tags = desk.take_tags()
    assert [getattr(tag.epc.epc, "data", tag.epc.epc) for tag in tags] == EPCS[:2]
    assert all(tag.antenna_id and tag.peak_rssi for tag in tags)
