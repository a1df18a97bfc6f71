"""The life of ROSpecs in the simulated reader: states, triggers, and whose turn it is."""

from itertools import product

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import (
    AISpecStopTriggerType,
    NotificationEventType,
    ROSpecEventType,
    ROSpecStartTriggerType,
    ROSpecState,
    StatusCode,
    TagObservationTriggerType,
)
from edge.llrp.fields import Message
from edge.llrp.parameters_common import UTCTimestamp
from edge.llrp.parameters_config import EventNotificationState, ReaderEventNotificationSpec
from edge.llrp.parameters_report import ReaderEventNotificationData
from edge.llrp.parameters_rospec import (
    AISpecStopTrigger,
    PeriodicTriggerValue,
    ROSpec,
    TagObservationTrigger,
)
from tests.support.orders import aispec, aispec_of, report_spec, rospec, started_by, stopped_after
from tests.support.reader_desk import START_US, Desk

IMMEDIATE = started_by(ROSpecStartTriggerType.IMMEDIATE)
EVENTS = ReaderEventNotificationSpec(
    event_notification_states=(
        EventNotificationState(
            event_type=NotificationEventType.ROSPEC_EVENT, notification_state=True
        ),
        EventNotificationState(
            event_type=NotificationEventType.AISPEC_EVENT, notification_state=True
        ),
    )
)


@pytest.fixture
def desk() -> Desk:
    connected = Desk()
    connected.connect()
    connected.take()
    return connected


REQUESTS: dict[str, Message] = {
    "enable": m.EnableROSpec(rospec_id=1),
    "start": m.StartROSpec(rospec_id=1),
    "stop": m.StopROSpec(rospec_id=1),
    "disable": m.DisableROSpec(rospec_id=1),
}
DISABLED, INACTIVE, ACTIVE = ROSpecState
REACHED_BY = {DISABLED: [], INACTIVE: ["enable"], ACTIVE: ["enable", "start"]}
# LLRP 1.0.1 §10.1; whatever is not here is refused and changes nothing
ALLOWED = {
    (DISABLED, "enable"): INACTIVE,
    (INACTIVE, "start"): ACTIVE,
    (INACTIVE, "disable"): DISABLED,
    (ACTIVE, "stop"): INACTIVE,
    (ACTIVE, "disable"): DISABLED,
}


@pytest.mark.parametrize(("state", "request_"), list(product(ROSpecState, REQUESTS)))
def test_the_state_table_and_nothing_else(desk: Desk, state: ROSpecState, request_: str) -> None:
    desk.add()
    for step in REACHED_BY[state]:
        desk.ask(REQUESTS[step])
    status = desk.status(REQUESTS[request_]).status_code
    allowed = (state, request_) in ALLOWED
    assert (status == StatusCode.M_SUCCESS) == allowed
    assert state_of(desk) == ALLOWED.get((state, request_), state)


@pytest.mark.parametrize("state", ROSpecState)
def test_a_rospec_can_be_deleted_in_any_state(desk: Desk, state: ROSpecState) -> None:
    desk.add()
    for step in REACHED_BY[state]:
        desk.ask(REQUESTS[step])
    assert desk.status(m.DeleteROSpec(rospec_id=1)).status_code == StatusCode.M_SUCCESS
    desk.take()
    desk.pass_ms(100)
    assert desk.take() == []
    assert desk.status(REQUESTS["enable"]).status_code == StatusCode.M_FIELD_ERROR


