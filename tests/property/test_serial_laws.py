"""Laws of the serial codecs: whatever is on the line, damage costs the damaged frames and no more.

The law of every protocol is one function; a protocol has its own frames and its own noise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.serial.checks import crc_gen2
from edge.serial.decode import decode
from edge.serial.faults import Fault
from edge.serial.framing import LONGEST_GARBAGE, Direction
from edge.serial.mercury import frames as mercury
from edge.serial.mercury.reads import read_tags as mercury_tags
from edge.serial.r2000 import frames as a0
from edge.serial.r2000.reads import read_tags as a0_tags
from edge.serial.reads import SerialRead
from edge.serial.registry import PROTOCOLS
from tests.support.serial import all_of, waiting_in

LONGEST_FRAME = 257
EPCS = st.integers(0, 31).flatmap(lambda words: st.binary(min_size=2 * words, max_size=2 * words))
BYTES = st.binary(max_size=600)


def mercury_tag(epc: bytes, rssi: int, port: int) -> mercury.Frame:
    block = (len(epc) << 10).to_bytes(2) + epc
    block += crc_gen2(block).to_bytes(2)
    record = bytes((1, rssi, port << 4 | port)) + bytes(4)
    data = b"\x10\x00\x1b\x00\x17\x01" + record + (8 * len(block)).to_bytes(2) + block
    return mercury.Frame(0x22, data, 0)


def a0_tag(epc: bytes, rssi: int, port: int) -> a0.Frame:
    head = bytes((port & 3,)) + (len(epc) << 10).to_bytes(2)
    return a0.Frame(1, 0x89, head + epc + bytes((rssi,)))


MERCURY_FRAMES = st.one_of(
    st.builds(mercury_tag, EPCS, st.integers(0, 255), st.integers(1, 15)),
    st.builds(
        mercury.Frame,
        opcode=st.integers(0, 255),
        data=st.binary(max_size=mercury.LONGEST_ANSWER),
        status=st.integers(0, 0xFFFF),
    ),
)
A0_FRAMES = st.one_of(
    st.builds(a0_tag, EPCS, st.integers(0, 255), st.integers(0, 3)),
    st.builds(
        a0.Frame,
        address=st.integers(0, 255),
        command=st.integers(0, 255),
        data=st.binary(max_size=a0.LONGEST_DATA),
    ),
)


@dataclass(frozen=True, slots=True)
class Codec:
    """`start` is the byte that frames begin with; `reads` gives the tags of one frame."""

    name: str
    start: int
    decoder: Callable[[], Any]
    frames: st.SearchStrategy[Any]
    reads: Callable[[Any, list[Fault]], list[SerialRead]]


CODECS = (
    Codec("mercury", mercury.START, mercury.FrameDecoder, MERCURY_FRAMES, mercury_tags),
    Codec("r2000", a0.START, a0.FrameDecoder, A0_FRAMES, a0_tags),
)
each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)


def quiet(codec: Codec) -> st.SearchStrategy[bytes]:
    """Give noise that begins no frame."""
    return st.binary(max_size=300).map(lambda data: data.replace(bytes((codec.start,)), b"\x01"))


def bytes_of(item: Any) -> bytes:  # noqa: ANN401 - a frame of any protocol, or a fault
    return item.data if isinstance(item, Fault) else item.encode()


@each_codec
@given(data=st.data())
def test_a_frame_gives_itself_again(codec: Codec, data: st.DataObject) -> None:
    frame = data.draw(codec.frames)
    assert all_of(codec.decoder(), frame.encode()) == [frame]


@each_codec
@given(data=st.data(), piece=st.integers(1, 40))
def test_frames_and_faults_do_not_depend_on_how_the_stream_is_cut(
    codec: Codec, data: st.DataObject, piece: int
) -> None:
    parts = data.draw(st.lists(st.one_of(codec.frames.map(bytes_of), BYTES), max_size=6))
    stream = b"".join(parts)
    assert all_of(codec.decoder(), stream, piece) == all_of(codec.decoder(), stream)


@each_codec
@given(data=st.data())
def test_every_byte_is_in_one_frame_or_in_one_fault(codec: Codec, data: st.DataObject) -> None:
    start = bytes((codec.start,))
    pieces = st.one_of(BYTES, codec.frames.map(bytes_of), st.just(start), st.just(start * 9))
    stream = b"".join(data.draw(st.lists(pieces, max_size=8)))
    found = all_of(codec.decoder(), stream)
    assert b"".join(map(bytes_of, found)) == stream
    places = [item.offset for item in found if isinstance(item, Fault)]
    begins = accumulate((len(bytes_of(item)) for item in found), initial=0)
    assert places == [
        at for at, item in zip(begins, found, strict=False) if isinstance(item, Fault)
    ]


@each_codec
@given(data=st.data())
def test_noise_between_frames_costs_no_frame(codec: Codec, data: st.DataObject) -> None:
    frames = data.draw(st.lists(codec.frames, max_size=6))
    noises = [data.draw(quiet(codec)) for _ in frames]
    stream = b"".join(noise + frame.encode() for noise, frame in zip(noises, frames, strict=True))
    found = all_of(codec.decoder(), stream)
    assert [item for item in found if not isinstance(item, Fault)] == frames


@each_codec
@given(data=st.data())
def test_frames_that_come_twice_or_in_another_order_are_read_as_they_come(
    codec: Codec, data: st.DataObject
) -> None:
    frames = data.draw(st.lists(codec.frames, min_size=1, max_size=5))
    played = data.draw(st.lists(st.sampled_from(frames), max_size=12))
    stream = b"".join(frame.encode() for frame in played)
    assert all_of(codec.decoder(), stream) == played


@given(
    frames=st.lists(MERCURY_FRAMES, min_size=1, max_size=5),
    hit=st.integers(0, 4),
    at=st.integers(0, 300),
    bits=st.integers(1, 255),
)
def test_a_damaged_byte_costs_its_frame_and_no_other(
    frames: list[mercury.Frame], hit: int, at: int, bits: int
) -> None:
    """Mercury's CRC finds every error within a byte, and finds frames again behind it."""
    hit %= len(frames)
    whole = [bytearray(frame.encode()) for frame in frames]
    whole[hit][at % len(whole[hit])] ^= bits
    found = [
        item
        for item in all_of(mercury.FrameDecoder(), b"".join(whole))
        if not isinstance(item, Fault)
    ]
    assert found == frames[:hit] + frames[hit + 1 :]


