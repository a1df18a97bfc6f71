"""What becomes of bytes that are no frame, told by cause, extent and place.

The frames are Mercury's and A0's, since a StreamDecoder needs some.
"""

import pytest

from edge.serial.faults import Fault, FaultCause
from edge.serial.framing import LONGEST_GARBAGE, Direction, StreamDecoder
from edge.serial.mercury import frames as mercury
from edge.serial.r2000 import frames as a0
from tests.support.serial import all_of, waiting_in

KEEPALIVE = bytes.fromhex("ff0022040084e0")  # as published
VERSION = bytes.fromhex("ff00031d0c")
FIRMWARE = bytes.fromhex("a0050172 0109de".replace(" ", ""))
BROKEN = bytes.fromhex("ff0022040084e1")

# Bytes, and the faults in them: cause and extent.
DAMAGE = {
    "nothing": (KEEPALIVE, []),
    "noise before": (b"\x00\x01" + KEEPALIVE, [(FaultCause.GARBAGE, 2)]),
    "noise behind": (KEEPALIVE + b"\x00\x01", [(FaultCause.GARBAGE, 2)]),
    "a wrong check value": (BROKEN + KEEPALIVE, [(FaultCause.BAD_CHECK, 7)]),
    "two in a row": (2 * BROKEN + KEEPALIVE, [(FaultCause.BAD_CHECK, 7)] * 2),
    "a frame cut off by another": (KEEPALIVE[:4] + KEEPALIVE, [(FaultCause.BAD_CHECK, 4)]),
    "an impossible length": (b"\xff\xf9\x00" + KEEPALIVE, [(FaultCause.BAD_LENGTH, 3)]),
    "an idle line's FF": (b"\xff" * 20 + KEEPALIVE, [(FaultCause.BAD_LENGTH, 20)]),
    "one FF just before": (b"\xff" + KEEPALIVE, [(FaultCause.BAD_LENGTH, 1)]),
    "an end within": (KEEPALIVE + KEEPALIVE[:6], [(FaultCause.TRUNCATED, 6)]),
    "a length that claims too much": (
        b"\xff\x20\x22" + 3 * KEEPALIVE,
        [(FaultCause.TRUNCATED, 3)],
    ),
    "more noise than one fault holds": (
        b"\x00" * (LONGEST_GARBAGE + 5) + KEEPALIVE,
        [(FaultCause.GARBAGE, LONGEST_GARBAGE), (FaultCause.GARBAGE, 5)],
    ),
}


