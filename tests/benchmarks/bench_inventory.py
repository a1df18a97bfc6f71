"""How right the engine's counts are, beside those of its peers, and how fast it makes them.

First the contest of `inventory/table.py` on a synthetic store whose truth is known (its whole table
is printed as comments), then a real reader's recording, then speed and memory.
"""

import gc
import sys
import tracemalloc
from collections.abc import Iterator
from functools import partial

from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.epc import EpcDecoder, check_digit, decode, encode_sgtin96
from edge.model import Polled, TagRead, ZoneKind
from tests.benchmarks.agent import through_the_agent
from tests.benchmarks.inventory import quadrants, table
from tests.support.bench import Figure, rate

POLL = 200
READS_PER_EPOCH = 4
EPOCH_US = 2_000_000
START_US = 1_700_000_000_000_000
ZONES = {("a", 1): "floor", ("a", 2): "floor", ("a", 3): "back", ("a", 4): "exit"}
KINDS = {"back": ZoneKind.BACK_ROOM, "exit": ZoneKind.EXIT}
SPEEDS = {1_000: 300_000, 100_000: 200_000}  # tags and the reads a second that are wanted
MEMORY_TAGS = 10_000


def figures() -> Iterator[Figure]:
    found = table.scores()
    for line in table.lines(found):
        sys.stdout.write(f"# {line}\n")
    yield from table.figures(found)
    yield from quadrants.figures()
    yield from speeds()


def speeds() -> Iterator[Figure]:
    epcs = [epc(number) for number in range(1000)]
    yield Figure("EPCs decoded, never seen before", rate(lambda: decoded(epcs)), "1/s")
    decoder = EpcDecoder()
    yield Figure(
        "EPCs decoded again", rate(lambda: decoded_again(decoder, epcs)), "1/s", target=2_000_000
    )
    for tags, wanted in SPEEDS.items():
        polls = polls_of(tags, epochs=max(3, 40_000 // tags))
        runs = 7 if tags <= 1_000 else 3
        speed = rate(partial(through_engine, polls), runs)
        yield Figure(f"reads to stock, {tags:,} tags", speed, "1/s", wanted)
    size = memory_of(MEMORY_TAGS) / MEMORY_TAGS
    yield Figure("memory for each known tag", size, "bytes", 1500, at_most=True)
    yield from through_the_agent(readers=16, tags=50_000, reads=48_000)


def epc(number: int) -> bytes:
    digits = f"0{9506000 + number // 200:07}{number // 20 % 100_000:05}"
    return encode_sgtin96(digits + check_digit(digits), number, 7)


def polls_of(tags: int, epochs: int) -> list[Polled]:
    """Give four reads of each tag in each epoch, evenly spread; half the tags by two antennas."""
    epcs = [epc(number) for number in range(tags)]
    step_us = EPOCH_US / (tags * READS_PER_EPOCH)
    reads = []
    for index in range(tags * READS_PER_EPOCH * epochs):
        turn, number = divmod(index, tags)
        port = number % 4 + 1
        if number % 2 and turn % READS_PER_EPOCH >= 2:
            port = (number + 1) % 4 + 1
        rssi = -60.0 - (number * 7 + turn) % 9
        reads.append(TagRead(epcs[number], port, rssi, START_US + int(index * step_us)))
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
    pipeline = Pipeline(EngineSettings(), ZONES, [], kinds=KINDS)
    for number, polled in enumerate(polls):
        pipeline.feed("a", polled)
        if number % 100 == 0:
            pipeline.take()
    return sum(len(polled.reads) for polled in polls)


def memory_of(tags: int) -> int:
    """Give what the engine keeps of tags that it has known for some epochs, EPCs included."""
    gc.collect()
    tracemalloc.start()
    pipeline = Pipeline(EngineSettings(), ZONES, [], kinds=KINDS)
    for polled in polls_of(tags, epochs=8):
        pipeline.feed("a", polled)
    pipeline.take()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size
