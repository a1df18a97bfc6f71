"""Whatever is done to a stream of frames, the same frames come out, or the stream is given up."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ProtocolError
from edge.llrp import Frame, FrameDecoder

FRAMES = st.builds(
    Frame,
    version=st.integers(1, 3),
    message_type=st.integers(0, 1023),
    message_id=st.integers(0, 2**32 - 1),
    body=st.binary(max_size=80),
)


@given(sent=st.lists(FRAMES, max_size=6), cuts=st.lists(st.integers(1, 40), min_size=1))
def test_frames_do_not_depend_on_how_the_stream_is_cut(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(frame.encode() for frame in sent)
    decoder = FrameDecoder()
    received: list[Frame] = []
    at = piece = 0
    while at < len(stream):
        size = cuts[piece % len(cuts)]
        decoder.feed(stream[at : at + size])
        received += iter(decoder.next_frame, None)
        at, piece = at + size, piece + 1
    assert received == sent


@given(sent=st.lists(FRAMES, min_size=1, max_size=6), missing=st.integers(1, 9))
def test_an_unfinished_frame_is_waited_for(sent: list[Frame], missing: int) -> None:
    decoder = FrameDecoder()
    decoder.feed(b"".join(frame.encode() for frame in sent)[:-missing])
    assert [*iter(decoder.next_frame, None)] == sent[:-1]


@given(noise=st.binary(max_size=200))
def test_noise_gives_frames_or_one_protocol_error(noise: bytes) -> None:
    decoder = FrameDecoder()
    decoder.feed(noise)
    frames: list[Frame] = []
    with contextlib.suppress(ProtocolError):
        frames += iter(decoder.next_frame, None)
        assert decoder.next_frame() is None
    assert sum(10 + len(frame.body) for frame in frames) <= len(noise)
