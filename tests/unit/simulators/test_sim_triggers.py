"""What starts, stops and interrupts the simulated reader's work (LLRP 1.1 §10.2 and §13.2.1)."""

import msgspec
import pytest

from edge.llrp import messages as m
from edge.llrp.constants import (
    AISpecStopTriggerType,
    NotificationEventType,
    ROReportTriggerType,
    ROSpecStartTriggerType,
    ROSpecStopTriggerType,
    TagObservationTriggerType,
)
from edge.llrp.parameters_config import EventNotificationState, ReaderEventNotificationSpec
from edge.llrp.parameters_report import ReaderEventNotificationData
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    GPITriggerValue,
    LoopSpec,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagObservationTrigger,
)
from edge.model import TagRead
from tests.support.orders import aispec, aispec_of, report_spec, rospec, started_by
from tests.support.reader_desk import EPCS, START_US, Desk, ListedAir

IMMEDIATE = started_by(ROSpecStartTriggerType.IMMEDIATE)
REPLACE = msgspec.structs.replace


@pytest.fixture
def desk() -> Desk:
    return connected(Desk())


def connected(desk: Desk) -> Desk:
    """Connect a client that wants to know everything, its inputs enabled."""
    desk.connect()
    states = tuple(
        EventNotificationState(event_type=kind, notification_state=True)
        for kind in NotificationEventType
        if kind != NotificationEventType.AISPEC_EVENT_WITH_DETAILS
    )
    spec = ReaderEventNotificationSpec(event_notification_states=states)
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=spec))
    desk.enable_gpis()
    desk.take()
    return desk


def at_gpi(port: int, *, high: bool, timeout_ms: int = 0) -> GPITriggerValue:
    return GPITriggerValue(gpi_port_num=port, gpi_event=high, timeout=timeout_ms)


def started_at_gpi(port: int, *, high: bool) -> ROSpecStartTrigger:
    return ROSpecStartTrigger(
        rospec_start_trigger_type=ROSpecStartTriggerType.GPI,
        gpi_trigger_value=at_gpi(port, high=high),
    )


def stopped_at_gpi(port: int, *, high: bool, timeout_ms: int = 0) -> ROSpecStopTrigger:
    return ROSpecStopTrigger(
        rospec_stop_trigger_type=ROSpecStopTriggerType.GPI_WITH_TIMEOUT,
        duration_trigger_value=0,
        gpi_trigger_value=at_gpi(port, high=high, timeout_ms=timeout_ms),
    )


def part_stopped_at_gpi(port: int, *, high: bool, timeout_ms: int = 0) -> AISpec:
    stop = AISpecStopTrigger(
        aispec_stop_trigger_type=AISpecStopTriggerType.GPI_WITH_TIMEOUT,
        duration_trigger=0,
        gpi_trigger_value=at_gpi(port, high=high, timeout_ms=timeout_ms),
    )
    return aispec(stop=stop)


def observing(
    kind: int, *, number_of_tags: int = 0, number_of_attempts: int = 0, t: int = 0, timeout: int = 0
) -> AISpec:
    stop = AISpecStopTrigger(
        aispec_stop_trigger_type=AISpecStopTriggerType.TAG_OBSERVATION,
        duration_trigger=0,
        tag_observation_trigger=TagObservationTrigger(
            trigger_type=kind,
            number_of_tags=number_of_tags,
            number_of_attempts=number_of_attempts,
            t=t,
            timeout=timeout,
        ),
    )
    return aispec(stop=stop)


def timeline(desk: Desk) -> list[tuple[float, str]]:
    """Tell what happened to ROSpecs and inputs, in ms since the start."""
    return [
        (when(message.reader_event_notification_data), what(message.reader_event_notification_data))
        for message in desk.take()
        if isinstance(message, m.ReaderEventNotification)
    ]


def when(data: ReaderEventNotificationData) -> float:
    return (data.timestamp.microseconds - START_US) / 1000


def what(data: ReaderEventNotificationData) -> str:
    if data.gpi_event is not None:
        return (
            f"GPI {data.gpi_event.gpi_port_number} {'high' if data.gpi_event.gpi_event else 'low'}"
        )
    if data.aispec_event is not None:
        return f"{data.aispec_event.rospec_id} part {data.aispec_event.spec_index} ended"
    if data.spec_loop_event is not None:
        return f"{data.spec_loop_event.rospec_id} loop {data.spec_loop_event.loop_count}"
    assert data.rospec_event is not None
    event = data.rospec_event
    words = ("started", "ended", f"preempted by {event.preempting_rospec_id}")
    return f"{event.rospec_id} {words[event.event_type]}"


