"""Laws of the UHFReader codec: damage costs the damaged frames and no more.

Its frames have no mark, so that one damage in some 65,000 looks like a frame to the CRC.  The laws
leave out such accidents, found by trying the CRC at every place of the damaged stream.
"""

import contextlib
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.errors import GatewayError
from edge.model import TagRead
from edge.serial.checks import crc_mcrf4xx
from edge.serial.decode import decode
from edge.serial.faults import Fault
from edge.serial.framing import LONGEST_GARBAGE, Direction
from edge.serial.settings import Region, SerialSettings
from edge.serial.uhfreader.codes import CommandCode, Dialect
from edge.serial.uhfreader.frames import LONGEST_DATA, Frame, FrameDecoder, Keepalive
from edge.serial.uhfreader.protocol import UHFREADER
from edge.serial.uhfreader.reads import read_tags
from edge.serial.uhfreader.session import UhfReaderSession
from tests.support.serial import all_of, frames_of, waiting_in
from tests.support.serial_readers import Line
from tests.support.serial_uhfreader import NO_TAG_288, UhfReader, tag_18, tag_288

BYTES = st.binary(max_size=300)
QUIET = st.binary(max_size=300).map(lambda data: bytes(byte & 3 for byte in data))
EPCS = st.integers(0, 31).flatmap(lambda words: st.binary(min_size=2 * words, max_size=2 * words))
DIALECTS = (Dialect.READER18, Dialect.READER288)


def answer(data: bytes) -> Frame:
    return Frame(0, CommandCode.INVENTORY, b"\x03" + data)


TAGS = st.one_of(EPCS.map(tag_18), EPCS.map(tag_288)).map(answer)
FRAMES = st.one_of(
    TAGS,
    st.builds(
        Frame,
        address=st.integers(0, 255),
        command=st.integers(1, 255),
        data=st.binary(max_size=LONGEST_DATA),
    ),
    st.builds(Keepalive),
)


def bytes_of(item: Any) -> bytes:  # noqa: ANN401 - a frame or a fault
    return item.data if isinstance(item, Fault) else item.encode()


def accidents(stream: bytes, begins: set[int]) -> bool:
    """Tell whether a frame could be seen that begins elsewhere."""
    for at in range(len(stream)):
        whole = stream[at : at + stream[at] + 1]
        is_frame = len(whole) == stream[at] + 1 > 4 and crc_mcrf4xx(whole) == 0
        if at not in begins and (is_frame or stream.startswith(b"\x56" + bytes(5), at)):
            return True
    return False


@given(frame=FRAMES)
def test_a_uhfreader_frame_gives_itself_again(frame: Frame | Keepalive) -> None:
    assert all_of(FrameDecoder(), frame.encode()) == [frame]


@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=6), piece=st.integers(1, 40))
def test_uhfreader_frames_and_faults_do_not_depend_on_how_the_stream_is_cut(
    parts: list[bytes], piece: int
) -> None:
    stream = b"".join(parts)
    assert all_of(FrameDecoder(), stream, piece) == all_of(FrameDecoder(), stream)


@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=8))
def test_every_byte_of_a_uhfreader_stream_is_in_one_frame_or_in_one_fault(
    parts: list[bytes],
) -> None:
    stream = b"".join(parts)
    found = all_of(FrameDecoder(), stream)
    assert b"".join(map(bytes_of, found)) == stream


@given(parts=st.lists(st.tuples(QUIET, FRAMES), max_size=6))
def test_noise_between_uhfreader_frames_costs_no_frame(
    parts: list[tuple[bytes, Frame | Keepalive]],
) -> None:
    stream = b"".join(noise + frame.encode() for noise, frame in parts)
    assert frames_of(FrameDecoder(), stream) == [frame for _, frame in parts]


@given(frames=st.lists(FRAMES, min_size=1, max_size=5), data=st.data())
def test_uhfreader_frames_that_come_twice_or_in_another_order_are_read_as_they_come(
    frames: list[Frame | Keepalive], data: st.DataObject
) -> None:
    played = data.draw(st.lists(st.sampled_from(frames), max_size=12))
    stream = b"".join(frame.encode() for frame in played)
    found = all_of(FrameDecoder(), stream)
    assert found == played


@given(
    frames=st.lists(TAGS, min_size=1, max_size=5),
    hit=st.integers(0, 4),
    at=st.integers(0, 300),
    bits=st.integers(1, 255),
)
def test_a_damaged_byte_costs_its_uhfreader_frame_and_no_other(
    frames: list[Frame], hit: int, at: int, bits: int
) -> None:
    hit %= len(frames)
    whole = [bytearray(frame.encode()) for frame in frames]
    whole[hit][at % len(whole[hit])] ^= bits
    stream = b"".join(whole)
    assume(not accidents(stream, set(accumulate(map(len, whole), initial=0))))
    assert frames_of(FrameDecoder(), stream) == frames[:hit] + frames[hit + 1 :]


