"""How many times a line's speed the serial codecs decode, and what eight serial readers cost."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from edge.model import Now
from edge.serial.checks import crc_gen2
from edge.serial.faults import Fault
from edge.serial.m100 import frames as m100
from edge.serial.m100.reads import read_tags as m100_tags
from edge.serial.mercury import frames as mercury
from edge.serial.mercury.reads import read_tags as mercury_tags
from edge.serial.r2000 import frames as a0
from edge.serial.r2000.reads import read_tags as a0_tags
from edge.serial.r2000.session import R2000Session
from edge.serial.session import SerialSession
from edge.serial.settings import Region, SerialSettings
from edge.serial.tsl import frames as tsl
from edge.serial.tsl.reads import read_tags as tsl_tags
from edge.serial.uhfreader import frames as uhfreader
from edge.serial.uhfreader.reads import read_tags as uhfreader_tags
from tests.benchmarks.serial_agent import with_full_lines
from tests.support.bench import Figure, rate
from tests.support.serial_readers import A0Reader, Line

_FASTEST = 921_600 / 10  # bytes a second of the fastest line: 8 bits, start, stop
_USUAL = 115_200 / 10
_FRAMES = 20_000  # of one run
_CHUNK = 4096
_READERS = 8
_BATCH_S = 0.05  # of a line's bytes in one step


def _mercury_tag(index: int, metadata: int) -> bytes:
    block = b"\x30\x00" + b"\x30\x34\x25\x7b\xf7\x19\x4e\x40" + index.to_bytes(4)
    block += crc_gen2(block).to_bytes(2)
    fields = {
        0x0017: b"\x01\xc4\x11" + index.to_bytes(4),
        0x01FF: b"\x01\xc4\x11\x0e\x16\x40" + index.to_bytes(4) + b"\x00\x00\x05\x00\x00\x0f",
    }
    head = b"\x10\x00\x1b" + metadata.to_bytes(2) + b"\x01"
    data = head + fields[metadata] + (8 * len(block)).to_bytes(2) + block
    return mercury.Frame(0x22, data, 0).encode()


def _a0_tag(index: int, command: int = 0x89) -> bytes:
    epc = b"\x30\x34\x25\x7b\xf7\x19\x4e\x40" + index.to_bytes(4)
    return a0.Frame(1, command, b"\x04\x30\x00" + epc + b"\x45").encode()


def _uhfreader_tag(index: int, head: bytes, tail: bytes) -> bytes:
    epc = b"\x30\x34\x25\x7b\xf7\x19\x4e\x40" + index.to_bytes(4)
    return uhfreader.Frame(0, head[0], head[1:] + epc + tail).encode()


def _tsl_tag(index: int) -> bytes:
    epc = b"\x30\x34\x25\x7b\xf7\x19\x4e\x40" + index.to_bytes(4)
    crc = crc_gen2(b"\x30\x00" + epc)
    return f"EP: {epc.hex().upper()}\r\nPC: 3000\r\nCR: {crc:04X}\r\nRI: -61\r\n".encode()


def _m100_tag(index: int) -> bytes:
    block = b"\x30\x00\x30\x34\x25\x7b\xf7\x19\x4e\x40" + index.to_bytes(4)
    return m100.Frame(2, 0x22, b"\xc4" + block + crc_gen2(block).to_bytes(2)).encode()


def _decoding(
    stream: bytes, decoder: Callable[[], Any], reads: Callable[[Any, list[Fault]], list[Any]]
) -> Callable[[], int]:
    """Give work that counts the stream's bytes, having read all of its tags."""
    chunks = [stream[i : i + _CHUNK] for i in range(0, len(stream), _CHUNK)]

    def work() -> int:
        frames, faults = decoder(), list[Fault]()
        for chunk in chunks:
            frames.feed(chunk)
            while (item := frames.next_frame()) is not None:
                if not isinstance(item, Fault):
                    reads(item, faults)
        return len(stream)

    return work