# ------------------------------------------------------------------------------------- inputs


def test_an_edge_starts_a_rospec_and_another_stops_it(desk: Desk) -> None:
    desk.enable(rospec(start=started_at_gpi(2, high=True), stop=stopped_at_gpi(2, high=False)))
    desk.pass_ms(50)
    desk.gpi(2, high=True)
    desk.pass_ms(100)
    desk.gpi(2, high=False)
    desk.pass_ms(50)
    assert timeline(desk) == [
        (50, "GPI 2 high"), (50, "1 started"),
        (150, "GPI 2 low"), (150, "1 part 1 ended"), (150, "1 ended"),
    ]  # fmt: skip


@pytest.mark.parametrize(("port", "high"), [(1, True), (2, False)])
def test_another_input_or_edge_starts_nothing(desk: Desk, port: int, *, high: bool) -> None:
    desk.gpi(2, high=True)
    desk.enable(rospec(start=started_at_gpi(2, high=True)))
    desk.gpi(port, high=high)
    desk.pass_ms(50)
    assert [what for _, what in timeline(desk) if "started" in what] == []


def test_an_input_that_was_not_enabled_does_nothing(desk: Desk) -> None:
    desk.enable_gpis(is_enabled=False)
    desk.enable(rospec(start=started_at_gpi(2, high=True)))
    desk.gpi(2, high=True)
    desk.pass_ms(50)
    assert timeline(desk) == []


