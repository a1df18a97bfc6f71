"""The documents in one SQLite file: for a trial, a head office on a single box, and tests.

Several processes may use one file, and all promises of `cloud.documents.interface` hold among them:
a commit is one transaction (WAL, synced to disk before it is called done), a version is the number
of the commit that wrote the document, and watches look every `poll_s` for later commits.  Bodies
are JSON text (`bodies`), which people can read with any SQLite shell.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from cloud.documents import checks
from cloud.documents.bodies import decode_body, encode_body
from cloud.documents.interface import (
    ABSENT,
    EXPIRES_AT,
    Delete,
    Document,
    Put,
    Query,
    Version,
    Write,
)
from cloud.documents.polling import PolledWatch, Poller
from edge.errors import DocumentsError, OutcomeUnknown, PreconditionFailed

FORMAT = 1  # of the file; a program refuses a file of a later one
TIMEOUT_S = 5.0
POLL_S = 0.2
MAX_FOUND = 200_000  # of a query without limit
PURGE_EVERY_S = 60.0
PURGE_AT_ONCE = 1000

_SETTINGS = (
    "synchronous = FULL",
    "wal_autocheckpoint = 16384",  # pages of 4 KiB: every commit changes hundreds of them
    "cache_size = -16384",  # KiB
)
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS documents (
    collection TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    kind       TEXT    NOT NULL, -- the collection's own name, by which groups are asked for
    gtin       TEXT,             -- the field of this name, if it is text: an index that stays
                                 -- as it is when the rest of a document changes
    version    INTEGER NOT NULL,
    expires_s  REAL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (collection, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_kind_and_gtin ON documents (kind, gtin);
CREATE INDEX IF NOT EXISTS by_order ON documents (collection, json_extract(body, '$."order"'))
    WHERE json_type(body, '$."order"') IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_expiry ON documents (expires_s) WHERE expires_s IS NOT NULL;
CREATE TABLE IF NOT EXISTS commits ( -- the number of the last commit that touched a collection
    collection TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL,
    last       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS commits_by_kind ON commits (kind, last);
CREATE INDEX IF NOT EXISTS commits_by_last ON commits (last);
PRAGMA user_version = {FORMAT};
COMMIT;
"""

# What leaves `gtin` as it is, as nearly all does, leaves its index as it is; the rest is moved.
_PUT = """
    INSERT INTO documents (collection, id, kind, gtin, version, expires_s, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (collection, id) DO UPDATE
    SET version = excluded.version, expires_s = excluded.expires_s, body = excluded.body
    WHERE gtin IS excluded.gtin
"""
_MOVE = """
    UPDATE documents SET kind = ?3, gtin = ?4, version = ?5, expires_s = ?6, body = ?7
    WHERE collection = ?1 AND id = ?2 AND gtin IS NOT ?4
"""
_DELETE = "DELETE FROM documents WHERE collection = ? AND id = ?"
_ONE = "SELECT version, body FROM documents WHERE collection = ? AND id = ?"
_LAST = "SELECT coalesce(max(last), 0) FROM commits"
_TOUCH = """
    INSERT INTO commits (collection, kind, last) VALUES (?, ?, ?)
    ON CONFLICT (collection) DO UPDATE SET last = excluded.last
"""
_PURGE = """
    DELETE FROM documents WHERE (collection, id) IN (
        SELECT collection, id FROM documents WHERE expires_s < ? LIMIT ?
    ) RETURNING collection, kind
"""


