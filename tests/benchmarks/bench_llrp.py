"""How many tags a second LLRP reports bring, on one core (the layout of 54 bytes a tag)."""

from collections.abc import Callable, Iterator

from edge.llrp import Fault, Frame, FrameDecoder, decode_message
from edge.llrp.report_layout import walk
from edge.llrp.reports import ReportDecoder
from edge.llrp.session import LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.model import Now, TagRead
from tests.benchmarks.llrp_peers import compared
from tests.support.bench import Figure, rate
from tests.support.flood import START_US, TAGS_A_MESSAGE, bodies_of, epc, record, stream_of

_TAGS = 20_000  # of one run
_HELD = TagRead(b"", 0, 0.0, 0)
_IMPINJ = bytes.fromhex(  # RFPhaseAngle and PeakRSSI
    "03ff000e0000651a00000038" + "0a5c" + "03ff000e0000651a00000039" + "ee66"
)


def _record(index: int, extra: bytes = b"") -> bytes:
    return record(epc(index), 1 + index % 4, START_US + index, extra)


def _decoding(bodies: list[bytes]) -> Callable[[], int]:
    def work() -> int:
        decoder, faults = ReportDecoder(), list[Fault]()
        return sum(len(decoder.decode(body, 0, faults)) for body in bodies)

    return work


def _from_the_stream(bodies: list[bytes]) -> Callable[[], int]:
    stream = stream_of(bodies)
    chunks = [stream[i : i + 4096] for i in range(0, len(stream), 4096)]

    def work() -> int:
        frames, decoder, faults, tags = FrameDecoder(), ReportDecoder(), list[Fault](), 0
        for chunk in chunks:
            frames.feed(chunk)
            while frame := frames.next_frame():
                tags += len(decoder.decode(frame.body, 0, faults))
        return tags

    return work


def _through_a_session(bodies: list[bytes]) -> Callable[[], int]:
    stream = stream_of(bodies)
    chunks = [stream[i : i + 4096] for i in range(0, len(stream), 4096)]
    now = Now(0.0, 0)

    def work() -> int:
        session = LlrpSession(LlrpSettings())
        session.start(now)
        return sum(len(session.step(chunk, now).polled.reads) for chunk in chunks)

    return work


def _walking(records: list[bytes]) -> Callable[[], int]:
    def work() -> int:
        return sum(1 for record in records if walk(record, []).read(record, _HELD, 0).epc)

    return work


def _by_tables(bodies: list[bytes]) -> Callable[[], int]:
    def work() -> int:
        for index, body in enumerate(bodies):
            decode_message(Frame(1, 61, index, body))
        return len(bodies) * TAGS_A_MESSAGE

    return work


def figures() -> Iterator[Figure]:
    plain = [_record(index) for index in range(_TAGS)]
    fine = [_record(index, _IMPINJ) for index in range(_TAGS)]
    mixed = [record for pair in zip(plain, fine, strict=True) for record in pair][:_TAGS]
    yield Figure(
        "llrp reports, 50 tags a message", rate(_decoding(bodies_of(plain))), "tags/s", 2.2e6
    )
    yield Figure(
        "llrp reports, Impinj's customs", rate(_decoding(bodies_of(fine))), "tags/s", 2.2e6
    )
    yield Figure("llrp reports, mixed lengths", rate(_decoding(bodies_of(mixed))), "tags/s", 1.2e6)
    yield Figure(
        "llrp stream, 50 tags a message", rate(_from_the_stream(bodies_of(plain))), "tags/s", 2.2e6
    )
    yield Figure(
        "llrp stream, 1 tag a message", rate(_from_the_stream(bodies_of(plain, 1))), "tags/s", 4e5
    )
    yield Figure(
        "llrp session, 50 tags a message",
        rate(_through_a_session(bodies_of(plain))),
        "tags/s",
        1.5e6,
    )
    yield Figure("llrp reports, walked", rate(_walking(plain)), "tags/s", 4e5)
    yield Figure("llrp reports, by the tables", rate(_by_tables(bodies_of(plain))), "tags/s")
    yield from compared()
