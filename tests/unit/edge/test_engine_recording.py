"""The engine on what a real reader has read: 29 tags, ten minutes, one antenna."""

import csv
from collections import Counter
from collections.abc import Iterator

import pytest

from edge.engine.changes import Changes, EngineSettings
from edge.engine.pipeline import Pipeline
from edge.epc import StrayReason
from edge.model import HealthEvent, HealthKind, ItemState, Polled, TagRead
from tests.support.shared import shared_data

pytestmark = pytest.mark.shared_data

READER = "ceiling"


def recorded_reads() -> list[TagRead]:
    with shared_data("reads/r420_29_tags.csv").open(newline="") as file:
        reads = [
            TagRead(
                bytes.fromhex(row["epc"][2:-1]),
                int(row["antenna"]),
                float(row["rssi"]),
                round(float(row["timestamp"]) * 1e6),
            )
            for row in csv.DictReader(file)
        ]
    return sorted(reads, key=lambda read: read.at_us)


def polls(reads: list[TagRead]) -> Iterator[Polled]:
    """Give the reads a hundred at a time, between the reader's coming and going."""
    yield Polled(health=(HealthEvent(HealthKind.CONNECTED, "", reads[0].at_us),))
    for start in range(0, len(reads), 100):
        yield Polled(reads=reads[start : start + 100])
    yield Polled(health=(HealthEvent(HealthKind.LOST, "", reads[-1].at_us),))


def run(absence_s: float) -> Changes:
    pipeline = Pipeline(EngineSettings(absence_s=absence_s), {(READER, 1): "floor"}, [])
    for polled in polls(recorded_reads()):
        pipeline.feed(READER, polled)
    return pipeline.take()


def test_every_item_is_counted_under_its_gtin() -> None:
    changes = run(absence_s=900)
    present = [item for item in changes.items if item.state is ItemState.PRESENT]
    assert len(present) == len(changes.items) == 25
    assert sum(change.present for change in changes.stock) == 25
    assert changes.counters.late_reads == changes.counters.unmapped_reads == 0


def test_every_stray_has_its_reason() -> None:
    strays = run(absence_s=900).strays
    assert Counter(stray.reason for stray in strays) == {
        StrayReason.UNKNOWN_HEADER: 3,
        StrayReason.TID: 1,
    }
    assert sum(stray.reads for stray in strays) == 1324 + 2271 + 1062 + 704


def test_those_read_within_the_last_minute_are_still_there() -> None:
    reads = recorded_reads()
    end_us = reads[-1].at_us
    recent = {read.epc for read in reads if end_us - read.at_us <= 60_000_000}
    items = run(absence_s=60).items
    states = Counter(item.state for item in items)
    assert states == {ItemState.PRESENT: 12, ItemState.MISSING: 13}
    assert len([epc for epc in recent if epc[0] == 0x30]) == 12