class EmbeddedDocuments:
    """`Documents` in the file at `path`, made if it is not there; its folder must be."""

    def __init__(
        self, path: Path, *, poll_s: float = POLL_S, utc_s: Callable[[], float] = time.time
    ) -> None:
        self.description = f"SQLite file {path}"
        self._utc_s = utc_s
        self._next_purge_s = 0.0
        with self._errors():
            self._writer = _Connection(path, is_first=True)
            self._reader = _Connection(path, is_first=False)
        self._poller = Poller(self._look, poll_s)

    def get(self, path: str) -> Document | None:
        checks.check_document_path(path)
        with self._errors(), self._reader.use() as db:
            row = db.execute(_ONE, _key(path)).fetchone()
        return None if row is None else Document(path, decode_body(row[1]), str(row[0]))

    def find(self, query: Query) -> list[Document]:
        checks.check_query(query)
        with self._errors(), self._reader.use() as db:
            rows = db.execute(*_select(query)).fetchall()
        if query.limit is None and len(rows) > MAX_FOUND:
            raise DocumentsError(
                f"{query.collection}: more than {MAX_FOUND} documents, set a limit"
            )
        return [
            Document(f"{collection}/{name}", decode_body(body), str(version))
            for collection, name, version, body in rows
        ]

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        checks.check_writes(writes)
        with self._errors(), self._writer.transaction() as db:
            for write in writes:
                _check_expected(db, write)
            number = db.execute(_LAST).fetchone()[0] + 1
            self._write(db, writes, number)
            self._purge(db, number)
        return [str(number) if isinstance(write, Put) else ABSENT for write in writes]

    def watch(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> PolledWatch:
        checks.check_watched(query)
        watch = PolledWatch(query, changed, failed)
        self._poller.add(watch)
        return watch

    def close(self) -> None:
        self._poller.close()
        self._reader.close()
        self._writer.close()

    def _write(self, db: sqlite3.Connection, writes: Sequence[Write], number: int) -> None:
        puts, deletes, touched = [], [], set()
        for write in writes:
            collection, name = _key(write.path)
            kind = collection.rpartition("/")[2]
            touched.add((collection, kind, number))
            if isinstance(write, Delete):
                deletes.append((collection, name))
                continue
            data = write.data
            if write.merge and (row := db.execute(_ONE, (collection, name)).fetchone()):
                data = decode_body(row[1]) | dict(data)
            gtin = text if isinstance(text := data.get("gtin"), str) else None
            expires_s = at.timestamp() if isinstance(at := data.get(EXPIRES_AT), datetime) else None
            body = encode_body(data, write.path)
            puts.append((collection, name, kind, gtin, number, expires_s, body))
        if db.executemany(_PUT, puts).rowcount < len(puts):
            db.executemany(_MOVE, puts)
        db.executemany(_DELETE, deletes)
        db.executemany(_TOUCH, touched)

    def _purge(self, db: sqlite3.Connection, number: int) -> None:
        """Now and then, delete what has expired, a bounded number at once."""
        now_s = self._utc_s()
        if now_s < self._next_purge_s:
            return
        gone = db.execute(_PURGE, [now_s, PURGE_AT_ONCE]).fetchall()
        db.executemany(_TOUCH, {(*row, number) for row in gone})
        if len(gone) < PURGE_AT_ONCE:
            self._next_purge_s = now_s + PURGE_EVERY_S

    def _look(self, query: Query, last: int) -> tuple[int, list[Document]] | None:
        column = "kind" if query.group else "collection"
        with self._errors(), self._reader.use() as db:
            text = f"SELECT max(last) FROM commits WHERE {column} = ?"  # noqa: S608  (one of two)
            found = db.execute(text, [query.collection]).fetchone()[0] or 0
        # A commit between the two questions is seen now, and once more at the next look.
        return (found, self.find(query)) if found > last else None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise DocumentsError(f"{self.description}: {error}") from error


class _Connection:
    """One connection, used by one thread at a time.  The first of a file prepares it."""

    def __init__(self, path: Path, *, is_first: bool) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            path, timeout=TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            if is_first:
                self._prepare()
            for setting in _SETTINGS:
                self._db.execute(f"PRAGMA {setting}")
        except (sqlite3.Error, DocumentsError):
            self._db.close()
            raise

    def _prepare(self) -> None:
        """Make the tables if they are missing; refuse a file of a later program."""
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise DocumentsError(
                f"{self._path} has format {found}, this program knows {FORMAT}: update it"
            )
        self._turn_to_wal()
        if found < FORMAT:
            self._db.executescript(_SCHEMA)

    def _turn_to_wal(self) -> None:
        """Wait here for others who do the same: SQLite's own timeout does not cover it."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.01)
            else:
                return

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        if not self._lock.acquire(timeout=TIMEOUT_S):
            raise DocumentsError(f"{self._path} has been busy for {TIMEOUT_S:g} s")
        try:
            yield self._db
        finally:
            self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit what the block does, or nothing of it."""
        with self.use() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                with suppress(sqlite3.Error):  # some errors have rolled it back already
                    db.execute("ROLLBACK")
                raise
            try:
                db.execute("COMMIT")
            except sqlite3.Error as error:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise OutcomeUnknown(f"{self._path}: {error}") from error

    def close(self) -> None:
        with self.use() as db:
            db.close()


def _key(path: str) -> tuple[str, str]:
    collection, _, name = path.rpartition("/")
    return collection, name


def _check_expected(db: sqlite3.Connection, write: Write) -> None:
    if write.expected is None:
        return
    row = db.execute(_ONE, _key(write.path)).fetchone()
    found = ABSENT if row is None else str(row[0])
    if found != write.expected:
        told = [
            f"version {version}" if version else "absent" for version in (found, write.expected)
        ]
        raise PreconditionFailed(f"{write.path} is {told[0]}, expected was {told[1]}")


def _select(query: Query) -> tuple[str, list[Any]]:
    """Give SQL and its parameters.  `checks` has seen to it that names of fields are plain."""
    where = ["kind = ?" if query.group else "collection = ?"]
    parameters: list[Any] = [query.collection]
    if query.equal is not None:
        field, value = query.equal
        where.append(_equals(field, value, parameters))
    if query.after is not None:
        where.append("id > ?")
        parameters.append(query.after)
    # Paths compare name by name, as Firestore's do: char(1) sorts before whatever a name may hold.
    order = ["replace(collection, '/', char(1))", "id"] if query.group else ["id"]
    if query.order_by is not None:
        where.append(f"json_type(body, '$.\"{query.order_by}\"') IS NOT NULL")
        order.insert(0, f"json_extract(body, '$.\"{query.order_by}\"')")
    turn = " DESC" if query.descending else ""
    text = (
        "SELECT collection, id, version, body FROM documents"  # noqa: S608  (checked names)
        f" WHERE {' AND '.join(where)} ORDER BY {', '.join(part + turn for part in order)} LIMIT ?"
    )
    return text, [*parameters, query.limit or MAX_FOUND + 1]


def _equals(field: str, value: object, parameters: list[Any]) -> str:
    if field == "gtin" and isinstance(value, str):
        parameters.append(value)
        return "gtin = ?"
    found, kind = f"json_extract(body, '$.\"{field}\"')", f"json_type(body, '$.\"{field}\"')"
    if value is None:
        return f"{kind} = 'null'"
    if isinstance(value, bool):
        return f"{kind} = '{str(value).lower()}'"
    parameters.append(value)
    kinds = "('text')" if isinstance(value, str) else "('integer', 'real')"
    return f"{found} = ? AND {kind} IN {kinds}"
