"""Laws of the conversations: whatever a line does, a session goes on or ends with a reader's error.

The reader at the other end is one that keeps to its sheet; the line between them does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ProtocolError, ReaderError
from edge.serial.mercury.session import MercurySession
from edge.serial.r2000.session import R2000Session
from edge.serial.registry import PROTOCOLS
from edge.serial.session import SerialSession
from edge.serial.settings import Region, SerialSettings
from tests.property.test_serial_laws import A0_FRAMES, MERCURY_FRAMES
from tests.support.serial_readers import KEEPALIVE, A0Reader, Line, MercuryModule, SerialReader

EU = SerialSettings(Region.EU, antenna_ports=(1,))


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    session: Callable[[SerialSettings], SerialSession]
    reader: Callable[[], SerialReader]
    frames: st.SearchStrategy[Any]


KINDS = (
    Kind("mercury", MercurySession, MercuryModule, MERCURY_FRAMES),
    Kind("r2000", R2000Session, A0Reader, A0_FRAMES),
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def said(kind: Kind) -> st.SearchStrategy[bytes]:
    """Give what may come beside the answers: frames of every kind, damaged ones, noise, nothing."""
    frames = kind.frames.map(lambda frame: frame.encode())
    cut = st.tuples(frames, st.integers(0, 40)).map(lambda pair: pair[0][: pair[1]])
    return st.one_of(frames, cut, st.binary(max_size=80), st.just(b""), st.just(KEEPALIVE))


@each_kind
@settings(deadline=None)
@given(data=st.data(), before=st.integers(0, 60))
def test_a_session_ends_in_a_readers_error_or_not_at_all(
    kind: Kind, data: st.DataObject, before: int
) -> None:
    line = Line(kind.session(EU), kind.reader())
    line.play(before * 0.05)
    try:
        for piece in data.draw(st.lists(said(kind), max_size=20)):
            line.step(piece, step_s=data.draw(st.sampled_from([0.01, 0.2, 1.0])))
    except (ReaderError, ProtocolError):
        return
    stamps = [read.at_us for read in line.heard.reads]
    assert all(at_us <= line.clock.now().utc_us for at_us in stamps)
    ticks = [tick.at_us for tick in line.heard.ticks]
    assert all(earlier < later for earlier, later in pairwise(ticks))


@each_kind
@settings(deadline=None)
@given(noise=st.lists(st.binary(max_size=30), max_size=8))
def test_noise_at_the_start_delays_a_session_and_does_not_end_it(
    kind: Kind, noise: list[bytes]
) -> None:
    line = Line(kind.session(EU), kind.reader())
    for piece in noise:
        line.step(piece.replace(b"\xff", b"").replace(b"\xa0", b""), step_s=0.03)
    line.play(3)
    assert "connected" in [event.kind for event in line.heard.health]


@each_kind
@settings(deadline=None)
@given(steps=st.integers(0, 80), piece=st.integers(1, 5))
def test_answers_that_come_byte_by_byte_are_answers(kind: Kind, steps: int, piece: int) -> None:
    whole, cut = (Line(kind.session(EU), kind.reader()) for _ in range(2))
    whole.play(steps * 0.05)
    cut.play_in_pieces(steps * 0.05, piece)
    assert cut.heard.sent == whole.heard.sent


def test_every_protocol_has_its_laws() -> None:
    assert {kind.name for kind in KINDS} <= set(PROTOCOLS)
