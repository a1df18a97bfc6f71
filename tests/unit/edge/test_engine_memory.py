"""What the engine keeps is bounded: so much for each known tag, and no more strays than it may."""

import gc
import tracemalloc

from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.engine.strays import LIMIT
from edge.model import Polled, TagRead, Tick
from tests.support.engine import ZONES, at, epc

TAGS = 4_000
MOST_BYTES = 1_500  # for each tag


def traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def polled(epoch: int, epcs: list[bytes]) -> Polled:
    """Give an epoch's reads: every other tag is heard by two antennas."""
    reads = [TagRead(tag, 1, -60.0, at(2 * epoch)) for tag in epcs]
    reads += [TagRead(tag, 2, -66.0 - number % 7, at(2 * epoch)) for number, tag in
              enumerate(epcs) if number % 2]  # fmt: skip
    return Polled(reads=reads, tick=Tick(at(2 * epoch + 2)))


def test_a_known_tag_takes_less_than_a_kilobyte_and_a_half() -> None:
    tracemalloc.start()
    before = traced()
    engine = Pipeline(EngineSettings(), ZONES, [])
    for epoch in range(8):
        engine.feed("a", polled(epoch, [epc(serial) for serial in range(TAGS)]))
    engine.take()
    size = traced() - before
    tracemalloc.stop()
    assert size < TAGS * MOST_BYTES


def test_strays_beyond_their_limit_are_counted_and_not_kept() -> None:
    engine = Pipeline(EngineSettings(), ZONES, [])
    strays = [number.to_bytes(12, "big") for number in range(LIMIT + 100)]
    engine.feed("a", Polled(reads=[TagRead(tag, 1, -60.0, at(0)) for tag in strays]))
    engine.feed("a", Polled(tick=Tick(at(4))))
    changes = engine.take()
    assert len(changes.strays) == LIMIT
    assert changes.counters.unkept_strays == 100
