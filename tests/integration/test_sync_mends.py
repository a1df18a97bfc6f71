"""What goes wrong between store and head office is mended: by itself, or by a person's word."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cloud.bridge.writer import SWEEP_PAGE
from cloud.commanding import send_command
from cloud.documents import paths, records, shapes
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Delete, Documents, Put, Query
from edge.digest import shard_of
from edge.mqtt import MqttSettings
from edge.wire import Command, SyncTrouble, Wish
from tests.support.mosquitto import Mosquitto, broker, start_broker
from tests.support.stores import STORE, RunningBridge, RunningStore, counts_in, store_in
from tests.support.sync import MemoryFile, eventually

__all__ = ["broker", "start_broker"]  # fixtures

GTINS = [f"{4000000000000 + index:014d}" for index in range(1000)]
RunBridge = Callable[..., RunningBridge]
RunStore = Callable[..., RunningStore]


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def documents(tmp_path: Path, ends: ExitStack) -> Documents:
    documents = EmbeddedDocuments(tmp_path / "documents.db")
    ends.callback(documents.close)
    return documents


@pytest.fixture
def run_bridge(broker: Mosquitto, documents: Documents, ends: ExitStack) -> RunBridge:
    def run(name: str = "bridge-1") -> RunningBridge:
        bridge = RunningBridge(broker, documents, name)
        ends.callback(bridge.stop)
        return bridge

    return run


@pytest.fixture
def run_store(broker: Mosquitto, ends: ExitStack) -> RunStore:
    def run(file: MemoryFile, boot: str = "boot-1", device: str = "d1") -> RunningStore:
        store = RunningStore(broker, file, boot, device=device)
        ends.callback(store.stop)
        return store

    return run


def settles(file: MemoryFile, documents: Documents) -> None:
    """Wait until the documents hold what the file holds, and nothing else."""
    eventually(
        lambda: file.acked == file.ver and counts_in(documents) == file.truth(),
        f"{len(file.rows)} rows, acked {file.acked} of {file.ver}",
    )


@pytest.fixture
def send(broker: Mosquitto) -> Callable[..., None]:
    def send_(wish: Wish, device: str = "") -> None:
        settings = MqttSettings("127.0.0.1", "office", broker.port, reconnect_s=0.05)
        command = Command(STORE, secrets.token_hex(8), wish, device)
        assert send_command(settings, command, 20.0).heard

    return send_


def test_a_document_changed_by_hand_is_found_by_a_command_and_mended(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents, send: Callable[..., None]
) -> None:
    run_bridge()
    file = MemoryFile()
    store = run_store(file)
    for gtin in GTINS[:50]:
        store.count(gtin, floor=1)
    settles(file, documents)
    line = documents.get(paths.stock_line(STORE, GTINS[3]))
    assert line is not None
    wrong = Put(line.path, {**line.data, "zones": {"floor": 99}})
    documents.commit([wrong, Delete(paths.stock_line(STORE, GTINS[4]))])
    send(Wish.DIGEST)
    settles(file, documents)
    assert store.session.counters.differences == len({shard_of(GTINS[3]), shard_of(GTINS[4])})


def test_a_document_that_no_store_has_written_goes_with_a_snapshot(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents, send: Callable[..., None]
) -> None:
    run_bridge()
    file = MemoryFile()
    store = run_store(file)
    for gtin in GTINS:
        store.count(gtin, floor=1)
    settles(file, documents)
    line = documents.get(paths.stock_line(STORE, GTINS[3]))
    assert line is not None
    other = "09506001343524"
    documents.commit([Put(paths.stock_line(STORE, other), {**line.data, "gtin": other})])
    send(Wish.SNAPSHOT)
    settles(file, documents)


def test_a_snapshot_whose_bridge_is_gone_in_the_middle_of_the_sweep_is_swept_by_the_next(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    first = run_bridge("bridge-1")
    old = MemoryFile()
    store = run_store(old, "boot-1")
    for gtin in GTINS[: 2 * SWEEP_PAGE]:
        store.count(gtin, floor=1)
    settles(old, documents)
    store.stop()
    new = MemoryFile()
    new.count(GTINS[0], {"floor": 2})
    run_store(new, "boot-2")
    eventually(lambda: new.acked == new.ver, "the snapshot is applied")
    first.stop()
    second = run_bridge("bridge-2")
    assert second.bridge
    settles(new, documents)


def test_a_row_that_no_document_can_hold_is_a_dead_letter_and_the_others_arrive(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    file = MemoryFile()
    store = run_store(file)
    for index, gtin in enumerate(GTINS[:60]):
        file.count(gtin, {"$time": 1} if index in {7, 40} else {"floor": index})
    store.loop.notify()
    eventually(lambda: file.acked == file.ver, "all is passed")
    good = {gtin: zones for gtin, zones in file.truth().items() if "$time" not in zones}
    assert counts_in(documents) == good
    letters = [*map(records.dead_letter, documents.find(records.dead_letters(STORE)))]
    assert {letter.gtin for letter in letters} - {""} == {GTINS[7], GTINS[40]}
    assert any(letter.message for letter in letters), "what was refused is kept as it came"
    store.count(GTINS[7], floor=5)
    eventually(lambda: GTINS[7] in counts_in(documents), "it is tried again when it changes")


def test_two_stores_with_one_id_are_told_apart_and_the_first_goes_on(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    first_file, second_file = MemoryFile(), MemoryFile()
    first = run_store(first_file, "boot-1", "d1")
    first.count(GTINS[0], floor=1)
    settles(first_file, documents)
    first.stop()
    second = run_store(second_file, "boot-2", "d2")
    second.count(GTINS[1], floor=9)
    eventually(lambda: second.session.trouble is SyncTrouble.FOREIGN, "the second is told")
    eventually(lambda: "d2" in store_in(documents).rival, "head office is told")
    second.stop()
    again = run_store(first_file, "boot-3", "d1")
    again.count(GTINS[0], floor=2)
    settles(first_file, documents)


def test_a_device_that_replaces_another_takes_over_by_command(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents, send: Callable[..., None]
) -> None:
    run_bridge()
    old, new = MemoryFile(), MemoryFile()
    first = run_store(old, "boot-1", "d1")
    first.count(GTINS[0], floor=1)
    settles(old, documents)
    first.stop()
    second = run_store(new, "boot-2", "d2")
    second.count(GTINS[1], floor=9)
    eventually(lambda: second.session.trouble is SyncTrouble.FOREIGN, "it waits")
    send(Wish.TAKEOVER, "d2")
    settles(new, documents)


def test_events_arrive_behind_their_counts_each_once(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    file = MemoryFile()
    store = run_store(file)
    for index, gtin in enumerate(GTINS[:500]):
        store.count(gtin, floor=index)
    eventually(lambda: file.told == 500, "all events are noted")
    found = [*map(records.event, documents.find(Query(paths.events(STORE))))]
    assert sorted(int(event.serial) for event in found) == list(range(1, 501))
    ahead = {shapes.stock_line(each).gtin for each in documents.find(Query(paths.stock(STORE)))}
    assert {event.gtin for event in found} == ahead


def test_a_bridge_that_is_stopped_waits_for_what_it_is_committing(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    bridge = run_bridge()
    file = MemoryFile()
    store = run_store(file)
    for index, gtin in enumerate(GTINS):
        store.count(gtin, floor=index)
    bridge.stop()
    assert not [one for one in threading.enumerate() if one.name.startswith("bridge-")]
    run_bridge("bridge-2")
    settles(file, documents)