@given(
    frames=st.lists(MERCURY_FRAMES, min_size=1, max_size=5),
    cuts=st.lists(st.tuples(st.integers(0, 1200), st.integers(1, 60)), max_size=3),
)
def test_lost_bytes_cost_the_frames_that_they_were_in(
    frames: list[mercury.Frame], cuts: list[tuple[int, int]]
) -> None:
    stream = b"".join(frame.encode() for frame in frames)
    lost = {at for begin, size in cuts for at in range(begin, begin + size)}
    ends = list(accumulate(len(frame.encode()) for frame in frames))
    untouched = [
        frame
        for frame, end in zip(frames, ends, strict=True)
        if lost.isdisjoint(range(end - len(frame.encode()), end))
    ]
    left = bytes(byte for at, byte in enumerate(stream) if at not in lost)
    found = [item for item in all_of(mercury.FrameDecoder(), left) if not isinstance(item, Fault)]
    assert found == untouched


@each_codec
@given(data=st.data())
def test_whatever_a_frame_says_it_gives_reads_or_faults_and_no_error(
    codec: Codec, data: st.DataObject
) -> None:
    frame = data.draw(codec.frames)
    faults = list[Fault]()
    for read in codec.reads(frame, faults):
        assert read.antenna_port >= 0
        assert read.hits >= 1
        assert read.is_crc_right is not False


@each_codec
@given(epc=EPCS, rssi=st.integers(0, 255), port=st.integers(1, 3))
def test_a_tag_is_read_as_it_was_sent(codec: Codec, epc: bytes, rssi: int, port: int) -> None:
    make = {"mercury": mercury_tag, "r2000": a0_tag}[codec.name]
    faults = list[Fault]()
    (read,) = codec.reads(make(epc, rssi, port), faults)
    assert (read.epc, faults) == (epc, [])


@each_codec
@given(pieces=st.lists(st.one_of(BYTES, st.just(b"\xff\x20"), st.just(b"\xa0\x90")), max_size=30))
def test_what_is_held_is_bounded_by_the_longest_frame(codec: Codec, pieces: list[bytes]) -> None:
    decoder = codec.decoder()
    for piece in pieces:
        decoder.feed(piece)
        waiting_in(decoder)
        assert decoder.waiting < LONGEST_FRAME + LONGEST_GARBAGE


@pytest.mark.parametrize("direction", list(Direction), ids=lambda direction: direction.name)
@pytest.mark.parametrize("name", ["mercury", "r2000"])
@given(data=st.data())
def test_all_that_can_be_on_a_line_can_be_shown(
    name: str, direction: Direction, data: st.DataObject
) -> None:
    protocol = PROTOCOLS[name]
    frames = {"mercury": MERCURY_FRAMES, "r2000": A0_FRAMES}[name]
    parts = data.draw(st.lists(st.one_of(frames.map(bytes_of), BYTES), max_size=4))
    for decoded in decode(protocol, b"".join(parts), direction):
        assert decoded.as_text()
        assert decoded.as_dict()["offset"] == decoded.offset
