"""Laws of M100's codec: damage costs the damaged frames and no more."""

import contextlib
from itertools import accumulate
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.errors import GatewayError
from edge.model import TagRead
from edge.serial.decode import decode
from edge.serial.faults import Fault
from edge.serial.framing import LONGEST_GARBAGE
from edge.serial.m100.frames import LONGEST_DATA, START, Frame, FrameDecoder
from edge.serial.m100.protocol import M100
from edge.serial.m100.reads import read_tags
from edge.serial.m100.session import M100Session
from edge.serial.settings import Region, SerialSettings
from tests.support.serial import all_of, frames_of, waiting_in
from tests.support.serial_m100 import M100Module, tag_frame
from tests.support.serial_readers import Line

BYTES = st.binary(max_size=300)
QUIET = BYTES.map(lambda data: data.replace(bytes((START,)), b"\x01"))
EPCS = st.integers(0, 31).flatmap(lambda words: st.binary(min_size=2 * words, max_size=2 * words))
TAGS = st.builds(tag_frame, EPCS, st.integers(0, 255))
FRAMES = st.one_of(
    TAGS,
    st.builds(
        Frame,
        type=st.integers(0, 255),
        command=st.integers(0, 255),
        data=st.binary(max_size=LONGEST_DATA),
    ),
)
START_BYTES = st.integers(1, 9).map(lambda count: bytes((START,)) * count)


def bytes_of(item: Any) -> bytes:  # noqa: ANN401 - a frame or a fault
    return item.data if isinstance(item, Fault) else item.encode()


@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=6), piece=st.integers(1, 40))
def test_m100_frames_and_faults_do_not_depend_on_how_the_stream_is_cut(
    parts: list[bytes], piece: int
) -> None:
    stream = b"".join(parts)
    assert all_of(FrameDecoder(), stream, piece) == all_of(FrameDecoder(), stream)


@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES, START_BYTES), max_size=8))
def test_every_byte_of_an_m100_stream_is_in_one_frame_or_in_one_fault(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    found = all_of(FrameDecoder(), stream)
    assert b"".join(map(bytes_of, found)) == stream


@given(parts=st.lists(st.tuples(QUIET, FRAMES), max_size=6))
def test_noise_between_m100_frames_costs_no_frame(parts: list[tuple[bytes, Frame]]) -> None:
    stream = b"".join(noise + frame.encode() for noise, frame in parts)
    assert frames_of(FrameDecoder(), stream) == [frame for _, frame in parts]


@given(frames=st.lists(FRAMES, min_size=1, max_size=5), data=st.data())
def test_m100_frames_that_come_twice_or_in_another_order_are_read_as_they_come(
    frames: list[Frame], data: st.DataObject
) -> None:
    played = data.draw(st.lists(st.sampled_from(frames), max_size=12))
    stream = b"".join(frame.encode() for frame in played)
    found = all_of(FrameDecoder(), stream)
    assert found == played


@given(
    tags=st.lists(TAGS, min_size=1, max_size=6, unique_by=bytes_of),
    cuts=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 40)), max_size=3),
    flips=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 255)), max_size=3),
)
def test_damage_to_an_m100_stream_costs_the_tags_it_hit_and_makes_none(
    tags: list[Frame], cuts: list[tuple[int, int]], flips: list[tuple[int, int]]
) -> None:
    stream = bytearray(b"".join(tag.encode() for tag in tags))
    for at, bits in flips:
        stream[at % len(stream)] ^= bits
    hit = {at % len(stream) for at, _ in flips}
    lost = {at for begin, size in cuts for at in range(begin, begin + size)}
    ends = list(accumulate(len(tag.encode()) for tag in tags))
    spans = [range(end - len(tag.encode()), end) for tag, end in zip(tags, ends, strict=True)]
    untouched = [
        tag for tag, span in zip(tags, spans, strict=True) if (hit | lost).isdisjoint(span)
    ]
    left = bytes(byte for at, byte in enumerate(stream) if at not in lost)
    found = frames_of(FrameDecoder(), left)
    assert [frame for frame in found if frame in untouched] == untouched
    known = {read.epc for tag in tags for read in read_tags(tag, [])}
    assert {read.epc for frame in found for read in read_tags(frame, [])} <= known


@given(frame=FRAMES)
def test_whatever_an_m100_frame_says_it_gives_reads_or_faults_and_no_error(frame: Frame) -> None:
    for read in read_tags(frame, []):
        assert read.is_crc_right is not False


@given(pieces=st.lists(st.one_of(BYTES, st.just(b"\xbb\x02\x22\x01\xf0")), max_size=30))
def test_what_an_m100_decoder_holds_is_bounded(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    for piece in pieces:
        decoder.feed(piece)
        waiting_in(decoder)
        assert decoder.waiting < LONGEST_DATA + 7 + LONGEST_GARBAGE


@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=4))
def test_all_that_can_be_on_an_m100_line_can_be_shown(parts: list[bytes]) -> None:
    for decoded in decode(M100, b"".join(parts)):
        assert decoded.as_text()
        assert decoded.as_dict()["offset"] == decoded.offset


def played(stream: bytes, piece: int) -> list[TagRead]:
    """Give the reads of a session that hears the stream while it reads, and then silence."""
    line = Line(M100Session(SerialSettings(Region.EU)), M100Module())
    line.play(1)
    with contextlib.suppress(GatewayError):
        for start in range(0, len(stream), piece):
            line.step(stream[start : start + piece], step_s=0.001)
        line.play(0.5)
    return line.heard.reads


@given(tags=st.lists(TAGS, max_size=5), piece=st.integers(1, 60))
def test_an_m100_session_gives_the_same_reads_however_the_stream_is_cut(
    tags: list[Frame], piece: int
) -> None:
    reads = played(b"".join(tag.encode() for tag in tags), piece)
    assert [read.epc for read in reads] == [tag.data[3:-2] for tag in tags]


@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=5))
def test_an_m100_session_that_hears_anything_raises_what_a_driver_expects(
    parts: list[bytes],
) -> None:
    for read in played(b"".join(parts), 64):
        assert read.antenna_port == 1
