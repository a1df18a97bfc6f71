"""How many tags a second LLRP reports bring, on one core (the layout of 54 bytes a tag)."""

from collections.abc import Callable, Iterator

from edge.llrp import Fault, Frame, FrameDecoder, decode_message
from edge.llrp.report_layout import walk
from edge.llrp.reports import ReportDecoder
from edge.llrp.rospec import LlrpSettings
from edge.llrp.session import LlrpSession
from edge.model import Now, TagRead
from tests.support.bench import Figure, rate

_TAGS = 20_000  # of one run
_A_MESSAGE = 50
_HELD = TagRead(b"", 0, 0.0, 0)
_IMPINJ = bytes.fromhex(  # RFPhaseAngle and PeakRSSI
    "03ff000e0000651a00000038" + "0a5c" + "03ff000e0000651a00000039" + "ee66"
)


def _record(index: int, extra: bytes = b"") -> bytes:
    fields = (
        b"\x8d\x30\x34\x25\x7b\xf7\x19\x4e\x40" + index.to_bytes(4)  # EPC-96, SGTIN
        + b"\x89\x00\x00\x00\x7b"  # ROSpecID
        + b"\x8a\x00\x01"  # InventoryParameterSpecID
        + b"\x81" + (1 + index % 4).to_bytes(2)  # AntennaID
        + b"\x86" + (-40 - index % 30).to_bytes(1, signed=True)  # PeakRSSI
        + b"\x87" + (1 + index % 50).to_bytes(2)  # ChannelIndex
        + b"\x82" + (1_700_000_000_000_000 + index).to_bytes(8)  # FirstSeenTimestampUTC
        + b"\x84" + (1_700_000_000_200_000 + index).to_bytes(8)  # LastSeenTimestampUTC
        + b"\x88" + (1 + index % 9).to_bytes(2)  # TagSeenCount
        + extra
    )  # fmt: skip
    return b"\x00\xf0" + (len(fields) + 4).to_bytes(2) + fields


def _bodies(records: list[bytes], a_message: int = _A_MESSAGE) -> list[bytes]:
    return [b"".join(records[i : i + a_message]) for i in range(0, len(records), a_message)]


def _decoding(bodies: list[bytes]) -> Callable[[], int]:
    def work() -> int:
        decoder, faults = ReportDecoder(), list[Fault]()
        return sum(len(decoder.decode(body, 0, faults)) for body in bodies)

    return work


def _from_the_stream(bodies: list[bytes]) -> Callable[[], int]:
    stream = b"".join(Frame(1, 61, index, body).encode() for index, body in enumerate(bodies))
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
    stream = b"".join(Frame(1, 61, index, body).encode() for index, body in enumerate(bodies))
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
        return len(bodies) * _A_MESSAGE

    return work


def figures() -> Iterator[Figure]:
    plain = [_record(index) for index in range(_TAGS)]
    fine = [_record(index, _IMPINJ) for index in range(_TAGS)]
    mixed = [record for pair in zip(plain, fine, strict=True) for record in pair][:_TAGS]
    yield Figure(
        "llrp reports, 50 tags a message", rate(_decoding(_bodies(plain))), "tags/s", 2.2e6
    )
    yield Figure("llrp reports, Impinj's customs", rate(_decoding(_bodies(fine))), "tags/s", 2.2e6)
    yield Figure("llrp reports, mixed lengths", rate(_decoding(_bodies(mixed))), "tags/s", 1.2e6)
    yield Figure(
        "llrp stream, 50 tags a message", rate(_from_the_stream(_bodies(plain))), "tags/s", 2.2e6
    )
    yield Figure(
        "llrp stream, 1 tag a message", rate(_from_the_stream(_bodies(plain, 1))), "tags/s", 4e5
    )
    yield Figure(
        "llrp session, 50 tags a message", rate(_through_a_session(_bodies(plain))), "tags/s", 1.5e6
    )
    yield Figure("llrp reports, walked", rate(_walking(plain)), "tags/s", 4e5)
    yield Figure("llrp reports, by the tables", rate(_by_tables(_bodies(plain))), "tags/s")
