"""The agent's SQLite file: how it is opened, written and refused.

What is committed survives a power cut: WAL with synchronous=FULL, one fsync a commit.  Every error
of SQLite's comes out as a StorageError that names the file.  A file that a newer program has made
unreadable for this one is refused and left as it is, and so is a damaged one.  What was deleted
goes back to the disk (`trim`), and the log is cut after each time that somebody held it up.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlite_utils

from edge.errors import FileBusy, FileDamaged, FileUnsynced, StorageError
from edge.storage.migrations import PROGRAM, migrations

BUSY_S = 5.0  # how long a write waits for another's: a backup, or a command
MAX_WAL = 64 << 20  # bytes that the log keeps on the disk after a reader has held it up
TRIM_PAGES = 1000  # free pages that stay in the file, and how many are given back at once
Row = tuple[Any, ...]  # the rim: what a column holds is known where its table is


class Database(sqlite_utils.Database):
    """sqlite-utils' Database, with transactions that are sure to write and errors of our own."""

    conn: sqlite3.Connection

    def __init__(self, conn: sqlite3.Connection, path: Path) -> None:
        self.path = path
        super().__init__(conn, execute_plugins=False)

    @contextlib.contextmanager
    def atomic(self) -> Iterator["Database"]:
        """Commit all that is done inside, or nothing; a block inside another commits with it.

        The lock is taken at once: a transaction that began by reading could not wait for it.
        """
        if self.conn.in_transaction:
            with self.errors(), super().atomic():
                yield self
            return
        with self.errors():
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self
                self.conn.execute("COMMIT")
            except BaseException:
                self.conn.rollback()
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Let all queries inside see one moment of the file."""
        if self.conn.in_transaction:
            yield
            return
        with self.errors():
            self.conn.execute("BEGIN")
            try:
                yield
            finally:
                self.conn.rollback()

    def execute(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None
    ) -> sqlite3.Cursor:
        with self.errors():
            return super().execute(sql, parameters)

    def rows(self, sql: str, parameters: Row = ()) -> list[Row]:
        """Give all rows of one query, which sees one moment of the file."""
        with self.errors():
            return self.conn.execute(sql, parameters).fetchall()

    def write(self, sql: str, rows: Iterable[Row]) -> None:
        """Run one statement for each row, in one transaction."""
        with self.atomic():
            self.conn.executemany(sql, rows)

    def trim(self) -> None:
        """Give free pages back to the disk, a bounded number of them; outside a transaction."""
        with self.errors():
            [(free,)] = self.conn.execute("PRAGMA freelist_count").fetchall()
            if free > TRIM_PAGES:
                # It is a step a page, and execute() takes one.
                self.conn.executescript(f"PRAGMA incremental_vacuum({TRIM_PAGES})")

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn SQLite's errors into StorageError."""
        try:
            yield
        except sqlite3.Error as error:
            raise _storage_error(self.path, error) from error


def open_database(path: Path, *, read_only: bool = False) -> Database:
    """Open the file, made and migrated where need be; read-only it must be there, and migrated.

    Raises StorageError, and has changed nothing then.
    """
    if read_only and not path.is_file():
        raise StorageError(f"{path}: there is no such file; the agent makes it when it first runs")
    mode = "ro" if read_only else "rwc"
    try:
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", timeout=BUSY_S, uri=True)
    except sqlite3.Error as error:
        raise _storage_error(path, error) from error
    try:
        return _prepared(conn, path, read_only=read_only)
    except BaseException:
        conn.close()
        raise


def _prepared(conn: sqlite3.Connection, path: Path, *, read_only: bool) -> Database:
    try:
        db = Database(conn, path)
        _refuse_newer(db)
        if read_only:
            _refuse_unmigrated(db)
            conn.execute("PRAGMA query_only = ON")
            return db
        _refuse_damaged(db)
        conn.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; another stays as it is
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute(f"PRAGMA journal_size_limit = {MAX_WAL}")
        with db.atomic():
            migrations.apply(db)
            conn.execute("UPDATE meta SET program = max(program, ?)", [PROGRAM])
    except sqlite3.Error as error:
        raise _storage_error(path, error) from error
    return db


def _refuse_newer(db: Database) -> None:
    if not db.rows("SELECT 1 FROM sqlite_schema WHERE name = 'meta'"):
        return
    [(needed,)] = db.rows("SELECT min_program FROM meta")
    if isinstance(needed, int) and needed > PROGRAM:
        raise StorageError(
            f"{db.path}: made by a newer program, of file format {needed}; this one knows "
            f"{PROGRAM}. Nothing was changed: install the newer program again"
        )


def _refuse_unmigrated(db: Database) -> None:
    if migrations.pending(db):
        raise StorageError(
            f"{db.path}: not yet of this program's file format; the agent brings it there "
            "when it runs"
        )


def _refuse_damaged(db: Database) -> None:
    found = db.rows("PRAGMA quick_check(1)")
    if found != [("ok",)]:
        raise FileDamaged(f"{db.path}: the file is damaged: {found[0][0]}")


_KINDS = {
    "SQLITE_CORRUPT": FileDamaged,
    "SQLITE_NOTADB": FileDamaged,
    "SQLITE_BUSY": FileBusy,
    "SQLITE_LOCKED": FileBusy,
    "SQLITE_IOERR_FSYNC": FileUnsynced,
    "SQLITE_IOERR_DIR_FSYNC": FileUnsynced,
}


def _storage_error(path: Path, error: sqlite3.Error) -> StorageError:
    name = getattr(error, "sqlite_errorname", "")
    kind = _KINDS.get(name) or _KINDS.get("_".join(name.split("_")[:2]), StorageError)
    is_damaged = kind is FileDamaged
    return kind(f"{path}: {'the file is damaged: ' if is_damaged else ''}{error}")
