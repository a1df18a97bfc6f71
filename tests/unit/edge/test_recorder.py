"""Engine and file joined: what is committed when, and what happens while the file cannot be."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge import recorder as module
from edge.counts import Basis, CountPlan, CountState
from edge.engine.pipeline import Pipeline
from edge.errors import StorageError
from edge.model import HealthEvent, HealthKind, Polled, ZoneKind
from edge.readers.buffer import READS_LIMIT
from edge.recorder import CALM_S, EXIT_ALARM_S, RETRY_S
from edge.storage.counts import Counts
from edge.storage.readers import Readers
from edge.storage.strays import Strays
from edge.storage.sync import Sync
from tests.support.recorded_store import RecordedStore as Store

STRAY = bytes(12)
Asked = Future[None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    one = Store(path)
    yield one
    one.db.close()


@pytest.fixture
def other(path: Path, store: Store) -> Iterator[sqlite3.Connection]:
    """Another program, which can lock the file: the recorder's waits for it are over at once."""
    store.db.execute("PRAGMA busy_timeout = 0")
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def lock(other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")


def test_what_was_read_is_counted_in_the_file(store: Store) -> None:
    store.run(lambda: store.read(1, 2), lambda: store.read(3, antenna_port=2))
    assert store.counts() == {"floor": 2, "back": 1}


def test_what_waits_in_the_buffer_at_the_end_is_recorded(store: Store) -> None:
    store.read(1)
    store.run()
    assert store.counts() == {"floor": 1}


def test_a_commit_of_changed_stock_is_told_and_no_other(store: Store) -> None:
    store.run(lambda: store.read(1), lambda: store.read(1), lambda: store.read(1))
    assert store.commits == 1


def test_many_polls_between_two_commits_share_one(store: Store) -> None:
    def ten_polls() -> None:
        for serial in range(10):
            store.read(serial)

    store.run(ten_polls)
    assert (store.commits, store.counts()) == (1, {"floor": 10})


def test_a_write_of_another_thread_is_done_when_it_is_committed(store: Store) -> None:
    asked: list[Asked] = []
    store.run(lambda: asked.append(store.recorder.ask(lambda: Sync(store.db).set_acked(7))))
    assert asked[0].result(0) is None
    assert Sync(store.db).acked() == 7


def test_a_write_that_was_given_up_is_not_done(store: Store) -> None:
    asked = store.recorder.ask(lambda: Sync(store.db).set_acked(7))
    asked.cancel()
    store.run(lambda: None)
    assert Sync(store.db).acked() == 0


def test_a_write_too_many_is_refused(store: Store) -> None:
    asked = [store.recorder.ask(lambda: None) for _ in range(65)]
    assert [one.done() for one in asked] == [False] * 64 + [True]
    assert isinstance(asked[-1].exception(0), StorageError)


# While the file cannot be written.


def test_nothing_is_lost_while_another_program_holds_the_file(
    store: Store, other: sqlite3.Connection
) -> None:
    store.run(
        lambda: lock(other),
        lambda: store.read(1),
        lambda: store.clock.advance(RETRY_S),
        lambda: store.read(2, antenna_port=2),
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
    )
    assert store.counts() == {"floor": 1, "back": 1}


def test_who_asked_for_a_write_is_told_that_it_was_not_done(
    store: Store, other: sqlite3.Connection
) -> None:
    asked: list[Asked] = []
    store.run(
        lambda: lock(other),
        lambda: asked.append(store.recorder.ask(lambda: Sync(store.db).set_acked(7))),
        lambda: other.execute("ROLLBACK"),
    )
    assert isinstance(asked[0].exception(0), StorageError)
    assert Sync(store.db).acked() == 0


def test_a_failed_write_takes_nothing_else_of_its_group_with_it(store: Store) -> None:
    def refuse() -> None:
        raise StorageError("the disk is full")

    asked: list[Asked] = []

    def read_and_ask() -> None:
        store.read(1)
        asked.append(store.recorder.ask(refuse))

    store.run(read_and_ask, lambda: store.clock.advance(RETRY_S))
    assert str(asked[0].exception(0)) == "the disk is full"
    assert store.counts() == {"floor": 1}


def test_an_alarm_stands_until_the_file_can_be_written(
    store: Store, other: sqlite3.Connection
) -> None:
    alarms: list[dict[str, str]] = []
    store.run(
        lambda: lock(other),
        lambda: store.read(1),
        lambda: alarms.append(store.health.alarms()),
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
    )
    assert "database is locked" in alarms[0]["storage"]
    assert store.health.alarms() == {}


def test_a_full_disk_is_an_alarm_and_no_end(store: Store) -> None:
    [(pages,)] = store.db.rows("PRAGMA page_count")
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    store.run(lambda: store.read(*range(2000)), lambda: None)
    assert "full" in store.health.alarms()["storage"]
    store.db.execute("PRAGMA max_page_count = 100000")
    store.run(lambda: store.clock.advance(RETRY_S))
    assert store.counts() == {"floor": 2000}


def test_with_too_much_unwritten_reads_are_let_go_and_counted(
    store: Store, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNWRITTEN", 2)
    store.run(
        lambda: lock(other),
        lambda: store.read(1, 2),
        lambda: store.clock.advance(RETRY_S),
        lambda: store.read(3, 4, 5),
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
        lambda: store.read(4),
    )
    assert store.counts() == {"floor": 3}
    [reader] = Readers(store.db).all()
    assert reader.detail.endswith("; 3 reads dropped")


# What can wait.


def test_a_stray_is_kept_with_its_reads(store: Store) -> None:
    store.run(lambda: store.read_epcs(STRAY, STRAY))
    assert [stray.reads for stray in Strays(store.db).newest(10)] == [2]


def test_the_time_of_a_last_read_waits_for_the_next_calm_moment(store: Store) -> None:
    kept: list[int | None] = []

    def look() -> None:
        kept.extend(reader.last_read_at_us for reader in Readers(store.db).all())

    store.run(
        lambda: None,
        lambda: store.read_epcs(STRAY, antenna_port=9),
        look,
        lambda: store.clock.advance(CALM_S),
        look,
    )
    assert kept == [None, store.at_us + 1_000_000]


def test_readers_are_written_when_their_state_changes(store: Store) -> None:
    def connect() -> None:
        event = HealthEvent(HealthKind.CONNECTED, "Simulated", store.at_us)
        store.buffer.put("floor-1", Polled(health=(event,)))

    ups: list[bool] = []

    def look() -> None:
        ups.extend(reader.up for reader in Readers(store.db).all())

    store.run(lambda: None, look, connect, look)
    assert ups == [False, True]


def test_reads_that_the_buffer_dropped_are_told(store: Store) -> None:
    def flood() -> None:
        store.read_epcs(*[STRAY] * (READS_LIMIT + 5))

    store.run(flood, lambda: store.clock.advance(CALM_S))
    [reader] = Readers(store.db).all()
    assert reader.detail == "not heard of yet; 5 reads dropped"


def test_a_bug_in_a_write_ends_the_recorder(store: Store) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    store.recorder.ask(bug)
    with pytest.raises(ZeroDivisionError):
        store.run(lambda: None)


def test_the_next_life_goes_on_from_the_file(store: Store, path: Path) -> None:
    store.run(lambda: store.read(1, 2))
    store.db.close()
    again = Store(path)
    again.run(lambda: again.read(1, 2), lambda: again.read(3))
    assert again.counts() == {"floor": 3}
    assert again.commits == 1
    again.db.close()


class OpensCount:
    """An order to count the floor with its reader."""

    def __init__(self, at_us: int) -> None:
        self._plan = CountPlan(
            "c", ("floor",), ("floor-1",), Basis.STATE, "api", at_us, idle_s=1800.0
        )

    def decide(self, pipeline: Pipeline) -> None:
        pipeline.counting.open(self._plan, (), {})

    def write(self) -> None:
        """Write nothing more."""


def test_a_forgotten_count_is_closed_though_no_reader_says_anything(store: Store) -> None:
    order = OpensCount(store.clock.now().utc_us)
    store.run(lambda: store.recorder.order(order), lambda: store.clock.advance(1801))
    head = Counts(store.db).head("c")
    assert head is not None
    assert (head.state, head.closed_by) == (CountState.CLOSED, "timeout")


def test_a_count_that_cannot_be_written_is_no_count_yet(
    store: Store, other: sqlite3.Connection
) -> None:
    lock(other)
    asked: list[Asked] = []
    order = OpensCount(store.clock.now().utc_us)
    store.run(
        lambda: asked.append(store.recorder.order(order)),
        lambda: other.execute("ROLLBACK"),
        lambda: store.clock.advance(RETRY_S),
    )
    with pytest.raises(StorageError):
        asked[0].result(0)
    assert Counts(store.db).head("c") is not None, "what was decided is written once it can be"


def test_many_items_out_at_once_are_an_alarm_for_a_while(path: Path) -> None:
    store = Store(path, {"back": ZoneKind.EXIT}, absence_s=None)
    store.run(*[lambda: store.read(1, 2, 3, 4, 5)] * 30)
    store.run(*[lambda: store.read(1, 2, 3, 4, 5, antenna_port=2)] * 4)
    store.run(*[lambda: store.read(9)] * 90)
    said = store.health.alarms()["exit back"]
    assert said.startswith("5 items went out within 1 s, ")
    store.run(lambda: store.clock.advance(EXIT_ALARM_S))
    assert store.health.alarms() == {}
    store.db.close()
