"""Damaged, locked, full and old files: nothing is deleted, and the agent goes on."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edge.errors import FileBusy, FileDamaged, FileUnsynced, StorageError
from edge.model import StockRow
from edge.storage import database
from edge.storage.damage import mark_damaged, open_or_replace, set_aside_before
from edge.storage.database import open_database
from edge.storage.ledger import Ledger
from edge.storage.meta import Meta
from edge.storage.migrations import PROGRAM
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from tests.support.storage import GTIN, OTHER_GTIN, arrived

AT_US = 1_800_000_000_000_000
ASIDE = "store.db.damaged-20270115T080000Z"
VECTORS = Path(__file__).parents[2] / "vectors"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file with something in it, more than a page."""
    path = tmp_path / "store.db"
    with open_database(path) as db:
        for serial in range(300):
            Ledger(db).record(arrived(serial))
    return path


def overwrite_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"x" * 100)


def overwrite_a_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"x" * 4096)


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 4096)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "its header is overwritten": overwrite_header,
    "a page is overwritten": overwrite_a_page,
    "it is cut short": cut_short,
    "it was marked while the agent ran": mark_damaged,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_set_aside_whole_and_a_new_one_is_made(
    path: Path, damage: Callable[[Path], None]
) -> None:
    damage(path)
    before = path.read_bytes()
    with closing(open_or_replace(path, AT_US)) as db:
        assert Stock(db).rows() == []
        assert Sync(db).state().is_rebuilding
    assert [kept.name for kept in set_aside_before(path)] == [ASIDE]
    assert path.with_name(ASIDE).read_bytes() == before
    with closing(open_or_replace(path, AT_US)):
        assert len(set_aside_before(path)) == 1, "no loop"


def test_its_log_goes_with_it(path: Path) -> None:
    mark_damaged(path)
    path.with_name("store.db-wal").write_bytes(b"log")
    open_or_replace(path, AT_US).close()
    assert path.with_name(f"{ASIDE}-wal").read_bytes() == b"log"


def test_two_in_one_second_have_two_names(path: Path) -> None:
    for _ in range(2):
        overwrite_header(path)
        open_or_replace(path, AT_US).close()
    assert [kept.name for kept in set_aside_before(path)] == [ASIDE, f"{ASIDE}-2"]


def test_a_healthy_file_is_opened_as_it_is(path: Path) -> None:
    with closing(open_or_replace(path, AT_US)) as db:
        assert Stock(db).totals().present == 300
    assert set_aside_before(path) == []


def test_a_file_that_another_program_has_locked_is_busy_and_not_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(FileBusy):
            open_or_replace(path, AT_US)
        other.rollback()
    assert set_aside_before(path) == []


KINDS: dict[str, type[StorageError]] = {
    "SQLITE_CORRUPT": FileDamaged,
    "SQLITE_CORRUPT_INDEX": FileDamaged,
    "SQLITE_NOTADB": FileDamaged,
    "SQLITE_BUSY_SNAPSHOT": FileBusy,
    "SQLITE_IOERR_FSYNC": FileUnsynced,
    "SQLITE_IOERR_WRITE": StorageError,
    "SQLITE_FULL": StorageError,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_errors_are_told_by_what_is_to_be_done(
    path: Path, name: str, kind: type[StorageError]
) -> None:
    error = sqlite3.OperationalError("as the disk says")
    error.sqlite_errorname = name
    with open_database(path) as db, pytest.raises(StorageError) as raised, db.errors():
        raise error
    assert type(raised.value) is kind


def test_a_full_disk_keeps_what_was_committed_and_takes_more_once_there_is_room(path: Path) -> None:
    with open_database(path) as db:
        [(pages,)] = db.rows("PRAGMA page_count")
        db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StorageError, match="full"):
            Ledger(db).record(arrived(*range(1000, 9000)))
        assert Stock(db).totals().present == 300
        db.execute("PRAGMA max_page_count = 100000")
        Ledger(db).record(arrived(1, gtin=OTHER_GTIN))
        assert Stock(db).totals().present == 301


def test_what_was_deleted_goes_back_to_the_disk_little_by_little(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "TRIM_PAGES", 10)
    with open_database(path) as db:
        db.execute("CREATE TABLE ballast (bytes BLOB)")
        db.write("INSERT INTO ballast VALUES (?)", [(b"x" * 4000,) for _ in range(100)])
        db.execute("DELETE FROM ballast")
        [(before,)] = db.rows("PRAGMA page_count")
        db.trim()
        [(after,)] = db.rows("PRAGMA page_count")
        assert before - after == 10
        for _ in range(20):
            db.trim()
        [(free,)] = db.rows("PRAGMA freelist_count")
        assert free <= 10


# Old files.


def test_a_file_of_format_1_migrates_with_its_backlog(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript((VECTORS / "edge-format-1.sql").read_text("utf-8"))
    with open_database(path) as db:
        state = Sync(db).state()
        assert (state.term, state.acked, state.ver, state.answered_term) == (3, 2, 5, 3)
        assert not state.is_rebuilding
        assert Stock(db).pending(state.acked, 10).rows == [
            StockRow(GTIN, 4, {"back": 1, "floor": 1}, 1),
            StockRow("04012345678901", 5, {"back": 1}, 0),
        ]
        assert Ledger(db).mismatches() == []
        assert Meta(db).program() == PROGRAM
        assert db.rows("SELECT min_program FROM meta") == [(1,)], "the old program may come back"
        Ledger(db).record(arrived(9, gtin=OTHER_GTIN))
        assert Stock(db).pending(state.acked, 10).to_ver == 6
