"""The file as the sync's thread sees it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge import sync_file
from edge.engine.changes import Changes, KnownItem
from edge.errors import StorageError
from edge.health import Health
from edge.model import EventKind, ItemEvent, ItemState, StockChange
from edge.storage.database import Database, open_database
from edge.storage.ledger import Ledger
from edge.storage.sync import Sync
from edge.sync_file import StatusSource, SyncFile

GTIN = "80614141123458"
Asked = Future[None]


class Engine:
    """Writes what it is asked to at once, unless it is told to fail or to be slow."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.fails: StorageError | None = None
        self.is_slow = False
        self.asked: list[Asked] = []

    def ask(self, write: Callable[[], None]) -> Asked:
        future = Asked()
        self.asked.append(future)
        if self.fails:
            future.set_exception(self.fails)
        elif not self.is_slow:
            write()
            future.set_result(None)
        return future


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    db = open_database(tmp_path / "store.db")
    Sync(db).begin()
    arrived = [ItemEvent(EventKind.ARRIVED, GTIN, "1", "floor", 1)]
    item = [KnownItem(GTIN, "1", ItemState.PRESENT, "floor", 1)]
    Ledger(db).record(Changes(1, arrived, [StockChange(GTIN, "floor", 1)], item))
    yield Engine(db)
    db.close()


@pytest.fixture
def file(engine: Engine) -> Iterator[SyncFile]:
    one = SyncFile(engine.db.path, Sync(engine.db), engine.ask)
    yield one
    one.close()


def test_pending_rows_are_read_beside_the_engine(file: SyncFile) -> None:
    assert [row.zones for row in file.pending(0, 10).rows] == [{"floor": 1}]
    assert file.pending(1, 10).rows == []


def test_what_is_saved_is_in_the_file(file: SyncFile, engine: Engine) -> None:
    file.save_answered()
    file.save_acked(1)
    state = Sync(engine.db).state()
    assert (state.acked, state.answered_term) == (1, 1)
    file.renew(9)
    state = Sync(engine.db).state()
    assert (state.term, state.acked) == (9, 0)


def test_a_write_that_failed_is_not_called_saved(file: SyncFile, engine: Engine) -> None:
    engine.fails = StorageError("the disk is full")
    with pytest.raises(StorageError, match="the disk is full"):
        file.save_acked(1)


def test_a_write_that_takes_too_long_is_given_up(
    file: SyncFile, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_file, "WRITE_S", 0.01)
    engine.is_slow = True
    with pytest.raises(StorageError, match=r"store\.db: not written within 0\.01 s"):
        file.save_acked(1)
    assert engine.asked[0].cancelled()


def test_a_status_has_the_totals_of_the_file(file: SyncFile) -> None:
    status = StatusSource(file, Health(["floor-1"]), "Munich", "tagtally 1")()
    assert (status.name, status.program) == ("Munich", "tagtally 1")
    assert (status.present, status.missing, status.skus, status.pending) == (1, 0, 1, 1)
    assert [reader.name for reader in status.readers] == ["floor-1"]


def test_a_status_of_a_file_that_cannot_be_read_keeps_the_last_totals(
    file: SyncFile, engine: Engine
) -> None:
    source = StatusSource(file, Health([]), "Munich", "tagtally 1")
    assert source().present == 1
    file.close()
    engine.db.path.rename(engine.db.path.with_name("away.db"))
    assert source().present == 1
