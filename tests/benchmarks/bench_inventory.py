"""How many reads a second become observations, items and stock: decoding and engine together.

Every tag is read three times in an epoch of 2 s by one of four antenna ports, in polls of 200
reads: what a busy store gives, without pauses.
"""

from collections.abc import Iterator
from functools import partial

from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.epc import EpcDecoder, check_digit, decode, encode_sgtin96
from edge.model import Polled, TagRead
from tests.benchmarks.agent import through_the_agent
from tests.support.bench import Figure, rate

PORTS = 4
POLL = 200
READS_PER_EPOCH = 3
EPOCH_US = 2_000_000
START_US = 1_700_000_000_000_000
ZONES = {("a", 1): "floor", ("a", 2): "floor", ("a", 3): "back", ("a", 4): "exit"}


def figures() -> Iterator[Figure]:
    epcs = [epc(number) for number in range(1000)]
    yield Figure("EPCs decoded, never seen before", rate(lambda: decoded(epcs)), "1/s")
    decoder = EpcDecoder()
    yield Figure(
        "EPCs decoded again", rate(lambda: decoded_again(decoder, epcs)), "1/s", target=2_000_000
    )
    for tags in (1_000, 50_000):
        polls = polls_of(tags, epochs=max(4, 60_000 // tags))
        name = f"reads to stock, {tags:,} tags known"
        yield Figure(name, rate(partial(through_engine, polls)), "1/s", target=200_000)
    yield from through_the_agent(readers=16, tags=50_000, reads=48_000)


def epc(number: int) -> bytes:
    digits = f"0{9506000 + number // 200:07}{number // 20 % 100_000:05}"
    return encode_sgtin96(digits + check_digit(digits), number, 7)


def polls_of(tags: int, epochs: int) -> list[Polled]:
    """Give the reads of all tags over some epochs, evenly spread over the time."""
    epcs = [epc(number) for number in range(tags)]
    step_us = EPOCH_US / (tags * READS_PER_EPOCH)
    reads = [
        TagRead(epcs[n % tags], n % tags % PORTS + 1, -60.0, START_US + int(n * step_us))
        for n in range(tags * READS_PER_EPOCH * epochs)
    ]
    return [Polled(reads=reads[start : start + POLL]) for start in range(0, len(reads), POLL)]


def decoded(epcs: list[bytes]) -> int:
    for code in epcs:
        decode(code)
    return len(epcs)


def decoded_again(decoder: EpcDecoder, epcs: list[bytes]) -> int:
    for _ in range(100):
        for code in epcs:
            decoder(code)
    return 100 * len(epcs)


def through_engine(polls: list[Polled]) -> int:
    pipeline = Pipeline(EngineSettings(), ZONES, [])
    for number, polled in enumerate(polls):
        pipeline.feed("a", polled)
        if number % 100 == 0:
            pipeline.take()
    return sum(len(polled.reads) for polled in polls)
