"""Opening, writing and refusing the agent's file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import StorageError
from edge.storage.database import Database, open_database
from edge.storage.ledger import Ledger
from edge.storage.meta import Meta
from edge.storage.migrations import PROGRAM
from edge.storage.stock import Stock
from tests.support.storage import arrived


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with open_database(path) as database:
        yield database


def pragma(db: Database, name: str) -> object:
    [(value,)] = db.rows(f"PRAGMA {name}")
    return value


def test_what_is_committed_is_on_the_disk_when_the_commit_returns(db: Database) -> None:
    assert pragma(db, "journal_mode") == "wal"
    assert pragma(db, "synchronous") == 2  # FULL: an fsync of the log with every commit
    assert pragma(db, "busy_timeout") == 5000


def test_a_file_that_is_opened_again_is_the_same_file(path: Path) -> None:
    with open_database(path) as db:
        first = Meta(db).file_uuid()
        Ledger(db).record(arrived(1))
    with open_database(path) as db:
        assert Meta(db).file_uuid() == first
        assert Stock(db).totals().present == 1


def test_two_files_have_two_names(tmp_path: Path) -> None:
    with open_database(tmp_path / "a.db") as one, open_database(tmp_path / "b.db") as other:
        assert Meta(one).file_uuid() != Meta(other).file_uuid()


def test_the_file_says_which_program_wrote_it(db: Database) -> None:
    assert Meta(db).program() == PROGRAM


# Transactions.


def test_an_error_inside_undoes_everything_inside(db: Database) -> None:
    def fail() -> None:
        with db.atomic():
            Ledger(db).record(arrived(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert Stock(db).totals().present == 0


def test_an_inner_block_commits_with_the_outer_one_only(db: Database, path: Path) -> None:
    with db.atomic():
        Ledger(db).record(arrived(1))
        with open_database(path, read_only=True) as reader:
            assert Stock(reader).totals().present == 0
    with open_database(path, read_only=True) as reader:
        assert Stock(reader).totals().present == 1


def test_an_inner_block_that_failed_may_be_left_out(db: Database) -> None:
    with db.atomic():
        Ledger(db).record(arrived(1))
        with pytest.raises(StorageError):
            Ledger(db).record(arrived(1, zone=None))  # type: ignore[arg-type] # NOT NULL
        Ledger(db).record(arrived(2))
    assert Stock(db).totals().present == 2


def test_a_writer_takes_the_lock_before_it_reads(db: Database, path: Path) -> None:
    with open_database(path) as other:
        other.execute("PRAGMA busy_timeout = 0")
        with db.atomic(), pytest.raises(StorageError, match="locked"), other.atomic():
            pass


def test_a_reader_sees_one_moment_while_another_writes(db: Database, path: Path) -> None:
    Ledger(db).record(arrived(1))
    with open_database(path, read_only=True) as reader:
        reader.conn.execute("BEGIN")
        before = Stock(reader).rows()
        Ledger(db).record(arrived(2))
        assert Stock(reader).rows() == before


# Read-only.


def test_a_reader_cannot_write(db: Database, path: Path) -> None:
    Ledger(db).record(arrived(1))
    with (
        open_database(path, read_only=True) as reader,
        pytest.raises(StorageError, match="readonly"),
    ):
        Ledger(reader).record(arrived(2))


def test_a_reader_may_come_when_no_agent_runs(path: Path) -> None:
    with open_database(path) as db:
        Ledger(db).record(arrived(1))
    with open_database(path, read_only=True) as reader:
        assert Stock(reader).totals().present == 1


def test_a_reader_makes_no_file(path: Path) -> None:
    with pytest.raises(StorageError, match=r"store\.db: there is no such file"):
        open_database(path, read_only=True)
    assert not path.exists()


def test_a_reader_of_a_file_of_before_is_told_to_run_the_agent(path: Path) -> None:
    sqlite3.connect(path).close()
    path.write_bytes(b"")
    with pytest.raises(StorageError, match="not yet of this program's file format"):
        open_database(path, read_only=True)


# Refusals.


def test_a_file_of_a_newer_program_is_refused_and_its_backlog_stays(path: Path) -> None:
    with open_database(path) as db:
        Ledger(db).record(arrived(1))
        db.execute("UPDATE meta SET min_program = ?", [PROGRAM + 1])
    content = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StorageError, match=f"of file format {PROGRAM + 1}; this one knows"):
            open_database(path, read_only=read_only)
    assert path.read_bytes() == content


def test_a_newer_program_that_only_added_is_no_reason_to_refuse(path: Path) -> None:
    with open_database(path) as db:
        db.execute("UPDATE meta SET program = ?", [PROGRAM + 1])
        db.execute("CREATE TABLE added (something TEXT) STRICT")
    with open_database(path) as db:
        assert Meta(db).program() == PROGRAM + 1


def test_what_is_no_database_is_refused_as_damaged(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at" * 30)
    with pytest.raises(StorageError, match=r"store\.db: the file is damaged: "):
        open_database(path)


def test_a_damaged_page_is_found_when_the_file_is_opened_and_left_as_it_is(path: Path) -> None:
    with open_database(path) as db:
        Ledger(db).record(arrived(*range(1, 2000)))
    content = bytearray(path.read_bytes())
    middle = len(content) // 4096 // 2 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"store\.db: the file is damaged: "):
        open_database(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere/store\.db: unable to open"):
        open_database(tmp_path / "nowhere" / "store.db")


def test_a_full_disk_keeps_nothing_of_a_group_and_lets_it_be_tried_again(db: Database) -> None:
    Ledger(db).record(arrived(1))
    [(pages,)] = db.rows("PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match=r"store\.db: database or disk is full"):
        Ledger(db).record(arrived(*range(2, 5000)))
    assert Stock(db).totals().present == 1
    db.execute("PRAGMA max_page_count = 1000000")
    Ledger(db).record(arrived(*range(2, 5000)))
    assert Stock(db).totals().present == 4999
