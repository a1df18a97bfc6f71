"""Frames as the standard draws them, and streams that nobody can follow."""

import time

import pytest

from edge.errors import ProtocolError
from edge.llrp import MAX_FRAME, Frame, FrameDecoder

KEEPALIVE = bytes.fromhex("043e0000000a00000007")


def test_a_frame_is_taken_apart() -> None:
    decoder = FrameDecoder()
    decoder.feed(bytes.fromhex("0c3d0000000cdeadbeef0102"))
    assert decoder.next_frame() == Frame(3, 61, 0xDEADBEEF, b"\x01\x02")


def test_a_frame_is_put_together() -> None:
    assert Frame(1, 62, 7).encode() == KEEPALIVE


LENGTHS = {
    "no room for the header": 9,
    "nothing": 0,
    "beyond the limit": MAX_FRAME + 1,
    "4 GiB": 2**32 - 1,
}


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
def test_a_length_that_cannot_be_is_an_error(length: int) -> None:
    decoder = FrameDecoder()
    decoder.feed(b"\x04\x3e" + length.to_bytes(4) + b"\x00\x00\x00\x01")
    with pytest.raises(ProtocolError, match=f"{length} bytes, allowed are 10 to {MAX_FRAME}"):
        decoder.next_frame()


def test_frames_before_a_wrong_length_are_given() -> None:
    decoder = FrameDecoder()
    decoder.feed(KEEPALIVE + b"\x04\x3e\x00\x00\x00\x01\x00\x00\x00\x01")
    assert decoder.next_frame() == Frame(1, 62, 7)
    with pytest.raises(ProtocolError):
        decoder.next_frame()


def test_a_frame_costs_the_same_however_many_wait() -> None:
    def seconds_a_frame(waiting: int) -> float:
        decoder = FrameDecoder()
        decoder.feed(KEEPALIVE * waiting)
        started = time.perf_counter()
        assert sum(1 for _ in iter(decoder.next_frame, None)) == waiting
        return (time.perf_counter() - started) / waiting

    few = min(seconds_a_frame(2_000) for _ in range(5))
    assert seconds_a_frame(400_000) < 10 * few


def test_what_was_handed_out_is_not_kept() -> None:
    decoder = FrameDecoder()
    for _ in range(1000):
        decoder.feed(Frame(1, 61, 1, bytes(10_000)).encode())
        assert decoder.next_frame() is not None
        assert decoder.next_frame() is None
    assert len(decoder._buffer) == 0  # noqa: SLF001 - memory is the promise, and has no other face