def test_rospec_0_stands_for_all_of_them(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.add(rospec(number))
    desk.ask(m.EnableROSpec(rospec_id=2))
    assert desk.status(m.EnableROSpec(rospec_id=0)).status_code == StatusCode.M_SUCCESS
    assert states(desk) == {1: INACTIVE, 2: INACTIVE, 3: INACTIVE}
    desk.ask(m.StartROSpec(rospec_id=3))
    assert desk.status(m.DisableROSpec(rospec_id=0)).status_code == StatusCode.M_SUCCESS
    assert states(desk) == {1: DISABLED, 2: DISABLED, 3: DISABLED}
    assert desk.status(m.DeleteROSpec(rospec_id=0)).status_code == StatusCode.M_SUCCESS
    assert states(desk) == {}


def test_only_one_rospec_has_the_antennas(desk: Desk) -> None:
    desk.run(rospec(1))
    desk.add(rospec(2))
    desk.ask(m.EnableROSpec(rospec_id=2))
    refused = desk.status(m.StartROSpec(rospec_id=2))
    assert refused.status_code == StatusCode.M_FIELD_ERROR
    assert "ROSpec 1 has the antennas" in refused.error_description
    assert states(desk) == {1: ACTIVE, 2: INACTIVE}


def test_an_immediate_rospec_starts_when_it_is_enabled(desk: Desk) -> None:
    desk.add(rospec(start=IMMEDIATE))
    desk.pass_ms(100)
    assert desk.take_tags() == []
    desk.ask(REQUESTS["enable"])
    desk.pass_ms(100)
    assert len(desk.take_tags()) == 10
    assert state_of(desk) == ACTIVE


def test_an_immediate_rospec_waits_for_the_one_that_has_the_antennas(desk: Desk) -> None:
    desk.run(rospec(1))
    desk.add(rospec(2, start=IMMEDIATE))
    desk.ask(m.EnableROSpec(rospec_id=2))
    desk.pass_ms(50)
    assert states(desk) == {1: ACTIVE, 2: INACTIVE}
    desk.ask(m.StopROSpec(rospec_id=1))
    desk.pass_ms(50)
    assert states(desk) == {1: INACTIVE, 2: ACTIVE}


def test_an_immediate_rospec_begins_again_when_its_aispecs_are_done(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    desk.add(rospec(start=IMMEDIATE, specs=[aispec_of(100)]))
    desk.ask(REQUESTS["enable"])
    desk.pass_ms(250)
    assert timeline(desk) == [
        (0, "start"), (100, "end of AISpec 1"), (100, "end"),
        (100, "start"), (200, "end of AISpec 1"), (200, "end"), (200, "start"),
    ]  # fmt: skip


def test_a_duration_ends_a_rospec_for_good(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    desk.add(rospec(start=IMMEDIATE, stop=stopped_after(150)))
    desk.ask(REQUESTS["enable"])
    desk.pass_ms(500)
    assert timeline(desk) == [(0, "start"), (150, "end of AISpec 1"), (150, "end")]
    assert state_of(desk) == INACTIVE


def test_aispecs_run_one_after_the_other(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    desk.run(rospec(specs=[aispec_of(100), aispec_of(50)]))
    desk.pass_ms(300)
    assert timeline(desk) == [
        (0, "start"), (100, "end of AISpec 1"), (150, "end of AISpec 2"), (150, "end"),
    ]  # fmt: skip


def test_events_tell_the_time_when_it_happened_and_not_when_it_was_noticed(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    desk.run(rospec(specs=[aispec_of(100), aispec_of(50)]))
    desk.pass_ms(1000, step_ms=1000)
    assert [at for at, _ in timeline(desk)] == [0, 100, 150, 150]


PERIODIC: dict[str, tuple[PeriodicTriggerValue, list[int]]] = {
    "offset and period": (PeriodicTriggerValue(offset=50, period=200), [50, 250, 450]),
    "once, as the period is 0": (PeriodicTriggerValue(offset=50, period=0), [50]),
    "a time of day to come": (
        PeriodicTriggerValue(
            offset=0, period=200, utc_timestamp=UTCTimestamp(microseconds=START_US + 300_000)
        ),
        [300, 500],
    ),
    "a time of day that has passed": (
        PeriodicTriggerValue(
            offset=0, period=200, utc_timestamp=UTCTimestamp(microseconds=START_US - 500_000)
        ),
        [100, 300, 500],
    ),
    "a period that is shorter than the ROSpec takes": (
        PeriodicTriggerValue(offset=0, period=40),
        [0, 80, 160, 240, 320, 400, 480],
    ),
}


@pytest.mark.parametrize(("periodic", "starts"), PERIODIC.values(), ids=PERIODIC)
def test_a_periodic_rospec_starts_by_the_readers_clock(
    desk: Desk, periodic: PeriodicTriggerValue, starts: list[int]
) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    trigger = started_by(ROSpecStartTriggerType.PERIODIC, periodic)
    desk.add(rospec(start=trigger, stop=stopped_after(70)))
    desk.ask(REQUESTS["enable"])
    desk.pass_ms(550)
    assert [at for at, what in timeline(desk) if what == "start"] == starts


def test_a_disabled_rospec_starts_no_more(desk: Desk) -> None:
    trigger = started_by(
        ROSpecStartTriggerType.PERIODIC, PeriodicTriggerValue(offset=100, period=100)
    )
    desk.add(rospec(start=trigger, stop=stopped_after(50)))
    desk.ask(REQUESTS["enable"])
    desk.ask(REQUESTS["disable"])
    desk.pass_ms(500)
    assert desk.take() == []


def test_an_aispec_that_counts_tags_ends_with_the_last_of_them(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    desk.run(rospec(specs=[aispec(stop=counting(3))], report=report_spec(n=0)))
    desk.pass_ms(200)
    messages = desk.take()
    (report,) = [message for message in messages if isinstance(message, m.ROAccessReport)]
    assert len(report.tag_report_datas) == 3
    assert isinstance(messages[-1], m.ReaderEventNotification)
    assert when(messages[-1].reader_event_notification_data) == 30


def test_an_aispec_that_counts_tags_ends_at_its_timeout_too(desk: Desk) -> None:
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=EVENTS))
    desk.run(rospec(specs=[aispec(stop=counting(1000, timeout_ms=120))]))
    desk.pass_ms(300)
    assert timeline(desk)[-1] == (120, "end")


def test_events_that_nobody_asked_for_are_not_told(desk: Desk) -> None:
    desk.run(rospec(specs=[aispec_of(50)], report=report_spec(n=0)))
    desk.pass_ms(200)
    assert [type(message) for message in desk.take()] == [m.ROAccessReport]


def counting(tags: int, timeout_ms: int = 0) -> AISpecStopTrigger:
    return AISpecStopTrigger(
        aispec_stop_trigger_type=AISpecStopTriggerType.TAG_OBSERVATION,
        duration_trigger=0,
        tag_observation_trigger=TagObservationTrigger(
            trigger_type=TagObservationTriggerType.UPON_SEEING_N_TAGS_OR_TIMEOUT,
            number_of_tags=tags,
            number_of_attempts=0,
            t=0,
            timeout=timeout_ms,
        ),
    )


def rospecs(desk: Desk) -> tuple[ROSpec, ...]:
    answer = desk.ask(m.GetROSpecs())
    assert isinstance(answer, m.GetROSpecsResponse)
    return answer.rospecs


def states(desk: Desk) -> dict[int, int]:
    return {spec.rospec_id: spec.current_state for spec in rospecs(desk)}


def state_of(desk: Desk) -> int:
    (spec,) = rospecs(desk)
    return spec.current_state


def when(data: ReaderEventNotificationData) -> float:
    """Give the time of an event in ms since the start."""
    return (data.timestamp.microseconds - START_US) / 1000


def timeline(desk: Desk) -> list[tuple[float, str]]:
    """Tell what happened to ROSpecs, and when."""
    return [
        (when(message.reader_event_notification_data), _what(message))
        for message in desk.take()
        if isinstance(message, m.ReaderEventNotification)
    ]


def _what(message: m.ReaderEventNotification) -> str:
    data = message.reader_event_notification_data
    if data.aispec_event is not None:
        return f"end of AISpec {data.aispec_event.spec_index}"
    assert data.rospec_event is not None
    is_start = data.rospec_event.event_type == ROSpecEventType.START_OF_ROSPEC
    return "start" if is_start else "end"
