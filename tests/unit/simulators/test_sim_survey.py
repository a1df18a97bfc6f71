"""RF surveys of a simulated reader: when they begin and end, and what is told."""

from itertools import pairwise

import pytest

from edge.llrp import messages as m
from edge.llrp.constants import NotificationEventType, RFSurveySpecStopTriggerType, StatusCode
from edge.llrp.fields import Message
from edge.llrp.parameters_config import EventNotificationState, ReaderEventNotificationSpec
from edge.llrp.parameters_rospec import AISpec, RFSurveySpec, RFSurveySpecStopTrigger
from simulators.profile import FX9600, R420, Profile
from tests.support.orders import END_OF_ROSPEC, aispec_of, report_spec, rospec
from tests.support.reader_desk import Desk

DURATION = RFSurveySpecStopTriggerType.DURATION
ITERATIONS = RFSurveySpecStopTriggerType.N_ITERATIONS_THROUGH_FREQUENCY_RANGE
CHANNELS = [865_700, 866_300, 866_900, 867_500]


def survey(
    kind: int = DURATION,
    duration_ms: int = 0,
    n: int = 0,
    antenna: int = 1,
    range_khz: tuple[int, int] = (860_000, 960_000),
) -> RFSurveySpec:
    stop = RFSurveySpecStopTrigger(stop_trigger_type=kind, duration_period=duration_ms, n=n)
    first, last = range_khz
    return RFSurveySpec(
        antenna_id=antenna, start_frequency=first, end_frequency=last, stop_trigger=stop
    )


@pytest.fixture
def desk() -> Desk:
    return connected()


def connected(profile: Profile | None = None) -> Desk:
    desk = Desk(profile=profile) if profile else Desk()
    desk.connect()
    desk.take()
    states = tuple(
        EventNotificationState(event_type=kind, notification_state=True)
        for kind in (NotificationEventType.RFSURVEY_EVENT, NotificationEventType.ROSPEC_EVENT)
    )
    spec = ReaderEventNotificationSpec(event_notification_states=states)
    desk.ask(m.SetReaderConfig(reader_event_notification_spec=spec))
    return desk


def told(message: Message) -> str:
    """Say in a word what a message tells."""
    if isinstance(message, m.ROAccessReport):
        return "survey" if message.rf_survey_report_datas else "tags"
    assert isinstance(message, m.ReaderEventNotification)
    data = message.reader_event_notification_data
    if data.rf_survey_event is not None:
        return (
            f"survey event {data.rf_survey_event.event_type:d} of {data.rf_survey_event.spec_index}"
        )
    assert data.rospec_event is not None
    return f"ROSpec event {data.rospec_event.event_type:d}"


def run(desk: Desk, milliseconds: int) -> list[str]:
    for request in (m.EnableROSpec(rospec_id=1), m.StartROSpec(rospec_id=1)):
        assert desk.status(request).status_code == 0
    desk.pass_ms(milliseconds)
    return [told(message) for message in desk.take()]


def test_a_survey_is_told_at_its_end_between_its_events(desk: Desk) -> None:
    desk.add(rospec(specs=[survey(duration_ms=100)]))
    assert run(desk, 200) == [
        "ROSpec event 0",
        "survey event 0 of 1",
        "survey",
        "survey event 1 of 1",
        "ROSpec event 1",
    ]


def test_the_report_has_a_level_of_each_channel_in_the_range(desk: Desk) -> None:
    desk.add(rospec(specs=[survey(duration_ms=50, range_khz=(866_000, 867_000))]))
    for request in (m.EnableROSpec(rospec_id=1), m.StartROSpec(rospec_id=1)):
        desk.ask(request)
    desk.pass_ms(100)
    [report] = [one for one in desk.take() if isinstance(one, m.ROAccessReport)]
    [data] = report.rf_survey_report_datas
    entries = data.frequency_rssi_level_entries
    assert [entry.frequency for entry in entries] == [866_300, 866_900]
    assert all(-90 < entry.average_rssi < entry.peak_rssi < -70 for entry in entries)
    assert data.rospec_id is not None
    assert data.rospec_id.rospec_id == 1


def test_tags_are_read_before_and_after_a_survey_but_not_meanwhile(desk: Desk) -> None:
    specs: list[AISpec | RFSurveySpec] = [aispec_of(100), survey(ITERATIONS, n=2), aispec_of(100)]
    desk.add(rospec(specs=specs, report=report_spec(n=0)))
    assert run(desk, 1000) == [
        "ROSpec event 0",
        "tags",
        "survey event 0 of 2",
        "survey",
        "survey event 1 of 2",
        "tags",
        "ROSpec event 1",
    ]
    heard_until = [until for _, until in desk.air.asked]
    gaps = [after - before for before, after in pairwise(heard_until)]
    assert max(gaps) >= 2 * len(CHANNELS) * 50_000


def test_a_survey_without_end_ends_with_its_rospec(desk: Desk) -> None:
    desk.add(
        rospec(
            specs=[survey(RFSurveySpecStopTriggerType.NULL)], report=report_spec(0, END_OF_ROSPEC)
        )
    )
    assert run(desk, 500) == ["ROSpec event 0", "survey event 0 of 1"]
    desk.ask(m.StopROSpec(rospec_id=1))
    assert [told(message) for message in desk.take()] == [
        "survey event 1 of 1",
        "survey",
        "ROSpec event 1",
    ]


REFUSED = {
    "another antenna": (survey(duration_ms=9, antenna=9), 187),
    "all antennas": (survey(duration_ms=9, antenna=0), 187),
    "no channel": (survey(duration_ms=9, range_khz=(1, 2)), 187),
    "an unknown trigger": (survey(7), 188),
    "no duration": (survey(DURATION), 188),
    "no iterations": (survey(ITERATIONS), 188),
}


@pytest.mark.parametrize(("spec", "blamed"), REFUSED.values(), ids=REFUSED)
def test_a_survey_of_nothing_is_refused_with_its_place(
    desk: Desk, spec: RFSurveySpec, blamed: int
) -> None:
    error = desk.status(m.AddROSpec(rospec=rospec(specs=[spec]))).parameter_error
    assert error is not None
    assert error.parameter_type == blamed


def test_readers_do_surveys_that_say_so() -> None:
    surveys = m.AddROSpec(rospec=rospec(specs=[survey(duration_ms=9)]))
    assert connected(FX9600).status(surveys).status_code == StatusCode.M_SUCCESS
    error = connected(R420).status(surveys).parameter_error
    assert error is not None
    assert error.error_code == StatusCode.P_UNSUPPORTED_PARAMETER