def test_an_edge_ends_an_aispec_and_the_next_one_goes_on(desk: Desk) -> None:
    desk.run(rospec(specs=[part_stopped_at_gpi(1, high=True), aispec_of(100)]))
    desk.pass_ms(30)
    desk.gpi(1, high=True)
    desk.pass_ms(200)
    assert [entry for entry in timeline(desk) if "ended" in entry[1]] == [
        (30, "1 part 1 ended"), (130, "1 part 2 ended"), (130, "1 ended"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "spec",
    [
        rospec(stop=stopped_at_gpi(1, high=True, timeout_ms=80)),
        rospec(specs=[part_stopped_at_gpi(1, high=True, timeout_ms=80)]),
    ],
    ids=["the ROSpec", "the AISpec"],
)
def test_the_timeout_ends_it_when_no_edge_comes(desk: Desk, spec: ROSpec) -> None:
    desk.run(spec)
    desk.pass_ms(200)
    assert timeline(desk)[-1] == (80, "1 ended")


# --------------------------------------------------------------------------- tag observation

N_TAGS = TagObservationTriggerType.UPON_SEEING_N_TAGS_OR_TIMEOUT
SILENCE = TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_TAGS_FOR_TMS_OR_TIMEOUT
ATTEMPTS = TagObservationTriggerType.N_ATTEMPTS_TO_SEE_ALL_TAGS_IN_FOV_OR_TIMEOUT
N_UNIQUE = TagObservationTriggerType.UPON_SEEING_N_UNIQUE_TAGS_OR_TIMEOUT
NO_NEW = TagObservationTriggerType.UPON_SEEING_NO_MORE_NEW_UNIQUE_TAGS_FOR_TMS_OR_TIMEOUT

# Two tags, read every 10 ms in turn from 10 ms to 100 ms.
TWO_TAGS = [TagRead(EPCS[n % 2], 1, -50, START_US + 10_000 * n) for n in range(1, 11)]

OBSERVED: dict[str, tuple[AISpec, float, int]] = {
    "three reads": (observing(N_TAGS, number_of_tags=3), 30, 3),
    "no read for 50 ms": (observing(SILENCE, t=50), 150, 10),
    "two looks at four antennas": (observing(ATTEMPTS, number_of_attempts=2), 1600, 10),
    "two tags": (observing(N_UNIQUE, number_of_tags=2), 20, 2),
    "no tag that is new for 30 ms": (observing(NO_NEW, t=30), 50, 5),
    "three tags, of which there are two, or a timeout": (
        observing(N_UNIQUE, number_of_tags=3, timeout=70),
        70,
        7,
    ),
    "silence that does not come before the timeout": (observing(SILENCE, t=50, timeout=40), 40, 4),
}


@pytest.mark.parametrize(("part", "ends_ms", "reads"), OBSERVED.values(), ids=OBSERVED)
@pytest.mark.parametrize("step_ms", [5, 2000])
def test_an_aispec_ends_by_what_it_has_seen(
    part: AISpec, ends_ms: float, reads: int, step_ms: int
) -> None:
    desk = connected(Desk(ListedAir(TWO_TAGS)))
    desk.run(rospec(specs=[part]))
    desk.pass_ms(2000, step_ms=step_ms)
    messages = desk.take()
    reports = [message for message in messages if isinstance(message, m.ROAccessReport)]
    events = [message for message in messages if isinstance(message, m.ReaderEventNotification)]
    assert when(events[-1].reader_event_notification_data) == ends_ms
    assert sum(len(report.tag_report_datas) for report in reports) == reads


# ------------------------------------------------------------------- priorities and repetition


def prioritised(number: int, priority: int, **options: object) -> ROSpec:
    spec = rospec(number, **options)  # type: ignore[arg-type] # handed on
    return REPLACE(spec, priority=priority)


def test_a_rospec_of_higher_priority_takes_the_antennas_and_gives_them_back(desk: Desk) -> None:
    desk.enable(prioritised(5, 3, start=IMMEDIATE))
    desk.pass_ms(50)
    desk.enable(prioritised(6, 1, start=IMMEDIATE, stop=stopped(100)))
    desk.pass_ms(150)
    assert timeline(desk) == [
        (0, "5 started"),
        (50, "5 part 1 ended"), (50, "5 preempted by 6"), (50, "6 started"),
        (150, "6 part 1 ended"), (150, "6 ended"), (150, "5 started"),
    ]  # fmt: skip


@pytest.mark.parametrize("priority", [3, 7])
def test_a_rospec_of_the_same_priority_or_a_lower_one_waits(desk: Desk, priority: int) -> None:
    desk.enable(prioritised(5, 3, start=IMMEDIATE))
    desk.pass_ms(50)
    desk.enable(prioritised(6, priority, start=IMMEDIATE))
    desk.pass_ms(50)
    assert timeline(desk) == [(0, "5 started")]
    assert desk.status(m.StartROSpec(rospec_id=6)).status_code == 101


def test_start_rospec_preempts_too(desk: Desk) -> None:
    desk.run(prioritised(5, 3))
    desk.run(prioritised(6, 2))
    assert [what for _, what in timeline(desk)] == [
        "5 started", "5 part 1 ended", "5 preempted by 6", "6 started",
    ]  # fmt: skip


def stopped(duration_ms: int) -> ROSpecStopTrigger:
    return ROSpecStopTrigger(
        rospec_stop_trigger_type=ROSpecStopTriggerType.DURATION,
        duration_trigger_value=duration_ms,
    )


def test_a_loop_does_its_aispecs_again_as_often_as_it_says(desk: Desk) -> None:
    spec = rospec(specs=[aispec_of(20), aispec_of(30)])
    desk.run(REPLACE(spec, specs=(*spec.specs, LoopSpec(loop_count=2))))
    desk.pass_ms(300)
    assert timeline(desk) == [
        (0, "1 started"),
        (20, "1 part 1 ended"), (50, "1 part 2 ended"), (50, "1 loop 1"),
        (70, "1 part 1 ended"), (100, "1 part 2 ended"), (100, "1 ended"),
    ]  # fmt: skip


# --------------------------------------------------------------------------------- reports by time

TIMED = {
    "milliseconds": (ROReportTriggerType.UPON_N_MILLISECONDS_OR_END_OF_ROSPEC, 100, [10, 10, 5]),
    "seconds": (ROReportTriggerType.UPON_N_SECONDS_OR_END_OF_ROSPEC, 1, [25]),
    "milliseconds, and the end of an AISpec": (
        ROReportTriggerType.UPON_N_MILLISECONDS_OR_END_OF_AISPEC_OR_END_OF_RF_SURVEY_SPEC,
        100,
        [10, 5, 5, 5],
    ),
}


@pytest.mark.parametrize(("trigger", "n", "sizes"), TIMED.values(), ids=TIMED)
def test_reports_come_by_the_clock(desk: Desk, trigger: int, n: int, sizes: list[int]) -> None:
    report = report_spec(n=n, trigger=trigger)
    desk.run(rospec(specs=[aispec_of(150), aispec_of(100)], report=report))
    desk.pass_ms(400)
    reports = [message for message in desk.take() if isinstance(message, m.ROAccessReport)]
    assert [len(report.tag_report_datas) for report in reports] == sizes