@given(
    frames=st.lists(TAGS, min_size=1, max_size=5),
    cuts=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 40)), max_size=3),
)
def test_lost_bytes_cost_the_uhfreader_frames_that_they_were_in(
    frames: list[Frame], cuts: list[tuple[int, int]]
) -> None:
    stream = b"".join(frame.encode() for frame in frames)
    lost = {at for begin, size in cuts for at in range(begin, begin + size)}
    ends = list(accumulate(len(frame.encode()) for frame in frames))
    spans = [range(e - len(f.encode()), e) for f, e in zip(frames, ends, strict=True)]
    pairs = zip(frames, spans, strict=True)
    untouched = [(frame, span) for frame, span in pairs if lost.isdisjoint(span)]
    left = bytes(byte for at, byte in enumerate(stream) if at not in lost)
    begins = {span[0] - sum(at < span[0] for at in lost) for _, span in untouched}
    assume(not accidents(left, begins))
    assert frames_of(FrameDecoder(), left) == [frame for frame, _ in untouched]


@pytest.mark.parametrize("dialect", [*DIALECTS, None])
@given(frame=FRAMES)
def test_whatever_a_uhfreader_frame_says_it_gives_reads_or_faults_and_no_error(
    dialect: Dialect | None, frame: Frame | Keepalive
) -> None:
    assume(isinstance(frame, Frame))
    assert isinstance(frame, Frame)
    for read in read_tags(frame, [], dialect, 1):
        assert read.antenna_port >= 1
        assert read.hits >= 1
        assert not len(read.epc) % 2


@given(epcs=st.lists(EPCS, max_size=3), rssi=st.integers(0, 255))
def test_tags_are_read_as_they_were_sent_in_the_dialect_that_is_known(
    epcs: list[bytes], rssi: int
) -> None:
    old = bytes((len(epcs),)) + b"".join(tag_18(epc)[1:] for epc in epcs)
    new = bytes((1, len(epcs))) + b"".join(tag_288(epc, 1, rssi)[2:] for epc in epcs)
    faults = list[Fault]()
    assert [read.epc for read in read_tags(answer(old), faults, Dialect.READER18)] == epcs
    assert [read.epc for read in read_tags(answer(new), faults, Dialect.READER288)] == epcs
    assert not faults


@given(pieces=st.lists(st.one_of(BYTES, st.just(b"\xff\x20")), max_size=30))
def test_what_a_uhfreader_decoder_holds_is_bounded(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    for piece in pieces:
        decoder.feed(piece)
        waiting_in(decoder)
        assert decoder.waiting < 256 + LONGEST_GARBAGE


@pytest.mark.parametrize("direction", list(Direction), ids=lambda direction: direction.name)
@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=4))
def test_all_that_can_be_on_a_uhfreader_line_can_be_shown(
    direction: Direction, parts: list[bytes]
) -> None:
    for decoded in decode(UHFREADER, b"".join(parts), direction):
        assert decoded.as_text()
        assert decoded.as_dict()["offset"] == decoded.offset


def played(type_: int, stream: bytes, piece: int) -> list[TagRead]:
    """Give the reads of a session that hears the stream in a round, and then the round's end."""
    reader = UhfReader(type_)
    reader.rounds = [[]]
    line = Line(UhfReaderSession(SerialSettings(Region.EU)), reader)
    line.play_until(lambda: CommandCode.INVENTORY in reader.commands())
    with contextlib.suppress(GatewayError):
        for start in range(0, len(stream), piece):
            line.step(stream[start : start + piece], step_s=0.001)
        line.play(0.5)
    return line.heard.reads


@given(epcs=st.lists(EPCS, max_size=5), piece=st.integers(1, 60))
def test_a_uhfreader_session_gives_the_same_reads_however_the_stream_is_cut(
    epcs: list[bytes], piece: int
) -> None:
    end = Frame(0, CommandCode.INVENTORY, NO_TAG_288).encode()
    of_288 = b"".join(answer(tag_288(epc)).encode() for epc in epcs) + end
    of_18 = b"".join(answer(tag_18(epc)).encode() for epc in epcs)
    assert [read.epc for read in played(0x0C, of_288, piece)] == epcs
    assert [read.epc for read in played(0x09, of_18, piece)] == epcs


@pytest.mark.parametrize("type_", [0x09, 0x0C, 0x26])
@given(parts=st.lists(st.one_of(FRAMES.map(bytes_of), BYTES), max_size=5))
def test_a_uhfreader_session_that_hears_anything_raises_what_a_driver_expects(
    type_: int, parts: list[bytes]
) -> None:
    for read in played(type_, b"".join(parts), 64):
        assert read.antenna_port >= 1
