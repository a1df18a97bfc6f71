"""A store's sync, a real broker, the bridge, and documents in one SQLite file."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from cloud.documents import paths, shapes
from cloud.documents.embedded import EmbeddedDocuments
from cloud.documents.interface import Documents
from tests.support.mosquitto import Mosquitto, broker, start_broker
from tests.support.stores import STORE, RunningBridge, RunningStore, counts_in, store_in
from tests.support.sync import MemoryFile, eventually

__all__ = ["broker", "start_broker"]  # fixtures

GTINS = [f"{4000000000000 + index:014d}" for index in range(1000)]


class Runs(Protocol):
    """Starts one of them; it is stopped at the test's end, if it was not before."""

    def __call__(self, part: RunningBridge | RunningStore) -> None: ...


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
def run_bridge(
    broker: Mosquitto, documents: Documents, ends: ExitStack
) -> Callable[..., RunningBridge]:
    def run(name: str = "bridge-1") -> RunningBridge:
        bridge = RunningBridge(broker, documents, name)
        ends.callback(bridge.stop)
        return bridge

    return run


@pytest.fixture
def run_store(broker: Mosquitto, ends: ExitStack) -> Callable[..., RunningStore]:
    def run(file: MemoryFile, boot: str = "boot-1") -> RunningStore:
        store = RunningStore(broker, file, boot)
        ends.callback(store.stop)
        return store

    return run


RunBridge = Callable[..., RunningBridge]
RunStore = Callable[..., RunningStore]


def _settles(file: MemoryFile, documents: Documents) -> None:
    def is_settled() -> bool:
        return file.acked == file.ver and counts_in(documents) == file.truth()

    eventually(is_settled, "documents equal to the file, and the file knows")


def test_counts_reach_the_documents_and_so_do_their_changes(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    file = MemoryFile()
    store = run_store(file)
    store.count(GTINS[0], floor=3, back=1)
    _settles(file, documents)
    store.count(GTINS[0], floor=0, back=4)
    store.count(GTINS[1], floor=1)
    _settles(file, documents)
    assert counts_in(documents)[GTINS[0]] == {"floor": 0, "back": 4}


def test_a_backlog_of_more_rows_than_a_delta_holds_arrives_whole(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    file = MemoryFile()
    for index, gtin in enumerate(GTINS):
        file.count(gtin, {"floor": index})
    bridge = run_bridge()
    run_store(file)
    _settles(file, documents)
    assert bridge.bridge.counters()["applied"] == 3
    assert bridge.bridge.counters()["rows"] == len(GTINS)


def test_nothing_leaves_pending_while_no_bridge_listens(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    file = MemoryFile()
    store = run_store(file)
    store.count(GTINS[0], floor=1)
    eventually(lambda: store.mqtt.counters.unheard > 2, "the broker says that nobody listens")
    assert file.acked == 0
    run_bridge()
    _settles(file, documents)


def test_a_broker_that_forgets_all_loses_nothing(
    broker: Mosquitto, run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    file = MemoryFile()
    store = run_store(file)
    for index, gtin in enumerate(GTINS[:200]):
        store.count(gtin, floor=index)
    eventually(lambda: file.acked > 0, "a first delta is answered")
    broker.kill()
    for gtin in GTINS[:300]:
        store.count(gtin, back=2)
    broker.start()
    _settles(file, documents)
    assert store.mqtt.counters.connects >= 2


def test_another_bridge_goes_on_where_one_ended(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    first = run_bridge("bridge-1")
    file = MemoryFile()
    store = run_store(file)
    store.count(GTINS[0], floor=0)
    _settles(file, documents)
    for index, gtin in enumerate(GTINS):
        store.count(gtin, floor=index)
        if index == len(GTINS) // 2:
            first.stop()
    second = run_bridge("bridge-2")
    _settles(file, documents)
    assert second.bridge.counters()["welcome"] == 0, "the store need not even say hello again"


def test_two_bridges_share_a_store_without_a_row_twice(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    bridges = [run_bridge("bridge-1").bridge, run_bridge("bridge-2").bridge]
    file = MemoryFile()
    store = run_store(file)
    for round_ in range(20):
        store.count(GTINS[round_], floor=round_)
        _settles(file, documents)
    assert sum(bridge.counters()["rows"] for bridge in bridges) == 20
    served = [bridge.counters() for bridge in bridges]
    assert min(each["applied"] + each["noted"] for each in served) > 0


def test_a_restarted_store_goes_on_under_a_new_term(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    bridge = run_bridge()
    file = MemoryFile()
    first = run_store(file, "boot-1")
    first.count(GTINS[0], floor=1)
    _settles(file, documents)
    first.stop()
    second = run_store(file, "boot-2")
    second.count(GTINS[1], floor=2)
    _settles(file, documents)
    cursor = documents.get(paths.cursor(STORE))
    assert cursor is not None
    assert (shapes.cursor(cursor).term, shapes.cursor(cursor).boot) == (2, "boot-2")
    assert bridge.bridge.counters()["rows"] == 2


def test_a_restored_old_copy_of_the_file_ends_in_what_that_copy_says(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    file = MemoryFile()
    first = run_store(file, "boot-1")
    first.count(GTINS[0], floor=1)
    _settles(file, documents)
    old_copy = file.copy()
    first.count(GTINS[0], floor=9)
    _settles(file, documents)
    first.stop()
    second = run_store(old_copy, "boot-2")
    _settles(old_copy, documents)
    assert second.session.counters.renewals == 1
    assert counts_in(documents) == {GTINS[0]: {"floor": 1}}


def test_a_store_is_seen_online_with_its_readers_and_offline_after_its_goodbye(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    run_bridge()
    store = run_store(MemoryFile())
    eventually(lambda: store_in(documents).online, "online")
    assert store_in(documents).name == "Munich"
    assert [reader.name for reader in store_in(documents).readers] == ["floor-1"]
    store.stop()
    eventually(lambda: not store_in(documents).online, "offline")


def test_a_bridge_that_comes_later_hears_of_a_store_that_has_left(
    run_bridge: RunBridge, run_store: RunStore, documents: Documents
) -> None:
    first = run_bridge("bridge-1")
    store = run_store(MemoryFile())
    eventually(lambda: store_in(documents).online, "online")
    first.stop()
    store.stop()
    run_bridge("bridge-2")
    eventually(lambda: not store_in(documents).online, "offline")
