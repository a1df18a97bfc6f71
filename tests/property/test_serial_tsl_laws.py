"""Laws of the TSL codec: damage costs the damaged tags, and no EPC comes out that did not go in."""

from hypothesis import given
from hypothesis import strategies as st

from edge.model import Now, TagRead
from edge.serial.decode import decode
from edge.serial.faults import Fault
from edge.serial.framing import LONGEST_GARBAGE
from edge.serial.reads import SerialRead
from edge.serial.settings import Region, SerialSettings
from edge.serial.tsl.frames import LONGEST_LINE, LONGEST_TAG, Frame, FrameDecoder
from edge.serial.tsl.protocol import TSL
from edge.serial.tsl.reads import read_tags
from edge.serial.tsl.session import TslSession
from tests.support.serial import all_of, frames_of, waiting_in
from tests.support.serial_readers import Line
from tests.support.serial_tsl import TslHandheld, pressed

BYTES = st.binary(max_size=120)
TEXT = st.text("ABCEPRIKO:. -\r\n\x1b0123456789abcdef", max_size=120).map(str.encode)
EPCS = st.binary(min_size=12, max_size=12)
PRESSES = st.lists(EPCS, max_size=5).map(lambda epcs: pressed(*epcs))
PARTS = st.lists(st.one_of(PRESSES, BYTES, TEXT), max_size=5)


def reads_of(stream: bytes) -> list[SerialRead]:
    frames = frames_of(FrameDecoder(), stream)
    return [read for frame in frames for read in read_tags(frame, [])]


@given(parts=PARTS, piece=st.integers(1, 40))
def test_lines_and_faults_do_not_depend_on_how_the_stream_is_cut(
    parts: list[bytes], piece: int
) -> None:
    stream = b"".join(parts)
    assert all_of(FrameDecoder(), stream, piece) == all_of(FrameDecoder(), stream)


@given(parts=PARTS)
def test_every_byte_of_a_text_is_in_one_frame_or_in_one_fault(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    found = all_of(FrameDecoder(), stream)
    assert b"".join(i.data if isinstance(i, Fault) else i.encode() for i in found) == stream


@given(presses=st.lists(PRESSES, max_size=5), noise=st.binary(max_size=50))
def test_bytes_that_do_not_print_between_answers_cost_no_tag(
    presses: list[bytes], noise: bytes
) -> None:
    quiet = bytes(byte | 0x80 for byte in noise)
    noisy = b"".join(press + quiet for press in presses)
    assert reads_of(noisy) == reads_of(b"".join(presses))


@given(presses=st.lists(PRESSES, min_size=1, max_size=4), data=st.data())
def test_answers_that_come_twice_or_in_another_order_are_read_as_they_come(
    presses: list[bytes], data: st.DataObject
) -> None:
    played = data.draw(st.lists(st.sampled_from(presses), max_size=8))
    assert reads_of(b"".join(played)) == [read for press in played for read in reads_of(press)]


@given(
    epcs=st.lists(EPCS, min_size=1, max_size=6, unique=True),
    at=st.integers(0, 1000),
    bits=st.integers(1, 255),
)
def test_a_damaged_byte_costs_no_tag_but_its_own_and_makes_none(
    epcs: list[bytes], at: int, bits: int
) -> None:
    stream = bytearray(pressed(*epcs))
    at %= len(stream)
    stream[at] ^= bits
    spans = {epc: pressed(*epcs).index(f"EP: {epc.hex().upper()}".encode()) for epc in epcs}
    hit = max((epc for epc in epcs if spans[epc] <= at), key=spans.__getitem__, default=None)
    checked = [read.epc for read in reads_of(bytes(stream)) if read.is_crc_right]
    assert [epc for epc in checked if epc != hit] == [epc for epc in epcs if epc != hit]
    assert set(checked) <= set(epcs)


@given(
    epcs=st.lists(EPCS, min_size=1, max_size=6),
    cuts=st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=3),
)
def test_lost_bytes_make_no_tag(epcs: list[bytes], cuts: list[tuple[int, int]]) -> None:
    lost = {at for begin, size in cuts for at in range(begin, begin + size)}
    left = bytes(byte for at, byte in enumerate(pressed(*epcs)) if at not in lost)
    assert {read.epc for read in reads_of(left) if read.is_crc_right} <= set(epcs)


@given(parts=PARTS)
def test_whatever_a_text_says_it_gives_reads_or_faults_and_no_error(parts: list[bytes]) -> None:
    for read in reads_of(b"".join(parts)):
        assert not len(read.epc) % 2
        assert read.is_crc_right is not False


@given(frame=st.one_of(BYTES, TEXT).map(lambda data: Frame(b"EP: " + data)))
def test_whatever_a_tags_lines_say_they_give_reads_or_faults_and_no_error(frame: Frame) -> None:
    faults = list[Fault]()
    assert len(read_tags(frame, faults)) + len(faults) == 1


@given(pieces=st.lists(st.one_of(BYTES, TEXT, st.just(b"EP: 30"), st.just(b"\x1b")), max_size=60))
def test_what_a_text_decoder_holds_is_bounded(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    for piece in pieces * 10:
        decoder.feed(piece)
        waiting_in(decoder)
        assert decoder.waiting <= LONGEST_TAG + 2 * LONGEST_LINE + LONGEST_GARBAGE


@given(parts=PARTS)
def test_all_that_can_be_on_a_handhelds_line_can_be_shown(parts: list[bytes]) -> None:
    for decoded in decode(TSL, b"".join(parts)):
        assert decoded.as_text()
        assert decoded.as_dict()["offset"] == decoded.offset


def played(stream: bytes, piece: int) -> list[TagRead]:
    """Give the reads of a ready session that hears the stream in pieces, and then silence."""
    session = TslSession(SerialSettings(Region.EU))
    Line(session, TslHandheld()).play(1)
    reads, now = list[TagRead](), Now(2000.0, 1_800_000_000_000_000)
    for start in range(0, len(stream), piece):
        reads += session.step(stream[start : start + piece], now).polled.reads
    later = Now(now.monotonic_s + 6, now.utc_us)
    for _ in range(2):
        reads += session.step(b"", later).polled.reads
    return reads


@given(presses=st.lists(PRESSES, max_size=4), piece=st.integers(1, 60))
def test_a_session_gives_the_same_reads_however_the_stream_is_cut(
    presses: list[bytes], piece: int
) -> None:
    stream = b"".join(presses)
    assert played(stream, piece) == played(stream, 10_000)
    assert [read.epc for read in played(stream, piece)] == [read.epc for read in reads_of(stream)]


@given(parts=PARTS, piece=st.integers(1, 60))
def test_a_session_that_hears_anything_gives_reads_and_no_error(
    parts: list[bytes], piece: int
) -> None:
    for read in played(b"".join(parts), piece):
        assert read.antenna_port == 1
