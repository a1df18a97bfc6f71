"""Whatever a reader says, a session goes on, or ends with one of the errors that it promises."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ProtocolError, ReaderError
from edge.llrp import Frame, FrameDecoder, encode_message
from edge.llrp.constants import ConnectionAttemptStatusType
from edge.llrp.fields import Message
from edge.llrp.messages import ReaderEventNotification
from edge.llrp.parameters_common import UTCTimestamp
from edge.llrp.parameters_report import ConnectionAttemptEvent, ReaderEventNotificationData
from edge.llrp.session import LlrpSession, SessionOutput
from edge.llrp.settings import LlrpSettings
from tests.support.clocks import ManualClock
from tests.support.llrp_elements import ALL_MESSAGES, elements

CONNECTED = encode_message(
    ReaderEventNotification(
        reader_event_notification_data=ReaderEventNotificationData(
            timestamp=UTCTimestamp(microseconds=1),
            connection_attempt_event=ConnectionAttemptEvent(
                status=ConnectionAttemptStatusType.SUCCESS
            ),
        )
    ),
    1,
)
MESSAGES: st.SearchStrategy[Message] = st.sampled_from(
    sorted(ALL_MESSAGES.values(), key=str)
).flatmap(elements)
SAYINGS = st.one_of(
    st.builds(encode_message, MESSAGES, message_id=st.integers(0, 12)),
    st.builds(
        Frame.encode,
        st.builds(
            Frame,
            version=st.integers(0, 7),
            message_type=st.integers(0, 1023),
            message_id=st.integers(0, 12),
            body=st.binary(max_size=40),
        ),
    ),
)


@given(sayings=st.lists(SAYINGS, max_size=12), waits_s=st.lists(st.floats(0, 12), min_size=1))
def test_a_session_goes_on_or_ends_as_promised(sayings: list[bytes], waits_s: list[float]) -> None:
    session, clock = LlrpSession(LlrpSettings()), ManualClock()
    session.start(clock.now())
    outputs: list[SessionOutput] = []
    with contextlib.suppress(ReaderError, ProtocolError):
        for index, saying in enumerate([CONNECTED, *sayings]):
            outputs.append(session.step(saying, clock.now()))
            clock.advance(waits_s[index % len(waits_s)])
    sent = b"".join(one.to_send for one in outputs) + session.stop(clock.now())
    decoder = FrameDecoder()
    decoder.feed(sent)
    assert b"".join(frame.encode() for frame in iter(decoder.next_frame, None)) == sent


@given(sayings=st.lists(SAYINGS, max_size=6), message_id=st.integers(0, 2**32 - 1))
def test_every_keepalive_that_is_heard_is_acknowledged(
    sayings: list[bytes], message_id: int
) -> None:
    session, clock = LlrpSession(LlrpSettings()), ManualClock()
    session.start(clock.now())
    ears = contextlib.suppress(ReaderError)
    for saying in sayings:
        with ears:
            session.step(saying, clock.now())
    heard = Frame(1, 62, message_id).encode()
    with ears:
        assert Frame(1, 72, message_id).encode() in session.step(heard, clock.now()).to_send


@given(data=st.binary(max_size=200), pieces=st.lists(st.integers(1, 50), min_size=1))
def test_noise_is_a_fault_or_the_end(data: bytes, pieces: list[int]) -> None:
    session, clock = LlrpSession(LlrpSettings()), ManualClock()
    session.start(clock.now())
    at = 0
    with contextlib.suppress(ReaderError, ProtocolError):
        for size in pieces:
            session.step(data[at : at + size], clock.now())
            at += size
    assert sum(session.faults.values()) <= len(data)