def _times_the_line(name: str, work: Callable[[], int], target: float | None = 20) -> Figure:
    return Figure(name, rate(work) / _FASTEST, "x 921,600 baud", target)


def _reading_session() -> SerialSession:
    session = R2000Session(SerialSettings(Region.EU))
    Line(session, A0Reader()).play(2)
    return session


def _share_of_a_core() -> float:
    """Give what eight A0 readers at their lines' full rate cost of each second."""
    sessions = [_reading_session() for _ in range(_READERS)]
    one_batch = b"".join(_a0_tag(index, 0x8B) for index in range(round(_BATCH_S * _USUAL / 21)))
    steps = 100
    started = time.process_time()
    for step in range(steps):
        now = Now(10_000 + step * _BATCH_S, 1_800_000_000_000_000 + step)
        for session in sessions:
            session.step(one_batch, now)
    return (time.process_time() - started) / (steps * _BATCH_S)


def figures() -> Iterator[Figure]:
    lean = b"".join(_mercury_tag(index, 0x0017) for index in range(_FRAMES))
    full = b"".join(_mercury_tag(index, 0x01FF) for index in range(_FRAMES))
    tags = b"".join(_a0_tag(index) for index in range(_FRAMES))
    as_mercury = (mercury.FrameDecoder, mercury_tags)
    as_a0 = (a0.FrameDecoder, a0_tags)
    yield _times_the_line("mercury, as asked for", _decoding(lean, *as_mercury))
    yield _times_the_line("mercury, metadata 01FF", _decoding(full, *as_mercury))
    yield _times_the_line("r2000", _decoding(tags, *as_a0))
    notices = b"".join(_m100_tag(index) for index in range(_FRAMES))
    as_m100 = (m100.FrameDecoder, m100_tags)
    yield _times_the_line("m100", _decoding(notices, *as_m100))
    of_288 = [_uhfreader_tag(i, b"\x01\x03\x01\x01\x0c", b"\x6b") for i in range(_FRAMES)]
    of_18 = [_uhfreader_tag(i, b"\x01\x03\x01\x0c", b"") for i in range(_FRAMES)]
    as_uhfreader = (uhfreader.FrameDecoder, uhfreader_tags)
    yield _times_the_line("uhfreader, 288", _decoding(b"".join(of_288), *as_uhfreader))
    yield _times_the_line("uhfreader, 18", _decoding(b"".join(of_18), *as_uhfreader))
    lines = b"".join(_tsl_tag(index) for index in range(_FRAMES))
    as_tsl = (tsl.FrameDecoder, tsl_tags)
    yield _times_the_line("tsl", _decoding(lines, *as_tsl))
    noise = bytes(range(256)) * 400
    yield _times_the_line("tsl, noise", _decoding(noise, *as_tsl), 1)
    yield _times_the_line("tsl, the worst noise", _decoding(b"AB:" * 33_000, *as_tsl), 1)
    yield _times_the_line("uhfreader, noise", _decoding(noise, *as_uhfreader), 1)
    yield _times_the_line(
        "uhfreader, the worst noise", _decoding(b"\xff" * 100_000, *as_uhfreader), 1
    )
    yield _times_the_line("m100, noise", _decoding(noise, *as_m100))
    yield _times_the_line("m100, the worst noise", _decoding(b"\xbb\x01" * 50_000, *as_m100), 1)
    yield _times_the_line("mercury, noise", _decoding(noise, *as_mercury))
    yield _times_the_line("r2000, noise", _decoding(noise, *as_a0))
    yield _times_the_line(
        "mercury, the worst noise", _decoding(b"\xff\xf0" * 50_000, *as_mercury), 1
    )
    yield _times_the_line("r2000, the worst noise", _decoding(b"\xa0" * 100_000, *as_a0), 1)
    share = sorted(_share_of_a_core() for _ in range(5))[2]
    yield Figure(
        "eight sessions, 115,200 baud, full lines", 100 * share, "% of a core", 10, at_most=True
    )
    yield from with_full_lines("mercury", _READERS)
    yield from with_full_lines("r2000", _READERS)