@pytest.mark.parametrize(("data", "told"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_told_by_cause_and_extent(
    data: bytes, told: list[tuple[FaultCause, int]]
) -> None:
    found = all_of(mercury.FrameDecoder(), data)
    faults = [item for item in found if isinstance(item, Fault)]
    assert [(fault.cause, len(fault.data)) for fault in faults] == told


@pytest.mark.parametrize(("data", "told"), DAMAGE.values(), ids=DAMAGE)
def test_frames_around_damage_are_found(data: bytes, told: list[tuple[FaultCause, int]]) -> None:
    del told
    found = all_of(mercury.FrameDecoder(), data)
    frames = [item for item in found if isinstance(item, mercury.Frame)]
    assert len(frames) == data.count(KEEPALIVE)


@pytest.mark.parametrize(("data", "told"), DAMAGE.values(), ids=DAMAGE)
def test_every_byte_is_in_a_frame_or_in_a_fault(
    data: bytes, told: list[tuple[FaultCause, int]]
) -> None:
    del told
    found = all_of(mercury.FrameDecoder(), data)
    parts = [item.data if isinstance(item, Fault) else item.encode() for item in found]
    assert b"".join(parts) == data


def test_places_count_from_the_begin_of_the_stream() -> None:
    decoder = mercury.FrameDecoder()
    places = []
    for _ in range(100):
        decoder.feed(KEEPALIVE + b"\x00\x00" + BROKEN)
        while decoder.next_frame() is not None:
            places.append(decoder.offset)
    decoder.flush()
    assert places[:4] == [0, 7, 9, 16]
    assert places[-1] == 99 * 16 + 9


def test_a_fault_says_where_it_is() -> None:
    _, fault = all_of(mercury.FrameDecoder(), KEEPALIVE + BROKEN)
    assert isinstance(fault, Fault)
    assert (fault.offset, fault.data) == (7, BROKEN)


def test_half_a_frame_waits_for_the_other_half() -> None:
    decoder = mercury.FrameDecoder()
    decoder.feed(KEEPALIVE[:5])
    assert decoder.next_frame() is None
    decoder.feed(KEEPALIVE[5:])
    assert waiting_in(decoder) == [mercury.Frame(0x22, b"", 0x0400)]


def test_half_a_frame_does_not_wait_after_a_silence() -> None:
    decoder = mercury.FrameDecoder()
    decoder.feed(KEEPALIVE[:5])
    decoder.flush()
    decoder.feed(KEEPALIVE)
    assert waiting_in(decoder) == [
        Fault(FaultCause.TRUNCATED, KEEPALIVE[:5]),
        mercury.Frame(0x22, b"", 0x0400),
    ]


def test_a_silence_with_nothing_waiting_changes_nothing() -> None:
    decoder = mercury.FrameDecoder()
    decoder.flush()
    decoder.feed(KEEPALIVE)
    assert len(waiting_in(decoder)) == 1


@pytest.mark.parametrize("noise", [b"\x00", b"\xff", b"\xff\x10", b"\xa0", b"\xa0\x02"])
@pytest.mark.parametrize("decoder", [mercury.FrameDecoder, a0.FrameDecoder])
def test_a_line_of_noise_does_not_fill_the_memory(
    decoder: type[StreamDecoder[object]], noise: bytes
) -> None:
    one = decoder()
    most = 0
    for _ in range(500):
        one.feed(noise * 50)
        waiting_in(one)
        most = max(most, one.waiting)
    assert most <= LONGEST_GARBAGE + 257


def test_commands_are_found_in_the_hosts_direction_only() -> None:
    assert all_of(mercury.FrameDecoder(Direction.TO_READER), VERSION) == [mercury.Frame(0x03)]
    (fault,) = all_of(mercury.FrameDecoder(Direction.FROM_READER), VERSION)
    assert isinstance(fault, Fault)


def test_a_log_of_both_directions_is_told_apart_by_the_check_value() -> None:
    found = all_of(mercury.FrameDecoder(Direction.EITHER), VERSION + KEEPALIVE + VERSION)
    assert found == [
        mercury.Frame(0x03),
        mercury.Frame(0x22, b"", 0x0400),
        mercury.Frame(0x03),
    ]


@pytest.mark.parametrize("length", range(3))
def test_an_a0_frame_shorter_than_its_own_head_is_none(length: int) -> None:
    found = all_of(a0.FrameDecoder(), bytes((0xA0, length)) + FIRMWARE)
    assert [type(item) for item in found] == [Fault, a0.Frame]


def test_a_frame_with_more_data_than_it_can_have_is_not_made() -> None:
    with pytest.raises(ValueError, match="allowed are 250"):
        mercury.Frame(0x03, bytes(251)).encode()
    with pytest.raises(ValueError, match="allowed are 248"):
        mercury.Frame(0x03, bytes(249), 0).encode()
    with pytest.raises(ValueError, match="allowed are 252"):
        a0.Frame(1, 0x89, bytes(253)).encode()


@pytest.mark.parametrize("size", [0, 1, 247, 248])
def test_the_longest_answer_is_read(size: int) -> None:
    frame = mercury.Frame(0x65, bytes(size), 0)
    assert all_of(mercury.FrameDecoder(), frame.encode()) == [frame]


@pytest.mark.parametrize("size", [0, 1, 251, 252])
def test_the_longest_a0_frame_is_read(size: int) -> None:
    frame = a0.Frame(1, 0x81, b"\xa0" * size)
    assert all_of(a0.FrameDecoder(), frame.encode()) == [frame]
