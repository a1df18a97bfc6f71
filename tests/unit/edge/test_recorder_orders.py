"""What the engine is told from outside: decided once, and answered when it is committed."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.engine.pipeline import Pipeline
from edge.engine.transitions import Cause
from edge.errors import InputError, StorageError
from edge.model import Sgtin
from edge.recorder import RETRY_S
from edge.storage.events import Events
from edge.storage.tills import Tills, Told
from tests.support.recorded_store import GTIN, RecordedStore

ONE = Sgtin(GTIN, "1")
DONE = Told("sale", "s1", "digest", 1, "{}")


class Selling:
    """An order that sells an item, and keeps that it did."""

    def __init__(self, store: RecordedStore, refusal: InputError | None = None) -> None:
        self.store, self.refusal = store, refusal
        self.decisions: list[bool] = []

    def decide(self, pipeline: Pipeline) -> None:
        if self.refusal:
            raise self.refusal
        self.decisions.append(pipeline.tell(ONE, Cause.SOLD))

    def write(self) -> None:
        Tills(self.store.db).add(DONE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[RecordedStore]:
    one = RecordedStore(path)
    yield one
    one.db.close()


@pytest.fixture
def other(path: Path, store: RecordedStore) -> Iterator[sqlite3.Connection]:
    """Another program, which can lock the file: the recorder's waits for it are over at once."""
    store.db.execute("PRAGMA busy_timeout = 0")
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def kept(store: RecordedStore) -> bool:
    return Tills(store.db).find("sale", "s1") is not None


def test_what_is_told_is_counted_and_kept_in_one_commit(store: RecordedStore) -> None:
    order, asked = Selling(store), list[Future[None]]()
    store.run(lambda: store.read(1), lambda: asked.append(store.recorder.order(order)))
    assert asked[0].result(0) is None
    assert (order.decisions, kept(store), store.counts()) == ([True], True, {"floor": 0})
    assert store.commits == 2


def test_an_order_that_is_refused_leaves_nothing_behind(store: RecordedStore) -> None:
    refusal, asked = InputError("told otherwise before"), list[Future[None]]()
    order = Selling(store, refusal)
    store.run(lambda: store.read(1), lambda: asked.append(store.recorder.order(order)))
    assert asked[0].exception(0) is refusal
    assert (kept(store), store.counts()) == (False, {"floor": 1})


def test_an_order_that_was_given_up_is_not_done(store: RecordedStore) -> None:
    order = Selling(store)
    store.recorder.order(order).cancel()
    store.run(lambda: store.read(1))
    assert order.decisions == []


def test_what_was_decided_is_written_when_the_file_can_be(
    store: RecordedStore, other: sqlite3.Connection
) -> None:
    order, asked = Selling(store), list[Future[None]]()
    store.run(
        lambda: store.read(1),
        lambda: other.execute("BEGIN IMMEDIATE"),
        lambda: asked.append(store.recorder.order(order)),
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
    )
    assert isinstance(asked[0].exception(0), StorageError)
    assert (order.decisions, kept(store), store.counts()) == ([True], True, {"floor": 0})
    assert [event.kind for event in Events(store.db).newest(9)] == ["sold", "arrived"]


def test_while_the_file_cannot_be_written_nothing_is_decided(
    store: RecordedStore, other: sqlite3.Connection
) -> None:
    orders, asked = [Selling(store), Selling(store)], list[Future[None]]()
    store.run(
        lambda: store.read(1),
        lambda: other.execute("BEGIN IMMEDIATE"),
        lambda: asked.append(store.recorder.order(orders[0])),
        lambda: asked.append(store.recorder.order(orders[1])),
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
    )
    assert "cannot be written at the moment" in str(asked[1].exception(0))
    assert orders[1].decisions == []


def test_after_that_orders_are_taken_again(store: RecordedStore) -> None:
    order, asked = Selling(store), list[Future[None]]()

    def fail() -> None:
        raise StorageError("the disk is full")

    store.run(
        lambda: store.read(1),
        lambda: store.recorder.ask(fail),
        lambda: store.clock.advance(RETRY_S),
        lambda: asked.append(store.recorder.order(order)),
    )
    assert asked[0].result(0) is None
    assert store.counts() == {"floor": 0}
