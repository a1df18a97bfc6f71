"""What holds for a simulated reader whatever its client says and however it is told to fail."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.llrp import Frame, FrameDecoder, decode_message, encode_message
from edge.llrp import messages as m
from edge.llrp.constants import (
    AISpecStopTriggerType,
    MessageType,
    ROSpecStartTriggerType,
    ROSpecStopTriggerType,
)
from edge.llrp.fields import Message
from edge.llrp.parameters_rospec import (
    AISpec,
    AISpecStopTrigger,
    PeriodicTriggerValue,
    RFSurveySpec,
    RFSurveySpecStopTrigger,
    ROSpec,
    ROSpecStartTrigger,
    ROSpecStopTrigger,
    TagObservationTrigger,
)
from edge.model import Now
from simulators.fault_table import FAULTS, Effect
from simulators.llrp_reader import LlrpReader
from simulators.profile import PROFILES
from tests.support.llrp_elements import ALL_MESSAGES, elements
from tests.support.orders import aispec, report_spec, rospec
from tests.support.reader_desk import START_US, SteadyAir

PROFILE = st.sampled_from(list(PROFILES.values()))
UNANSWERED = {MessageType.KEEPALIVE_ACK, MessageType.ERROR_MESSAGE}
UNASKED = {
    MessageType.RO_ACCESS_REPORT,
    MessageType.READER_EVENT_NOTIFICATION,
    MessageType.KEEPALIVE,
}


class Client:
    """Talks to a reader on a desk, and keeps what it hears."""

    def __init__(self, reader: LlrpReader) -> None:
        self.reader = reader
        self.now = Now(1000.0, START_US)
        self.decoder = FrameDecoder()
        self.heard: list[Frame] = []
        self._hear(reader.connect(self.now))

    def send(self, data: bytes) -> None:
        self._hear(self.reader.receive(data, self.now))

    def wait(self, milliseconds: int) -> None:
        self.now = Now(
            self.now.monotonic_s + milliseconds / 1000, self.now.utc_us + 1000 * milliseconds
        )
        self._hear(self.reader.advance(self.now))

    def _hear(self, outgoing: Any) -> None:  # noqa: ANN401 - what the reader gives
        for sent in outgoing:
            self.decoder.feed(sent.data)
        self.heard += iter(self.decoder.next_frame, None)


@given(profile=PROFILE, data=st.binary(max_size=200))
def test_no_bytes_at_all_make_a_reader_fail(profile: Any, data: bytes) -> None:  # noqa: ANN401 - a profile
    client = Client(LlrpReader(profile, SteadyAir()))
    client.send(data)
    client.wait(100)


@pytest.mark.parametrize("kind", ALL_MESSAGES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_message_is_answered_once_and_what_is_heard_can_be_read(
    kind: str, data: st.DataObject
) -> None:
    message: Message = data.draw(elements(ALL_MESSAGES[kind]))
    reader = LlrpReader(data.draw(PROFILE), SteadyAir())
    client = Client(reader)
    frame = encode_message(message, 77)
    client.send(frame)
    client.wait(50)
    assert all(not decode_message(frame).faults for frame in client.heard)
    answers = [
        frame
        for frame in client.heard
        if frame.message_id == 77 and frame.message_type not in UNASKED
    ]
    is_silent = message.number in UNANSWERED | {
        MessageType.GET_REPORT,
        MessageType.ENABLE_EVENTS_AND_REPORTS,
    }
    if len(frame) > 10 and decode_message(Frame(1, message.number, 77, frame[10:])).faults:
        is_silent = False
    assert len(answers) == (0 if is_silent else 1) or reader.hangs_up


TRIGGERS = st.builds(
    TagObservationTrigger,
    trigger_type=st.integers(0, 5),
    number_of_tags=st.integers(0, 20),
    number_of_attempts=st.integers(0, 3),
    t=st.integers(0, 50),
    timeout=st.integers(0, 200),
)
AISPEC_STOPS = st.one_of(
    st.builds(
        AISpecStopTrigger,
        aispec_stop_trigger_type=st.sampled_from(
            [AISpecStopTriggerType.NULL, AISpecStopTriggerType.DURATION]
        ),
        duration_trigger=st.integers(0, 100),
    ),
    st.builds(
        AISpecStopTrigger,
        aispec_stop_trigger_type=st.just(AISpecStopTriggerType.TAG_OBSERVATION),
        duration_trigger=st.just(0),
        tag_observation_trigger=TRIGGERS,
    ),
)
STARTS = st.one_of(
    st.builds(
        ROSpecStartTrigger,
        rospec_start_trigger_type=st.sampled_from(
            [ROSpecStartTriggerType.NULL, ROSpecStartTriggerType.IMMEDIATE]
        ),
    ),
    st.builds(
        ROSpecStartTrigger,
        rospec_start_trigger_type=st.just(ROSpecStartTriggerType.PERIODIC),
        periodic_trigger_value=st.builds(
            PeriodicTriggerValue, offset=st.integers(0, 100), period=st.integers(0, 300)
        ),
    ),
)
STOPS = st.builds(
    ROSpecStopTrigger,
    rospec_stop_trigger_type=st.sampled_from(
        [ROSpecStopTriggerType.NULL, ROSpecStopTriggerType.DURATION]
    ),
    duration_trigger_value=st.integers(0, 200),
)


SURVEYS = st.builds(
    RFSurveySpec,
    antenna_id=st.integers(1, 2),
    start_frequency=st.just(860_000),
    end_frequency=st.just(960_000),
    stop_trigger=st.builds(
        RFSurveySpecStopTrigger,
        stop_trigger_type=st.integers(0, 2),
        duration_period=st.integers(0, 100),
        n=st.integers(0, 2),
    ),
)
PARTS: st.SearchStrategy[AISpec | RFSurveySpec] = st.one_of(
    AISPEC_STOPS.map(lambda stop: aispec([0], stop)), SURVEYS
)


@st.composite
def orders(draw: st.DrawFn) -> ROSpec:
    parts = draw(st.lists(PARTS, min_size=1, max_size=3))
    spec = rospec(
        draw(st.integers(0, 4)),
        start=draw(STARTS),
        stop=draw(STOPS),
        specs=parts,
        report=report_spec(n=draw(st.integers(0, 30)), trigger=draw(st.integers(0, 7))),
    )
    return msgspec.structs.replace(spec, priority=draw(st.integers(0, 3)))


NUMBERS = st.integers(0, 4)
REQUESTS = st.one_of(
    st.builds(m.AddROSpec, rospec=orders()),
    st.builds(m.EnableROSpec, rospec_id=NUMBERS),
    st.builds(m.StartROSpec, rospec_id=NUMBERS),
    st.builds(m.StopROSpec, rospec_id=NUMBERS),
    st.builds(m.DisableROSpec, rospec_id=NUMBERS),
    st.builds(m.DeleteROSpec, rospec_id=NUMBERS),
    st.builds(m.GetReport),
)
LASTING = [
    name
    for name, kind in FAULTS.items()
    if kind.effect == Effect.LASTING and name not in {"flood", "unknown-in-reports"}
]
STEPS = st.lists(
    st.one_of(REQUESTS, st.integers(1, 400), st.sampled_from(LASTING)), min_size=1, max_size=25
)


@settings(max_examples=200, deadline=None)
@given(profile=PROFILE, steps=STEPS)
def test_no_order_of_requests_makes_a_reader_fail_or_read_a_tag_twice(
    profile: Any,  # noqa: ANN401 - a profile
    steps: list[Message | int | str],
) -> None:
    client = Client(LlrpReader(profile, SteadyAir()))
    for number, step in enumerate(steps):
        match step:
            case int():
                client.wait(step)
            case str():
                client.reader.faults.set(step, {})
            case _:
                client.send(encode_message(step, 1000 + number))
    client.reader.faults.clear()
    client.wait(50)
    messages = [decode_message(frame).message for frame in client.heard]
    active = [spec for spec in client.reader.inventory.rospecs.all() if spec.current_state == 2]
    assert len(active) <= 1
    stamps = [
        tag.last_seen_timestamp_utc.microseconds
        for message in messages
        if isinstance(message, m.ROAccessReport)
        for tag in message.tag_report_datas
        if tag.last_seen_timestamp_utc is not None
    ]
    assert len(stamps) == len(set(stamps))
