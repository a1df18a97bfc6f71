"""Whatever a power cut leaves of the agent's files, nothing that left the store is lost with it.

A real agent counts, talks to a bridge over a real broker, is killed, lives again and is stopped,
while all its writes, fsyncs and words are recorded.  Then the power is cut at hundreds of moments:
of what was written and not yet synced some is lost, torn or out of order (see `disk`), and the next
life opens what is left.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from cloud.documents.embedded import EmbeddedDocuments
from edge.errors import StorageError
from edge.model import StockRow, SyncState
from edge.storage.database import open_database
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from edge.wire import Delta, Hello, Message, decode, rows_of
from tests.power.disk import CHOICES, Disk, Record, read_log
from tests.support.agent_process import StoreWithReader, store_with_reader, until
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt_packets import PacketReader
from tests.support.stores import RunningBridge

SOURCE = Path(__file__).with_name("write_recorder.c")
SCENARIO = Path(__file__).with_name("crowd.toml")
MOMENTS = 90  # of a cut, each with every choice of what is left
CONNECT = b"\x10"  # the first octet of MQTT's first packet
SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Recording:
    records: Sequence[Record]
    said: Sequence[tuple[int, Message]]  # with how many records had been made by then
    database: Path
    left: bytes  # the file as it was at the end


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to make the recorder of writes with")
    folder = tmp_path_factory.mktemp("power")
    library, log = folder / "recorder.so", folder / "writes.log"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    store_folder = folder / "store"
    store_folder.mkdir()
    environment = {
        "LD_PRELOAD": str(library),
        "RECORD_FOLDER": str(store_folder),
        "RECORD_LOG": str(log),
    }
    database = _live_twice(folder, store_folder, environment)
    records = read_log(log)
    return Recording(records, list(_messages(records)), database, database.read_bytes())


def _live_twice(folder: Path, store_folder: Path, environment: dict[str, str]) -> Path:
    """Have an agent count into a file until it is killed, and another until it is stopped."""
    broker = Mosquitto(folder)
    broker.start()
    documents = EmbeddedDocuments(folder / "documents.db")
    bridge = RunningBridge(broker, documents)
    try:
        with store_with_reader(store_folder, broker.port) as store:
            store.start_reader("--duration", "13", scenario=str(SCENARIO))
            first = store.start_counting(environment)
            until(lambda: _acked(store) > 20, "head office has 20 changes")
            first.kill()
            store.start_agent(environment)
            until(lambda: store.counts_the_truth() and not _pending(store), "all is counted")
            store.programs[-1].stop()
            return store.database
    finally:
        bridge.stop()
        documents.close()
        broker.kill()


def _acked(store: StoreWithReader) -> int:
    return int(store.select("SELECT acked FROM sync")[0][0])


def _pending(store: StoreWithReader) -> bool:
    return store.select("SELECT ver > acked FROM sync") == [(1,)]


def _messages(records: Sequence[Record]) -> Iterator[tuple[int, Message]]:
    """Yield what was said to the broker; a link to the tag reader does not begin as MQTT does."""
    begun: set[int] = set()
    readers: dict[int, PacketReader] = {}
    for number, record in enumerate(records, start=1):
        if record.kind == "C":
            begun.add(record.fd)
            readers.pop(record.fd, None)
        elif record.kind == "N":
            if record.fd in begun and record.data.startswith(CONNECT):
                readers[record.fd] = PacketReader()
            begun.discard(record.fd)
            if record.fd not in readers:
                continue
            for publication in readers[record.fd].feed(record.data):
                yield number, decode(publication.payload)


def _folding_back(recording: Recording) -> list[int]:
    """Give when the log (WAL) was written into the database file: how many records had been made.

    One fold begins in the midst of work, when the log has 1000 pages; one is the agent's goodbye.
    """
    opened: dict[int, bytes] = {}
    numbers = []
    for number, record in enumerate(recording.records, start=1):
        if record.kind == "O":
            opened[record.fd] = record.data
        elif record.kind == "W" and opened[record.fd] == str(recording.database).encode():
            numbers.append(number)
    return numbers


@dataclass(frozen=True, slots=True)
class Cut:
    after: int  # so many records
    choice: str
    files: dict[str, bytes]


def _moments(recording: Recording, count: int = MOMENTS) -> set[int]:
    """Choose by chance: of all moments, of fsyncs and messages, of folding back."""
    decisive = _numbers(recording, "SUN")
    rng = Random(SEED)  # noqa: S311  (to be had again)
    return {
        number
        for some in (range(1, len(recording.records)), decisive, _folding_back(recording))
        for number in rng.sample(some, count // 3)
    }


def _numbers(recording: Recording, kinds: str) -> list[int]:
    return [n for n, record in enumerate(recording.records, start=1) if record.kind in kinds]


def _cuts(
    recording: Recording, moments: Collection[int], *, hears_syncs: bool = True
) -> Iterator[Cut]:
    """Cut the power when so many records had been made, with every choice of what is left."""
    rng, disk = Random(SEED), Disk(hears_syncs=hears_syncs)  # noqa: S311  (to be had again)
    for number, record in enumerate(recording.records, start=1):
        disk.hear(record)
        if number in moments:
            for choice, choose in CHOICES.items():
                yield Cut(number, choice, disk.crash(choose, rng))


def _complaints(cut: Cut, recording: Recording, folder: Path) -> Iterator[str]:
    """Open what the cut has left as the next life does, and compare it with what was said."""
    for name, content in cut.files.items():
        if not name.endswith("-shm"):
            (folder / Path(name).name).write_bytes(content)
    said = [message for number, message in recording.said if number <= cut.after]
    try:
        with open_database(folder / recording.database.name) as db:
            yield from map(str, Ledger(db).mismatches())
            state, rows = Sync(db).state(), {row.gtin: row for row in Stock(db).rows()}
    except StorageError as error:
        yield str(error)
        return
    if state.acked > state.ver:
        yield f"acked {state.acked} is above ver {state.ver}"
    for message in said:
        yield from _disagreements(message, state, rows)


def _disagreements(message: Message, state: SyncState, rows: dict[str, StockRow]) -> Iterator[str]:
    """Tell what was said and is not in the file, though a later state of it may be."""
    if isinstance(message, Hello | Delta) and message.term > state.term:
        yield f"term {message.term} was said, the file is at {state.term}"
    if not isinstance(message, Delta):
        return
    if max(message.to_ver, message.at_ver) > state.ver:
        yield f"ver {message.to_ver} was said, the file is at {state.ver}"
    for row in rows_of(message):
        kept = rows.get(row.gtin)
        if kept is None or kept.ver < row.ver or (kept.ver == row.ver and kept != row):
            yield f"{row} was said, the file has {kept}"


def _counted(cuts: Iterator[Cut], recording: Recording, tmp_path: Path) -> Counter[str]:
    """Count the states and what is wrong with them, the first complaint of each standing alone."""
    counts: Counter[str] = Counter()
    for number, cut in enumerate(cuts):
        folder = tmp_path / str(number)
        folder.mkdir()
        complaint = next(_complaints(cut, recording, folder), None)
        counts["states"] += 1
        if complaint:
            counts["bad"] += 1
            counts[f"after {cut.after}, {cut.choice}: {complaint}"] += 1
        shutil.rmtree(folder)
    return counts


def test_t40_no_power_cut_loses_what_was_said(recording: Recording, tmp_path: Path) -> None:
    counts = _counted(_cuts(recording, _moments(recording)), recording, tmp_path)
    assert counts.pop("states") >= 300
    assert counts == {}


def test_t20_no_order_of_making_emptying_and_removing_files_loses_what_was_said(
    recording: Recording, tmp_path: Path
) -> None:
    counts = _counted(_cuts(recording, _numbers(recording, "OTUR")), recording, tmp_path)
    assert counts.pop("states") >= 100
    assert counts == {}


def test_the_recording_is_of_a_busy_store(recording: Recording) -> None:
    deltas = [message for _, message in recording.said if isinstance(message, Delta)]
    assert len(deltas) > 5
    assert {delta.term for delta in deltas} == {1, 2}
    written = {Path(r.data.decode()).suffix for r in recording.records if r.kind == "O"}
    assert written >= {".db", ".db-wal", ".db-journal", ".lock"}
    early = [number for number in _folding_back(recording) if number < recording.said[-2][0]]
    assert len(early) > 20, "the log was folded back while the agent worked"


def test_the_replayed_files_are_those_that_the_agent_left(recording: Recording) -> None:
    disk = Disk()
    for record in recording.records:
        disk.hear(record)
    assert disk.files()[str(recording.database)] == recording.left


def test_a_disk_that_ignores_fsync_would_lose_what_was_said(
    recording: Recording, tmp_path: Path
) -> None:
    cuts = _cuts(recording, _moments(recording, 30), hears_syncs=False)
    counts = _counted(cuts, recording, tmp_path)
    assert counts["bad"] > 30
