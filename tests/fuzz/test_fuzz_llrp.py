"""Recorded conversations, damaged in every way that comes to Hypothesis's mind.

Here for as long as a test may take; `./dev fuzz --seconds N` goes on as long as it is told.
"""

import contextlib
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ProtocolError, ReaderError
from edge.llrp import Frame, FrameDecoder
from edge.llrp.constants import MessageType
from edge.llrp.session import LinkMemory, LlrpSession
from edge.model import TagRead
from tests.support.llrp_recorded import SETTINGS, Recorded, recorded

pytestmark = pytest.mark.timeout(300)

PROFILES = ("generic", "r420", "fx9600")
MOST_GROWN = 8 << 20  # bytes that a session may keep: layouts, proofs, and a report under way


@dataclass(frozen=True, slots=True)
class Wound:
    """In one of the messages, from one of its bytes on, so many bytes become others."""

    message: int
    at: int
    removed: int
    inserted: bytes

    def deal(self, data: bytes) -> bytes:
        begin = self.at % (len(data) + 1)
        return data[:begin] + self.inserted + data[begin + self.removed :]


WOUNDS = st.lists(
    st.builds(
        Wound,
        message=st.integers(0, 1000),
        at=st.integers(0, 4000),
        removed=st.sampled_from((0, 1, 1, 2, 3, 4, 8, 50)),
        inserted=st.one_of(
            st.binary(max_size=4),
            st.sampled_from((b"\xff", b"\xff\xff", b"\x00\x00\x00\x00", b"\x00\xf0\x00\x04")),
        ),
    ),
    min_size=1,
    max_size=8,
)
CUTS = st.lists(st.integers(1, 5000), min_size=1, max_size=8)


def damaged(data: bytes, wounds: Sequence[Wound]) -> bytes:
    for wound in wounds:
        data = wound.deal(data)
    return data


def damaged_conversation(record: Recorded, wounds: Sequence[Wound]) -> bytes:
    """Hurt messages of all kinds alike, though most of what a reader says are reports."""
    messages = [frame.encode() for frame in frames_of(record.stream)]
    kinds: dict[int, list[int]] = {}
    for number, message in enumerate(messages):
        kinds.setdefault(int.from_bytes(message[:2]), []).append(number)
    chosen = [numbers[0] for numbers in kinds.values()]
    for wound in wounds:
        number = chosen[wound.message % len(chosen)]
        messages[number] = wound.deal(messages[number])
    return b"".join(messages)


def pieces_of(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    pieces, at = list[bytes](), 0
    while at < len(stream):
        size = cuts[len(pieces) % len(cuts)]
        pieces.append(stream[at : at + size])
        at += size
    return pieces


def frames_of(data: bytes) -> list[Frame]:
    decoder = FrameDecoder()
    decoder.feed(data)
    return [*iter(decoder.next_frame, None)]


@given(profile=st.sampled_from(PROFILES), wounds=WOUNDS, cuts=CUTS)
def test_a_damaged_conversation_goes_on_or_ends_as_promised(
    profile: str, wounds: list[Wound], cuts: list[int]
) -> None:
    record = recorded(profile)
    session, sent = LlrpSession(SETTINGS), b""
    session.start(record.now(0))
    pieces = pieces_of(damaged_conversation(record, wounds), cuts)
    with contextlib.suppress(ProtocolError, ReaderError):
        for step, piece in enumerate(pieces):
            sent += session.step(piece, record.now(step)).to_send
            msgspec.json.encode(session.facts())
    sent += session.stop(record.now(len(pieces)))
    assert b"".join(frame.encode() for frame in frames_of(sent)) == sent


@given(wounds=WOUNDS, profile=st.sampled_from(PROFILES))
def test_the_goodbye_is_waited_for_among_damaged_bytes(wounds: list[Wound], profile: str) -> None:
    record = recorded(profile)
    session = running(record)
    session.stop(record.now(record.running))
    with contextlib.suppress(ProtocolError):
        session.has_ended(damaged_conversation(record, wounds))


def running(record: Recorded, memory: LinkMemory | None = None) -> LlrpSession:
    """Give a session that has been set up as it was recorded."""
    session = LlrpSession(SETTINGS, memory)
    session.start(record.now(0))
    for step, piece in enumerate(record.pieces[: record.running]):
        session.step(piece, record.now(step))
    assert session.is_running
    return session


def reports(record: Recorded) -> list[Frame]:
    told = frames_of(b"".join(record.pieces[record.running :]))
    return [frame for frame in told if frame.message_type == MessageType.RO_ACCESS_REPORT]


def read(session: LlrpSession, record: Recorded, frames: Sequence[Frame]) -> Sequence[TagRead]:
    data = b"".join(frame.encode() for frame in frames)
    return session.step(data, record.now(record.running)).polled.reads


@given(profile=st.sampled_from(PROFILES), wounds=st.lists(WOUNDS, min_size=1, max_size=4))
def test_damage_within_reports_costs_nothing_but_those_reports(
    profile: str, wounds: list[list[Wound]]
) -> None:
    record = recorded(profile)
    whole = reports(record)[:20]
    broken = [
        msgspec.structs.replace(frame, body=damaged(frame.body, one))
        for frame, one in zip(whole, wounds, strict=False)
    ]
    session = running(record)
    read(session, record, broken)
    assert identities(read(session, record, whole)) == identities(
        read(running(record), record, whole)
    )


def identities(reads: Sequence[TagRead]) -> list[tuple[bytes, int]]:
    """Give what was seen where; a wrong stamp may have moved the reader's clock."""
    return [(one.epc, one.antenna_port) for one in reads]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_session_that_hears_nothing_but_damaged_reports_does_not_grow(profile: str) -> None:
    record = recorded(profile)
    session, whole = running(record), reports(record)
    tracemalloc.start()
    try:
        for number in range(4000):
            frame = whole[number % len(whole)]
            body = Wound(0, number * 7, number % 5, number.to_bytes(3)).deal(frame.body)
            read(session, record, [msgspec.structs.replace(frame, body=body)])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < MOST_GROWN
