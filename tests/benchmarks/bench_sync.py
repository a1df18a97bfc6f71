"""How long a read takes to become a document: reader, agent, broker, bridge, each for real.

All settings are the defaults: epochs of 2 s, commits every 0.5 s, deltas at most every second.
What the sync bears stands in `tests.benchmarks.sync_load`.
"""

import statistics
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from cloud import config
from cloud.documents import shapes
from cloud.documents.interface import Document, Documents
from cloud.service import open_documents
from deploy.demo.emulator import Emulator, find_emulator
from deploy.demo.line import Line, Store
from deploy.demo.place import Place, embedded, firestore
from edge.model import TagRead
from tests.benchmarks import sync_load
from tests.support.bench import Figure
from tests.support.flood import epc
from tests.support.serving import serving

ITEMS = 40  # a GTIN each, so that each is seen to arrive
EVERY_US = 730_000  # a new one; no multiple of epoch, commit or flush
REREAD_US = 200_000
DONE_S = 90.0


class Trickle:
    """An air in which one more tag can be heard from time to time."""

    def __init__(self) -> None:
        self.began_us: int | None = None

    def first_heard_us(self, number: int) -> int:
        return (self.began_us or 0) + number * EVERY_US

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> Sequence[TagRead]:
        del antenna_ports, limit
        if self.began_us is None:
            self.began_us = from_us
        reads = [
            TagRead(epc(number * 20), 1, -55.0, at_us)
            for number in range(ITEMS)
            for at_us in _times(self.first_heard_us(number), from_us, until_us)
        ]
        return sorted(reads, key=lambda read: read.at_us)

    def delivered(self, reads: int) -> None:
        pass

    def lost(self) -> None:
        pass


def _times(first_us: int, from_us: int, until_us: int) -> range:
    missed = max(0, -(-(from_us - first_us) // REREAD_US))
    return range(first_us + missed * REREAD_US, until_us, REREAD_US)


def figures() -> Iterator[Figure]:
    yield from sync_load.figures()
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        yield from _read_to_document("embedded", embedded(Path(name)), Path(name))
    jar = find_emulator()
    if jar is None:
        return
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        emulator = Emulator(jar, Path(name))
        emulator.start()
        try:
            yield from _read_to_document("emulator", firestore(emulator.host), Path(name))
        finally:
            emulator.stop()


def _read_to_document(where: str, place: Place, folder: Path) -> Iterator[Figure]:
    line = Line(folder, place, Store("bench-01", "Bench", ("floor",), absence_s=900))
    air = Trickle()
    try:
        with serving(air, line.reader_port), closing(_documents(line)) as documents:
            line.broker.start()
            line.start_cloud()
            line.start_agent()
            delays_s = sorted(_delays(air, documents, line))
    finally:
        line.stop()
    yield Figure(f"read to document, {where}, p50", statistics.median(delays_s), "s")
    yield Figure(f"read to document, {where}, max of {ITEMS}", delays_s[-1], "s")


def _documents(line: Line) -> Documents:
    return open_documents(config.load(line.folder / "cloud.toml", line.place.environment).documents)


def _delays(air: Trickle, documents: Documents, line: Line) -> list[float]:
    """Give the time from a tag's first read until its GTIN's change document is seen, in s."""
    seen_us: dict[str, int] = {}

    def changed(found: list[Document]) -> None:
        now_us = time.time_ns() // 1000
        for document in found:
            for row in shapes.change_rows(document):
                seen_us.setdefault(row.gtin, now_us)

    watch = documents.watch(shapes.newest_changes(line.store.store_id), changed, _raise)
    try:
        _wait(lambda: len(seen_us) == ITEMS, line)
    finally:
        watch.close()
    in_order = sorted(seen_us)  # the GTINs grow with the tags' numbers
    return [
        (seen_us[gtin] - air.first_heard_us(number)) / 1e6 for number, gtin in enumerate(in_order)
    ]


def _wait(is_done: Callable[[], bool], line: Line) -> None:
    deadline_s = time.monotonic() + DONE_S
    while not is_done():
        for program in line.programs():
            program.check()
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"not all {ITEMS} items came within {DONE_S:g} s")
        time.sleep(0.1)


def _raise(error: Exception) -> None:
    raise error
